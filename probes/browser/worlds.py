"""Worlds of our own beside a page's: same document, but no script, override or policy of the page reaches in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

_NAME = "dvcwatch"


class WorldError(Exception):
    """A script of ours failed in its world."""


@dataclass(frozen=True, slots=True)
class World:
    """One document's world; it goes with the document. Every call raises PlaywrightError then."""

    session: CDPSession
    context: int

    async def ask(self, expression: str) -> Any:
        """Return what `expression` (a promise is awaited) comes to, as plain data.

        Raises:
            WorldError: It threw.
        """
        return (await self._evaluate(expression, by_value=True)).get("value")

    async def frame_of(self, expression: str) -> str | None:
        """Return the id of the frame that the element `expression` comes to holds; None if it holds none."""
        found = await self._evaluate(expression, by_value=False)
        if "objectId" not in found:
            return None
        told = await self.session.send("DOM.describeNode", {"objectId": found["objectId"]})
        frame: str | None = told["node"].get("frameId")
        return frame

    async def _evaluate(self, expression: str, *, by_value: bool) -> Mapping[str, Any]:
        answer = await self.session.send(
            "Runtime.evaluate",
            {
                "expression": expression, "contextId": self.context, "awaitPromise": True, "returnByValue": by_value,
            },
        )  # fmt: skip
        if "exceptionDetails" in answer:
            raise WorldError(str(answer["exceptionDetails"].get("exception", {}).get("description", ""))[:300])
        result: Mapping[str, Any] = answer["result"]
        return result


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of one tab as they were: where each is reached, and its address; `top` is the tab's own document."""

    top: str
    sessions: Mapping[str, CDPSession]
    urls: Mapping[str, str]

    async def top_world(self) -> World:
        """Make a world in the tab's own document."""
        return await self.world(self.top)

    async def world(self, frame: str) -> World:
        """Make a world in a frame. KeyError: the tab had no such frame."""
        session = self.sessions[frame]
        made = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": _NAME})
        return World(session, int(made["executionContextId"]))


async def frames_of(page: Page, most: int) -> Frames:
    """Return the frames of a tab; those of other sites live in processes of their own, `most` of which are asked."""
    context = page.context
    session = await context.new_cdp_session(page)
    tree = (await session.send("Page.getFrameTree"))["frameTree"]
    reached = {frame["id"]: (session, frame["url"]) for frame in _every(tree)}
    for frame in [frame for frame in page.frames if frame is not page.main_frame][:most]:
        try:
            own = await context.new_cdp_session(frame)
        except PlaywrightError:  # it shares its parent's process, or has just gone
            continue
        remote = (await own.send("Page.getFrameTree"))["frameTree"]
        reached |= {inner["id"]: (own, inner["url"]) for inner in _every(remote)}
    return Frames(
        top=tree["frame"]["id"],
        sessions={name: one for name, (one, _) in reached.items()},
        urls={name: url for name, (_, url) in reached.items()},
    )


def _every(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        yield one["frame"]
        waiting += one.get("childFrames", ())


def literal(value: object) -> str:
    """Write plain data as JavaScript."""
    return json.dumps(value)
