"""Pages that want to hurt: each ends in time with the right verdict, and the walk after it is unharmed."""

from pathlib import Path

import pytest

from checks.run import Finding, Reason, Verdict
from checks.secrets import Secrets
from probes.browser.probe import WalkError
from probes.browser.tally import Tally
from probes.browser.watch import Watch
from tests.probes.browser.conftest import Walker
from tests.probes.browser.hostile_pages import MEGABYTE, PAGES, Hostile
from tests.probes.browser.portal import HEADING, Portal, step

_MOST_READ = 5 * MEGABYTE


def _read() -> int:
    """Return how many bytes this thread has read from files and pipes: what the driver told, not what portals got.

    Not the process: to its count what a child has read is added when it ends.
    """
    lines = Path("/proc/thread-self/io").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("rchar")).split()[1])


def _counts(found: Finding) -> tuple[int, ...]:
    ux = found.ux
    return ux.screens, ux.clicks, ux.fields, ux.keystrokes, ux.dialogs, ux.new_tabs, ux.redirects


def _seen(found: Finding) -> tuple[int, int, int]:
    left = [one.census for one in found.steps if one.census is not None]
    return found.ux.screens, sum(one.controls for one in left), sum(one.words for one in left)


async def _ordinary(walk: Walker, site: Portal) -> None:
    site.pages |= {
        "/thuong": "<h1>Thường</h1><label>Họ tên <input></label><a href=/xong>Xong</a>",
        "/xong": "<h1>Xong việc</h1>",
    }
    found = await walk(
        step("Mở", {"goto": site.url + "/thuong"}, until={"text": "Thường"}),
        step(
            "Điền",
            {"fill": {"label": "Họ tên", "value": "An"}},
            {"click": {"text": "Xong"}},
            until={"text": "Xong việc"},
        ),
    )
    assert found.verdict is Verdict.OK, found.message
    assert _counts(found) == (2, 1, 1, 2, 0, 0, 0)


@pytest.mark.parametrize("case", PAGES, ids=[case.name for case in PAGES])
async def test_a_hostile_page_is_judged_and_the_next_walk_is_unharmed(
    walk: Walker, site: Portal, case: Hostile, tmp_path: Path
) -> None:
    case.serve(site)
    steps = [step("Mở cổng", {"goto": site.url + "/"}, until=HEADING)]
    if case.click:
        steps.append(step("Đi tiếp", {"click": {"text": "Tiếp"}}, until={"text": "Đã tiếp"}))
    before = _read()
    found = await walk(*steps, evidence=tmp_path, **({"step_timeout": "1500ms", "deadline": "25s"} | case.fields))
    told = _read() - before
    await _ordinary(walk, site)
    assert (found.verdict, found.reason) == (case.verdict, case.reason), found.message
    assert found.blame == ("none" if case.verdict is Verdict.OK else "system")
    assert case.says in found.message
    assert found.message.isprintable()
    if case.counts is not None:
        assert _seen(found) == case.counts
    assert told < _MOST_READ
    assert sum(one.bytes for one in found.evidence if one.kind != "screenshot") < MEGABYTE


async def test_a_page_that_takes_away_what_the_browsers_driver_needs_is_not_accused(walk: Walker, site: Portal) -> None:
    lie = "<script>{} = () => {{ throw new Error('lie'); }}</script><h1>Trang chủ</h1>"
    site.pages |= {"/": lie.format("Map.prototype.get"), "/2": lie.format("Object.is")}
    found = await walk(step("Mở cổng", {"goto": site.url + "/"}, until=HEADING))
    assert (found.verdict, found.blame, found.reason) == (Verdict.INCONCLUSIVE, "agent", Reason.INTERNAL)
    with pytest.raises(WalkError):  # which the runner tells as inconclusive
        await walk(step("Mở cổng", {"goto": site.url + "/2"}, until=HEADING))
    await _ordinary(walk, site)


@pytest.mark.parametrize(
    "report",
    [
        "", "null", "[]", "5", "[" * 100_000, '{"kind": "left"}', '{"kind": "cost", "doc": 1, "cost": NaN}',
        '{"kind": "left", "doc": "a", "screen": "x", "census": {}}', '{"kind": "cost", "doc": "a", "cost": "1"}',
    ],
)  # fmt: skip
def test_a_report_that_makes_no_sense_is_noted_and_counts_nothing(report: str) -> None:
    watch = Watch(Tally(), Secrets({}, Path()), "token")
    watch.told(report)
    assert (watch.screens(0), watch.left(0), watch.cost_s(0), watch.count(0, "odd")) == (0, (), 0.0, 1)


def test_numbers_of_a_report_keep_their_bounds() -> None:
    watch = Watch(Tally(), Secrets({}, Path()), "token")
    watch.told('{"kind": "cost", "doc": "a", "cost": 1e300}')
    watch.told('{"kind": "cost", "doc": "a", "cost": -1e300}')
    assert watch.cost_s(0) == 1.0
