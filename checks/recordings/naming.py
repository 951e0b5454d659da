"""What a citizen would call a step, from what happened in it. Vietnamese, because officials read it."""

from collections.abc import Collection, Sequence

from checks.recordings.recording import Landing, Moment, Written, name_of
from checks.recordings.words import heading, path_of, short
from checks.text import REFERENCE

_MOST = 120
_TYPED = frozenset({"fill", "type", "clear"})
_SET = frozenset({"select", "check", "uncheck"})


def named(moments: Sequence[Moment], lands: Landing | None, until: Written | None, taken: Collection[str]) -> str:
    """Return a name that none of `taken` has."""
    name = REFERENCE.sub("…", _name(moments, _page(lands, until)))[:_MOST]
    number = next(n for n in range(1, len(taken) + 2) if (name if n == 1 else f"{name} ({n})") not in taken)
    return name if number == 1 else f"{name} ({number})"


def _page(lands: Landing | None, until: Written | None) -> str:
    """Return what the page that was reached calls itself."""
    if lands is not None and lands.title.strip():
        return heading(lands.title)
    shown = (until or {}).get("visible", {})
    return short(shown["name"]) if shown.get("role") == "heading" and shown.get("name") else ""


def _name(moments: Sequence[Moment], page: str) -> str:
    kinds = [moment.kind for moment in moments if moment.action is not None]
    if not kinds:
        return f"Thấy “{page}”" if page else "Xem kết quả"
    if kinds == ["goto"]:
        return _opened(moments[0], page)
    if any(_is_secret(moment) for moment in moments):
        return "Đăng nhập"
    if "totp" in kinds:
        return "Nhập mã xác thực"
    return _whole(_doing(moments), _pressed(moments), page)


def _whole(doing: str, pressed: str, page: str) -> str:
    if page:
        return f"{doing}, đến trang “{page}”" if doing else f"Đến trang “{page}”"
    if doing and pressed:
        return f"{doing} và {pressed[0].lower()}{pressed[1:]}"
    return doing or pressed or "Tiếp tục"


def _opened(moment: Moment, page: str) -> str:
    url = str((moment.action or {}).get("goto", ""))
    if page:
        return f"Mở trang “{page}”"
    path = path_of(url.removeprefix("${system.url}"))
    return "Mở trang chủ" if path == "/" else f"Mở trang {short(path)}"


def _is_secret(moment: Moment) -> bool:
    value = str(moment.target.get("value", ""))
    words = " ".join(str(moment.target.get(key, "")) for key in ("name", "label", "placeholder")).casefold()
    return value.startswith("${") and ("mật khẩu" in words or "password" in words)


def _doing(moments: Sequence[Moment]) -> str:
    typed = [moment for moment in moments if moment.kind in _TYPED]
    chosen = [moment for moment in moments if moment.kind in _SET]
    attached = [moment for moment in moments if moment.kind == "upload"]
    if attached and not typed and not chosen:
        return "Đính kèm giấy tờ"
    if len(typed) == 1 and not chosen and (name := name_of(typed[0].target)):
        return f"Điền “{short(name)}”"
    if typed:
        return "Điền thông tin"
    if len(chosen) == 1 and (name := name_of(chosen[0].target)):
        return f"Chọn “{short(name)}”"
    return "Chọn thông tin" if chosen else ""


def _pressed(moments: Sequence[Moment]) -> str:
    last = next(
        (m for m in reversed(moments) if m.kind in ("click", "double_click", "press", "download", "goto")), None
    )
    if last is None:
        return ""
    if last.kind == "goto":
        return _opened(last, "")
    name = short(name_of(last.target))
    if last.kind == "press":
        return f"Nhấn phím {last.target.get('key', '')}"
    verb = {"download": "Tải", "double_click": "Bấm đúp"}.get(last.kind, "Bấm")
    verb = "Mở" if last.kind == "click" and last.target.get("role") == "link" else verb
    if name.casefold().startswith(verb.casefold()):
        return name
    return f"{verb} “{name}”" if name else f"{verb} tiếp"
