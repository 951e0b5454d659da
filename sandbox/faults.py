"""The switchable faults: one table of what can go wrong, and the board of what is wrong now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from sandbox.catalogue import find_service
from sandbox.settings import CONTROL, HTTPS, LISTENERS

Layer = Literal["listener", "connection", "http", "page", "session", "tls", "dns", "smtp"]


@dataclass(frozen=True)
class FaultKind:
    """One thing that can go wrong. `params` are its own numbers with their defaults."""

    name: str
    layer: Layer
    label: str
    does: str
    params: Mapping[str, float] = field(default_factory=dict)


FAULT_KINDS: tuple[FaultKind, ...] = (
    FaultKind("refuse", "listener", "Từ chối kết nối", "the listener is closed: connection refused"),
    FaultKind("deaf", "listener", "Không nhận kết nối", "connections are neither taken nor refused: the queue is full"),
    FaultKind("reset", "connection", "Ngắt kết nối", "the connection is reset (RST) instead of an answer"),
    FaultKind("hang", "connection", "Treo", "accepts the request and never answers"),
    FaultKind("hang_up", "connection", "Gác máy", "the connection is closed instead of an answer"),
    FaultKind("not_http", "connection", "Sai giao thức", "answers as a mail server would"),
    FaultKind("slow", "connection", "Chậm", "seconds added before the first byte", {"seconds": 3.0}),
    FaultKind("slow_body", "connection", "Tải chậm", "the body trickles for `seconds`", {"seconds": 3.0}),
    FaultKind("cut_body", "connection", "Đứt giữa trang", "half of the body, then the connection is reset (RST)"),
    FaultKind("stall_body", "connection", "Nghẽn giữa trang", "half of the body, then nothing any more"),
    FaultKind("short_body", "connection", "Thiếu nội dung", "half of the announced body, then the connection ends"),
    FaultKind("gzip_broken", "connection", "Nén hỏng", "the body is called gzip and is none"),
    FaultKind("closes_idle", "connection", "Không giữ kết nối", "the connection is closed after every answer"),
    FaultKind("http_500", "http", "Lỗi 500", "answers 500"),
    FaultKind("http_503", "http", "Lỗi 503", "answers 503 with Retry-After", {"retry_after_s": 30.0}),
    FaultKind("http_502", "http", "Lỗi 502", "answers 502 as a gateway whose server is gone"),
    FaultKind(
        "database_gone", "http", "Mất cơ sở dữ liệu", "answers 500 in words that a firewall or captcha might use"
    ),
    FaultKind("empty_error", "http", "Lỗi không nội dung", "answers `status` and nothing else", {"status": 500.0}),
    FaultKind("http_404", "http", "Lỗi 404", "answers 404"),
    FaultKind("http_403", "http", "Lỗi 403", "answers 403 with a few words that name no firewall"),
    FaultKind("http_429", "http", "Lỗi 429", "answers 429, with Retry-After unless it is 0", {"retry_after_s": 0.0}),
    FaultKind("http_403_waf", "http", "Tường lửa chặn", "answers 403 with a firewall's refusal page"),
    FaultKind("captcha", "http", "Đòi mã captcha", "shows a captcha page instead of the page, status 200"),
    FaultKind("redirect_loop", "http", "Chuyển hướng vòng", "answers 302 to the same address for ever"),
    FaultKind("redirect_dead", "http", "Chuyển tới chỗ chết", "answers 302 to a port where nobody listens"),
    FaultKind("redirect_away", "http", "Chuyển sang nơi khác", "answers 302 to the start page of the outside sign-on"),
    FaultKind("download_instead", "http", "Trả tệp tải về", "the page is sent as a file to be saved"),
    FaultKind("error_page", "http", "Trang lỗi mã 200", "an error page with status 200"),
    FaultKind("maintenance_page", "http", "Trang bảo trì", "a maintenance page with status 200"),
    FaultKind("blank_page", "http", "Trang trắng", "an empty document with status 200"),
    FaultKind("element_missing", "page", "Mất nút chính", "the page's main button or link is not there"),
    FaultKind("late_element", "page", "Nút hiện muộn", "a script shows the main button late", {"seconds": 2.0}),
    FaultKind("js_error", "page", "Lỗi kịch bản", "a script on the page throws an uncaught error"),
    FaultKind("button_disabled", "page", "Khóa nút", "a script locks every button of the page's main part"),
    FaultKind("field_renamed", "page", "Đổi tên ô nhập", "a script gives every label another text"),
    FaultKind("form_dead", "page", "Biểu mẫu chết", "a script stops every submission and throws an error"),
    FaultKind("spinner", "page", "Quay mãi", "a script hides the page's main part behind a waiting sign for ever"),
    FaultKind("busy_script", "page", "Kịch bản nặng", "a script blocks the page for `seconds`", {"seconds": 3.0}),
    FaultKind("dialogs", "page", "Bão hộp thoại", "a script opens forty alerts, one after the other"),
    FaultKind("popups", "page", "Bão cửa sổ", "a script opens windows without a press, ten times a second"),
    FaultKind("reloads", "page", "Tải lại mãi", "a script loads the page again as soon as it is there"),
    FaultKind(
        "foreign_script", "page", "Kịch bản của bên thứ ba", "the page's main part waits for a script of 198.51.100.7"
    ),
    FaultKind("wrong_text", "page", "Sai nội dung", "the heading and title say something else"),
    FaultKind("validation_broken", "page", "Kiểm tra sai", "every form is refused although it is valid"),
    FaultKind("session_lost", "session", "Mất phiên", "the session is forgotten before the request"),
    FaultKind("cert_expired", "tls", "Chứng thư hết hạn", "the certificate ended yesterday"),
    FaultKind("cert_wrong_host", "tls", "Chứng thư sai tên", "the certificate names another host"),
    FaultKind("cert_self_signed", "tls", "Chứng thư tự ký", "the certificate is signed by itself"),
    FaultKind("cert_unknown_ca", "tls", "Không rõ nơi cấp", "the certificate is signed by an authority nobody knows"),
    FaultKind("cert_not_yet_valid", "tls", "Chứng thư chưa hiệu lực", "the certificate begins tomorrow"),
    FaultKind("cert_expiring", "tls", "Chứng thư sắp hết hạn", "the certificate ends in three days"),
    FaultKind("tls_old", "tls", "Giao thức cũ", "every handshake is refused, as where only TLS 1.0 is spoken"),
    FaultKind("tls_cut", "tls", "Cắt lúc bắt tay", "the connection is reset (RST) in the middle of the handshake"),
    FaultKind("nxdomain", "dns", "Không có tên miền", "every name is answered NXDOMAIN"),
    FaultKind("dns_timeout", "dns", "DNS không trả lời", "queries are not answered"),
    FaultKind("dns_servfail", "dns", "DNS lỗi", "every query is answered SERVFAIL"),
    FaultKind("dns_slow", "dns", "DNS chậm", "seconds until a query is answered", {"seconds": 2.0}),
    FaultKind("smtp_reject", "smtp", "Từ chối thư", "every recipient is refused with 550"),
    FaultKind("smtp_down", "smtp", "Máy chủ thư dừng", "the mail listener is closed: connection refused"),
)

LAYER_HOSTS: Mapping[Layer, frozenset[str]] = {
    "tls": frozenset({HTTPS}),
    "dns": frozenset({"dns"}),
    "smtp": frozenset({"smtp"}),
    "listener": frozenset(LISTENERS) - {CONTROL, "dns"},
}
WEB_HOSTS = frozenset(LISTENERS) - {CONTROL, "dns", "smtp"}
CLOSING = frozenset({"refuse", "smtp_down", "deaf", "tls_cut", "tls_old"})
COMMON_PARAMS = frozenset({"path", "probability", "duration_s"})


class FaultError(ValueError):
    """The fault cannot be set as asked; the message says why."""


@dataclass(frozen=True)
class ActiveFault:
    """A fault that is switched on.

    Attributes:
        path: fragment that the path must contain; empty means every path.
        until: monotonic second at which it ends by itself, or None.
        released: set when it is switched off, so that nobody keeps hanging on it.
    """

    target: str
    kind: FaultKind
    numbers: Mapping[str, float]
    path: str = ""
    probability: float = 1.0
    until: float | None = None
    released: asyncio.Event = field(default_factory=asyncio.Event, compare=False)

    def number(self, name: str) -> float:
        """A parameter's value, the default when it was not given."""
        return self.numbers.get(name, self.kind.params.get(name, 0.0))


