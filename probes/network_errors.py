"""What each network error means for a service: THE table from errors to verdict, blame and reason.

A row is `theirs` (a citizen meets it too: failed, charged to the owner of the host) or `ours` (inconclusive). An error
without a row is raised as an `UnknownFaultError`: the runner makes it `inconclusive / internal` and counts it. Nothing
is guessed; a test enumerates what the libraries can raise.

| where | error | verdict, blame, reason |
|---|---|---|
| name lookup | name unknown, name without address | failed, owner, dns |
| name lookup | no nameserver gave an answer: nobody can say from here whose fault | inconclusive, network, dns |
| dns check | name unknown, name without such a record | failed, owner of the name, dns |
| dns check | the resolver named in checks.yaml gave no answer | failed, owner of the resolver, dns |
| dns check | this machine's own resolver gave no answer | inconclusive, network, dns |
| dns check | this machine has no resolver | inconclusive, agent, config |
| connection | refused, host unreachable, timed out, reset, closed without an answer | failed, owner, tcp |
| connection | no route to any network, interface down, address family not available here | inconclusive, network, tcp |
| connection | out of files, memory, buffers or local ports | inconclusive, agent, agent_overload |
| connection | forbidden by a rule on this machine | inconclusive, agent, config |
| TLS | reset or closed during the handshake, handshake refused, a certificate fault | failed, owner, tls |
| TLS | the server asks for the citizen's own certificate (a signature token) | inconclusive, agent, config |
| TLS | an alert or a broken record after the handshake | failed, owner, tcp |
| HTTP | answer is not HTTP, also for a browser | failed, owner, http_status |
| HTTP | answer is not HTTP for our parser, and browsers overlook it | inconclusive, agent, internal |
| HTTP | body cut off before its announced end | failed, owner, tcp |
| HTTP | body's compression is broken | failed, owner, assertion |

Two rows need a word. "Host unreachable" can be our own dead gateway, and "timed out" our own lost line: from one
connection these look like the other side's fault, and only the agent's reference targets can tell. A certificate "not
yet valid" or "expired" can be our own wrong clock: the references' clocks tell (`agent.network`).
"""

import errno
import socket
import ssl
import zlib
from collections.abc import Mapping, Sequence

import aiohttp
import dns.resolver
from dns.exception import DNSException

from checks.run import AGENT, NETWORK, Phase, Reason
from probes.answer import AnswerError, LooseHttpError, NotHttpError
from probes.conclusion import Conclusion, ours, theirs
from probes.unknown import UnknownFaultError

EXPECTED = (OSError, aiohttp.ClientError, AnswerError, zlib.error)
"""Every error that may have a row (ssl.SSLError, socket.gaierror and TimeoutError are OSErrors)."""

_NO_RESOLVER = ours(NETWORK, Reason.DNS, "Máy đo không hỏi được máy chủ tên miền để tìm {host}")
_LOOKUP: Mapping[int, Conclusion] = {
    socket.EAI_NONAME: theirs(Reason.DNS, "Không tìm thấy tên miền {host}"),
    socket.EAI_NODATA: theirs(Reason.DNS, "Tên miền {host} không có địa chỉ nào"),
    socket.EAI_ADDRFAMILY: theirs(Reason.DNS, "Tên miền {host} không có địa chỉ nào"),
    socket.EAI_AGAIN: _NO_RESOLVER,
    socket.EAI_FAIL: _NO_RESOLVER,
    socket.EAI_MEMORY: ours(AGENT, Reason.AGENT_OVERLOAD, "Máy đo thiếu bộ nhớ khi tìm tên miền {host}"),
}

_ASKED: tuple[tuple[type[DNSException], Conclusion], ...] = (
    (dns.resolver.NXDOMAIN, theirs(Reason.DNS, "Không tìm thấy tên miền {host}")),
    (dns.resolver.NoAnswer, theirs(Reason.DNS, "Tên miền {host} không có bản ghi được hỏi")),
    (dns.resolver.YXDOMAIN, theirs(Reason.DNS, "Tên miền {host} được chuyển tiếp thành một tên quá dài")),
)
_SILENT = (dns.resolver.NoNameservers, dns.resolver.LifetimeTimeout)
_NAMED_SILENT = theirs(Reason.DNS, "Máy chủ tên miền {host} không trả lời được")
_OWN_SILENT = ours(NETWORK, Reason.DNS, "Máy chủ tên miền của máy đo không trả lời được về {host}")
_NO_RESOLVER_SET = ours(AGENT, Reason.CONFIG, "Máy đo chưa được cấu hình máy chủ tên miền")

