"""Print docs/metrics.md from the catalogue: `python -m exporters.document > docs/metrics.md`."""

import sys
from collections.abc import Iterator

from exporters.catalogue import METRICS, RUN_BUCKETS, Metric, Section

SERIES_PER_PROBE = 45
"""Upper limit of the series of one http, tls, dns or tcp check in ordinary times; a test holds us to it."""

SERIES_PER_WALK = 90
"""The same for a browser check of eight steps that meets four owners of hosts."""

_TITLES: dict[Section, str] = {
    "check": "Checks",
    "journey": "Journeys",
    "page": "Pages and requests",
    "agent": "The agent itself",
}

_HEAD = """\
# Metrics

Printed from `exporters/catalogue.py` by `python -m exporters.document`; edit that table, not this page.

`GET /metrics` answers in the Prometheus text format, or in OpenMetrics when the `Accept` header asks for it. Then
each bucket of `dvcwatch_run_seconds` carries an exemplar: the id of the newest run that fell into it.

## When a series is absent

Absent means "nobody can say"; a value is never repeated once it has stopped being true.

- `dvcwatch_check_up` is there only while the newest slot ended `ok`, `slow` or `failed`. A result that is
  `inconclusive`, `blocked` or `skipped` leaves it out, and so does one older than `dvcwatch_check_stale_after_seconds`:
  2 × (`every` + `deadline`) + `confirm_after`. `dvcwatch_check_state` then says `unknown`, and durations, counts and
  page figures disappear by the same rule, each by the age of the run it was read from.
- Timestamps stay, so that their age can be watched: `time() - dvcwatch_last_run_timestamp_seconds`.
- Times come from runs during which the agent was healthy, and only where the goal was met or time ran out before it: a
  refused connection is fast, but not a fast service. Counts of what a citizen had to do come from the newest good run.
- Violations of accessibility come from the newest complete audit, and are left out once three audits are missing.
- Checks removed from the configuration disappear at once. Counters start again with the process.
- Before an event has happened, `dvcwatch_runs_total` shows 0 for the usual pairs of verdict and blame, and
  `dvcwatch_run_degradations_total` for every cause, so that `increase()` sees the first one.

## Labels and how many series there are

Label values come from checks.yaml (ids, titles, step names, host owners) or from closed lists (type, verdict, blame,
state, phase, reason, cause). Never in a label: an address, a secret, a message, anything a monitored page wrote. A step
is shown only if the configuration names it, an owner only if the register of hosts knows it.
"""


def document() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield (
        f"One http, tls, dns or tcp check makes up to {SERIES_PER_PROBE} series, a walk of eight steps that meets four "
        f"owners up to\n{SERIES_PER_WALK}. A province with 200 walks and 300 probes stays near "
        f"{(200 * SERIES_PER_WALK + 300 * SERIES_PER_PROBE) // 1000},000 series."
    )
    for section, title in _TITLES.items():
        yield f"\n## {title}\n"
        yield "| metric | kind | unit | labels | meaning |\n|---|---|---|---|---|"
        yield from (_row(metric) for metric in METRICS if metric.section == section)
    yield "\nBeside these the usual `process_*` figures of the agent's own process (memory, CPU, open files), on Linux."
    yield "\n## Buckets of dvcwatch_run_seconds\n"
    yield "Compare and add up quantiles within one `type` only.\n"
    yield "| type | upper limits, seconds |\n|---|---|"
    for kind, bounds in RUN_BUCKETS.items():
        yield f"| {kind} | {' '.join(f'{bound:g}' for bound in bounds)} |"


def _row(metric: Metric) -> str:
    labels = ", ".join(metric.labels) or "–"
    return f"| `{metric.full_name}` | {metric.kind} | {metric.unit or '–'} | {labels} | {metric.help} |"


if __name__ == "__main__":
    sys.stdout.write(document())
