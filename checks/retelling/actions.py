"""One thing the citizen does, as a phrase: `điền “Kinh” vào trường “Dân tộc”`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from checks.elements_vi import goal, quoted, thing
from checks.journey import Action
from checks.locator import Condition, Locator
from checks.retelling.values import clear, said, value
from checks.targets import (
    ClickTarget,
    DialogAnswer,
    DownloadTarget,
    DragTarget,
    FillTarget,
    PressTarget,
    SelectTarget,
    StoreTarget,
    TotpTarget,
    UploadTarget,
)
from checks.words_vi import decimal, lasting

_DIALOGS = {"alert": "thông báo", "confirm": "câu hỏi", "prompt": "ô hỏi", "beforeunload": "lời nhắc khi rời trang"}
_KB, _MB = 1000, 1_000_000


def phrase(action: Action) -> str:
    """Say one action."""
    key = next(iter(type(action).model_fields))
    return clear(_PHRASES[key](getattr(action, key)))


def phrases(actions: Iterable[Action]) -> str:
    """Say actions one after the other."""
    return "; ".join(phrase(action) for action in actions)


def element(locator: Locator) -> str:
    """Name an element, and that there are other ways to find it."""
    which = f" (thứ {locator.nth + 1})" if locator.nth else ""
    others = len(locator.or_)
    return f"{thing(locator)}{which}{f' (có {others} cách tìm dự phòng)' if others else ''}"


def seen(condition: Condition) -> str:
    """Say a goal, to follow `khi`."""
    return clear(goal(condition))


def size(octets: int) -> str:
    """Write a size: `20000` -> `20 KB`, `5000000` -> `5 MB`."""
    count, unit = (octets / _MB, "MB") if octets >= _MB else (octets / _KB, "KB")
    return f"{decimal(count, 3).rstrip('0').rstrip(',')} {unit}"


def _click(target: ClickTarget) -> str:
    files = " (thao tác này nộp hồ sơ)" if target.submits else ""
    return f"bấm {element(target)}{files or (' (chỉ để mở trang)' if target.opens else '')}"


def _check(target: Locator) -> str:
    return f"chọn {element(target)}" if target.role == "radio" else f"đánh dấu {element(target)}"


def _upload(target: UploadTarget) -> str:
    if target.path is not None:
        return f"đính kèm tệp {quoted(target.path)} vào {element(target)}"
    file = target.file
    return f"đính kèm một tệp {file.type.upper()} {size(file.size)} tên {quoted(file.name)} vào {element(target)}"


def _download(target: DownloadTarget) -> str:
    file = target.file
    wanted = [
        f"tên chứa {quoted(file.name)}" if file.name else "",
        f"loại {file.type.upper()}" if file.type else "",
        f"từ {size(file.at_least)}" if file.at_least > 1 else "",
        f"đến {size(file.at_most)}" if file.at_most else "",
    ]
    said_of_it = ", ".join(one for one in wanted if one)
    return f"bấm {element(target)} và nhận được tệp{f' ({said_of_it})' if said_of_it else ''}"


def _dialog(answer: DialogAnswer) -> str:
    which = _DIALOGS[answer.kind] if answer.kind else "hộp thoại"
    says = f" có chữ {quoted(answer.text)}" if answer.text else ""
    typed = f", điền {value(answer.value)}" if answer.value else ""
    return f"nếu hiện {which}{says} thì {'đồng ý' if answer.answer == 'accept' else 'từ chối'}{typed}"


def _drag(target: DragTarget) -> str:
    if target.by is not None:
        return f"kéo {element(target)} đi {target.by.x} điểm ảnh ngang, {target.by.y} điểm ảnh dọc"
    return f"kéo {element(target)} đến {element(target.to or target)}"


def _fill(target: FillTarget) -> str:
    return f"điền {value(target.value)} vào {element(target)}"


def _type(target: FillTarget) -> str:
    return f"gõ từng phím {value(target.value)} vào {element(target)}"


def _select(target: SelectTarget) -> str:
    return f"chọn {value(target.option)} trong {element(target)}"


def _press(target: PressTarget) -> str:
    return f"nhấn phím {target.key}"


def _totp(target: TotpTarget) -> str:
    return f"điền mã dùng một lần của lúc đó {said(target.secret.strip('${}'))} vào {element(target)}"


def _store(target: StoreTarget) -> str:
    return f"ghi nhớ nội dung của {element(target)} với tên {quoted(target.as_)}"


def _if_visible(part: Any) -> str:
    return f"nếu trong {lasting(part.wait)} thấy {element(part)} thì: {phrases(part.do)}"


_PHRASES: Mapping[str, Callable[[Any], str]] = {
    "goto": lambda url: f"mở địa chỉ {url}",
    "back": lambda _: "quay lại trang trước",
    "reload": lambda _: "tải lại trang",
    "click": _click,
    "double_click": lambda target: f"bấm đúp {element(target)}",
    "hover": lambda target: f"đưa con trỏ lên {element(target)}",
    "scroll_to": lambda target: f"cuộn đến {element(target)}",
    "drag": _drag,
    "fill": _fill,
    "clear": lambda target: f"xóa trống {element(target)}",
    "type": _type,
    "select": _select,
    "check": _check,
    "uncheck": lambda target: f"bỏ đánh dấu {element(target)}",
    "upload": _upload,
    "press": _press,
    "download": _download,
    "totp": _totp,
    "store": _store,
    "new_tab": lambda what: "sang thẻ vừa mở" if what == "follow" else "đóng thẻ này, trở lại thẻ trước",
    "dialog": _dialog,
    "if_visible": _if_visible,
    "expect": lambda condition: f"chờ đến khi {goal(condition)}",
}
