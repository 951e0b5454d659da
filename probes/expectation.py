"""Is it the right answer? The conditions of an http check, judged on what came back.

Nothing quoted is cut here: a secret cut in half would no longer be recognised when the finding masks it.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import regex
from multidict import CIMultiDictProxy

from checks.model import HttpExpect
from checks.run import AGENT, Reason, Verdict
from probes.blocked import Shown, turned_away
from probes.conclusion import Conclusion, ours, theirs
from probes.page_text import PageText
from probes.wording import megabytes


@dataclass(frozen=True, slots=True)
class Page:
    """What the body conditions look at: the text, after how many octets it was cut, why it cannot be read."""

    text: PageText
    cut_at: int | None = None
    unknown_encoding: str = ""


def status_fits(status: int, expected: tuple[str, ...]) -> bool:
    """Whether a status is among codes such as `200` and classes such as `2xx`."""
    return str(status) in expected or f"{status // 100}xx" in expected


def judge_status(status: int, expected: tuple[str, ...], host: str) -> Conclusion | None:
    """Return what is wrong with the status, None if it is right."""
    if status_fits(status, expected):
        return None
    return theirs(Reason.HTTP_STATUS, f"{host} trả lời mã {status} thay vì {', '.join(expected)}")


def judge_refusal(shown: Shown, host: str, *, fits: bool = False) -> Conclusion | None:
    """Return what it means that a page is one that turns robots away; None when it is an ordinary one.

    `fits` says that the page was not found wrong.
    """
    said = turned_away(shown, fits=fits)
    if said is None:
        return None
    if said.blame is not None:
        return ours(said.blame, said.reason, f"Bộ lọc trên mạng của máy đo ({said.product}) không cho mở {host}")
    wait = shown.headers.get("retry-after", "")
    again = f" (Retry-After: {wait})" if wait else ""
    return Conclusion(Verdict.BLOCKED, said.reason, f"{host} từ chối phép đo như một robot: {said.product}{again}")


def judge_content(
    headers: CIMultiDictProxy[str], page: Page, expect: HttpExpect, patience_s: float
) -> Conclusion | None:
    """Return what is wrong with headers and body, None if nothing is. Takes CPU time: meant for a thread.

    A hostile page must not stop the agent with a text on which an expression takes for ever. `re` can neither be
    interrupted nor leaves other threads alone meanwhile; `regex` does both, so all expressions together get
    `patience_s`.
    """
    if page.unknown_encoding and (expect.body_contains or expect.body_absent or expect.body_matches):
        return ours(AGENT, Reason.INTERNAL, f"Phép đo không đọc được cách nén “{page.unknown_encoding}” của trang")
    each_s = patience_s / max(1, len(expect.headers) + 2 * len(expect.body_matches))
    try:
        wrong = [*_headers(headers, expect, each_s), *_body(page, expect, each_s)]
    except TimeoutError:
        return ours(AGENT, Reason.CONFIG, "Biểu thức tìm kiếm của phép đo mất quá nhiều thời gian trên trang này")
    except regex.error:  # until the references in it were resolved, nobody could know
        return ours(AGENT, Reason.CONFIG, "Biểu thức tìm kiếm không còn là biểu thức khi đã điền các giá trị vào")
    if not wrong:
        return None
    if page.cut_at is not None and all(complaint.maybe_later for complaint in wrong):
        size = megabytes(page.cut_at)
        return ours(AGENT, Reason.CONFIG, f"{wrong[0].text} trong {size} đầu tiên; cần tăng max_body của phép đo")
    return theirs(Reason.ASSERTION, "; ".join(complaint.text for complaint in wrong))


@dataclass(frozen=True, slots=True)
class _Complaint:
    text: str
    maybe_later: bool = False
    """Whether the part of the page that was not read could still have met the condition."""


def _headers(headers: CIMultiDictProxy[str], expect: HttpExpect, each_s: float) -> Iterator[_Complaint]:
    for name, pattern in expect.headers.items():
        values = headers.getall(name, [])
        if not values:
            yield _Complaint(f"Trả lời không có tiêu đề {name}")
        elif not _found(pattern, values, each_s):
            # The value stays out of the message: it may be somebody's session.
            yield _Complaint(f"Tiêu đề {name} không khớp biểu thức “{pattern}”")


def _body(page: Page, expect: HttpExpect, each_s: float) -> Iterator[_Complaint]:
    for wanted in expect.body_contains:
        if not page.text.contains(wanted):
            yield _Complaint(f"Trang không có nội dung “{wanted}”", maybe_later=True)
    for unwanted in expect.body_absent:
        if page.text.contains(unwanted):
            yield _Complaint(f"Trang có nội dung không được có “{unwanted}”")
    for pattern in expect.body_matches:
        if not _found(pattern, (page.text.written, page.text.read), each_s):
            yield _Complaint(f"Trang không khớp biểu thức “{pattern}”", maybe_later=True)


def _found(pattern: str, texts: Iterable[str], each_s: float) -> bool:
    expression = regex.compile(unicodedata.normalize("NFC", pattern))
    return any(expression.search(text, timeout=each_s, concurrent=True) for text in dict.fromkeys(texts))
