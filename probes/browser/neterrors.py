"""One table: what Chromium's net::ERR_* mean, and whether they are ours or theirs."""

import re
from dataclasses import dataclass

from checks.run import Reason

_CODE = re.compile(r"net::(ERR_[A-Z0-9_]+)")


@dataclass(frozen=True, slots=True)
class NetError:
    """The meaning of one error: its reason, what to say, and whether the fault is on our side."""

    reason: Reason
    says: str
    ours: bool = False


# First match wins; a name ending in `_` covers every error that begins with it.
# The codes: net/base/net_error_list.h of Chromium.
_TABLE: tuple[tuple[str, NetError], ...] = (
    # Ours: this machine, its network or its settings.
    ("ERR_INTERNET_DISCONNECTED", NetError(Reason.INTERNAL, "máy đo mất mạng", ours=True)),
    ("ERR_NETWORK_CHANGED", NetError(Reason.INTERNAL, "mạng của máy đo vừa thay đổi", ours=True)),
    ("ERR_NETWORK_IO_SUSPENDED", NetError(Reason.INTERNAL, "mạng của máy đo bị tạm dừng", ours=True)),
    ("ERR_NETWORK_ACCESS_DENIED", NetError(Reason.INTERNAL, "máy đo không được phép ra mạng", ours=True)),
    ("ERR_NETWORK_ACCESS_REVOKED", NetError(Reason.INTERNAL, "máy đo không được phép ra mạng", ours=True)),
    ("ERR_INSUFFICIENT_RESOURCES", NetError(Reason.AGENT_OVERLOAD, "máy đo thiếu tài nguyên", ours=True)),
    ("ERR_OUT_OF_MEMORY", NetError(Reason.AGENT_OVERLOAD, "máy đo thiếu bộ nhớ", ours=True)),
    ("ERR_NO_BUFFER_SPACE", NetError(Reason.AGENT_OVERLOAD, "máy đo thiếu bộ nhớ đệm", ours=True)),
    ("ERR_ADDRESS_IN_USE", NetError(Reason.AGENT_OVERLOAD, "máy đo hết cổng mạng", ours=True)),
    ("ERR_PROXY_", NetError(Reason.CONFIG, "máy chủ trung gian (proxy) của máy đo lỗi", ours=True)),
    ("ERR_TUNNEL_CONNECTION_FAILED", NetError(Reason.CONFIG, "máy chủ trung gian (proxy) của máy đo lỗi", ours=True)),
    ("ERR_NO_SUPPORTED_PROXIES", NetError(Reason.CONFIG, "máy chủ trung gian (proxy) của máy đo lỗi", ours=True)),
    ("ERR_MANDATORY_PROXY_", NetError(Reason.CONFIG, "máy chủ trung gian (proxy) của máy đo lỗi", ours=True)),
    ("ERR_BLOCKED_BY_CLIENT", NetError(Reason.CONFIG, "trình duyệt của máy đo chặn địa chỉ", ours=True)),
    ("ERR_BLOCKED_BY_ADMINISTRATOR", NetError(Reason.CONFIG, "trình duyệt của máy đo chặn địa chỉ", ours=True)),
    ("ERR_UNSAFE_PORT", NetError(Reason.CONFIG, "trình duyệt không cho dùng cổng này", ours=True)),
    ("ERR_INVALID_URL", NetError(Reason.CONFIG, "địa chỉ không hợp lệ", ours=True)),
    ("ERR_DISALLOWED_URL_SCHEME", NetError(Reason.CONFIG, "địa chỉ không hợp lệ", ours=True)),
    ("ERR_UNKNOWN_URL_SCHEME", NetError(Reason.CONFIG, "địa chỉ không hợp lệ", ours=True)),
    # Theirs: name.
    ("ERR_NAME_", NetError(Reason.DNS, "không phân giải được tên miền")),
    ("ERR_DNS_", NetError(Reason.DNS, "không phân giải được tên miền")),
    ("ERR_ICANN_NAME_COLLISION", NetError(Reason.DNS, "không phân giải được tên miền")),
    # Theirs: secure channel.
    ("ERR_CERT_", NetError(Reason.TLS, "chứng thư số của máy chủ không hợp lệ")),
    ("ERR_SSL_", NetError(Reason.TLS, "không thiết lập được kênh mã hoá")),
    ("ERR_BAD_SSL_CLIENT_AUTH_CERT", NetError(Reason.TLS, "máy chủ đòi chứng thư của người dùng")),
    ("ERR_ECH_", NetError(Reason.TLS, "không thiết lập được kênh mã hoá")),
    ("ERR_QUIC_", NetError(Reason.TLS, "không thiết lập được kênh mã hoá")),
    # Theirs: connection.
    ("ERR_CONNECTION_REFUSED", NetError(Reason.TCP, "máy chủ từ chối kết nối")),
    ("ERR_CONNECTION_TIMED_OUT", NetError(Reason.TCP, "máy chủ không nhận kết nối")),
    ("ERR_CONNECTION_RESET", NetError(Reason.TCP, "máy chủ ngắt kết nối")),
    ("ERR_CONNECTION_", NetError(Reason.TCP, "kết nối tới máy chủ bị đứt")),
    ("ERR_ADDRESS_", NetError(Reason.TCP, "không tới được địa chỉ máy chủ")),
    ("ERR_SOCKET_NOT_CONNECTED", NetError(Reason.TCP, "kết nối tới máy chủ bị đứt")),
    ("ERR_EMPTY_RESPONSE", NetError(Reason.TCP, "máy chủ đóng kết nối mà không trả lời")),
    ("ERR_INCOMPLETE_CHUNKED_ENCODING", NetError(Reason.TCP, "máy chủ trả lời dở dang")),
    ("ERR_CONTENT_LENGTH_MISMATCH", NetError(Reason.TCP, "máy chủ trả lời dở dang")),
    ("ERR_TIMED_OUT", NetError(Reason.TIMEOUT, "máy chủ không trả lời kịp")),
    # Theirs: the answer.
    ("ERR_TOO_MANY_REDIRECTS", NetError(Reason.REDIRECT, "trang chuyển hướng vòng quanh")),
    ("ERR_INVALID_REDIRECT", NetError(Reason.REDIRECT, "trang chuyển hướng tới địa chỉ hỏng")),
    ("ERR_UNSAFE_REDIRECT", NetError(Reason.REDIRECT, "trang chuyển hướng tới địa chỉ không an toàn")),
    ("ERR_HTTP_RESPONSE_CODE_FAILURE", NetError(Reason.HTTP_STATUS, "máy chủ trả mã lỗi, không có nội dung")),
    ("ERR_HTTP2_", NetError(Reason.HTTP_STATUS, "máy chủ trả lời sai giao thức HTTP")),
    ("ERR_INVALID_", NetError(Reason.HTTP_STATUS, "máy chủ trả lời sai giao thức HTTP")),
    ("ERR_RESPONSE_", NetError(Reason.HTTP_STATUS, "máy chủ trả lời sai giao thức HTTP")),
    ("ERR_CONTENT_DECODING_", NetError(Reason.HTTP_STATUS, "máy chủ gửi nội dung hỏng")),
    ("ERR_BLOCKED_BY_RESPONSE", NetError(Reason.HTTP_STATUS, "máy chủ không cho hiện trang")),
    ("ERR_BLOCKED_BY_CSP", NetError(Reason.HTTP_STATUS, "máy chủ không cho hiện trang")),
)


def code_of(text: str) -> str | None:
    """Return the `ERR_…` code in a message of the browser."""
    match = _CODE.search(text)
    return match[1] if match is not None else None


def meaning(code: str) -> NetError | None:
    """Return what a code means; None when the table does not know it."""
    for name, error in _TABLE:
        if code == name or (name.endswith("_") and code.startswith(name)):
            return error
    return None
