"""Server-side sessions: one cookie per system, because cookies do not know ports."""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.dossiers import Draft

IDLE_S = 1800.0
LIMIT = 5000
COOKIES: Mapping[str, str] = {
    "cong-quoc-gia": "cqg_phien",
    "mot-cua-tinh": "mct_phien",
    "mot-cua-xa": "mcx_phien",
    "dinh-danh": "dd_phien",
    "thanh-toan": "tt_phien",
    "kho-du-lieu": "kdl_phien",
}


@dataclass
class Authorization:
    """A sign-on that another system asked for and that is not finished."""

    system: str
    state: str
    return_url: str
    otp: bool
    password_ok: bool = False


@dataclass
class Session:
    """What one system remembers about one browser."""

    id: str
    csrf: str
    used_at: float
    account: Mapping[str, str] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    authorization: Authorization | None = None

    def accepts(self, token: str) -> bool:
        """Whether `token` is this session's CSRF token."""
        return hmac.compare_digest(token.encode(), self.csrf.encode())


class SessionBook:
    """The sessions of one system; idle ones and the oldest beyond a limit are forgotten.

    Args:
        cookie: name of the system's cookie.
        clock: monotonic seconds.
    """

    def __init__(self, cookie: str, clock: Callable[[], float]) -> None:
        self.cookie = cookie
        self._clock = clock
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def open(self, session_id: str | None) -> Session:
        """The session of this id, or a new one."""
        now = self._clock()
        session = self._sessions.pop(session_id or "", None)
        if session is None or now - session.used_at > IDLE_S:
            session = Session(secrets.token_urlsafe(24), secrets.token_urlsafe(24), now)
        session.used_at = now
        self._sessions[session.id] = session
        while len(self._sessions) > LIMIT:
            self._sessions.popitem(last=False)
        return session

    def renew(self, session: Session) -> None:
        """Give the session a new id: an id from before the sign-in must not be worth anything after it."""
        self._sessions.pop(session.id, None)
        session.id = secrets.token_urlsafe(24)
        self._sessions[session.id] = session

    def forget(self, session_id: str | None) -> None:
        """Drop the session of this id, if there is one."""
        self._sessions.pop(session_id or "", None)
