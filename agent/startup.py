"""What is made sure of, and taken up from an earlier process, before an agent begins."""

import fcntl
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import structlog

from agent.backlog import Backlog
from agent.clock import SystemClock
from agent.errors import AgentError
from agent.network import NetworkGuard
from agent.spool import Spool
from agent.timekeeper import FAR_S
from checks.config import Config
from exporters.snapshot import Snapshot
from probes.threads import have_threads
from store.protocol import Store

log = structlog.get_logger(__name__)


def need_threads() -> None:
    """Have threads for what would hold the loop. Raises AgentError: this machine gives none."""
    try:
        have_threads()
    except OSError as error:
        raise AgentError(f"{error.strerror}; raise the limit on processes (ulimit -u, pids of the container)") from None


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the data folder: two agents on one folder would walk every slot twice. Raises AgentError."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "agent.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AgentError(f"another agent already works on {data}/; stop it or choose another --data") from None
        yield


def backlog_in(data: Path) -> Backlog:
    """Return what waits for the store, with what an earlier process left. Raises AgentError."""
    try:
        return Backlog(Spool(data / "spool"))
    except OSError as error:
        raise AgentError(f"{data}/spool: cannot be read: {error.strerror}; choose another --data") from None


async def is_far_ahead(clock: SystemClock, last_due: Collection[datetime], guard: NetworkGuard) -> bool:
    """Whether this machine's clock is wrong by days, as it may be before anybody has set it.

    Slots up to there would get rows that nobody could walk when their time comes. Only who would fill more than a day
    asks: it may take seconds.
    """
    if not last_due or (clock.now() - max(last_due)).total_seconds() < FAR_S:
        return False
    await guard.ask()
    if (guard.clock_ahead_s or 0.0) < FAR_S:
        return False
    log.error("clock_far_ahead", seconds=guard.clock_ahead_s, consequence="slots since the last run get no row")
    return True


async def restored(config: Config, store: Store) -> Snapshot:
    """Return what the metrics show, as the store has it. Raises StoreError."""
    snapshot = Snapshot()
    snapshot.keep(config.targets, config.settings.location)
    snapshot.restore((await store.latest(walked=True)).values())
    return snapshot
