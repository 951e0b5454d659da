"""What a check of one request asks, and what the answer must be."""

from collections.abc import Iterator

from checks.elements_vi import quoted
from checks.model import DnsCheck, HttpCheck, TcpCheck, TlsCheck
from checks.retelling.actions import size
from checks.retelling.values import value
from checks.words_vi import lasting


def request(check: HttpCheck | TlsCheck | DnsCheck | TcpCheck) -> Iterator[str]:
    """Yield what is done and what is expected, one sentence each."""
    match check:
        case HttpCheck():
            yield from _http(check)
        case TlsCheck():
            yield f"Kết nối bảo mật tới {check.host}, cổng {check.port}{_trust(check.trust.ca_file)}."
            yield f"Đúng khi chứng thư số hợp lệ, đúng tên {quoted(check.trust.server_name or check.host)} và còn hạn."
        case DnsCheck():
            where = check.resolver or "máy chủ tên miền của máy đo"
            yield f"Hỏi {where}: bản ghi {check.record} của tên miền {check.name}."
            answers = ", ".join(check.answers)
            yield f"Đúng khi trong câu trả lời có {answers}." if answers else "Đúng khi có câu trả lời."
        case TcpCheck():
            yield f"Mở một kết nối tới {check.host}, cổng {check.port}, rồi đóng lại."
            yield "Đúng khi kết nối được."


def _trust(ca_file: str | None) -> str:
    return f", tin chứng thư gốc trong tệp {ca_file}" if ca_file else ""


def _http(check: HttpCheck) -> Iterator[str]:
    kind = "" if check.method == "GET" else f" bằng phương thức {check.method}"
    yield f"Gửi yêu cầu{kind} đến {check.url}{_trust(check.trust.ca_file)}."
    yield f"Theo tối đa {check.max_redirects} lần chuyển hướng."
    for name, secret in check.secret_headers.items():
        yield f"Gửi kèm phần đầu {name} {value(secret)}."
    for name, text in check.headers.items():
        yield f"Gửi kèm phần đầu {name}: {value(text)}."
    if check.body is not None:
        yield f"Gửi kèm nội dung {value(check.body)}."
    yield f"Đúng khi mã trả lời là {' hoặc '.join(check.expect.status)}."
    for text in check.expect.body_contains:
        yield f"Nội dung phải có {value(text)}."
    for text in check.expect.body_absent:
        yield f"Nội dung không được có {value(text)}."
    for text in check.expect.body_matches:
        yield f"Nội dung phải khớp mẫu {value(text)}."
    for name, text in check.expect.headers.items():
        yield f"Phần đầu {name} của câu trả lời phải khớp mẫu {value(text)}."
    if check.expect.certificate_left is not None:
        yield f"Chứng thư số còn hạn dưới {lasting(check.expect.certificate_left)} là chậm."
    yield f"Đọc tối đa {size(check.max_body)} nội dung."
