"""What the kernel counts of this machine and of our share in it: stalls, stolen and throttled time, memory.

A count that this kernel or container does not tell is None; nothing here raises for it.
"""

import os
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

_US, _NS = 1e-6, 1e-9
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_MOUNT = re.compile(r"^\S+ \S+ (\S+) (\S+) (\S+) .*?- (cgroup2?) \S+ (\S+)$", re.MULTILINE)
_STOLEN, _CPU_FIELDS = 7, 8  # guest time, which follows, is in user time already


@dataclass(frozen=True, slots=True)
class Counters:
    """Counts that only grow, at the monotonic moment `at`.

    `cpu_stall_s`: time in which some task that was ready waited for a processor; `memory_stall_s`: in which some task
    waited for memory. Both are those of our own cgroup where it counts, else those of the machine. `throttled_s`: time
    for which a CPU limit held us back. `stolen` and `ticks` are in the units of /proc/stat: what another machine on
    the same host took of our processors, and everything. `idle_s`: how long the processors that we may use have been
    idle, added up.
    """

    at: float
    cpu_stall_s: float | None = None
    memory_stall_s: float | None = None
    throttled_s: float | None = None
    stolen: int | None = None
    ticks: int | None = None
    idle_s: float | None = None


@dataclass(frozen=True, slots=True)
class Shares:
    """What happened between two readings, as shares (0-1) of the time between them; `idle_cores` is their number."""

    span_s: float
    cpu_pressure: float | None
    memory_pressure: float | None
    throttled: float | None
    steal: float | None
    idle_cores: float | None = None


def between(before: Counters, after: Counters) -> Shares:
    """Return the shares of the time between two readings; all None when no time passed."""
    span_s = after.at - before.at
    return Shares(
        span_s=span_s,
        cpu_pressure=_share(before.cpu_stall_s, after.cpu_stall_s, span_s),
        memory_pressure=_share(before.memory_stall_s, after.memory_stall_s, span_s),
        throttled=_share(before.throttled_s, after.throttled_s, span_s),
        steal=_share(before.stolen, after.stolen, (after.ticks or 0) - (before.ticks or 0)),
        idle_cores=_rate(before.idle_s, after.idle_s, span_s),
    )


def _share(before: float | None, after: float | None, whole: float) -> float | None:
    rate = _rate(before, after, whole)
    return None if rate is None else min(1.0, rate)


def _rate(before: float | None, after: float | None, whole: float) -> float | None:
    return None if before is None or after is None or whole <= 0 else max(0.0, (after - before) / whole)


def stall_s(text: str) -> float | None:
    """Return the `some` total of a pressure file, in seconds."""
    found = re.search(r"^some .*\btotal=(\d+)", text, re.MULTILINE)
    return int(found[1]) * _US if found is not None else None


def stolen_and_all(text: str) -> tuple[int | None, int | None]:
    """Return stolen ticks and all ticks of all processors from /proc/stat."""
    found = re.search(r"^cpu +([\d ]+)$", text, re.MULTILINE)
    ticks = [int(part) for part in found[1].split()] if found is not None else []
    if len(ticks) < _CPU_FIELDS:
        return None, None
    return ticks[_STOLEN], sum(ticks[:_CPU_FIELDS])


def idle_s(text: str, cpus: AbstractSet[int]) -> float | None:
    """Return how long these processors have been idle, or waited for a disk only, from /proc/stat, added up."""
    lines = re.findall(r"^cpu(\d+) \d+ \d+ \d+ (\d+) (\d+)", text, re.MULTILINE)
    ours = [int(idle) + int(waited) for cpu, idle, waited in lines if int(cpu) in cpus]
    return sum(ours) / _TICKS_A_SECOND if ours else None


def throttled_s(text: str) -> float | None:
    """Return how long a CPU limit held a group back, from its cpu.stat (version 2 or 1 of cgroups), in seconds."""
    told = {key: int(value) for key, value in re.findall(r"^(\w+) (\d+)$", text, re.MULTILINE)}
    if "throttled_usec" in told:
        return told["throttled_usec"] * _US
    return told["throttled_time"] * _NS if "throttled_time" in told else None


def quota(text: str) -> float | None:
    """Return the processors that a cpu.max allows; None without a limit."""
    found = re.match(r"(\d+) (\d+)$", text.strip())
    return int(found[1]) / int(found[2]) if found is not None and int(found[2]) else None


@dataclass(frozen=True, slots=True)
class Groups:
    """The cgroups this process is in, its own first, then those around it: of version 2, and of version 1's parts."""

    unified: tuple[Path, ...] = ()
    cpu: tuple[Path, ...] = ()
    memory: tuple[Path, ...] = ()


