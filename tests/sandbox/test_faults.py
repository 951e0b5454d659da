import asyncio
import time
from pathlib import Path

import aiohttp
import pytest

from sandbox.catalogue import find_service
from sandbox.faults import FAULT_KINDS, FaultBoard, FaultError
from sandbox.province import Province
from tests.sandbox.citizen import Citizen

XA = "system:mot-cua-xa"
PUT_INTO_PAGES = {
    "button_disabled": "disabled = true",
    "field_renamed": "' Mục '",
    "form_dead": "khongTonTai.gui",
    "spinner": "Đang tải…",
    "busy_script": "Date.now() + 3.0 * 1000",
    "dialogs": "alert(",
    "popups": "open('about:blank')",
    "foreign_script": "198.51.100.7",
    "reloads": "location.reload()",
}
"""Fault -> some words of its script."""


async def test_the_error_answers_have_their_status(province: Province, citizen: Citizen) -> None:
    url = province.url("mot-cua-xa") + "/tra-cuu"
    for fault, status, words in (
        ("http_500", 500, "Lỗi máy chủ"),
        ("http_503", 503, "Hệ thống đang quá tải"),
        ("http_403_waf", 403, "tường lửa"),
        ("http_502", 502, "Cổng kết nối"),
        ("database_gone", 500, "Access denied for user"),
        ("http_404", 404, "Không tìm thấy trang"),
        ("http_403", 403, "Không có quyền"),
        ("http_429", 429, "Quá nhiều yêu cầu"),
        ("error_page", 200, "Lỗi hệ thống"),
        ("captcha", 200, "Mã captcha"),
        ("maintenance_page", 200, "Hệ thống đang bảo trì"),
        ("blank_page", 200, ""),
        ("empty_error", 500, ""),
    ):
        await province.faults.set(XA, fault)
        page = await citizen.get(url)
        assert (page.status, words in page.text) == (status, True), fault
        assert bool(page.text) is (fault not in {"blank_page", "empty_error"})
        await province.faults.clear(XA, fault)
    assert (await citizen.get(url)).heading == "Tra cứu hồ sơ"


async def test_503_says_when_to_come_back(province: Province, citizen: Citizen) -> None:
    await province.faults.set(XA, "http_503", retry_after_s=7)
    async with citizen.session.get(province.url("mot-cua-xa")) as response:
        assert response.headers["Retry-After"] == "7"


async def test_429_says_when_to_come_back_only_if_asked_to(province: Province, citizen: Citizen) -> None:
    for retry_after_s, said in ((0, None), (9, "9")):
        await province.faults.set(XA, "http_429", retry_after_s=retry_after_s)
        async with citizen.session.get(province.url("mot-cua-xa")) as response:
            assert response.headers.get("Retry-After") == said


async def test_a_redirect_may_lead_to_where_nobody_listens(province: Province, citizen: Citizen) -> None:
    await province.faults.set(XA, "redirect_dead")
    with pytest.raises(aiohttp.ClientConnectorError, match=province.dead_url.rpartition(":")[2]):
        await citizen.get(province.url("mot-cua-xa") + "/tra-cuu")


async def test_a_redirect_may_lead_to_the_outside_sign_on(province: Province, citizen: Citizen) -> None:
    await province.faults.set(XA, "redirect_away")
    async with citizen.session.get(province.url("mot-cua-xa") + "/tra-cuu") as response:
        assert (response.status, str(response.url)) == (200, province.url("dinh-danh") + "/")


async def test_a_redirect_loop_never_ends(province: Province, citizen: Citizen) -> None:
    await province.faults.set(XA, "redirect_loop")
    with pytest.raises(aiohttp.TooManyRedirects):
        await citizen.get(province.url("mot-cua-xa") + "/tra-cuu?ma-ho-so=1")


async def test_slow_adds_time_before_the_first_byte(province: Province, citizen: Citizen) -> None:
    await province.faults.set(XA, "slow", seconds=0.4)
    start = time.monotonic()
    async with citizen.session.get(province.url("mot-cua-xa")):
        assert time.monotonic() - start >= 0.4


async def test_slow_body_sends_the_headers_first(province: Province, citizen: Citizen) -> None:
    await province.faults.set(XA, "slow_body", seconds=0.5)
    async with citizen.session.get(province.url("mot-cua-xa")) as response:
        headers_at = time.monotonic()
        assert "Nộp và theo dõi hồ sơ" in await response.text()
        assert time.monotonic() - headers_at >= 0.4


