"""Takes out of a recording what nobody may read in a file: passwords, one-time passwords, numbers of people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, quote_plus

from checks.recordings.recording import Moment, Recording, Written, locator_of, name_of
from checks.recordings.words import plain, slug

MASK = "•••"
_PASSWORD = re.compile(r"mat khau|matkhau|passw|passphrase|passcode|\bpwd\b|type=.?password|\bma pin\b|\bpin\b|\bmk\b")
_ONE_TIME = re.compile(r"\botp\b|otp$|^otp|one.?time|ma xac thuc|ma xac nhan|authenticator|\btotp\b|2fa|ma bao mat")
_PERSONAL = re.compile(
    r"dinh danh|\bcccd\b|\bcmnd\b|\bcmt\b|can cuoc|chung minh|ho chieu|passport|ma so thue|\bmst\b|bao hiem|\bbhxh\b"
    r"|dien thoai|\bsdt\b|phone|mobile|\bmail\b|e-?mail|thu dien tu|tai khoan|ten dang nhap|user|\blogin\b|account"
    r"|so the\b|ma ho so|so ho so|ma bien nhan|ma so ho so|so bien nhan"
)
_NUMBER_OF_SOMEBODY = re.compile(r"\+?\d(?:[ .-]?\d){8,}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the author gives from outside: its name in the journey, and what it means."""

    name: str
    description: str

    @property
    def variable(self) -> str:
        """The environment variable that is proposed for it."""
        return self.name.upper().replace("-", "_")

    @property
    def reference(self) -> str:
        """How the journey's steps write it."""
        return f"${{{self.name}}}"


def hide(recording: Recording) -> list[Parameter]:
    """Put a reference in the place of every private value, wherever it stands, and return the parameters."""
    hidden: dict[str, Parameter] = {}
    moments = [_without(moment, hidden, recording) for moment in recording.moments]
    recording.moments = [_scrubbed(moment, hidden) for moment in moments]
    recording.title = _masked(recording.title, hidden)
    recording.notes = [(line, _masked(note, hidden)) for line, note in recording.notes]
    return list(dict.fromkeys(hidden.values()))


def _without(moment: Moment, hidden: dict[str, Parameter], recording: Recording) -> Moment:
    if moment.kind not in ("fill", "type") or moment.action is None or not moment.target.get("value"):
        return moment
    target = moment.target
    value = str(target["value"])
    words = plain(_words(target))
    if _ONE_TIME.search(words) and not _PASSWORD.search(words):
        parameter = _parameter(
            f"khoa {name_of(target) or 'otp'}", f"Khóa sinh {name_of(target) or 'OTP'}", value, hidden
        )
        recording.note(
            moment.line,
            f"a one-time password was typed; the journey makes one from the secret in {parameter.variable} (base32)",
        )
        return replace(moment, action={"totp": {**locator_of(target), "secret": parameter.reference}})
    is_password = _PASSWORD.search(words) is not None
    if not (is_password or _PERSONAL.search(words) or _NUMBER_OF_SOMEBODY.fullmatch(value) or _MAIL.fullmatch(value)):
        return moment
    label = name_of(target) or ("mật khẩu" if is_password else "giá trị")
    parameter = _parameter(label, label, value, hidden)
    recording.note(moment.line, f"what was typed is private; set the environment variable {parameter.variable}")
    return replace(moment, action={moment.kind: {**target, "value": parameter.reference}})


def _parameter(name: str, description: str, value: str, hidden: dict[str, Parameter]) -> Parameter:
    if value not in hidden:
        taken = {parameter.name for parameter in hidden.values()}
        base = slug(name, "gia-tri")
        number = next(n for n in range(1, len(taken) + 2) if (base if n == 1 else f"{base}-{n}") not in taken)
        hidden[value] = Parameter(base if number == 1 else f"{base}-{number}", " ".join(description.split())[:100])
    return hidden[value]


def _words(target: Mapping[str, Any]) -> str:
    own = [str(target[way]) for way in ("name", "label", "placeholder", "title", "test_id", "css") if way in target]
    return " ".join([*own, *(_words(other) for other in target.get("or", ()))])


def _scrubbed(moment: Moment, hidden: Mapping[str, Parameter]) -> Moment:
    def put(value: Any) -> Any:
        if isinstance(value, str):
            return _replaced(value, {old: parameter.reference for old, parameter in hidden.items()})
        if isinstance(value, dict):
            return {key: put(item) for key, item in value.items()}
        return [put(item) for item in value] if isinstance(value, list) else value

    lands = moment.lands
    if lands is not None:
        lands = replace(lands, url=_masked(lands.url, hidden), title=_masked(lands.title, hidden))
    action: Written | None = put(moment.action)
    return replace(moment, action=action, expects=put(moment.expects), lands=lands, lost=_masked(moment.lost, hidden))


def _masked(text: str, hidden: Mapping[str, Parameter]) -> str:
    return _replaced(text, dict.fromkeys(hidden, MASK))


def _replaced(text: str, values: Mapping[str, str]) -> str:
    """Replace values in one pass, plain and as they stand in addresses; what is very short, only where it is all."""
    if text in values:
        return values[text]
    spelled = {
        spelling: put
        for value, put in values.items()
        if len(value) >= _SHORTEST
        for spelling in (value, quote(value), quote(value, safe=""), quote_plus(value))
    }
    if not spelled:
        return text
    longest_first = sorted(spelled, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda match: spelled[match[0]], text)
