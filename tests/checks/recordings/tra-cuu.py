import re
from playwright.sync_api import Playwright, sync_playwright, expect


def run(playwright: Playwright) -> None:
    browser = playwright.chromium.launch(headless=False)
    context = browser.new_context(**playwright.devices["Pixel 7"])
    page = context.new_page()
    page.goto("https://dvc.anbinh.example/")
    page.get_by_role("searchbox", name="Tìm thủ tục hành chính").click()
    page.get_by_role("searchbox", name="Tìm thủ tục hành chính").fill("khai sinh")
    page.get_by_role("searchbox", name="Tìm thủ tục hành chính").press("Enter")
    page.get_by_role("link", name="Đăng ký khai sinh", exact=True).click()
    expect(page.get_by_role("heading", name="Thành phần hồ sơ")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("ngày làm việc")
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Danh mục").click()
    page.get_by_role("link", name="Hướng dẫn").click()
    page.locator("summary").filter(has_text="quên mã hồ sơ").click()
    expect(page).to_have_url(re.compile(r".*/huong-dan"))
    expect(page.locator("details[open]")).to_contain_text("Liên hệ Trung tâm")

    # ---------------------
    context.close()
    browser.close()


with sync_playwright() as playwright:
    run(playwright)