async def test_hang_answers_nothing_until_it_is_switched_off(province: Province) -> None:
    await province.faults.set(XA, "hang")
    reader, writer = await asyncio.open_connection("127.0.0.1", province.port("mot-cua-xa"))
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = asyncio.create_task(reader.read())
    done, _ = await asyncio.wait({answer}, timeout=0.3)
    assert not done
    await province.faults.clear()
    with pytest.raises(ConnectionResetError):
        await answer
    writer.close()


@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        ("hang_up", aiohttp.ServerDisconnectedError),
        ("not_http", aiohttp.ClientResponseError),
        ("cut_body", aiohttp.ClientError),
        ("short_body", aiohttp.ClientPayloadError),
        ("gzip_broken", aiohttp.ClientPayloadError),
    ],
)
async def test_an_answer_that_is_broken_on_its_way(
    province: Province, citizen: Citizen, fault: str, ends: type[Exception]
) -> None:
    await province.faults.set(XA, fault)
    with pytest.raises(ends):
        await citizen.get(province.url("mot-cua-xa") + "/tra-cuu")
    await province.faults.clear()
    assert (await citizen.get(province.url("mot-cua-xa") + "/tra-cuu")).status == 200


async def test_a_page_that_stalls_half_way_is_ended_when_the_fault_is(province: Province, citizen: Citizen) -> None:
    await province.faults.set(XA, "stall_body")
    async with citizen.session.get(province.url("mot-cua-xa")) as response:
        half = await response.content.readany()
        assert half.startswith(b"<!doctype html>")
        assert b"</html>" not in half
        await province.faults.clear()
        with pytest.raises(aiohttp.ClientError):
            await response.read()


async def test_a_connection_may_be_closed_after_each_answer(province: Province, citizen: Citizen) -> None:
    for fault, kept in (("closes_idle", False), ("http_404", True)):
        await province.faults.set(XA, fault)
        async with citizen.session.get(province.url("mot-cua-xa")) as response:
            assert (response.headers.get("Connection") != "close") == kept
        await province.faults.clear()


async def test_a_page_may_come_as_a_file(province: Province, citizen: Citizen) -> None:
    await province.faults.set(XA, "download_instead")
    async with citizen.session.get(province.url("mot-cua-xa")) as response:
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.content_type == "application/octet-stream"


async def test_a_deaf_listener_neither_takes_nor_refuses_until_it_is_mended(province: Province) -> None:
    await province.faults.set("host:mot-cua-xa", "deaf")
    calling = asyncio.create_task(asyncio.open_connection("127.0.0.1", province.port("mot-cua-xa")))
    done, _ = await asyncio.wait({calling}, timeout=0.3)
    assert not done
    calling.cancel()
    await province.faults.clear()
    _, writer = await asyncio.open_connection("127.0.0.1", province.port("mot-cua-xa"))
    writer.close()


async def test_reset_cuts_the_connection(province: Province, citizen: Citizen) -> None:
    await province.faults.set(XA, "reset")
    with pytest.raises((aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)):
        await citizen.get(province.url("mot-cua-xa"))


async def test_refuse_closes_the_listener_and_the_repair_opens_it_again(province: Province, citizen: Citizen) -> None:
    url = province.url("mot-cua-xa")
    await citizen.get(url)
    await province.faults.set("host:mot-cua-xa", "refuse")
    with pytest.raises(aiohttp.ClientError):
        await citizen.get(url)
    with pytest.raises(aiohttp.ClientConnectorError):
        await citizen.get(url)
    await province.faults.clear("host:mot-cua-xa")
    assert (await citizen.get(url)).status == 200


async def test_page_faults_change_the_page(province: Province, citizen: Citizen) -> None:
    url = province.url("cong-quoc-gia") + "/thu-tuc/khai-sinh"
    sound = (await citizen.get(url)).text
    assert "Nộp trực tuyến</a>" in sound
    pages = {}
    for fault in ("element_missing", "late_element", "js_error", "wrong_text", *PUT_INTO_PAGES):
        await province.faults.set("service:khai-sinh", fault)
        pages[fault] = (await citizen.get(url)).text
        await province.faults.clear()
    assert "Nộp trực tuyến</a>" not in pages["element_missing"]
    assert 'data-late="2.0"><template>' in pages["late_element"]
    assert "khongTonTai.giaTri" in pages["js_error"]
    assert "<h1>Nội dung đang được cập nhật</h1>" in pages["wrong_text"]
    assert all(words in pages[fault] and words not in sound for fault, words in PUT_INTO_PAGES.items())
    assert (await citizen.get(url)).text == sound


