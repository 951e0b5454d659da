import re
from playwright.sync_api import Page, expect


def test_example(page: Page) -> None:
    page.goto("https://dvc.anbinh.example/dang-nhap")
    page.get_by_role("textbox", name="Tên đăng nhập").click()
    page.get_by_role("textbox", name="Tên đăng nhập").fill("nguyen.van.an")
    page.get_by_role("textbox", name="Mật khẩu").fill("Xuân-Thơm-9x!")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("heading", name="Xin chào nguyen.van.an")).to_be_visible()
    page.get_by_label("Lĩnh vực").select_option("ho-tich")
    page.get_by_role("radio", name="Bản điện tử").check()
    page.get_by_role("checkbox", name="Nhận thư").uncheck()
    page.get_by_role("row", name="Khai sinh").get_by_role("button", name="Chọn").click()
    expect(page).to_have_title(re.compile("Kết quả"))
