"""Who turns us away as a robot, told from ordinary pages: each row of the table on a page."""

from pathlib import Path

import pytest
from aiohttp import web

from checks.run import Finding, Reason
from probes.blocked import SIGNS, Shown, turned_away
from probes.page_seen import seen_in
from tests.probes.looking import look
from tests.probes.refusing_pages import BY_STATUS, ORDINARY, PAGES, Refusing
from tests.probes.servers import LOOPBACK, web_server


async def looked(folder: Path, page: Refusing) -> Finding:
    async def answer(request: web.Request) -> web.Response:
        return page.answer()

    async with web_server(answer) as port:
        expect = {"body_contains": ["Nội dung cần có"]}
        return await look(folder, f"http://{LOOPBACK}:{port}/", expect=expect)


def test_each_row_of_the_table_has_its_page() -> None:
    assert [page.product for page in PAGES] == [sign.product for sign in SIGNS]
    for sign, page in zip(SIGNS, PAGES, strict=True):
        seen = seen_in(page.answer().body, "utf-8")  # type: ignore[arg-type]  # bytes, as it was made from text
        headers = {name.lower(): value for name, value in page.headers.items()}
        shown = Shown(seen.title, seen.text, page.status, headers, seen.sources, seen.fields)
        assert sign.found(" ".join(f"{shown.title} {shown.text}".split()), shown), page.name


@pytest.mark.parametrize("page", [*PAGES, *BY_STATUS], ids=lambda page: page.name)
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
    assert seen.sources == ("/a.js", "//b.example/c")


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
    assert seen.sources == ()