def groups(cgroup: str, mountinfo: str, root: Path = Path("/")) -> Groups:
    """Find our cgroups from the texts of /proc/self/cgroup and /proc/self/mountinfo."""
    ours = {kind: path for _, kind, path in (line.split(":", 2) for line in cgroup.splitlines() if line.count(":") > 1)}
    mounts = dict(_mounts(mountinfo))
    parts = {name: path for kind, path in ours.items() for name in kind.split(",")}
    return Groups(**{
        field: _chain(root, mounts[kind], parts[kind]) if kind in mounts and kind in parts else ()
        for field, kind in (("unified", ""), ("cpu", "cpu"), ("memory", "memory"))
    })  # fmt: skip


def _mounts(mountinfo: str) -> Iterable[tuple[str, tuple[str, str]]]:
    """Yield each controller ("" for version 2) with the root and the place of its mount."""
    for _, top, place, kind, options in _MOUNT.findall(mountinfo):
        for controller in options.split(",") if kind == "cgroup" else ("",):
            yield controller, (top, place)


def _chain(root: Path, mount: tuple[str, str], path: str) -> tuple[Path, ...]:
    top, place = Path(mount[0]), root / mount[1].lstrip("/")
    # A group outside of what is mounted here (a container's own view) stands at the mount itself.
    inner = Path(path).relative_to(top) if Path(path).is_relative_to(top) else Path()
    return (place / inner, *((place / inner).parents[: len(inner.parts)]))


class Kernel:
    """Reads the counters; `root` is where /proc and /sys are."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._proc = root / "proc"
        self._groups = groups(_read(self._proc / "self/cgroup"), _read(self._proc / "self/mountinfo"), root)

    def counters(self, at: float) -> Counters:
        """Read all counters now; `at` is this moment on the monotonic clock."""
        stat = _read(self._proc / "stat")
        stolen, ticks = stolen_and_all(stat)
        return Counters(
            at=at,
            cpu_stall_s=self._stall_s("cpu"),
            memory_stall_s=self._stall_s("memory"),
            throttled_s=self._throttled_s(),
            stolen=stolen,
            ticks=ticks,
            idle_s=idle_s(stat, os.sched_getaffinity(0)),
        )

    def _stall_s(self, what: str) -> float | None:
        for own in self._groups.unified[:1]:
            told = stall_s(_read(own / f"{what}.pressure"))
            if told is not None:
                return told
        return stall_s(_read(self._proc / "pressure" / what))

    def _throttled_s(self) -> float | None:
        every = (*self._groups.unified, *self._groups.cpu)
        told = [one for group in every if (one := throttled_s(_read(group / "cpu.stat"))) is not None]
        return sum(told) if told else None

    def memory_free_bytes(self) -> int | None:
        """Return what can be had without swapping, within the limit of our cgroups."""
        room = [*self._rooms()]
        available = _number(_facts(_read(self._proc / "meminfo")), "MemAvailable:")
        if available is not None:
            room.append(available * 1024)
        return min(room, default=None)

    def _rooms(self) -> Iterable[int]:
        for group in self._groups.unified:
            limit = _whole(_read(group / "memory.max"))
            used = _whole(_read(group / "memory.current"))
            if limit is not None and used is not None:
                yield max(0, limit - used + (_number(_facts(_read(group / "memory.stat")), "inactive_file") or 0))
        for group in self._groups.memory:
            limit = _whole(_read(group / "memory.limit_in_bytes"))
            used = _whole(_read(group / "memory.usage_in_bytes"))
            if limit is not None and used is not None:
                cached = _number(_facts(_read(group / "memory.stat")), "total_inactive_file") or 0
                yield max(0, limit - used + cached)

    def load_1m(self) -> float | None:
        """Return the load average of the last minute."""
        words = _read(self._proc / "loadavg").split()
        return float(words[0]) if words else None

    def processor(self) -> str:
        """Return what the processor calls itself; empty where it says nothing."""
        found = re.search(r"^model name\s*: (.+)$", _read(self._proc / "cpuinfo"), re.MULTILINE)
        return found[1] if found is not None else ""

    def cores(self) -> float:
        """Return how many processors we may use at once: by affinity, and by the CPU limit of our cgroups."""
        limits = [limit for group in self._groups.unified if (limit := quota(_read(group / "cpu.max"))) is not None]
        for group in self._groups.cpu:
            limit = quota(f"{_read(group / 'cpu.cfs_quota_us').strip()} {_read(group / 'cpu.cfs_period_us').strip()}")
            limits += [limit] if limit is not None else []
        return min([float(len(os.sched_getaffinity(0))), *limits])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _whole(text: str) -> int | None:
    return int(text) if text.strip().isdigit() else None


def _facts(text: str) -> Mapping[str, str]:
    return {words[0]: words[1] for line in text.splitlines() if len(words := line.split()) > 1}


def _number(facts: Mapping[str, str], key: str) -> int | None:
    return _whole(facts.get(key, ""))
