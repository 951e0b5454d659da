"""How values are said: Vietnamese first, English through the catalogue. Templates print what comes from here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from agent.board.condition import Unit
from agent.board.looks import Look
from checks import words_vi
from checks.audit import Impact
from checks.axe_words import IMPACT_WORDS, rule_words
from checks.incident import State
from checks.model import Dependency, System
from checks.run import Blame, Cause, Reason, Verdict

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")


def N_(text: str) -> str:  # noqa: N802 (gettext's own name for a text that is translated later)
    """Mark a text for the catalogue."""
    return text


LOOKS: Mapping[Look, str] = {
    Look.GOOD: N_("tốt"),
    Look.SLOW: N_("chậm"),
    Look.BROKEN: N_("hỏng"),
    Look.BLOCKED: N_("bị chặn"),
    Look.UNKNOWN: N_("chưa rõ"),
    Look.MAINTENANCE: N_("bảo trì"),
    Look.PENDING: N_("chưa có kết quả"),
    Look.OFF: N_("tắt"),
}

PHASES: Mapping[str, str] = {
    "dns": N_("Phân giải tên miền"),
    "connect": N_("Kết nối"),
    "tls": N_("Bắt tay TLS"),
    "ttfb": N_("Chờ máy chủ trả lời"),
    "transfer": N_("Tải nội dung"),
    "": N_("Cả lượt"),
}

EVIDENCE: Mapping[str, str] = {
    "screenshot": N_("Ảnh chụp màn hình"),
    "dom": N_("Cấu trúc trang"),
    "console": N_("Nhật ký trình duyệt"),
    "requests": N_("Các yêu cầu mạng"),
    "trace": N_("Bản ghi cả lượt"),
}

COUNTS: Mapping[str, str] = {
    "clicks": N_("Số lần bấm"),
    "drags": N_("Số lần kéo"),
    "fields": N_("Trường phải nhập"),
    "keystrokes": N_("Số phím gõ"),
    "choices": N_("Lựa chọn"),
    "uploads": N_("Tệp đính kèm"),
    "screens": N_("Màn hình"),
    "redirects": N_("Chuyển hướng"),
    "dialogs": N_("Hộp thoại"),
    "new_tabs": N_("Thẻ mới"),
    "otp": N_("Mã OTP"),
    "re_entry": N_("Phải nhập lại"),
    "clicks_to_find": N_("Số lần bấm để tìm thấy dịch vụ"),
    "steps": N_("Số bước"),
    "controls": N_("Ô trên biểu mẫu"),
    "required": N_("Ô bắt buộc trên biểu mẫu"),
    "prefilled": N_("Ô đã điền sẵn"),
    "file_inputs": N_("Ô đính kèm tệp"),
    "unnamed": N_("Ô không có tên gọi"),
}

CONDITION: Mapping[Cause, str] = {
    Cause.LAG: N_("Độ trễ vòng lặp"),
    Cause.PRESSURE: N_("Phần thời gian phải chờ bộ xử lý"),
    Cause.STEAL: N_("Bộ xử lý bị máy khác lấy"),
    Cause.THROTTLED: N_("Bị giới hạn bộ xử lý giữ lại"),
    Cause.MEMORY_PRESSURE: N_("Phần thời gian phải chờ bộ nhớ"),
    Cause.MEMORY: N_("Bộ nhớ còn trống"),
    Cause.SLOWDOWN: N_("Chậm hơn khi rảnh"),
}

_TYPES: Mapping[str, str] = {
    "browser": N_("Đi hết dịch vụ bằng trình duyệt"),
    "http": N_("Mở trang (HTTP)"),
    "tls": N_("Chứng thư (TLS)"),
    "dns": N_("Tên miền (DNS)"),
    "tcp": N_("Kết nối (TCP)"),
}

_AGO = ((86400, N_("%(n)s ngày trước")), (3600, N_("%(n)s giờ trước")), (60, N_("%(n)s phút trước")))
_SOON = ((86400, N_("%(n)s ngày nữa")), (3600, N_("%(n)s giờ nữa")), (60, N_("%(n)s phút nữa")))
_ENGLISH_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def said_in_vietnamese() -> frozenset[str]:
    """Return every word of `checks.words_vi` that the board may say, for the completeness test."""
    verdicts = {words_vi.verdict_word(v) for v in Verdict} | {words_vi.verdict_sentence(v) for v in Verdict}
    reasons = {words_vi.reason_word(r) for r in Reason} | {words_vi.reason_sentence(r) for r in Reason}
    blames = {words_vi.blame_word(b, {}) for b in ("none", "system", "network", "agent")}
    states = {words_vi.state_word(state) for state in State}
    causes = {words_vi.cause_phrase(cause) for cause in Cause}
    return frozenset(verdicts | reasons | blames | causes | states | set(IMPACT_WORDS.values()))


@dataclass(frozen=True, slots=True)
class Speech:
    """One language at one moment: everything a template needs to print a value.

    `zone` is the province's; `dependencies` names who else may be blamed.
    """

    language: Language
    gettext: Callable[[str], str]
    now: datetime
    zone: tzinfo
    dependencies: Mapping[str, Dependency | System]

    def look(self, look: Look) -> str:
        """Say a state in one or two words."""
        return self.gettext(LOOKS[look])

    def verdict(self, verdict: Verdict) -> str:
        """Say a verdict for a badge."""
        return self.gettext(words_vi.verdict_word(verdict))

    def verdict_sentence(self, verdict: Verdict) -> str:
        """Say what a verdict means for a citizen."""
        return self.gettext(words_vi.verdict_sentence(verdict))

    def causes(self, causes: Sequence[Cause]) -> str:
        """Say which limits the agent had passed, one after another."""
        return ", ".join(self.gettext(words_vi.cause_phrase(cause)) for cause in causes)

    def condition(self, cause: Cause) -> str:
        """Say the name of the value that a limit is set for."""
        return self.gettext(CONDITION[cause])

    def reason(self, reason: Reason | None) -> str:
        """Say a reason for a table cell."""
        return self.gettext(words_vi.reason_word(reason)) if reason is not None else ""

    def reason_sentence(self, reason: Reason | None) -> str:
        """Say a reason in a sentence."""
        return self.gettext(words_vi.reason_sentence(reason)) if reason is not None else ""

    def blame(self, blame: Blame) -> str:
        """Say who is charged; a dependency by its own name."""
        return self.gettext(words_vi.blame_word(blame, self.dependencies))

    def owner(self, owner: str, systems: Mapping[str, str]) -> str:
        """Say whose hosts a time belongs to: `system:<id>`, `dependency:<id>` or `third_party`."""
        kind, _, name = owner.partition(":")
        if kind == "dependency":
            return self.blame(owner)
        return systems.get(name, name) if kind == "system" else self.gettext(N_("Bên thứ ba khác"))

    def state(self, state: State) -> str:
        """Say what an alert rule believes."""
        return self.gettext(words_vi.state_word(state))

    def part(self, name: str) -> str:
        """Say a step's name, or a phase of a request."""
        return self.gettext(PHASES[name]) if name in PHASES else name

    def kind(self, check_type: str) -> str:
        """Say what a check does."""
        return self.gettext(_TYPES[check_type])

    def evidence(self, kind: str) -> str:
        """Say what kind of proof a file is."""
        return self.gettext(EVIDENCE[kind])

    def count(self, name: str) -> str:
        """Say the name of a UX count."""
        return self.gettext(COUNTS[name])

    def impact(self, impact: Impact) -> str:
        """Say how much a violation of accessibility hinders people."""
        return self.gettext(IMPACT_WORDS[impact])

    def rule(self, rule: str, english: str) -> str:
        """Say a rule of accessibility; in English, and where we have no words of our own, in axe's."""
        return rule_words(rule, english).name if self.language == "vi" else english

    def advice(self, rule: str) -> str:
        """Say what to do about a broken rule; only in Vietnamese."""
        return rule_words(rule, "").advice if self.language == "vi" else ""

    def number(self, value: float, places: int = 0) -> str:
        """Write a number the way the language does."""
        return words_vi.decimal(value, places) if self.language == "vi" else f"{round(value, places) + 0.0:,.{places}f}"

    def seconds(self, value: float | None) -> str:
        """Write a measured time: `4 ms`, `0,42 s`, `12,3 s`; a dash for none."""
        if value is None:
            return "–"
        if abs(value) < 0.0995:  # noqa: PLR2004 (from there on two decimals of a second say enough)
            return f"{self.number(value * 1000)} ms"
        return f"{self.number(value, 2 if abs(value) < 10 else 1)} s"  # noqa: PLR2004 (three digits are enough)

    def percent(self, share: float | None, places: int = 1) -> str:
        """Write a share (0-1) in per cent. Only 1 is written as 100 %: 0.9999 is cut, not rounded up."""
        if share is None:
            return "–"
        scale = 10**places
        cut = int(share * 100 * scale + 1e-6) / scale
        return f"{self.number(cut, 0 if share == 1 else places)} %"

    def bytes(self, value: int) -> str:
        """Write a size in decimal units."""
        for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
            if value >= size:
                return f"{self.number(value / size, 1)} {unit}"
        return f"{value} B"

    def quantity(self, value: float | None, unit: Unit) -> str:
        """Write a value of the agent's condition, with its unit."""
        if value is None:
            return self.gettext(N_("chưa rõ"))
        if unit == "times":
            return self.number(value, 2) + " " + self.gettext(N_("lần"))
        if unit == "share":
            return self.percent(value)
        return self.seconds(value) if unit == "seconds" else self.bytes(int(value))

    def limit(self, value: float, unit: Unit) -> str:
        """Write a limit, or the edge of a chart, which are round."""
        if unit == "times":
            return self.number(value, 1) + " " + self.gettext(N_("lần"))
        if unit == "bytes":
            return f"{self.number(value / 10**6)} MB"
        return self.percent(value, 0) if unit == "share" else self.seconds(value)

    def span(self, seconds: float) -> str:
        """Write how long something took, by its two largest units."""
        return words_vi.span(seconds) if self.language == "vi" else _english_span(seconds)

    def exact(self, at: datetime) -> str:
        """Write a moment to the second, with its zone."""
        local = at.astimezone(self.zone)
        zone = f"{local:%z}"
        return f"{local:%d/%m/%Y %H:%M:%S} (UTC{zone[:3]}:{zone[3:]})"

    def moment(self, at: datetime) -> str:
        """Write a moment to the minute."""
        return words_vi.moment(at, self.zone)

    def clock(self, at: datetime) -> str:
        """Write a time of day; with its date when that is not today."""
        today = words_vi.day(self.now, self.zone) == words_vi.day(at, self.zone)
        return words_vi.clock(at, self.zone) if today else f"{at.astimezone(self.zone):%H:%M %d/%m}"

    def day(self, at: datetime) -> str:
        """Write a date."""
        return words_vi.day(at, self.zone)

    def ago(self, at: datetime) -> str:
        """Say how long ago a moment was, or how soon it will be."""
        seconds = (self.now - at).total_seconds()
        for size, text in _AGO if seconds >= 0 else _SOON:
            if abs(seconds) >= size:
                return self.gettext(text) % {"n": int(abs(seconds) // size)}
        return self.gettext(N_("vừa xong")) if seconds >= 0 else self.gettext(N_("sắp tới"))


def _english_span(seconds: float) -> str:
    if seconds < 1:
        return "under 1 s"
    first = next(i for i, (size, _) in enumerate(_ENGLISH_UNITS) if round(seconds) >= size)
    smallest = _ENGLISH_UNITS[min(first + 1, len(_ENGLISH_UNITS) - 1)][0]
    left = round(seconds / smallest) * smallest
    parts = []
    for size, unit in _ENGLISH_UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)
