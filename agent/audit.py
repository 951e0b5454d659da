"""One audit: a walk of its own that looks at the accessibility of each screen, and when the next one is due."""

import hashlib
from datetime import UTC, datetime
from typing import Protocol

from agent.clock import SystemClock
from agent.runner import Identity, or_bug
from checks.audit import Audit, Audited
from checks.config import Target
from checks.model import BrowserCheck

LONGEST_S = 300.0
"""An audit that is not done then ends with what it has seen."""

_FIRST_WITHIN_S = 3600
_AGAIN_IN_PARTS = 4


class Auditor(Protocol):
    """Who can look: the browser probe."""

    async def audit(self, target: Target[BrowserCheck], within_s: float) -> Audited:
        """Walk once, untimed, and look at each screen; what was seen before a failure is kept."""


async def audit_now(
    auditor: Auditor,
    target: Target[BrowserCheck],
    *,
    identity: Identity,
    location: str,
    clock: SystemClock,
    within_s: float = LONGEST_S,
) -> Audit:
    """Audit a check. Never raises but for cancellation: what goes wrong makes the audit incomplete."""
    started_at = clock.now()
    seen = await or_bug(auditor.audit(target, within_s), target.check.id, _incomplete)
    return Audit(
        **dict(seen),
        id=f"{target.check.id}.{location}.{int(started_at.timestamp())}",
        check=target.check.id,
        service=target.service.id if target.service is not None else None,
        system=target.system.id,
        agency=target.agency.id,
        location=location,
        agent=identity.agent,
        config_hash=identity.config_hash,
        device=target.check.device,
        started_at=started_at,
        finished_at=clock.now(),
    )


def _incomplete(message: str) -> Audited:
    return Audited(complete=False, message=message)


def next_audit(check: BrowserCheck, last: Audit | None, started_at: datetime) -> datetime:
    """Return when a check is to be audited next: on a grid of its own, hashed from its id, so that audits spread.

    The first comes within an hour of `started_at`, the agent's start; one that was not complete is made again after
    a quarter of the interval.
    """
    every = int(check.accessibility.every)
    if last is None:
        return _after(check.id, min(every, _FIRST_WITHIN_S), started_at)
    return _after(check.id, every if last.complete else max(1, every // _AGAIN_IN_PARTS), last.started_at)


def _after(check: str, every: int, moment: datetime) -> datetime:
    digest = hashlib.sha256(f"accessibility {check}".encode()).digest()
    offset = int.from_bytes(digest[:8], "big") % every
    steps = int((moment.timestamp() - offset) // every) + 1
    return datetime.fromtimestamp(offset + steps * every, UTC)