_CUT_OFF = theirs(Reason.TCP, "Máy chủ {host} cắt kết nối giữa chừng")
_NO_NETWORK = ours(NETWORK, Reason.TCP, "Máy đo không có đường mạng tới {host}")
_EXHAUSTED = ours(AGENT, Reason.AGENT_OVERLOAD, "Máy đo đã dùng hết tài nguyên nên chưa đo được {host}")
_FORBIDDEN = ours(AGENT, Reason.CONFIG, "Quy tắc trên máy đo không cho kết nối tới {host}")
_SOCKET: Mapping[int, Conclusion] = {
    errno.ECONNREFUSED: theirs(Reason.TCP, "Máy chủ {host} từ chối kết nối"),
    errno.EHOSTUNREACH: theirs(Reason.TCP, "Không tới được máy chủ {host}"),
    errno.EHOSTDOWN: theirs(Reason.TCP, "Không tới được máy chủ {host}"),
    errno.ETIMEDOUT: theirs(Reason.TCP, "Máy chủ {host} không đáp lại yêu cầu kết nối"),
    errno.ECONNRESET: _CUT_OFF,
    errno.ECONNABORTED: _CUT_OFF,
    errno.EPIPE: _CUT_OFF,
    errno.ENETUNREACH: _NO_NETWORK,
    errno.ENETDOWN: _NO_NETWORK,
    errno.EAFNOSUPPORT: _NO_NETWORK,
    errno.EMFILE: _EXHAUSTED,
    errno.ENFILE: _EXHAUSTED,
    errno.ENOBUFS: _EXHAUSTED,
    errno.ENOMEM: _EXHAUSTED,
    errno.EAGAIN: _EXHAUSTED,
    errno.EADDRNOTAVAIL: _EXHAUSTED,
    errno.EADDRINUSE: _EXHAUSTED,
    errno.EPERM: _FORBIDDEN,
    errno.EACCES: _FORBIDDEN,
}
_ERRNO_OF_TYPE: Mapping[type[OSError], int] = {  # asyncio raises some of these without a number
    ConnectionResetError: errno.ECONNRESET,
    ConnectionAbortedError: errno.ECONNABORTED,
    BrokenPipeError: errno.EPIPE,
}

_HANDSHAKE_CUT = theirs(Reason.TLS, "Máy chủ {host} cắt kết nối khi đang thiết lập kết nối an toàn")
_HANDSHAKE_REFUSED = theirs(Reason.TLS, "Không thiết lập được kết nối an toàn với {host}")
_UNTRUSTED = theirs(Reason.TLS, "Chứng thư số của {host} không được tin cậy")
_INVALID = theirs(Reason.TLS, "Chứng thư số của {host} không hợp lệ")
_TOKEN_WANTED = ours(AGENT, Reason.CONFIG, "Máy chủ {host} đòi chứng thư số của người dùng, máy đo không có")
_NO_OFFER = ours(AGENT, Reason.CONFIG, "Máy đo không còn cách mã hoá nào để đề nghị với {host}")
_HANDSHAKE: Mapping[str, Conclusion] = {  # OpenSSL's reasons that are not the server's fault
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _TOKEN_WANTED,
    "SSLV3_ALERT_NO_CERTIFICATE": _TOKEN_WANTED,
    "NO_PROTOCOLS_AVAILABLE": _NO_OFFER,
    "NO_CIPHERS_AVAILABLE": _NO_OFFER,
    "MALLOC_FAILURE": _EXHAUSTED,
}
# Signature, dates, purpose, path, names, extensions, keys; OpenSSL's X509_V_ERR_* numbers. Others are about revocation
# lists and policies that nobody here asks for, or about OpenSSL itself.
_BAD_CERTIFICATES = (4, 6, 7, 13, 14, *range(22, 33), 34, 37, *range(40, 43), *range(47, 50), *range(51, 54), 63)
_BAD_KEYS = (*range(66, 69), *range(76, 95))
_CERTIFICATE: Mapping[int, Conclusion] = dict.fromkeys((*_BAD_CERTIFICATES, *_BAD_KEYS), _INVALID) | {
    2: _UNTRUSTED,  # issuer of the issuer not found
    9: theirs(Reason.TLS, "Chứng thư số của {host} chưa có hiệu lực"),
    10: theirs(Reason.TLS, "Chứng thư số của {host} đã hết hạn"),
    18: _UNTRUSTED,  # self-signed
    19: _UNTRUSTED,  # self-signed certificate in the chain
    20: _UNTRUSTED,  # issuer not found
    21: _UNTRUSTED,  # only the leaf was sent
    62: theirs(Reason.TLS, "Chứng thư số không cấp cho tên {host}"),
    64: theirs(Reason.TLS, "Chứng thư số không cấp cho địa chỉ {host}"),
}

_LOOSE = "Máy đo không đọc được trả lời của {host}, sai chuẩn HTTP ở chỗ trình duyệt vẫn chấp nhận"
_SPOKEN: tuple[tuple[type[Exception], Conclusion], ...] = (
    (aiohttp.ServerDisconnectedError, theirs(Reason.TCP, "Máy chủ {host} đóng kết nối mà không trả lời")),
    (aiohttp.ClientPayloadError, theirs(Reason.TCP, "Máy chủ {host} ngừng gửi trang khi chưa hết")),
    (NotHttpError, theirs(Reason.HTTP_STATUS, "Trả lời của {host} không đúng giao thức HTTP")),
    (LooseHttpError, ours(AGENT, Reason.INTERNAL, _LOOSE)),
    (zlib.error, theirs(Reason.ASSERTION, "Nội dung nén của {host} bị hỏng, trình duyệt không mở được")),
)


