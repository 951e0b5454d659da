import asyncio
import re

import aiohttp

from sandbox.catalogue import SERVICES, Service, find_service
from sandbox.province import Province
from tests.sandbox.citizen import Citizen

CODE = re.compile(r"000\.00\.\d\d\.M67-\d{6}-\d{4}")


def service(service_id: str) -> Service:
    found = find_service(service_id)
    assert found is not None
    return found


async def submit_and_look_up(each: Service, province: Province) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        citizen = Citizen(province, session)
        code = await citizen.submit(each)
        assert CODE.fullmatch(code)
        result = await citizen.get(f"{province.url(each.system)}/tra-cuu?ma-ho-so={code}")
    assert "Đã tiếp nhận" in result.text
    assert each.name in result.text
    assert province.counters.submissions[each.id] == 1
    assert province.counters.uploads[each.id] == len(each.documents)
    assert province.counters.payments[each.id] == int(bool(each.fee_vnd))


async def test_every_service_can_be_submitted_and_looked_up(province: Province) -> None:
    async with asyncio.TaskGroup() as citizens:
        for each in SERVICES:
            citizens.create_task(submit_and_look_up(each, province), name=each.id)
    assert province.counters.submissions == {each.id: 1 for each in SERVICES}
    assert province.counters.sign_ins == {"succeeded": sum(each.sign_in for each in SERVICES)}


async def test_a_form_without_its_csrf_token_is_refused(province: Province, citizen: Citizen) -> None:
    page = await citizen.review(service("khai-tu"))
    for token in ("", "của người khác"):
        refused = await citizen.post(page, {"_csrf": token, "cam_doan": "1"})
        assert refused.status == 403
        assert "Phiên làm việc không hợp lệ" in refused.text
    assert province.counters.submissions.total() == 0


async def test_pressing_submit_twice_makes_one_dossier(province: Province, citizen: Citizen) -> None:
    page = await citizen.review(service("khai-tu"))
    first = await citizen.post(page, {"cam_doan": "1"})
    second = await citizen.post(page, {"cam_doan": "1"})
    assert first.url == second.url
    assert first.step == "hoan-thanh"
    assert province.counters.submissions == {"khai-tu": 1}


async def test_without_the_commitment_nothing_is_submitted(province: Province, citizen: Citizen) -> None:
    page = await citizen.review(service("khai-tu"))
    refused = await citizen.post(page, {})
    assert refused.status == 422
    assert "Vui lòng đánh dấu cam đoan" in refused.text
    assert province.counters.submissions.total() == 0


async def test_messages_stand_beside_the_fields_and_what_was_typed_stays(citizen: Citizen) -> None:
    khai_sinh = service("khai-sinh")
    page = await citizen.sign_in(khai_sinh, await citizen.find(khai_sinh))
    refused = await citizen.post(page, {"ho_ten": "", "dien_thoai": "12"})
    assert refused.status == 422
    assert 'id="ho_ten-loi">Vui lòng nhập họ và tên người yêu cầu.' in refused.text
    assert 'id="dien_thoai-loi">Số điện thoại gồm 10 chữ số' in refused.text
    assert refused.form["dien_thoai"] == "12"


async def test_known_data_is_prefilled_except_where_the_service_asks_again(citizen: Citizen) -> None:
    for service_id, name, value in (("khai-sinh", "ho_ten", "Nguyễn Thị Mai"), ("giay-phep-xay-dung", "ten_chu", "")):
        each = service(service_id)
        page = await citizen.sign_in(each, await citizen.find(each))
        assert page.form[name] == value


async def test_a_later_step_leads_back_to_the_first_that_is_not_done(citizen: Citizen) -> None:
    khai_sinh = service("khai-sinh")
    page = await citizen.sign_in(khai_sinh, await citizen.find(khai_sinh))
    assert (await citizen.get(page.url.replace("to-khai-1", "xem-lai"))).step == "to-khai-1"


async def test_an_applicant_who_is_not_eligible_gets_a_refusal(province: Province, citizen: Citizen) -> None:
    each = service("tinh-trang-hon-nhan")
    page = await citizen.sign_in(each, await citizen.find(each))
    samples = {field.name: field.sample for field in each.fields}
    refused = await citizen.post(page, {**samples, "tinh_trang": "Đang có vợ hoặc chồng"})
    assert refused.status == 200
    assert refused.heading == "Không đủ điều kiện thực hiện thủ tục"
    assert province.counters.submissions.total() == 0


