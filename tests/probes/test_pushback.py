"""What a server says when it was asked too much: read from 429, from 503 with a Retry-After, and from nothing else."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from checks.run import Pushback, Verdict
from probes.pushback import pushback, retry_after_s
from tests.probes.looking import look
from tests.probes.servers import LOOPBACK, web_server

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("9" * 400, 9_999_999_999.0),
        ("Wed, 25 Nov 2026 02:01:30 GMT", 90.0),
        ("Wed, 25 Nov 2026 01:00:00 GMT", 0.0),
        ("Wednesday, 25-Nov-26 02:01:30 GMT", 90.0),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
        ("Wed, 99 Nov 2026 02:01:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, expected: float | None) -> None:
    assert retry_after_s(text, NOW) == expected


@pytest.mark.parametrize(
    ("status", "retry_after", "expected"),
    [
        (429, None, Pushback(host="dvc.example:443", status=429)),
        (429, "30", Pushback(host="dvc.example:443", status=429, retry_after_s=30.0)),
        (503, "30", Pushback(host="dvc.example:443", status=503, retry_after_s=30.0)),
        (503, None, None),
        (503, "soon", None),
        (500, "30", None),
        (200, "30", None),
    ],
)
def test_a_plain_outage_asks_for_nothing(status: int, retry_after: str | None, expected: Pushback | None) -> None:
    assert pushback("https://DVC.example/ho-so?x=1", status, retry_after, NOW) == expected


async def test_an_http_check_hands_out_what_the_server_asked_for(tmp_path: Path) -> None:
    async def busy(_request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "77"})

    async with web_server(busy) as port:
        finding = await look(tmp_path, f"http://{LOOPBACK}:{port}/")

    assert finding.verdict is Verdict.FAILED
    assert finding.pushback == Pushback(host=f"{LOOPBACK}:{port}", status=503, retry_after_s=77.0)
