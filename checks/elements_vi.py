"""Vietnamese names of what is on a page, and of what is expected of it; the page's own words are made harmless."""

from collections.abc import Callable, Mapping
from typing import Any

from checks.locator import Condition, ElementAttribute, ElementCount, FieldValue, Locator, Region
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


def wish(condition: Condition, count: int | None = None) -> str:
    """Say what did not come true: `không thấy nút “Tiếp tục”`; `count` is how many elements there were."""
    negated = condition.not_
    said = _said(condition, "không ") if negated is None else _said(negated, "vẫn ")
    return said if count is None else f"{said} (đang có {count})"


def goal(condition: Condition) -> str:
    """Say what is waited for, to follow "khi": `thấy nút “Tiếp tục”`."""
    negated = condition.not_
    return _said(condition, "") if negated is None else _said(negated, "không ")


def _said(condition: Condition, how: str) -> str:
    """Say a condition as true (`how` is empty), as not true (`không `) or as still true (`vẫn `)."""
    (way,) = condition.model_fields_set
    return _SENTENCES[way](getattr(condition, way), how)


def _value(field: FieldValue, how: str) -> str:
    if field.contains is not None:
        return f"giá trị của {thing(field)} {how}chứa {quoted(field.contains)}"
    return f"{thing(field)} {how}có giá trị {quoted(field.is_ or '')}"


def _attribute(element: ElementAttribute, how: str) -> str:
    if element.contains is not None:
        return f"thuộc tính {element.attribute} của {thing(element)} {how}chứa {quoted(element.contains)}"
    is_ = f" là {quoted(element.is_)}" if element.is_ is not None else ""
    return f"{thing(element)} {how}có thuộc tính {element.attribute}{is_}"


def _count(elements: ElementCount, how: str) -> str:
    if elements.is_ is not None:
        return f"{how}có đúng {elements.is_} {thing(elements)}"
    least = f"ít nhất {elements.at_least}" if elements.at_least is not None else ""
    most = f"nhiều nhất {elements.at_most}" if elements.at_most is not None else ""
    return f"{how}có {', '.join(one for one in (least, most) if one)} {thing(elements)}"


_HIDDEN = {"": "không còn", "không ": "vẫn còn", "vẫn ": "không thấy"}
_SENTENCES: Mapping[str, Callable[[Any, str], str]] = {
    "visible": lambda element, how: f"{how}thấy {thing(element)}",
    "hidden": lambda element, how: f"{_HIDDEN[how]} {thing(element)}",
    "text": lambda text, how: f"trang {how}hiện chữ {quoted(text)}",
    "url": lambda text, how: f"địa chỉ trang {how}chứa {quoted(text)}",
    "title": lambda text, how: f"tên trang {how}chứa {quoted(text)}",
    "enabled": lambda element, how: f"{thing(element)} {how}dùng được",
    "disabled": lambda element, how: f"{thing(element)} {how}bị khoá",
    "value": _value,
    "attribute": _attribute,
    "count": _count,
}
