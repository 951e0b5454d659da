"""Who turns us away as a robot, told from ordinary pages: each row of the table on a page."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from checks.run import Finding, Reason
from probes.blocked import SIGNS, Shown, turned_away
from probes.page_seen import seen_in
from tests.probes.looking import look
from tests.probes.refusing_pages import ALSO, BY_STATUS, ORDINARY, PAGES, Refusing
from tests.probes.servers import LOOPBACK, web_server


async def looked(folder: Path, page: Refusing, **expect: Any) -> Finding:
    async def answer(request: web.Request) -> web.Response:
        return page.answer()

    async with web_server(answer) as port:
        expect = expect or {"body_contains": ["Nội dung cần có"]}
        return await look(folder, f"http://{LOOPBACK}:{port}/", expect=expect)


def shown_by(page: Refusing) -> Shown:
    seen = seen_in(page.answer().body, "utf-8")  # type: ignore[arg-type]  # bytes, as it was made from text
    return replace(seen, status=page.status, headers={name.lower(): value for name, value in page.headers.items()})


def test_each_row_of_the_table_has_its_page() -> None:
    assert [page.product for page in PAGES] == [sign.product for sign in SIGNS]
    for sign, page in zip(SIGNS, PAGES, strict=True):
        shown = shown_by(page)
        assert sign.found(" ".join(f"{shown.title} {shown.text}".split()), shown), page.name


@pytest.mark.parametrize("page", [*PAGES, *ALSO, *BY_STATUS], ids=lambda page: page.name)
async def test_an_http_check_knows_who_turns_it_away(tmp_path: Path, page: Refusing) -> None:
    found = await looked(tmp_path, page)
    assert found.reason is page.reason
    assert page.product in found.message
    expected = ("inconclusive", "network") if page.reason is Reason.CONFIG else ("blocked", "system")
    assert (found.verdict, found.blame) == expected


@pytest.mark.parametrize("page", ORDINARY, ids=lambda page: page.name)
async def test_an_http_check_takes_an_ordinary_page_for_what_it_is(tmp_path: Path, page: Refusing) -> None:
    found = await looked(tmp_path, page)
    assert found.verdict == "failed"
    assert found.reason is (Reason.ASSERTION if page.status == 200 else Reason.HTTP_STATUS)


ANY_TEXT: dict[str, Any] = {"status": ["200"]}
OF_PRODUCTS = [page for page, sign in zip(PAGES, SIGNS, strict=True) if sign.where != "header" and not sign.anybodys]
LONG = f"<p>{'Nội dung của trang. ' * 500}</p>"


@pytest.mark.parametrize("page", OF_PRODUCTS, ids=lambda page: page.name)
async def test_a_products_page_with_status_200_is_no_good_page_though_no_text_is_asked_for(
    tmp_path: Path, page: Refusing
) -> None:
    found = await looked(tmp_path, replace(page, status=200, headers={}), **ANY_TEXT)
    assert (found.verdict, found.reason) == ("inconclusive" if page.reason is Reason.CONFIG else "blocked", page.reason)
    assert page.product in found.message


@pytest.mark.parametrize(
    "page",
    [page for page in (*PAGES, *ORDINARY) if page.product in ("", "captcha", "WAF") and page.status == 200],
    ids=lambda page: page.name,
)
async def test_nobodys_words_speak_against_a_page_of_which_no_text_is_asked_for(tmp_path: Path, page: Refusing) -> None:
    assert (await looked(tmp_path, page, **ANY_TEXT)).verdict == "ok"


@pytest.mark.parametrize(
    ("more", "expect"),
    [
        ("", {"body_contains": ["Nội dung cần có"]}),
        ("", {"body_matches": ["cần c."]}),
        (LONG, ANY_TEXT),
    ],
)
async def test_a_page_that_shows_what_is_asked_for_or_is_large_is_no_firewalls(
    tmp_path: Path, more: str, expect: dict[str, Any]
) -> None:
    sentence = "Nội dung cần có. The requested URL was rejected. Please consult with your administrator."
    assert (await looked(tmp_path, Refusing("", "", None, sentence + more, status=200), **expect)).verdict == "ok"


async def test_a_status_that_is_asked_for_is_right_whoever_gives_it(tmp_path: Path) -> None:
    page = Refusing("", "", None, "The requested URL was rejected. Please consult with your administrator.", status=403)
    assert (await looked(tmp_path, page, status=["403"])).verdict == "ok"


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("Bạn không có quyền truy cập chức năng này", False),
        ("Tài khoản chưa được phân quyền", False),
        ("You do not have permission to view this page", False),
        ("Bạn không có quyền. Truy cập bị từ chối", False),
        ("Forbidden", True),
        ("Nội dung của trang. " * 40, False),
    ],
)
def test_a_403_after_a_good_page_is_the_applications_own_where_it_says_so(text: str, *, refused: bool) -> None:
    later = Shown("Lỗi", text, 403, first=False)
    assert (turned_away(later) is not None) == refused


@pytest.mark.parametrize("text", ["Bạn không có quyền truy cập", "Forbidden", "Nội dung của trang. " * 40])
def test_a_403_on_the_first_page_accuses_nobody(text: str) -> None:
    said = turned_away(Shown("Lỗi", text, 403))
    assert said is not None
    assert said.reason is Reason.WAF


def test_a_429_is_a_refusal_whenever_it_comes() -> None:
    assert turned_away(Shown("", "chậm lại", 429, first=False)) is not None


def test_what_a_page_shows_is_read_without_its_scripts() -> None:
    seen = seen_in(
        b"<title>T &amp; a</title><script src=/a.js>var access = 'denied'</script><style>x{}</style>"
        b"<p>M\xe1\xbb\x99t</p>"
        b"<iframe src='//b.example/c'></iframe><input type=hidden><input><select></select>",
        None,
    )
    assert (seen.title, seen.text.split(), seen.fields) == ("T & a", ["Một"], 2)
    assert (seen.frames, seen.scripts, seen.widgets) == (("//b.example/c",), ("/a.js",), ())


HOSTILE = [
    pytest.param("<a " * 33_000, id="tags-that-never-end"),
    pytest.param("<a b='" * 16_000, id="attributes-that-never-end"),
    pytest.param("<!--" * 25_000, id="comments-that-never-end"),
    pytest.param("</" * 50_000, id="ends-of-nothing"),
    pytest.param("&#" + "9" * 50_000 + ";", id="a-letter-of-a-thousand-digits"),
    pytest.param("<title>" * 14_000, id="titles"),
    pytest.param("<script>" * 12_000, id="scripts-that-never-end"),
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_page_that_is_made_to_be_read_for_ever_is_read(hostile: str) -> None:
    assert seen_in(f"<p>Truy cập bị từ chối</p>{hostile}".encode(), None).text.startswith("Truy cập bị từ chối")


def test_comments_and_bare_signs_hide_nothing_else() -> None:
    seen = seen_in(b"a < b <!-- <script src=/x.js> --> c <p class='d > e'>f</p> <b>g<!---->h</b>", None)
    assert seen.text.split() == ["a", "<", "b", "c", "f", "g", "h"]
    assert seen.scripts == ()
