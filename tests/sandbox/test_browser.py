"""One walk in a real browser for each way in which a form can be presented."""

import os
import shutil
from collections.abc import AsyncIterator

import pyotp
import pytest
from playwright.async_api import Browser, FilePayload, FrameLocator, Page, async_playwright

from sandbox.account import ACCOUNT_NUMBER, OTP_FILE, PASSWORD_FILE, practice_secret
from sandbox.catalogue import Field, Service, find_service
from sandbox.province import Province

SHELLS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PDF = b"%PDF-1.4\n"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    installed = next((path for name in SHELLS if (path := shutil.which(name))), None)
    sandboxed = os.geteuid() != 0  # Chromium refuses its own sandbox to root
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=installed, chromium_sandbox=sandboxed)
        yield started
        await started.close()


async def fill(form: Page | FrameLocator, field: Field) -> None:
    if field.kind == "radio":
        await form.get_by_role("group", name=field.label).get_by_role("radio", name=field.sample).check()
    elif field.kind == "checkbox":
        await form.get_by_role("checkbox", name=field.label).check()
    elif field.kind == "select":
        await form.get_by_label(field.label, exact=True).select_option(field.sample)
    else:
        await form.get_by_label(field.label, exact=True).fill(field.sample)


async def find(page: Page, province: Province, service: Service) -> Page:
    """From the home page to the sign-in; returns the page on which the form opened."""
    await page.goto(province.url("cong-quoc-gia") + "/")
    await page.get_by_label("Tìm thủ tục hành chính").fill(service.name)
    await page.get_by_role("button", name="Tìm kiếm").click()
    await page.get_by_role("link", name=service.name, exact=True).click()
    await page.get_by_role("link", name="Nộp trực tuyến").click()
    await page.get_by_label("Cơ quan tiếp nhận").select_option(index=1)
    await page.get_by_role("radio", name=service.cases[0]).check()
    go_on = page.get_by_role("button", name="Tiếp tục")
    if service.presentation != "new_tab":
        await go_on.click()
        return page
    async with page.context.expect_page() as opened:
        await go_on.click()
    return await opened.value


async def sign_in(page: Page, province: Province, service: Service) -> None:
    await page.get_by_role("link", name="Đăng nhập bằng tài khoản định danh").click()
    await page.get_by_label("Số định danh cá nhân").fill(ACCOUNT_NUMBER)
    await page.get_by_label("Mật khẩu").fill(practice_secret(PASSWORD_FILE))
    await page.get_by_role("button", name="Đăng nhập").click()
    if service.otp:
        await page.get_by_label("Mã xác thực").fill(pyotp.TOTP(practice_secret(OTP_FILE)).at(province.world.now()))
        await page.get_by_role("button", name="Xác thực").click()


async def fill_in(page: Page, service: Service) -> None:
    framed = service.presentation == "framed"
    form = page.frame_locator("iframe[title='Biểu mẫu điện tử']") if framed else page
    for form_page in service.pages:
        await form.get_by_role("heading", name=form_page.title, exact=True).wait_for()
        for field in form_page.fields:
            await fill(form, field)
        await form.get_by_role("button", name="Tiếp tục").click()
    if framed:
        await form.get_by_role("link", name="Sang bước tiếp theo").click()


async def attach_and_pay(page: Page, service: Service) -> None:
    await page.get_by_role("heading", name="Đính kèm giấy tờ").wait_for()
    for document in service.documents:
        file = FilePayload(name="giay-to.pdf", mimeType="application/pdf", buffer=PDF)
        await page.get_by_label(document.label).set_input_files(file)
    await page.get_by_role("button", name="Tiếp tục").click()
    if service.fee_vnd:
        await page.get_by_role("radio", name="Trực tuyến").check()
        await page.get_by_role("button", name="Tiếp tục").click()
        await page.get_by_role("radio", name="Thẻ nội địa").check()
        await page.get_by_role("button", name="Thanh toán").click()


@pytest.mark.parametrize("service_id", ["khai-sinh", "tinh-trang-hon-nhan", "ly-lich-tu-phap", "giay-phep-lai-xe"])
async def test_a_citizen_with_a_browser_gets_from_the_home_page_to_the_look_up(
    service_id: str, province: Province, browser: Browser
) -> None:
    service = find_service(service_id)
    assert service is not None
    page = await find(await browser.new_page(), province, service)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await sign_in(page, province, service)
    await fill_in(page, service)
    await attach_and_pay(page, service)
    await page.get_by_label("Tôi cam đoan các thông tin trên là đúng sự thật").check()
    assert province.counters.submissions.total() == 0
    await page.get_by_role("button", name="Nộp hồ sơ").click()
    await page.get_by_role("heading", name="Nộp hồ sơ thành công").wait_for()
    code = await page.locator("#ma-ho-so").inner_text()
    await page.get_by_role("link", name="Tra cứu hồ sơ này").click()
    await page.get_by_role("heading", name="Kết quả tra cứu").wait_for()
    assert await page.get_by_label("Mã hồ sơ").input_value() == code
    assert province.counters.submissions == {service_id: 1}
    assert errors == []


async def test_client_side_routing_loads_no_document_and_the_back_button_works(
    province: Province, browser: Browser
) -> None:
    service = find_service("ly-lich-tu-phap")
    assert service is not None
    page = await find(await browser.new_page(), province, service)
    await sign_in(page, province, service)
    await page.get_by_role("heading", name="Thông tin người yêu cầu").wait_for()
    await page.evaluate("window.sameDocument = true")
    await page.get_by_role("button", name="Tiếp tục").click()
    await page.get_by_role("heading", name="Nội dung yêu cầu").wait_for()
    assert page.url.endswith("/to-khai-2")
    await page.go_back()
    await page.get_by_role("heading", name="Thông tin người yêu cầu").wait_for()
    assert await page.evaluate("window.sameDocument") is True


async def test_page_faults_are_felt_in_a_browser(province: Province, browser: Browser) -> None:
    page = await browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    url = province.url("cong-quoc-gia") + "/thu-tuc/khai-sinh"
    await province.faults.set("service:khai-sinh", "js_error")
    await province.faults.set("service:khai-sinh", "late_element", seconds=0.3)
    await page.goto(url)
    assert len(errors) == 1
    apply = page.get_by_role("link", name="Nộp trực tuyến")
    assert await page.evaluate("document.querySelector('.button.primary')") is None
    await apply.wait_for()
    await province.faults.clear()
    await province.faults.set("service:khai-sinh", "element_missing")
    await page.goto(url)
    assert await apply.count() == 0


@pytest.mark.parametrize("width", [360, 1280])
async def test_no_page_is_wider_than_the_screen(width: int, province: Province, browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": width, "height": 800})
    portal, control = province.url("cong-quoc-gia"), province.control_url
    for url in (
        portal + "/",
        portal + "/thu-tuc",
        portal + "/thu-tuc/giay-phep-xay-dung",
        portal + "/bat-dau/phan-anh-kien-nghi",
        province.url("mot-cua-tinh") + "/tra-cuu?ma-ho-so=1",
        control + "/",
        control + "/hop-thu",
    ):
        await page.goto(url)
        overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, url
