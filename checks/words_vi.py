"""The Vietnamese words for results, in one place: mails, board and reports say the same thing the same way.

Short forms (`…_word`) stand in tables and badges and begin with a capital letter; `…_sentence` is a whole
sentence; `…_phrase` continues a sentence. Numbers have a decimal comma and a thousands dot.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from checks.incident import State
from checks.model import Dependency, System
from checks.run import AGENT, NETWORK, NOBODY, SYSTEM, Blame, Cause, Depth, Reason, Verdict

_VERDICTS: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.OK: ("Bình thường", "Người dân thực hiện được trọn vẹn, trong thời gian đặt ra."),
    Verdict.SLOW: ("Chậm", "Người dân thực hiện được nhưng phải chờ lâu hơn ngưỡng đặt ra."),
    Verdict.FAILED: ("Hỏng", "Người dân không thể thực hiện trọn vẹn."),
    Verdict.BLOCKED: ("Bị chặn", "Hệ thống từ chối lượt kiểm tra tự động; chưa kết luận được về dịch vụ."),
    Verdict.INCONCLUSIVE: (
        "Chưa kết luận",
        "Lượt kiểm tra không có giá trị do phía máy đo; không tính cho cơ quan nào.",
    ),
    Verdict.SKIPPED: ("Không kiểm tra", "Lượt kiểm tra đến hạn nhưng không được thực hiện."),
}

_CAUSES: Final[Mapping[Cause, str]] = {
    Cause.LAG: "chương trình đo phản ứng trễ",
    Cause.PRESSURE: "phải chờ bộ xử lý quá nhiều",
    Cause.STEAL: "máy chủ vật lý lấy bớt bộ xử lý",
    Cause.THROTTLED: "bị giới hạn bộ xử lý",
    Cause.MEMORY_PRESSURE: "phải chờ bộ nhớ",
    Cause.MEMORY: "sắp hết bộ nhớ",
    Cause.SLOWDOWN: "đi trang đối chứng của chính máy đo cũng chậm",
    Cause.UNCALIBRATED: "chưa biết lúc rảnh máy đo nhanh đến đâu",
}

_REASONS: Final[Mapping[Reason, tuple[str, str]]] = {
    Reason.DNS: ("Phân giải tên miền", "Không phân giải được tên miền của hệ thống."),
    Reason.TCP: ("Kết nối", "Không kết nối được tới máy chủ."),
    Reason.TLS: ("Chứng thư bảo mật", "Không thiết lập được kết nối bảo mật (TLS) hoặc chứng thư số không hợp lệ."),
    Reason.HTTP_STATUS: ("Mã trả lời HTTP", "Máy chủ trả về mã lỗi."),
    Reason.TIMEOUT: ("Quá thời gian chờ", "Hệ thống không phản hồi trong thời gian chờ tối đa."),
    Reason.REDIRECT: ("Chuyển hướng", "Trang bị chuyển hướng sai hoặc quá nhiều lần."),
    Reason.ASSERTION: ("Nội dung không đúng", "Nội dung trang không đúng như kết quả phải có."),
    Reason.ELEMENT_MISSING: ("Thiếu thành phần", "Không tìm thấy nút hoặc trường nhập cần có trên trang."),
    Reason.JS_ERROR: ("Lỗi kịch bản trang", "Trang gặp lỗi kịch bản (JavaScript) nên không tiếp tục được."),
    Reason.PAGE_CRASH: ("Trang sập", "Trang ngừng hoạt động đột ngột trong trình duyệt."),
    Reason.DIALOG: ("Hộp thoại bất thường", "Xuất hiện hộp thoại ngoài quy trình, không thể tiếp tục."),
    Reason.DOWNLOAD: ("Tải tệp", "Không tải được tệp cần có."),
    Reason.AUTH: ("Đăng nhập", "Không đăng nhập được."),
    Reason.CAPTCHA: ("Mã xác thực", "Hệ thống yêu cầu nhập mã xác thực (captcha) đối với lượt kiểm tra."),
    Reason.WAF: ("Tường lửa từ chối", "Tường lửa ứng dụng web từ chối lượt kiểm tra."),
    Reason.BUDGET: ("Vượt ngưỡng thời gian", "Thời gian thực hiện vượt ngưỡng đặt ra."),
    Reason.AGENT_OVERLOAD: ("Máy đo quá tải", "Máy đo quá tải nên kết quả không có giá trị."),
    Reason.AGENT_STOPPED: ("Máy đo dừng", "Máy đo dừng khi lượt kiểm tra đang chạy."),
    Reason.BROWSER_START: ("Trình duyệt", "Máy đo không khởi động được trình duyệt."),
    Reason.DEADLINE: ("Quá hạn lượt kiểm tra", "Lượt kiểm tra chưa xong khi hết thời hạn cho phép."),
    Reason.CONFIG: ("Cấu hình kiểm tra", "Cấu hình của lượt kiểm tra không thực hiện được."),
    Reason.INTERNAL: ("Lỗi chương trình đo", "Chương trình đo gặp lỗi nội bộ."),
    Reason.OVERLAP: ("Trùng lượt", "Lượt kiểm tra trước chưa kết thúc."),
    Reason.BACKOFF: ("Tạm ngừng gửi", "Máy chủ đề nghị tạm ngừng gửi yêu cầu, hoặc đã đủ số lượt mỗi phút."),
    Reason.CLOCK: ("Đồng hồ bị chỉnh", "Đồng hồ của máy đo bị chỉnh vào lúc này."),
}

_BLAMES: Final[Mapping[Blame, tuple[str, str]]] = {
    NOBODY: ("Không có", "không ghi nhận lỗi của bên nào"),
    SYSTEM: ("Hệ thống", "phát sinh tại chính hệ thống được kiểm tra"),
    NETWORK: ("Đường truyền", "phát sinh tại đường truyền của máy đo; không tính cho hệ thống được kiểm tra"),
    AGENT: ("Máy đo", "phát sinh tại máy đo; không tính cho hệ thống được kiểm tra"),
}

DEPTHS: Final[Mapping[Depth, str]] = {
    "L0": "kiểm tra tín hiệu (HTTP, chứng thư số)",
    "L1": "đi qua các trang thông tin",
    "L2": "đi đến trang đăng nhập rồi dừng",
    "L3": "đi đến trang xem lại hồ sơ, không nộp",
    "L4": "đi trọn quy trình, nộp và tra cứu trên hệ thống thử nghiệm",
}
"""How far a check goes, as a phrase."""

_STATES: Final[Mapping[State, str]] = {
    State.UNKNOWN: "Chưa có dữ liệu",
    State.UP: "Hoạt động",
    State.DOWN: "Gián đoạn",
}

_EXACT_BELOW_S: Final = 120.0
_UNITS: Final = ((86400, "ngày"), (3600, "giờ"), (60, "phút"), (1, "giây"))


def verdict_word(verdict: Verdict) -> str:
    """Return the badge of a verdict, such as `Hỏng`."""
    return _VERDICTS[verdict][0]


def verdict_sentence(verdict: Verdict) -> str:
    """Return what a verdict means for a citizen, as a sentence."""
    return _VERDICTS[verdict][1]


def state_word(state: State) -> str:
    """Return the badge of what an alert rule believes, such as `Gián đoạn`."""
    return _STATES[state]


def cause_phrase(cause: Cause) -> str:
    """Say which limit the agent had passed."""
    return _CAUSES[cause]


def reason_word(reason: Reason) -> str:
    """Return a reason for a table cell, such as `Quá thời gian chờ`."""
    return _REASONS[reason][0]


def reason_sentence(reason: Reason) -> str:
    """Return a reason as a whole sentence."""
    return _REASONS[reason][1]


def blame_word(blame: Blame, dependencies: Mapping[str, Dependency | System]) -> str:
    """Return who is charged, for a table cell: a dependency by its name, else such as `Hệ thống`."""
    outside = _dependency_name(blame, dependencies)
    return outside if outside is not None else _BLAMES[blame][0]


def blame_phrase(blame: Blame, dependencies: Mapping[str, Dependency | System]) -> str:
    """Return who is charged, to follow "Nguyên nhân ghi nhận:"; a dependency clears the watched system."""
    outside = _dependency_name(blame, dependencies)
    if outside is None:
        return _BLAMES[blame][1]
    return f"phát sinh tại hệ thống bên ngoài “{outside}”; không ghi lỗi cho hệ thống được kiểm tra"


def _dependency_name(blame: Blame, dependencies: Mapping[str, Dependency | System]) -> str | None:
    kind, _, name = blame.partition(":")
    if kind != "dependency":
        return None
    # A dependency taken out of checks.yaml since is still named in old runs.
    return dependencies[name].name if name in dependencies else name


def decimal(value: float, places: int = 1) -> str:
    """Write a number with `places` digits after a comma: `84.2` -> `84,2`, `1234.5` -> `1.234,5`."""
    rounded = round(value, places) + 0.0  # minus zero becomes zero
    return f"{rounded:,.{places}f}".translate(str.maketrans(",.", ".,"))


def number(value: int) -> str:
    """Write a whole number: `12345` -> `12.345`."""
    return decimal(value, 0)


def day(at: datetime, zone: tzinfo) -> str:
    """Write the date of an aware moment in `zone`: `10/11/2026`."""
    return at.astimezone(zone).strftime("%d/%m/%Y")


def clock(at: datetime, zone: tzinfo) -> str:
    """Write the time of day of an aware moment in `zone`: `10:05`."""
    return at.astimezone(zone).strftime("%H:%M")


def moment(at: datetime, zone: tzinfo) -> str:
    """Write an aware moment in `zone`: `10/11/2026 10:05`."""
    return f"{day(at, zone)} {clock(at, zone)}"


def span(seconds: float) -> str:
    """Write a duration by its two largest units, rounded: `7500` -> `2 giờ 5 phút`, `42` -> `42 giây`."""
    if seconds < 1:
        return "dưới 1 giây"
    first = next(i for i, (size, _) in enumerate(_UNITS) if round(seconds) >= size)
    smallest = _UNITS[min(first + 1, len(_UNITS) - 1)][0]
    left = round(seconds / smallest) * smallest
    parts = []
    for size, name in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts)


def lasting(seconds: float) -> str:
    """Write a limit as it was set, without needless digits: `2.5` -> `2,5 giây`, `180` -> `3 phút`."""
    if seconds < _EXACT_BELOW_S:
        return f"{decimal(seconds, 3).rstrip('0').rstrip(',')} giây"
    return span(seconds)
