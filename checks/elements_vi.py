"""Vietnamese names of what is on a page, and of what is expected of it; the page's own words are made harmless."""

from checks.locator import Condition, Locator, Region
from checks.run import clean_message

_ROLES = {
    "alert": "thông báo", "banner": "phần đầu trang", "button": "nút", "cell": "ô bảng", "checkbox": "ô đánh dấu",
    "columnheader": "tên cột", "combobox": "danh sách chọn", "dialog": "hộp thoại", "form": "biểu mẫu",
    "group": "nhóm", "heading": "tiêu đề", "img": "hình", "link": "liên kết", "list": "danh sách",
    "listbox": "danh sách chọn", "listitem": "mục", "main": "nội dung chính", "menu": "trình đơn",
    "menuitem": "mục trình đơn", "navigation": "thanh điều hướng", "option": "lựa chọn",
    "progressbar": "thanh tiến trình", "radio": "ô lựa chọn", "radiogroup": "nhóm lựa chọn", "region": "khu vực",
    "row": "dòng", "search": "phần tìm kiếm", "searchbox": "ô tìm kiếm", "slider": "thanh trượt", "spinbutton": "ô số",
    "status": "trạng thái", "switch": "công tắc", "tab": "thẻ", "table": "bảng", "tabpanel": "nội dung thẻ",
    "textbox": "ô nhập",
}  # fmt: skip
_WAYS = {
    "label": "trường", "placeholder": "ô có gợi ý", "text": "chữ", "title": "phần có chú thích",
    "test_id": "phần có mã kiểm thử", "css": "phần",
}  # fmt: skip
_NAME_CAP = 80


def quoted(text: str, cap: int = _NAME_CAP) -> str:
    """Return hostile `text` in quotation marks, on one line and capped."""
    line = clean_message(text)
    return f"“{line if len(line) <= cap else line[: cap - 1] + '…'}”"


def role_word(role: str) -> str:
    """Return what people call an element of this role."""
    return _ROLES.get(role, role)


def thing(locator: Locator) -> str:
    """Name what a locator looks for: `nút “Tiếp tục”`. References stay unresolved."""
    place = f" trong {_place(locator.within)}" if locator.within is not None else ""
    if locator.role is not None:
        word = role_word(locator.role)
        return (f"{word} {quoted(locator.name)}" if locator.name else word) + place
    return f"{_WAYS[locator.way]} {quoted(getattr(locator, locator.way))}{place}"


def _place(region: Region) -> str:
    if region.frame is None:
        return thing(region)
    frame = region.frame
    return f"khung {quoted(frame.title or frame.name or frame.css or '')}"


def wish(condition: Condition) -> str:
    """Say what did not come true: `không thấy nút “Tiếp tục”`."""
    if condition.visible is not None:
        return f"không thấy {thing(condition.visible)}"
    if condition.hidden is not None:
        return f"vẫn còn {thing(condition.hidden)}"
    if condition.text is not None:
        return f"trang không hiện chữ {quoted(condition.text)}"
    if condition.url is not None:
        return f"địa chỉ trang không chứa {quoted(condition.url)}"
    return f"tên trang không chứa {quoted(condition.title or '')}"


def goal(condition: Condition) -> str:
    """Say what is waited for, to follow "khi": `thấy nút “Tiếp tục”`."""
    if condition.visible is not None:
        return f"thấy {thing(condition.visible)}"
    if condition.hidden is not None:
        return f"không còn {thing(condition.hidden)}"
    if condition.text is not None:
        return f"trang hiện chữ {quoted(condition.text)}"
    if condition.url is not None:
        return f"địa chỉ trang chứa {quoted(condition.url)}"
    return f"tên trang chứa {quoted(condition.title or '')}"
