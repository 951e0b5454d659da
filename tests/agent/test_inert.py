"""A portal puts scripts, control characters and formulas into every text; wherever we show them they do nothing."""

import asyncio
import email
import email.policy
import io
import json
import logging
import os
import subprocess
import unicodedata
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from playwright.async_api import async_playwright

from agent import logs
from agent.app import Options, make_agent
from checks.load import load
from checks.run import Outcome, Verdict
from checks.secrets import Secrets
from probes.browser.find import find_browser
from tests.agent.command import dvcwatch, once
from tests.agent.whole import running, walked
from tests.alerting.post_office import PostOffice, free_socket, opened

TAKEN = "bị chiếm"
HOSTILE = (
    f"\"'><script>document.title='{TAKEN}'</script><img src=x onerror=\"document.title='{TAKEN}';alert(1)\">"
    '{{7*7}}=HYPERLINK("http://x") \x1b[31m\x1b]0;x\x07\x00\u202e\u2066\u200b\u2028\r\nBcc: a@b.example\n'
)
LONG = HOSTILE + "dài " * 10_000

_CHECKS = """\
version: 1
settings:
  contact: mailto:giam-sat@anbinh.example
  location: an-binh
  defaults: {{every: 1h, deadline: 30s, confirm_after: 10ms}}
  browser: {{sandbox: {sandbox}, patience: 1s}}
agencies: [{{id: so, name: Sở Tư pháp, email: [so@anbinh.example]}}]
systems: [{{id: cong, name: Cổng, agency: so, environment: test, url: "{url}", hosts: ["{host}"]}}]
alerts:
  mail: {{host: 127.0.0.1, port: {port}, security: none, sender: may@anbinh.example}}
  rules: [{{id: hong, to: [agency]}}]
journeys:
  - id: ten
    title: Tên
    steps: [{{name: Tìm, do: [{{goto: "${{system.url}}/"}}], until: {{visible: {{role: button, name: Gửi lại}}}}}}]
  - id: hoi
    title: Hỏi
    steps:
      - name: Hỏi
        do: [{{dialog: {{answer: accept, text: Chào}}}}, {{goto: "${{system.url}}/hoi"}}]
        until: {{text: x}}
  - id: lay
    title: Lấy
    steps:
      - name: Lấy
        do: [{{goto: "${{system.url}}/"}}, {{download: {{role: link, name: Tệp, file: {{name: bien-nhan}}}}}}]
checks:
  - {{id: ten, type: browser, system: cong, journey: ten, step_timeout: 1500ms}}
  - {{id: hoi, type: browser, system: cong, journey: hoi, step_timeout: 5s}}
  - {{id: lay, type: browser, system: cong, journey: lay, step_timeout: 5s}}
  - {{id: api, type: http, system: cong, url: "${{system.url}}/api", expect: {{body_contains: ["ổn"]}}}}
"""


async def _page(_request: web.Request) -> web.Response:
    text = json.dumps(LONG, ensure_ascii=True).replace("<", "\\u003c")
    short = json.dumps(HOSTILE, ensure_ascii=True).replace("<", "\\u003c")
    script = f"""
      const text = {text}, short = {short}; document.title = text; console.error(short); console.log(text);
      const button = document.createElement("button"); button.textContent = "Gửi " + short;
      const heading = document.createElement("h1"); heading.textContent = short;
      const file = document.createElement("a"); file.textContent = "Tệp"; file.href = "/tep"; file.download = short;
      document.body.append(heading, button, file); button.title = text;
      fetch("/khong-co/" + encodeURIComponent(short));
      if (location.pathname === "/hoi") {{ setTimeout(() => {{ throw new Error(short); }}); alert(short); }}
    """
    return web.Response(
        text=f"<!doctype html><meta charset=utf-8><body><script>{script}</script>", content_type="text/html"
    )


async def _answer(request: web.Request) -> web.Response:
    if request.path == "/tep":
        return web.Response(body=b"x", headers={"Content-Disposition": "attachment; filename=khac"})
    if request.path == "/api":
        return web.Response(text=HOSTILE, content_type="text/html", headers={"X-Odd": "<script>"})
    return web.Response(status=404) if request.path.startswith("/khong-co") else await _page(request)


@asynccontextmanager
async def _portal() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{path:.*}", _answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@dataclass
class Shown:
    """Everything that was shown to somebody: pages by path, texts by place, mails as they were sent."""

    outcomes: list[Outcome] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    yield asyncio.run(_show(tmp_path_factory.mktemp("inert")))
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


async def _show(folder: Path) -> Shown:
    found, log, office, owned = Shown(), io.StringIO(), PostOffice(), free_socket()
    async with _portal() as url, opened(office, owned):
        text = _CHECKS.format(
            url=url, host=url.removeprefix("http://"), port=owned.getsockname()[1],
            sandbox=str(os.geteuid() != 0).lower(),
        )  # fmt: skip
        path = folder / "checks.yaml"
        path.write_text(text, encoding="utf-8")
        secrets = Secrets({}, folder)
        logs.configure(log, secrets.redact, level=logging.DEBUG)
        options = Options(folder / "data", "127.0.0.1", 0, f"sqlite:///{folder}/data/dvcwatch.db")
        config = load(path)
        async with make_agent(config, options, secrets) as agent, running(agent) as board:
            found.outcomes = [await walked(agent, name) for name in config.targets]
            await agent.post.drain(agent.clock.now())
            incidents = [one.id for one in await agent.store.incidents()]
            await _visit(board, found, incidents)
            for proof in (agent.evidence).rglob("*.txt"):
                found.texts[proof.name] = proof.read_text(encoding="utf-8")
        done = await dvcwatch("once", "ten", "hoi", folder=folder)
        found.texts |= {"once": done.out, "once, standard error": done.err}
        found.texts["once, as JSON"] = (await once("ten", folder=folder)).out
    found.texts["log"] = log.getvalue()
    found.mails = list(office.sources)
    return found


