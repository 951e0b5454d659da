"""Looks at the accessibility of each screen of a walk, after the step's clock has stopped; the walk is not timed."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError

from checks.audit import BEST_PRACTICE, IMPACTS, WCAG_TAGS, Audited, AuditElement, AuditScreen, Impact, Violation
from checks.journey import Step
from checks.run import Finding
from probes.browser.markup import opening_tag, selector
from probes.browser.pulse import is_passing
from probes.browser.stage import Stage
from probes.browser.worlds import Frames, World, WorldError, frames_of, literal

SCREEN_S = 20.0
"""Longest look at one screen; a page whose main thread hangs is left then."""

_TRIES = 3
_MOST_FRAMES = 20
_MOST_ELEMENTS = 20
_LIMITS = {"quiet_ms": 500, "settled_ms": 5000, "still_ms": 2000, "text": 2000, "nodes": 300, "partial": 4_000_000}
_RULE_CAP = 80
_BY_NAME: Mapping[str, Impact] = {impact: impact for impact in IMPACTS}


@cache
def _script() -> str:
    """Return axe and our own script, as one expression."""
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    ours = files("probes.browser").joinpath("audit.js").read_text(encoding="utf-8")
    body = ours[ours.index("(config) =>") :].rstrip()
    return f"{axe}\n;({body})({literal({**_LIMITS, 'tags': [*WCAG_TAGS, BEST_PRACTICE]})})"


@dataclass(slots=True)
class _Look:
    """One look at one tab. `owners` says whose each frame is, by the selectors that lead to it."""

    frames: Frames
    stage: Stage
    owners: dict[str, str] = field(default_factory=dict)
    parts: list[str | None] = field(default_factory=list)
    unseen: int = 0

    async def judge(self) -> Mapping[str, Any]:
        """Return what axe found in the tab and its frames."""
        top = self.frames.top
        owner = self.stage.target.owners.owner(self.frames.urls[top])
        world = await self._judge(top, [], owner, None)
        answer: Mapping[str, Any] = await world.ask(f"audit.finish({literal(self.parts)})")
        return answer

    async def _judge(self, frame: str, path: list[Any], owner: str, context: object) -> World:
        self.owners[literal(path)] = owner
        world = await self.frames.world(frame)
        await world.ask(_script())
        inner = await world.ask(f"audit.frames({literal(context)})")
        held = [await world.frame_of(f"audit.element({literal(one['frameSelector'])})") for one in inner]
        await world.ask(f"audit.run({literal(context)})")
        if path:
            self.parts.append(await world.ask("audit.told()"))
            self.unseen += self.parts[-1] is None
        for one, name in zip(inner, held, strict=True):
            await self._inner(name, [*path, one["frameSelector"]], owner, one["frameContext"])
        return world

    async def _inner(self, frame: str | None, path: list[Any], around: str, context: object) -> None:
        """Judge a frame; what cannot be reached leaves a gap, as axe wants it."""
        url = self.frames.urls.get(frame or "", "")
        # A document without an address of its own (about:blank, srcdoc) is its parent's.
        owner = self.stage.target.owners.owner(url) if url.startswith(("http://", "https://")) else around
        judged = len(self.parts)
        if frame is None or frame not in self.frames.sessions or len(self.owners) > _MOST_FRAMES:
            self._gap(judged)
            return
        try:
            await self._judge(frame, path, owner, context)
        except (PlaywrightError, WorldError):  # it went away, or holds no document
            self._gap(judged)

    def _gap(self, judged: int) -> None:
        del self.parts[judged:]
        self.parts.append(None)
        self.unseen += 1


@dataclass(slots=True)
class Inspection:
    """Collects the screens of one walk."""

    stage: Stage
    screens: list[AuditScreen] = field(default_factory=list)
    engine: str = ""
    _told: set[tuple[str, str, str]] = field(default_factory=set)

    async def look(self, step: Step) -> None:
        """Look at the screen on which `step` has reached its goal."""
        url = self._shown(_address(self.stage.page.url))
        name = self.stage.secrets.redact(step.name)
        violations: tuple[Violation, ...] = ()
        missing = ""
        try:
            async with asyncio.timeout(SCREEN_S):
                look, answer = await self._judged()
        except TimeoutError:
            missing = f"không kiểm tra xong màn hình trong {SCREEN_S:.0f} giây"
        except (PlaywrightError, WorldError):
            missing = "không kiểm tra được màn hình này"
        else:
            self.engine = f"axe-core {str(answer['version'])[:20]}"
            violations = tuple(self._violations(url, answer["violations"], look.owners))
            missing = f"{look.unseen} khung nhúng không kiểm tra được" if look.unseen else ""
        self.screens.append(AuditScreen(step=name, url=url, violations=violations, missing=missing))

    async def _judged(self) -> tuple[_Look, Mapping[str, Any]]:
        """Look once; when the document is replaced meanwhile, look at the one that has come."""
        for _ in range(_TRIES - 1):
            try:
                return await self._judge()
            except PlaywrightError as error:
                if not is_passing(error):
                    raise
        return await self._judge()

    async def _judge(self) -> tuple[_Look, Mapping[str, Any]]:
        page = self.stage.page
        top = await (await frames_of(page, 0)).top_world()
        await top.ask(_script())
        await top.ask("audit.settled()")
        look = _Look(await frames_of(page, _MOST_FRAMES), self.stage)
        return look, await look.judge()

    def _violations(self, url: str, found: list[Any], owners: Mapping[str, str]) -> Iterator[Violation]:
        every = [one for violation in found for one in self._split(url, violation, owners)]
        yield from sorted(every, key=lambda one: (one.best_practice, IMPACTS.index(one.impact), one.rule, one.owner))

    def _split(self, url: str, found: Mapping[str, Any], owners: Mapping[str, str]) -> Iterator[Violation]:
        """Tell a rule's elements apart by impact and by whose document they are in."""
        rule = str(found["rule"])[:_RULE_CAP]
        groups: dict[tuple[Impact, str], list[AuditElement]] = {}
        for node in found["nodes"]:
            key = (url, rule, str(node["target"]))
            if key in self._told:
                continue
            self._told.add(key)
            impact = _BY_NAME.get(str(node["impact"]), "minor")
            owner = owners[literal(node["frame"])]
            # Masked before anything is cut: half a secret is not recognised.
            target, html = selector(self._shown(node["target"])), opening_tag(self._shown(node["html"]))
            groups.setdefault((impact, owner), []).append(AuditElement(target=target, html=html))
        for (impact, owner), elements in groups.items():
            yield Violation(
                rule=rule,
                impact=impact,
                wcag=min((WCAG_TAGS[tag] for tag in found["tags"] if tag in WCAG_TAGS), default=None),
                help=self._shown(str(found["help"])),
                owner=owner,
                count=len(elements),
                elements=tuple(elements[:_MOST_ELEMENTS]),
            )

    def _shown(self, text: str) -> str:
        return self.stage.secrets.redact(text)


def audited(told: Finding, seen: Inspection | None) -> Audited:
    """Say what a walk that ended as `told` has seen."""
    screens = tuple(seen.screens) if seen is not None else ()
    gaps = [f"{screen.step}: {screen.missing}" for screen in screens if screen.missing]
    message = "" if told.good else told.message or "lượt kiểm tra không đi hết các bước"
    return Audited(
        screens=screens,
        complete=told.good and not gaps,
        message="; ".join([message] * bool(message) + gaps),
        engine=seen.engine if seen is not None else "",
    )


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # a hostile page may stand at any address
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.netloc else parts.scheme
