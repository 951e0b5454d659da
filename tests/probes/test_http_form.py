"""What the http probe concludes of answers that are not quite HTTP: what a browser shows is no outage."""

from pathlib import Path

import pytest

from checks.run import Finding, Reason, Verdict
from tests.probes.looking import look
from tests.probes.odd_answers import PAGE, REFUSED, SHOWN, SHOWN_BY_BROWSERS_ONLY
from tests.probes.servers import LOOPBACK, raw_server, saying

BIG = b"10000\r\n" + b"a" * 65_536 + b"\r\n"


async def looked_at(folder: Path, answer: bytes) -> Finding:
    """Return what the probe finds where a page that shows the wanted words is answered so."""
    async with raw_server(saying(answer)) as port:
        return await look(folder, f"http://{LOOPBACK}:{port}/", expect={"body_contains": [PAGE]})


@pytest.mark.parametrize("name", SHOWN_BY_BROWSERS_ONLY)
async def test_an_answer_that_only_browsers_understand_accuses_nobody(name: str, tmp_path: Path) -> None:
    finding = await looked_at(tmp_path, SHOWN_BY_BROWSERS_ONLY[name])
    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.INTERNAL)
    assert "sai chuẩn HTTP ở chỗ trình duyệt vẫn chấp nhận" in finding.message


@pytest.mark.parametrize("name", SHOWN)
async def test_an_answer_that_is_odd_and_readable_is_read(name: str, tmp_path: Path) -> None:
    finding = await looked_at(tmp_path, SHOWN[name])
    assert finding.verdict is Verdict.OK, finding.message


@pytest.mark.parametrize("name", REFUSED)
async def test_an_answer_that_no_browser_understands_is_a_failure(name: str, tmp_path: Path) -> None:
    finding = await looked_at(tmp_path, REFUSED[name])
    assert (finding.verdict, finding.blame, finding.reason) == (Verdict.FAILED, "system", Reason.HTTP_STATUS)
    assert "không đúng giao thức HTTP" in finding.message


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (b"0\r\nfoo bar\r\n\r\n", (Verdict.INCONCLUSIVE, "agent", Reason.INTERNAL)),
        (b"zz\r\n", (Verdict.FAILED, "system", Reason.HTTP_STATUS)),
    ],
)
async def test_a_fault_late_in_a_long_page_is_told_as_it_is_and_not_waited_out(
    end: bytes, told: tuple[Verdict, str, Reason], tmp_path: Path
) -> None:
    page = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + 16 * BIG + end
    async with raw_server(saying(page)) as port:
        finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/", deadline="5s")

    assert (finding.verdict, finding.blame, finding.reason) == told


async def test_what_the_server_wrote_is_not_in_the_message(tmp_path: Path) -> None:
    async with raw_server(saying(b"HTTP/1.1 200 OK\r\nso dinh danh 0123\r\n\r\n")) as port:
        finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/")

    assert "Invalid header token" in finding.message
    assert "0123" not in finding.message
