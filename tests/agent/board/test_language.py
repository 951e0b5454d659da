from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from babel.messages.extract import extract_from_dir
from yarl import URL

from agent.board.catalogue import english
from agent.board.speech import said_in_vietnamese
from tests.agent.board.conftest import Site
from tests.agent.board.province import BROKEN

METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}}


def sources() -> Iterator[str]:
    keywords = {"_": None, "N_": None, "gettext": None}
    folder = Path(str(files("agent.board")))
    for _, _, text, _, _ in extract_from_dir(folder, METHODS, OPTIONS, keywords):
        yield str(text)
    yield from said_in_vietnamese()


def test_every_text_of_the_board_has_an_english_one() -> None:
    catalogue = english()
    missing = sorted({text for text in sources() if not (text in catalogue and catalogue[text].string)})
    assert missing == []


def test_no_english_text_is_left_over() -> None:
    known = set(sources())
    assert sorted(str(message.id) for message in english() if message.id and message.id not in known) == []


async def test_the_board_speaks_vietnamese_first(site: Site) -> None:
    page = await site.text("/")
    assert '<html lang="vi">' in page
    assert "dịch vụ tốt" in page


async def test_the_language_asked_for_is_remembered(site: Site) -> None:
    async with site.session.get(f"{site.url}/?lang=en") as answer:
        assert answer.cookies["lang"].value == "en"
        assert '<html lang="en">' in await answer.text()
    page = await site.text("/incidents", Cookie="lang=en")
    assert "Open incidents: 1" in page
    assert 'class="language" href="?lang=vi"' in page


async def test_switching_the_language_keeps_the_page_of_runs(site: Site) -> None:
    page = await site.text(f"/checks/{BROKEN}?before=1795400000.0")
    assert 'href="?before=1795400000.0&amp;lang=en"' in page


async def test_an_unknown_language_changes_nothing(site: Site) -> None:
    async with site.session.get(f"{site.url}/?lang=<x>") as answer:
        assert "lang" not in answer.cookies
        assert '<html lang="vi">' in await answer.text()


async def test_no_address_makes_the_other_language_lead_to_another_host(site: Site) -> None:
    async with site.session.get(URL(f"{site.url}//ac-y.example/x", encoded=True)) as answer:
        assert answer.status == 404
        assert '<a class="language" href="?lang=en"' in await answer.text()
