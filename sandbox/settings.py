"""Where the practice province stands and which listeners it has."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LISTENERS: tuple[str, ...] = (
    "bang-dieu-khien",
    "cong-quoc-gia",
    "mot-cua-tinh",
    "mot-cua-xa",
    "dinh-danh",
    "thanh-toan",
    "cdn",
    "kho-du-lieu",
    "dns",
    "smtp",
)
"""Names of the listeners; the port of each is the base port plus its place in this row."""

CONTROL = "bang-dieu-khien"
HTTPS = "kho-du-lieu"
TITLES: Mapping[str, str] = {
    "bang-dieu-khien": "Bảng điều khiển",
    "cong-quoc-gia": "Cổng dịch vụ công",
    "mot-cua-tinh": "Hệ thống thông tin giải quyết TTHC tỉnh An Bình",
    "mot-cua-xa": "Một cửa điện tử cấp xã",
    "dinh-danh": "Tài khoản định danh",
    "thanh-toan": "Cổng thanh toán",
    "cdn": "Kho tệp tĩnh",
    "kho-du-lieu": "Kho dữ liệu mở",
    "dns": "Máy chủ tên miền",
    "smtp": "Máy chủ thư",
}


@dataclass(frozen=True)
class Settings:
    """What the practice province is started with.

    Attributes:
        host: loopback address on which every listener stands.
        base_port: port of the control panel; 0 lets every listener pick a free port.
        data: directory under which `sandbox/ca.pem` is written.
        seed: decides every delay, every flaky failure and every fault with a probability.
    """

    data: Path
    host: str = "127.0.0.1"
    base_port: int = 9470
    seed: int = 67


class PortTakenError(OSError):
    """A listener could not be opened; the message names the listener and its port."""

    def __init__(self, name: str, host: str, port: int, reason: str) -> None:
        super().__init__(f"sandbox: cannot listen on {host}:{port} for {name}: {reason}")
        self.name = name
        self.port = port


@dataclass(frozen=True)
class Addresses:
    """The addresses on which the listeners really stand."""

    host: str
    ports: Mapping[str, int]

    def port(self, name: str) -> int:
        """Port of a listener; KeyError for an unknown name."""
        return self.ports[name]

    def url(self, name: str) -> str:
        """Base URL of a listener, without a slash at the end."""
        scheme = {HTTPS: "https", "dns": "dns", "smtp": "smtp"}.get(name, "http")
        return f"{scheme}://{self.host}:{self.port(name)}"

    def hosts(self) -> dict[str, str]:
        """`host:port` of every listener."""
        return {name: f"{self.host}:{port}" for name, port in self.ports.items()}


def open_socket(name: str, host: str, port: int, *, listening: bool = True) -> socket.socket:
    """Bind the socket of one listener (UDP for `dns`, else TCP, which then refuses unless `listening`).

    Raises:
        PortTakenError: the address is in use or may not be used.
    """
    datagram = name == "dns"
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if datagram else socket.SOCK_STREAM)
    try:
        if not datagram:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        if not datagram and listening:
            opened.listen(128)  # at once, so that nobody else can take the port before the server starts
    except OSError as error:
        opened.close()
        raise PortTakenError(name, host, port, error.strerror or str(error)) from error
    opened.setblocking(False)
    return opened


def open_sockets(settings: Settings) -> dict[str, socket.socket]:
    """Bind every listener, or none.

    Raises:
        PortTakenError: for the first listener whose port is taken.
    """
    opened: dict[str, socket.socket] = {}
    try:
        for place, name in enumerate(LISTENERS):
            port = settings.base_port + place if settings.base_port else 0
            opened[name] = open_socket(name, settings.host, port)
    except PortTakenError:
        for sock in opened.values():
            sock.close()
        raise
    return opened