def fault_kind(name: str) -> FaultKind:
    """The kind of this name.

    Raises:
        FaultError: there is none.
    """
    for kind in FAULT_KINDS:
        if kind.name == name:
            return kind
    known = ", ".join(kind.name for kind in FAULT_KINDS)
    raise FaultError(f"unknown fault {name!r}; known: {known}")


def check_target(target: str, kind: FaultKind) -> None:
    """Refuse a target that does not exist or that this kind of fault cannot hit.

    Raises:
        FaultError: with the reason.
    """
    scope, _, name = target.partition(":")
    if scope == "service":
        if find_service(name) is None:
            raise FaultError(f"unknown service {name!r}")
        if kind.layer in LAYER_HOSTS:
            raise FaultError(f"{kind.name} hits a host, not a service; use host:<id>")
        return
    if scope not in {"system", "host"} or name not in LISTENERS:
        raise FaultError(f"unknown target {target!r}; use system:<id>, service:<id> or host:<id>")
    if name not in LAYER_HOSTS.get(kind.layer, WEB_HOSTS):
        raise FaultError(f"{kind.name} cannot be applied to {name}")


class FaultBoard:
    """What is wrong now. `set` and `clear` return when the change has taken hold.

    Args:
        seed: decides the draws of faults with a probability.
        clock: monotonic seconds.
    """

    def __init__(self, seed: int, clock: Callable[[], float]) -> None:
        self._seed = seed
        self._clock = clock
        self._active: dict[tuple[str, str], ActiveFault] = {}
        self._draws: dict[tuple[str, str], int] = {}
        self._watchers: list[Callable[[], Awaitable[None]]] = []

    def watch(self, watcher: Callable[[], Awaitable[None]]) -> None:
        """Have `watcher` awaited after every change, before set or clear return."""
        self._watchers.append(watcher)

    def active(self) -> tuple[ActiveFault, ...]:
        """The faults that are on, in the order in which they were set."""
        now = self._clock()
        return tuple(fault for fault in self._active.values() if fault.until is None or fault.until > now)

    def next_end(self) -> float | None:
        """Monotonic second at which the next fault ends by itself, or None."""
        return min((fault.until for fault in self._active.values() if fault.until is not None), default=None)

    async def set(
        self,
        target: str,
        fault: str,
        *,
        path: str = "",
        probability: float = 1.0,
        duration_s: float | None = None,
        **numbers: float,
    ) -> ActiveFault:
        """Switch a fault on (again: with the new parameters).

        Raises:
            FaultError: unknown fault, target or parameter, or a number out of range.
        """
        kind = fault_kind(fault)
        check_target(target, kind)
        self._check_numbers(kind, probability, duration_s, numbers)
        until = None if duration_s is None else self._clock() + duration_s
        active = ActiveFault(target, kind, numbers, path, probability, until)
        self._release(target, fault)
        self._active[target, fault] = active
        self._draws[target, fault] = 0
        await self._changed()
        return active

    async def clear(self, target: str | None = None, fault: str | None = None) -> int:
        """Switch off every fault of this target and name (None: any); returns how many."""
        chosen = [key for key in self._active if target in {None, key[0]} and fault in {None, key[1]}]
        for key in chosen:
            self._release(*key)
        await self._changed()
        return len(chosen)

    async def expire(self) -> None:
        """Switch off the faults whose time is over."""
        now = self._clock()
        over = [key for key, fault in self._active.items() if fault.until is not None and fault.until <= now]
        for key in over:
            self._release(*key)
        if over:
            await self._changed()

    def hits(self, system: str, service: str | None, path: str) -> tuple[ActiveFault, ...]:
        """The faults that hit one request; those with a probability are drawn here."""
        targets = {f"system:{system}", f"host:{system}", f"service:{service}"}
        candidates = (fault for fault in self.active() if fault.target in targets and fault.path in path)
        return tuple(fault for fault in candidates if self._drawn(fault))

    def on_host(self, host: str) -> Mapping[str, ActiveFault]:
        """The faults on one listener by name, whatever their path."""
        targets = {f"system:{host}", f"host:{host}"}
        return {fault.kind.name: fault for fault in self.active() if fault.target in targets}

    def _drawn(self, fault: ActiveFault) -> bool:
        if fault.probability >= 1:
            return True
        key = (fault.target, fault.kind.name)
        self._draws[key] += 1
        # Reproducible trouble, not cryptography.
        draw = Random(f"{self._seed}:{key[0]}:{key[1]}:{self._draws[key]}").random()  # noqa: S311  # practice, not secrecy
        return draw < fault.probability

    def _release(self, target: str, fault: str) -> None:
        removed = self._active.pop((target, fault), None)
        if removed is not None:
            removed.released.set()

    async def _changed(self) -> None:
        for watcher in self._watchers:
            await watcher()

    @staticmethod
    def _check_numbers(
        kind: FaultKind, probability: float, duration_s: float | None, numbers: Mapping[str, float]
    ) -> None:
        unknown = sorted(set(numbers) - set(kind.params))
        if unknown:
            allowed = ", ".join([*kind.params, *sorted(COMMON_PARAMS)])
            raise FaultError(f"{kind.name} has no parameter {unknown[0]!r}; it has: {allowed}")
        if not 0 < probability <= 1:
            raise FaultError("probability must be above 0 and at most 1")
        if any(not 0 <= value <= 3600 for value in numbers.values()):  # noqa: PLR2004  an hour, in seconds
            raise FaultError("a number of seconds must lie between 0 and 3600")
        if duration_s is not None and duration_s <= 0:
            raise FaultError("duration_s must be above 0")
