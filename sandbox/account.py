"""The one test account, and the outside sign-on that knows it."""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

import pyotp

ACCOUNT_NUMBER = "012345678901"
PASSWORD_FILE = "practice-password.txt"  # noqa: S105  the name of the file, not the secret
OTP_FILE = "practice-otp-secret.txt"
PROFILE: Mapping[str, str] = {
    "so_dinh_danh": ACCOUNT_NUMBER,
    "ho_ten": "Nguyễn Thị Mai",
    "ngay_sinh": "1990-05-20",
    "noi_cu_tru": "12 đường Bờ Sông, phường An Thịnh, tỉnh An Bình",
    "dien_thoai": "0900000001",
    "thu_dien_tu": "mai.nguyen@example.org",
}
CODE_LIMIT = 1000


def practice_secret(name: str) -> str:
    """The content of one of the practice secrets that lie beside this package."""
    return files("sandbox").joinpath(name).read_text(encoding="utf-8").strip()


@dataclass(frozen=True)
class Grant:
    """A sign-on that succeeded: for which system, and whose account it was."""

    system: str
    profile: Mapping[str, str]


class SignOnDesk:
    """Checks the credentials of the test account and hands out codes that work once.

    Args:
        now: aware time, for the one-time password.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._password = practice_secret(PASSWORD_FILE)
        self._totp = pyotp.TOTP(practice_secret(OTP_FILE))
        self._codes: OrderedDict[str, Grant] = OrderedDict()

    def knows(self, number: str, password: str) -> bool:
        """Whether number and password are those of the test account."""
        return number == ACCOUNT_NUMBER and hmac.compare_digest(password.encode(), self._password.encode())

    def accepts_otp(self, code: str) -> bool:
        """Whether `code` is the one-time password of now, or of 30 seconds before or after."""
        return self._totp.verify(code, for_time=self._now(), valid_window=1)

    def grant(self, system: str) -> str:
        """A code with which `system` gets the account once."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = Grant(system, PROFILE)
        while len(self._codes) > CODE_LIMIT:
            self._codes.popitem(last=False)
        return code

    def redeem(self, code: str, system: str) -> Mapping[str, str] | None:
        """The account behind a code that was granted to `system`, once; else None."""
        grant = self._codes.pop(code, None)
        return grant.profile if grant is not None and grant.system == system else None
