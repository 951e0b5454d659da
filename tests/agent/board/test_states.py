"""States that a healthy young province does not have: nothing measured yet, ranked units, closed incidents."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.board.board import Board
from checks.incident import Changes
from checks.ranking import MinimumData
from checks.run import Census, Certificate, Health, Outcome, Screen, StepRun, Verdict
from exporters.snapshot import Resting
from store.open import open_store
from tests.agent.board.conftest import FACTS, serve
from tests.agent.board.province import BROKEN, CONFIG, NOW, SERVICES, Seeded
from tests.agent.board.test_pages import words
from tests.samples import run

RANKED = replace(CONFIG, ranking=CONFIG.ranking.evolve(minimum=MinimumData(coverage=0.001, days=1)))


async def test_before_the_first_result_every_page_says_what_will_be_there(
    seeded: tuple[Board, Seeded], tmp_path: Path
) -> None:
    board, written = seeded
    store = await open_store(f"sqlite:///{tmp_path}/empty.db")
    async with serve(replace(board, store=store), written) as site:
        first = words(await site.text("/"))
        assert f"{len(SERVICES)} dịch vụ chưa có kết quả" in first
        for path in ("/services/khai-sinh", f"/checks/{BROKEN}", "/agencies/so-xay-dung", "/ranking", "/agent"):
            assert "</html>" in await site.text(path)
        assert "Chưa có quy tắc cảnh báo nào" in words(await site.text("/incidents"))
    await store.close()


@pytest.mark.parametrize("by", ["system", "service", "agency"])
async def test_with_enough_data_units_are_ranked_with_their_interval(seeded: tuple[Board, Seeded], by: str) -> None:
    board, written = seeded
    async with serve(replace(board, config=lambda: RANKED), written) as site:
        page = await site.text(f"/ranking?by={by}")
        assert "Chưa đủ dữ liệu để xếp hạng" not in page
        assert 'aria-label="khoảng tin cậy ' in page
        agency = words(await site.text("/agencies/so-xay-dung"))
        assert "khoảng tin cậy" in agency
        assert "Sẵn sàng, ổn định" in agency


async def test_a_service_with_several_checks_shows_each(seeded: tuple[Board, Seeded]) -> None:
    async with serve(*seeded) as site:
        said = words(await site.text("/services/khai-sinh"))
    assert "Đăng ký khai sinh trên điện thoại" in said
    assert said.count("Các bước người dân phải làm") == 2


async def test_a_mail_that_was_sent_and_an_incident_that_ended_say_so(seeded: tuple[Board, Seeded]) -> None:
    board, written = seeded
    incident = await board.store.incident(written.incident)
    assert incident is not None
    repaired = run(NOW, check=BROKEN, location="an-binh")
    ended = incident.evolve(ended_at=NOW, last_run=repaired.id)
    await board.store.save(Outcome(run=repaired), Changes(incidents=(ended,)))
    await board.store.mail_sent(f"{incident.id}.down", NOW - timedelta(hours=2))
    async with serve(board, written) as site:
        said = words(await site.text(f"/incidents/{incident.id}"))
        assert "đã khắc phục sau 2 giờ 7 phút" in said
        assert "đã gửi 23/11/2026 08:07" in said
        assert "Không có sự cố đang mở" in words(await site.text("/incidents"))


async def test_a_mail_that_was_given_up_shows_the_error(seeded: tuple[Board, Seeded]) -> None:
    board, written = seeded
    await board.store.mail_failed(f"{written.incident}.down", "550 <b>no such user</b>", None)
    async with serve(board, written) as site:
        page = await site.text(f"/incidents/{written.incident}")
    assert "không gửi được" in page
    assert "550 &lt;b&gt;no such user&lt;/b&gt;" in page


async def test_a_run_of_a_slowed_agent_and_a_bad_certificate_are_marked(seeded: tuple[Board, Seeded]) -> None:
    board, written = seeded
    bad = Certificate(subject="x", issuer="y", not_before=NOW, not_after=NOW, days_left=0, trusted=False)
    odd = run(NOW, Verdict.INCONCLUSIVE, check="gone", system="gone", agency="gone", blame="agent",
              health=Health(degraded=True), certificate=bad)  # fmt: skip
    await board.store.save(Outcome(run=odd), Changes())
    async with serve(board, written) as site:
        page = await site.text(f"/runs/{odd.id}")
    said = words(page)
    assert "/agencies/gone" not in page
    assert "Máy đo bị chậm trong lượt này" in said
    assert "Được tin cậy không" in said


async def test_a_run_tells_of_each_screen_what_was_on_it(seeded: tuple[Board, Seeded]) -> None:
    board, written = seeded
    seen = Screen(heading="Tờ khai <b>", census=Census(screens=1, controls=14, required=9, prefilled=2, words=310))
    steps = (StepRun(name="Mở", verdict=Verdict.OK), StepRun(name="Điền", verdict=Verdict.OK, screens=(seen,)))
    walked = run(NOW, check=BROKEN, steps=steps)
    await board.store.save(Outcome(run=walked), Changes())
    async with serve(board, written) as site:
        page = await site.text(f"/runs/{walked.id}")
    assert "2 Tờ khai &lt;b&gt; 14 9 2 0 310" in " ".join(re.sub("<[^>]*>", " ", page).split())


async def test_the_agent_page_names_the_references_and_how_they_answered(seeded: tuple[Board, Seeded]) -> None:
    board, written = seeded
    async with serve(board, written) as site:
        said = words(await site.text("/agent"))
    assert "dns vnnic.vn trả lời" in said
    assert "tcp 192.0.2.7:443 không trả lời (TimeoutError)" in said
    assert "Máy đo bình thường" in said


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ({"network_up": False}, "quá nửa địa chỉ đối chứng không trả lời"),
        ({"clock_ahead_s": -4000.0}, "Đồng hồ của máy đo sai giờ"),
    ],
)
async def test_an_agent_without_network_or_right_time_says_so(
    seeded: tuple[Board, Seeded], state: dict[str, Any], sentence: str
) -> None:
    board, written = seeded
    async with serve(replace(board, facts=lambda: replace(FACTS, **state)), written) as site:
        said = words(await site.text("/agent"))
    assert sentence in said
    assert "Máy đo cần được xem lại" in said


async def test_an_agent_without_references_says_what_that_means(seeded: tuple[Board, Seeded]) -> None:
    board, written = seeded
    facts = replace(FACTS, references=(), network_up=None, clock_ahead_s=None)
    async with serve(replace(board, facts=lambda: facts), written) as site:
        said = words(await site.text("/agent"))
    assert "Chưa có địa chỉ đối chứng" in said
    assert "Máy đo bình thường" in said


async def test_systems_that_fail_together_are_told_as_one(seeded: tuple[Board, Seeded]) -> None:
    board, written = seeded
    async with serve(replace(board, facts=lambda: replace(FACTS, together=("a", "b", "c"))), written) as site:
        assert "3 hệ thống cùng mất liên lạc trong một phút" in words(await site.text("/"))


async def test_hosts_that_are_left_alone_are_named_with_the_end_of_their_rest(
    seeded: tuple[Board, Seeded],
) -> None:
    board, written = seeded
    resting = (Resting("<b>dvc.anbinh.example:443", NOW + timedelta(minutes=7)),)
    async with serve(replace(board, facts=lambda: replace(FACTS, resting=resting)), written) as site:
        page = await site.text("/agent")
    assert "&lt;b&gt;dvc.anbinh.example:443" in page
    assert "Không có máy chủ nào đề nghị" not in page


async def test_an_agent_that_cannot_be_trusted_says_why(seeded: tuple[Board, Seeded]) -> None:
    board, written = seeded
    ill = replace(FACTS, browser=None, degraded=True, config_reload_ok=False)
    async with serve(replace(board, facts=lambda: ill), written) as site:
        said = words(await site.text("/agent"))
    assert "Máy đo cần được xem lại" in said
    for command in ("dvcwatch doctor", "dvcwatch validate"):
        assert command in said


async def test_an_agent_with_more_walks_than_it_carries_says_so(seeded: tuple[Board, Seeded]) -> None:
    board, written = seeded
    busy = replace(FACTS, browser_demand=1.6, browser_capacity=0.8, queue_wait_s=31.0, walks_held=True)
    async with serve(replace(board, facts=lambda: busy), written) as site:
        said = words(await site.text("/agent"))
    assert "Máy đo cần được xem lại" in said
    assert "Lịch đi thử cần mỗi phút 96" in said
    assert "Máy này có mỗi phút 48" in said
    assert "dvcwatch capacity" in said
    assert "chờ máy rảnh" in said
