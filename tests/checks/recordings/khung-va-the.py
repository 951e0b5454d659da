import asyncio
import re
from playwright.async_api import Playwright, async_playwright, expect


async def run(playwright: Playwright) -> None:
    browser = await playwright.chromium.launch(headless=False)
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto("https://dvc.anbinh.example/khung")
    await page.locator("iframe[title=\"Biểu mẫu điện tử\"]").content_frame.get_by_label("Họ và tên").click()
    await page.locator("iframe[title=\"Biểu mẫu điện tử\"]").content_frame.get_by_label("Họ và tên").fill("Lê Thị Thu")
    await page.locator("iframe[title=\"Biểu mẫu điện tử\"]").content_frame.get_by_role("button", name="Lưu").click()
    await expect(page.frame_locator("iframe[title=\"Biểu mẫu điện tử\"]").get_by_role("heading")).to_contain_text("Đã lưu tờ khai")
    async with page.expect_popup() as page1_info:
        await page.get_by_role("link", name="Xem bản in").click()
    page1 = await page1_info.value
    page1.once("dialog", lambda dialog: dialog.dismiss())
    await page1.get_by_role("button", name="Xóa bản nháp").click()
    await expect(page1.get_by_text("Chưa xóa")).to_be_visible()
    async with page1.expect_download() as download_info:
        await page1.get_by_role("link", name="Tải tờ khai").click()
    download = await download_info.value
    await page1.close()
    await expect(page.get_by_role("link", name="Xem bản in")).to_be_visible()

    # ---------------------
    await context.close()
    await browser.close()


async def main() -> None:
    async with async_playwright() as playwright:
        await run(playwright)


asyncio.run(main())