async def test_broken_validation_refuses_a_valid_form(province: Province, citizen: Citizen) -> None:
    each = find_service("khai-tu")
    assert each is not None
    page = await citizen.sign_in(each, await citizen.find(each))
    await province.faults.set("service:khai-tu", "validation_broken", path="to-khai")
    refused = await citizen.post(page, {field.name: field.sample for field in each.fields})
    assert refused.status == 422
    assert "Giá trị không hợp lệ" in refused.text


async def test_a_lost_session_ends_the_walk(province: Province, citizen: Citizen) -> None:
    each = find_service("khai-tu")
    assert each is not None
    page = await citizen.review(each)
    await province.faults.set(XA, "session_lost", path="/xem-lai")
    assert (await citizen.post(page, {"cam_doan": "1"})).status == 404
    assert province.counters.submissions.total() == 0


async def test_a_fault_hits_only_its_service_and_its_path(province: Province, citizen: Citizen) -> None:
    portal = province.url("cong-quoc-gia")
    await province.faults.set("service:khai-sinh", "http_500", path="/noi-nop")
    assert (await citizen.get(portal + "/thu-tuc/khai-sinh/noi-nop")).status == 500
    assert (await citizen.get(portal + "/thu-tuc/khai-sinh")).status == 200
    assert (await citizen.get(portal + "/thu-tuc/khai-tu/noi-nop")).status == 200


async def test_the_cdn_can_fail_alone(province: Province, citizen: Citizen) -> None:
    await province.faults.set("host:cdn", "http_503")
    assert (await citizen.get(province.url("cdn") + "/giao-dien.css")).status == 503
    assert (await citizen.get(province.url("cong-quoc-gia"))).status == 200


async def test_a_fault_with_a_duration_ends_by_itself(province: Province, citizen: Citizen) -> None:
    await province.faults.set("host:mot-cua-xa", "refuse", duration_s=0.2)
    async with asyncio.timeout(5):
        while True:
            try:
                page = await citizen.get(province.url("mot-cua-xa"))
            except aiohttp.ClientError:
                continue
            break
    assert page.status == 200
    assert province.faults.active() == ()


async def test_the_same_seed_draws_the_same_failures() -> None:
    async def draws(seed: int) -> list[bool]:
        board = FaultBoard(seed, time.monotonic)
        await board.set(XA, "http_500", probability=0.5)
        return [bool(board.hits("mot-cua-xa", None, "/")) for _ in range(40)]

    assert await draws(1) == await draws(1)
    assert await draws(1) != await draws(2)
    assert 5 < sum(await draws(1)) < 35


@pytest.mark.parametrize(
    ("target", "fault", "params", "words"),
    [
        (XA, "http_418", {}, "unknown fault"),
        ("system:khong-co", "http_500", {}, "unknown target"),
        ("service:khong-co", "http_500", {}, "unknown service"),
        ("system:bang-dieu-khien", "http_500", {}, "cannot be applied"),
        ("host:cdn", "nxdomain", {}, "cannot be applied"),
        ("service:khai-sinh", "refuse", {}, "hits a host"),
        (XA, "http_500", {"seconds": 1.0}, "no parameter 'seconds'"),
        (XA, "slow", {"seconds": -1.0}, "between 0 and 3600"),
        (XA, "slow", {"probability": 2.0}, "probability"),
        (XA, "slow", {"duration_s": 0.0}, "duration_s"),
    ],
)
async def test_an_impossible_fault_is_refused_with_its_reason(
    target: str, fault: str, params: dict[str, float], words: str
) -> None:
    with pytest.raises(FaultError, match=words):
        await FaultBoard(1, time.monotonic).set(target, fault, path="", **params)


def test_every_fault_in_the_table_has_a_test() -> None:
    sources = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [kind.name for kind in FAULT_KINDS if f'"{kind.name}"' not in sources] == []
