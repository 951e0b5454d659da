"""Fail-closed: nothing is filed with an agency, and nobody's sign-on is typed into, unless all of three keys turn."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from checks.config import Target
from checks.model import BrowserCheck
from checks.secrets import Redact
from probes.browser.locate import folded
from probes.browser.stage import StepError, unwalkable

_VIETNAMESE = (
    "nộp", "gửi", "thanh toán", "ký số", "ký điện tử", "ký và", "ký nộp", "trình ký", "chuyển hồ sơ", "đăng ký hồ sơ",
    "hoàn tất hồ sơ", "đồng ý và tiếp tục nộp", "submit", "send", "pay", "payment", "checkout", "sign and",
)  # fmt: skip
_ENTER = frozenset({"enter", "numpadenter", "return"})
_SPACE = frozenset({" ", "space"})


_UNSEEN = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
"""Letters that nobody sees, and that would hide a word from us."""


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(c for c in letters if not unicodedata.combining(c))


def _words(phrases: Iterable[str]) -> re.Pattern[str]:
    # "đã nộp", "đã gửi" tell of what was filed before; they file nothing.
    joined = "|".join(re.escape(phrase) for phrase in phrases)
    return re.compile(rf"(?<!\w)(?<!đã )(?<!da )(?:{joined})(?!\w)")


def _page_words(phrases: Iterable[str]) -> str:
    # The same in the page's own regular expressions, where \w knows ASCII letters only.
    letter = r"[\p{L}\p{N}_]"
    return rf"(?<!{letter})(?<!đã )(?<!da )(?:{'|'.join(phrases)})(?!{letter})"


_PLAINLY = tuple(_plain(phrase) for phrase in _VIETNAMESE)
_ACCENTED = _words(_VIETNAMESE)
_UNACCENTED = _words(_PLAINLY)

PAGE_PATTERNS = (_page_words(_VIETNAMESE), _page_words(_PLAINLY))
"""For names with accents and for names without any; the page script judges the pressed control once more with them."""


def submits(name: str) -> bool:
    """Whether a control of this name may file, pay or sign something.

    A name without any accent is compared without accents too ("Nop ho so").
    """
    text = folded(_UNSEEN.sub("", name))
    return _ACCENTED.search(text) is not None or (text.isascii() and _UNACCENTED.search(text) is not None)


@dataclass(frozen=True, slots=True)
class Guard:
    """Judges every press and every typing of one check before it happens.

    `sign_on` holds the ids of the dependencies that people sign on with; `redact` masks secrets in what is said. Names
    are judged as they are: a mask could hide the word that counts.
    """

    target: Target[BrowserCheck]
    sign_on: Collection[str]
    redact: Redact

    @property
    def may_submit(self) -> bool:
        """Whether depth and environment allow filing at all; the action must say so besides."""
        return self.target.check.depth == "L4" and self.target.system.environment == "test"

    def press(self, names: Iterable[str], *, allowed: bool) -> None:
        """Refuse to press a control of one of these names. Every name it may go by counts.

        Raises:
            StepError: One is a submit word and the action, depth or environment does not allow it.
        """
        if allowed and self.may_submit:
            return
        bad = next((name for name in names if submits(name)), None)
        if bad is not None:
            raise refused_press(self.redact(bad))

    def key(self, key: str, focus: Mapping[str, Any]) -> None:
        """Refuse a key that would press the focused control, or send its form.

        Enter in a field sends the form by its button, so every button of the form counts; outside a form any
        button of the page may listen to it. A key cannot say `submits: true`, so a form is filed by a click only.

        Raises:
            StepError: It could file something, or nobody can tell.
        """
        last = key.rsplit("+", 1)[-1].casefold() if key != "+" else key
        if last not in _ENTER | _SPACE:
            return
        if not focus["known"]:
            raise unwalkable(f"không nhấn phím {key[:20]} trong khung của trang khác")
        self.press([*focus["own"], *(focus["form"] if last in _ENTER else ())], allowed=False)

    def typing(self, href: str) -> None:
        """Refuse to type into a sign-on system in production.

        Raises:
            StepError: The page belongs to one.
        """
        kind, _, name = self.target.owners.owner(href).partition(":")
        if kind == "dependency" and name in self.sign_on and self.target.system.environment != "test":
            raise unwalkable("không nhập dữ liệu vào hệ thống định danh, đăng nhập đang vận hành thật")


def refused_press(name: str) -> StepError:
    """Return the end of a walk that was about to press the control `name` (already redacted)."""
    return unwalkable(
        f"không bấm “{name[:80]}” vì thao tác này nộp hồ sơ, thanh toán hoặc ký; "
        "chỉ được phép khi ghi submits: true, mức L4 và hệ thống thử nghiệm"
    )