async def _visit(board: str, found: Shown, incidents: list[str]) -> None:
    """Fetch every page that speaks of the runs, and open it in a browser; note what ran there."""
    runs = [run for outcome in found.outcomes for run in (*outcome.earlier, outcome.run)]
    paths = ["/", "/agent", "/incidents", "/agencies/so", "/ranking", *(f"/incidents/{one}" for one in incidents)]
    paths += [f"/runs/{run.id}" for run in runs] + [f"/checks/{run.check}" for run in runs]
    async with aiohttp.ClientSession() as session:
        for path in dict.fromkeys([*paths, "/metrics"]):
            async with session.get(board + path) as answer:
                assert answer.status == 200, path
                (found.texts if path == "/metrics" else found.pages)[path] = await answer.text()
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=find_browser().path, chromium_sandbox=os.geteuid() != 0)
        page = await browser.new_page()
        page.on("dialog", lambda dialog: found.ran.append(dialog.message))
        page.on("pageerror", lambda error: found.ran.append(str(error)))
        for path in found.pages:
            await page.goto(board + path)
            if TAKEN in await page.title():
                found.ran.append(path)
        await browser.close()


class _Elements(HTMLParser):
    """Gathers the elements of a page, and what names their attributes have."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.attributes: set[str] = set()
        self.sources: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes |= {name for name, _ in attrs}
        if tag == "script":
            self.scripts.append(dict(attrs))
        self.sources += [value or "" for name, value in attrs if name in ("src", "href", "action")]


def _odd(text: str) -> set[str]:
    """Return the characters of `text` that steer a terminal or the direction of writing, or are not seen."""
    return {
        f"U+{ord(c):04X}" for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in "\n\r\t"
    }


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def test_the_portal_got_its_text_into_every_result(shown: Shown) -> None:
    assert [outcome.run for outcome in shown.outcomes if outcome.run.verdict is not Verdict.FAILED] == []
    told = {outcome.run.check: outcome.run.message for outcome in shown.outcomes}
    assert "<script>" in told["ten"]
    assert "<script>" in told["hoi"]
    assert {"dom.txt", "console.txt", "requests.txt", "log", "once", "/metrics"} <= shown.texts.keys()
    assert any("&lt;script" in page for page in shown.pages.values())
    assert len(shown.mails) >= 3


def test_no_page_has_an_element_or_attribute_of_theirs_and_nothing_ran(shown: Shown) -> None:
    assert shown.ran == []
    for path, page in shown.pages.items():
        seen = _Elements(page)
        assert all((script.get("src") or "").startswith("/static/") for script in seen.scripts), path
        assert not {name for name in seen.attributes if name.startswith("on")}, path
        assert not [source for source in seen.sources if source.startswith(("javascript:", "data:")) or source == "x"]


def test_no_template_or_formula_was_worked_out(shown: Shown) -> None:
    everything = "\n".join((*shown.pages.values(), *shown.texts.values()))
    assert "{{7*7}}" in everything
    assert "49=HYPERLINK" not in everything


def test_no_character_steers_a_terminal_or_turns_the_writing_round(shown: Shown) -> None:
    assert {place: odd for place, text in (shown.pages | shown.texts).items() if (odd := _odd(text))} == {}
    said = [text for line in shown.texts["once, as JSON"].splitlines() for text in _strings(json.loads(line))]
    assert said
    assert [text for text in said if _odd(text)] == []


def test_every_text_of_theirs_is_short_where_people_read_it(shown: Shown) -> None:
    assert max(len(outcome.run.message) for outcome in shown.outcomes) <= 500
    assert max(len(line) for line in shown.texts["console.txt"].splitlines()) < 1000
    assert max(len(page) for page in shown.pages.values()) < 200_000


def test_a_mail_has_our_headers_only_and_no_script(shown: Shown) -> None:
    for source in shown.mails:
        mail = email.message_from_bytes(source, policy=email.policy.default)
        assert mail["Bcc"] is None
        assert "\n" not in mail["Subject"]
        for part in mail.walk():
            if part.is_multipart():
                continue
            text = part.get_content()
            assert _odd(text) == set()
            if part.get_content_type() == "text/html":
                assert _Elements(text).scripts == []
                assert not {name for name in _Elements(text).attributes if name.startswith("on")}


def test_the_metrics_hold_none_of_it_and_are_well_formed(shown: Shown) -> None:
    metrics = shown.texts["/metrics"]
    assert "<script" not in metrics
    assert TAKEN not in metrics
    done = subprocess.run(["promtool", "check", "metrics"], input=metrics.encode(), capture_output=True, check=False)
    assert b"error" not in done.stderr.lower(), done.stderr
