from dataclasses import replace
from pathlib import Path

import pytest
from yarl import URL

from agent.board.board import Board
from agent.board.evidence import find
from tests.agent.board.conftest import Site, serve
from tests.agent.board.province import BROKEN, Seeded


@pytest.mark.parametrize("path", ["/nope", "/checks/nope", "/services/nope", "/runs/nope", "/agencies/nope",
                                  "/incidents/nope", "/evidence/nope.png", "/static/nope.css",
                                  f"/checks/{BROKEN}?before=soon", f"/checks/{BROKEN}?before=inf"])  # fmt: skip
async def test_what_is_not_there_is_said_in_a_page_of_ours(site: Site, path: str) -> None:
    async with site.session.get(site.url + path) as answer:
        assert answer.status == 404
        assert "Không có trang này" in await answer.text()


async def test_every_page_answers_head_like_get(site: Site) -> None:
    for path in ("/", "/ranking", "/incidents", "/agent", "/measures", "/nope"):
        async with site.session.get(site.url + path) as whole, site.session.head(site.url + path) as head:
            assert head.status == whole.status
            assert head.headers["Content-Type"] == whole.headers["Content-Type"]
            assert await head.read() == b""


async def test_nothing_is_accepted_but_reading(site: Site) -> None:
    async with site.session.post(site.url + "/") as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET, HEAD"


async def test_no_script_or_style_but_our_own_files_may_run(site: Site) -> None:
    async with site.session.get(site.url + "/") as answer:
        policy = answer.headers["Content-Security-Policy"]
        page = await answer.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in page
    assert "<style" not in page
    assert page.count("<script") == 1


async def test_static_files_are_kept_by_browsers_until_they_change(site: Site) -> None:
    async with site.session.get(site.url + "/static/board.css") as first:
        assert "immutable" in first.headers["Cache-Control"]
        tag = first.headers["ETag"]
    async with site.session.get(site.url + "/static/board.css", headers={"If-None-Match": tag}) as again:
        assert again.status == 304


async def test_metrics_get_the_accept_header_and_keep_their_content_type(site: Site) -> None:
    async with site.session.get(site.url + "/metrics", headers={"Accept": "application/openmetrics-text"}) as answer:
        assert await answer.text() == "# application/openmetrics-text\n"
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4"


async def test_health_is_one_word(site: Site) -> None:
    assert await site.text("/healthz") == "ok\n"


async def test_a_supervisor_hears_that_the_agent_lives_and_that_its_store_is_away(
    seeded: tuple[Board, Seeded],
) -> None:
    board, written = seeded
    facts = replace(board.facts(), store_up=False, spooled_outcomes=3)
    async with serve(replace(board, facts=lambda: facts), written) as site:
        assert await site.text("/healthz") == "ok, but the store is away; outcomes kept on disk: 3\n"
        assert "việc đo vẫn tiếp tục" in await site.text("/agent")


async def test_a_bug_of_ours_is_a_page_that_does_not_blame_the_services(broken_site: Site) -> None:
    async with broken_site.session.get(broken_site.url + "/agent") as answer:
        assert answer.status == 500
        assert "Đây là lỗi của hệ thống theo dõi" in await answer.text()
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_a_store_that_does_not_answer_is_said_to_be_ours(storeless_site: Site) -> None:
    async with storeless_site.session.get(storeless_site.url + "/incidents") as answer:
        assert answer.status == 503
        assert "Chưa đọc được kết quả" in await answer.text()


async def test_evidence_is_sent_so_that_nothing_in_it_can_run(site: Site) -> None:
    async with site.session.get(f"{site.url}/evidence/{BROKEN}/trang.html") as page:
        assert page.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert "sandbox" in page.headers["Content-Security-Policy"]
        assert page.headers["X-Content-Type-Options"] == "nosniff"
    async with site.session.get(f"{site.url}/evidence/{BROKEN}/buoc-3.png") as picture:
        assert picture.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize("path", ["../secret.txt", "x/../../secret.txt", "/etc/passwd", "link/secret.txt", ".", "a\0b"])
def test_evidence_never_leaves_its_folder(tmp_path: Path, path: str) -> None:
    root = tmp_path / "evidence"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("bí mật")
    (root / "link").symlink_to(tmp_path)
    assert find(root, path) is None


async def test_evidence_outside_the_folder_is_refused_over_http_too(site: Site) -> None:
    (site.evidence.parent / "secret.txt").write_text("bí mật")
    for path in ("/evidence/..%2fsecret.txt", "/evidence/%2e%2e/secret.txt", "/evidence/x%2f..%2f..%2fsecret.txt"):
        async with site.session.get(URL(site.url + path, encoded=True)) as answer:
            assert answer.status == 404, path
            assert "bí mật" not in await answer.text()