async def test_an_unknown_code_is_a_correct_refusal(province: Province, citizen: Citizen) -> None:
    for system in ("cong-quoc-gia", "mot-cua-tinh", "mot-cua-xa"):
        page = await citizen.get(province.url(system) + "/tra-cuu?ma-ho-so=<b>000")
        assert page.status == 200
        assert "Không tìm thấy hồ sơ có mã “&lt;b&gt;000”." in page.text


async def test_search_does_not_need_accents_and_says_when_nothing_fits(province: Province, citizen: Citizen) -> None:
    portal = province.url("cong-quoc-gia")
    assert "Đăng ký khai sinh" in (await citizen.get(portal + "/thu-tuc?tu-khoa=KHAI SINH dang ky")).text
    assert "Không tìm thấy thủ tục phù hợp" in (await citizen.get(portal + "/thu-tuc?tu-khoa=tàu vũ trụ")).text


async def test_a_wrong_password_is_refused_and_counted(province: Province, citizen: Citizen) -> None:
    each = service("khai-tu")
    sign_on = await citizen.get((await citizen.find(each)).link("/chuyen"))
    refused = await citizen.post(sign_on, {"so_dinh_danh": "012345678901", "mat_khau": "sai"})
    assert refused.status == 422
    assert "Số định danh hoặc mật khẩu không đúng." in refused.text
    assert province.counters.sign_ins == {"refused": 1}


async def test_a_sign_on_code_works_once_and_only_with_its_state(province: Province, citizen: Citizen) -> None:
    back = province.url("mot-cua-xa") + "/dang-nhap/ket-qua"
    code = province.world.sign_on.grant("mot-cua-xa")
    refused = await citizen.get(f"{back}?ma={code}&trang-thai=doan")
    assert refused.status == 403
    assert province.world.sign_on.redeem(code, "mot-cua-xa") is None


async def test_the_sign_on_leads_back_only_to_the_system_that_asked(province: Province, citizen: Citizen) -> None:
    page = await citizen.get(
        province.url("dinh-danh") + "/uy-quyen?ung-dung=mot-cua-xa&trang-thai=x&tro-ve=http://example.org/"
    )
    assert page.status == 400


async def test_a_cancelled_payment_leads_back_and_may_be_put_off(province: Province, citizen: Citizen) -> None:
    each = service("chung-thuc-ban-sao")
    page = await citizen.fill_in(each, await citizen.sign_in(each, await citizen.find(each)))
    page = await citizen.post(page, {}, ("ban_chinh",))
    cancelled = await citizen.post(await citizen.post(page, {"hinh_thuc": "Trực tuyến"}), {"thao_tac": "huy"})
    assert "Giao dịch chưa hoàn thành" in cancelled.text
    review = await citizen.post(page, {"hinh_thuc": "Khi nhận kết quả"})
    assert review.step == "xem-lai"
    assert province.counters.payments.total() == 0


async def test_the_extract_ends_with_a_pdf(province: Province, citizen: Citizen) -> None:
    page = await citizen.post(await citizen.review(service("trich-luc-ho-tich")), {"cam_doan": "1"})
    async with citizen.session.get(page.link("/ban-dien-tu")) as response:
        assert response.headers["Content-Disposition"].startswith('attachment; filename="trich-luc-000.')
        assert (await response.read()).startswith(b"%PDF-")


async def test_drafts_of_another_session_are_not_there(province: Province, citizen: Citizen) -> None:
    page = await citizen.review(service("khai-tu"))
    citizen.session.cookie_jar.clear()
    gone = await citizen.get(page.url)
    assert (gone.status, gone.heading) == (404, "Phiên làm việc đã hết hạn")


async def test_signing_in_changes_the_session_cookie(province: Province, citizen: Citizen) -> None:
    each = service("khai-tu")
    page = await citizen.find(each)
    before = {cookie.key: cookie.value for cookie in citizen.session.cookie_jar}
    await citizen.sign_in(each, page)
    after = {cookie.key: cookie.value for cookie in citizen.session.cookie_jar}
    assert before["mcx_phien"] != after["mcx_phien"]


async def test_the_review_shows_dates_as_vietnamese_readers_write_them(citizen: Citizen) -> None:
    review = await citizen.review(service("khai-tu"))
    assert "<dd>03/02/1941</dd>" in review.text
