"""Every example of docs/checks.md about actions, locators and conditions, walked on a page of its own."""

import re
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from checks.run import Verdict
from checks.secrets import Secrets
from tests.probes.browser.conftest import Walker
from tests.probes.browser.example_pages import BEFORE, DID, PAGES
from tests.probes.browser.portal import Portal, html, step
from tests.probes.servers import Handler

_PAGE = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")
_WALKED = _PAGE[_PAGE.index("\n## Actions\n") : _PAGE.index("\n## How they are tested\n")]
EXAMPLES = re.findall(r"^#+ (\w+)\n(?:(?!^#).)*?^```yaml\n(.*?)^```", _WALKED, re.DOTALL | re.MULTILINE)


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    """The secrets and files that the examples name."""
    for name, text in (("secrets/ma-xac-thuc", "GEZDGNBVGY3TQOJQ"), ("mau-don/to-khai.pdf", "%PDF-")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Secrets({"DVC_PASSWORD": "Chim-Én-9931"}, tmp_path)


def test_every_example_has_a_page_and_every_page_an_example() -> None:
    assert [heading for heading, _ in EXAMPLES] == list(dict(EXAMPLES))
    assert len(EXAMPLES) == len(re.findall(r"^```yaml", _WALKED, re.MULTILINE))
    assert set(PAGES) == set(dict(EXAMPLES))


@pytest.mark.parametrize(("heading", "example"), EXAMPLES, ids=dict(EXAMPLES))
async def test_every_example_is_walked(walk: Walker, site: Portal, heading: str, example: str) -> None:
    pages = PAGES[heading]
    given = {"/vi-du": pages} if isinstance(pages, str) else {"/vi-du": "", **pages}
    site.pages |= {path: _page(body) for path, body in {"/": "", **given}.items()}
    site.pages["/trich-luc.pdf"] = _file
    found = await walk(
        step("Mở", {"goto": site.url + "/"}),
        step("Tới", {"goto": site.url + "/vi-du"}, *BEFORE.get(heading, [])),
        step("Làm", *yaml.safe_load(example.replace("${system.url}", site.url)), until={"visible": {"css": "#xong"}}),
        depth="L4",
    )
    assert found.verdict is Verdict.OK, found.message


def _page(body: str) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return html(DID + body)

    return answer


async def _file(_request: web.Request) -> web.Response:
    return web.Response(body=b"%PDF-" + b"x" * 2000, content_type="application/pdf")