def conclude(error: Exception, phase: Phase, host: str) -> Conclusion:
    """Return what `error`, met in `phase` with `host`, means.

    Raises:
        UnknownFaultError: The table has no row for it.
    """
    told = _told(error)
    row = _row(told, phase)
    if row is None:
        raise UnknownFaultError(_where(told), _unknown_detail(told)) from error
    return row.filled(host, _detail(told))


def about_the_name(error: DNSException) -> bool:
    """Whether `error` is an answer about the name asked for, not the silence of whom we asked."""
    return any(isinstance(error, kind) for kind, _ in _ASKED)


def conclude_query(error: DNSException, host: str, *, named: bool) -> Conclusion:
    """Return what it means that a DNS query ended with `error`.

    Args:
        error: What dnspython raised.
        host: The name asked for, or the resolver when it was `named` and gave no answer.
        named: Whether checks.yaml names the resolver; else it is this machine's own.

    Raises:
        UnknownFaultError: The table has no row for it.
    """
    row = next((row for kind, row in _ASKED if isinstance(error, kind)), None)
    if isinstance(error, _SILENT):
        row = _local_cause(error) or _silent(named=named)
    if isinstance(error, dns.resolver.NoResolverConfiguration):
        row = _NO_RESOLVER_SET
    if row is None:
        raise UnknownFaultError("dns", type(error).__name__) from error
    return row.filled(host, _query_detail(error))


def unanswered(host: str, *, named: bool) -> Conclusion:
    """Return what it means that no resolver answered in time; the arguments are those of `conclude_query`."""
    return _silent(named=named).filled(host, "timeout")


def decisive(errors: Sequence[Exception]) -> Exception:
    """Return the error that decides when every address of a host failed, each in its own way.

    A machine without IPv6 meets "no network" on the first address of most hosts; what counts is what a reachable
    address said.
    """
    told = [error for error in errors if (row := _row(error, "connect")) is None or row.blame is None]
    return (told or list(errors))[0]


def _told(error: Exception) -> Exception:
    """Return the fault of TLS that aiohttp puts into an error of a line, where its number means another thing."""
    cause = error.__cause__
    return cause if type(error) is aiohttp.ClientOSError and isinstance(cause, ssl.SSLError) else error


def _row(error: Exception, phase: Phase) -> Conclusion | None:
    if isinstance(error, socket.gaierror):
        return _LOOKUP.get(error.errno or 0)
    if isinstance(error, aiohttp.ClientSSLError):
        return None  # it shakes no hands here
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE.get(error.verify_code)
    if isinstance(error, ssl.SSLError):
        return _HANDSHAKE.get(getattr(error, "reason", None) or "") or (
            _HANDSHAKE_REFUSED if phase == "tls" else _CUT_OFF
        )
    # By exact type: what is derived from these means something else (a proxy, a redirect, an upload of ours).
    spoken = next((row for kind, row in _SPOKEN if type(error) is kind), None)
    return spoken or _socket_row(error, phase)


def _socket_row(error: Exception, phase: Phase) -> Conclusion | None:
    row = _SOCKET.get(_errno(error))
    return _HANDSHAKE_CUT if phase == "tls" and row is _CUT_OFF else row


def _where(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, aiohttp.ClientError):
        return "http"
    return "lookup" if isinstance(error, socket.gaierror) else "socket"


def _unknown_detail(error: Exception) -> str:
    """Name the class and the number of an error; never its text, which may hold what a page wrote."""
    number = getattr(error, "verify_code", None) or getattr(error, "errno", None)
    return type(error).__name__ if number is None else f"{type(error).__name__} {number}"


def _silent(*, named: bool) -> Conclusion:
    return _NAMED_SILENT if named else _OWN_SILENT


def _local_cause(error: DNSException) -> Conclusion | None:
    """Return the row of a fault of this machine among the attempts of a query, if there is one."""
    rows = (_SOCKET.get(_errno(cause)) for _, _, _, cause, _ in error.kwargs["errors"] if isinstance(cause, Exception))
    return next((row for row in rows if row is not None and row.blame is not None), None)


def _query_detail(error: DNSException) -> str:
    if not isinstance(error, _SILENT):
        return type(error).__name__
    causes = [cause for _, _, _, cause, _ in error.kwargs["errors"]]
    return (
        _detail(causes[-1]) if causes and isinstance(causes[-1], OSError) else str(causes[-1] if causes else "timeout")
    )


def _errno(error: Exception) -> int:
    if not isinstance(error, OSError):
        return 0
    return error.errno or next((number for kind, number in _ERRNO_OF_TYPE.items() if isinstance(error, kind)), 0)


def _detail(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(error.verify_message)
    if isinstance(error, ssl.SSLError):
        return getattr(error, "reason", None) or type(error).__name__
    if isinstance(error, socket.gaierror):
        return error.strerror or type(error).__name__
    if isinstance(error, AnswerError):
        return error.flaw
    return errno.errorcode.get(_errno(error), type(error).__name__)
