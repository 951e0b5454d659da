"""The kernel's counters, from texts as kernels and containers really write them; what is not told is None."""

from pathlib import Path

import pytest

from agent.kernel import Counters, Groups, Kernel, between, groups, idle_s, quota, stall_s, stolen_and_all, throttled_s

PRESSURE = """\
some avg10=80.84 avg60=71.76 avg300=43.68 total=4166394645
full avg10=0.00 avg60=0.00 avg300=0.00 total=0
"""
STAT = """\
cpu  1129470 30355 284862 1318054 3630 0 2276 459 17 0
cpu0 541560 14969 140779 685252 802 0 781 224 17 0
intr 123 0 9
"""
DOCKER_V2 = "0::/\n"
DOCKER_V2_MOUNTS = """\
712 700 0:112 / / rw,relatime master:230 - overlay overlay rw,lowerdir=/a,upperdir=/b
723 712 0:27 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate,memory_recursiveprot
"""
SERVICE_V2 = "0::/system.slice/dvcwatch.service\n"
HOST_V2_MOUNTS = (
    "35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
)
DOCKER_V1 = "9:memory:/docker/4f1c\n2:cpu,cpuacct:/docker/4f1c\n1:name=systemd:/docker/4f1c\n"
DOCKER_V1_MOUNTS = """\
740 731 0:33 /docker/4f1c /sys/fs/cgroup/memory ro,nosuid,relatime master:17 - cgroup cgroup rw,memory
741 731 0:34 /docker/4f1c /sys/fs/cgroup/cpu,cpuacct ro,nosuid,relatime master:18 - cgroup cgroup rw,cpu,cpuacct
"""


def test_the_share_of_a_span_comes_from_what_was_counted_within_it() -> None:
    before = Counters(10.0, cpu_stall_s=4.0, memory_stall_s=1.0, throttled_s=0.5, stolen=459, ticks=1000)
    after = Counters(12.0, cpu_stall_s=5.0, memory_stall_s=1.0, throttled_s=0.6, stolen=479, ticks=1400)
    shares = between(before, after)
    assert (shares.span_s, shares.cpu_pressure, shares.memory_pressure, shares.steal) == (2.0, 0.5, 0.0, 0.05)
    assert shares.throttled == pytest.approx(0.05)


def test_what_is_not_told_has_no_share() -> None:
    shares = between(Counters(10.0, cpu_stall_s=4.0), Counters(12.0))
    assert (shares.cpu_pressure, shares.memory_pressure, shares.throttled, shares.steal) == (None,) * 4
    assert between(Counters(10.0, cpu_stall_s=4.0), Counters(10.0, cpu_stall_s=4.0)).cpu_pressure is None


def test_two_cores_held_back_at_once_are_no_more_than_all_of_the_time() -> None:
    assert between(Counters(0.0, throttled_s=0.0), Counters(1.0, throttled_s=1.9)).throttled == 1.0


def test_the_texts_of_a_kernel_are_read() -> None:
    assert stall_s(PRESSURE) == pytest.approx(4166.394645)
    assert idle_s(STAT, {0, 1}) == pytest.approx((685252 + 802) / 100)
    assert idle_s(STAT, {1}) is None
    assert stolen_and_all(STAT) == (459, 1129470 + 30355 + 284862 + 1318054 + 3630 + 2276 + 459)
    assert throttled_s("nr_periods 9\nnr_throttled 2\nthrottled_usec 150000\n") == pytest.approx(0.15)
    assert throttled_s("nr_periods 9\nnr_throttled 2\nthrottled_time 150000000\n") == pytest.approx(0.15)
    assert (quota("150000 100000\n"), quota("max 100000\n"), quota("-1 100000"), quota("")) == (1.5, None, None, None)


@pytest.mark.parametrize("text", ["", "some\n", "full avg10=0.00 total=3\n", "cpu  1 2 3\n", "\x00"])
def test_texts_that_say_nothing_are_no_error(text: str) -> None:
    assert (stall_s(text), stolen_and_all(text), throttled_s(text)) == (None, (None, None), None)


@pytest.mark.parametrize(
    ("cgroup", "mounts", "found"),
    [
        (DOCKER_V2, DOCKER_V2_MOUNTS, Groups(unified=(Path("/sys/fs/cgroup"),))),
        (
            SERVICE_V2,
            HOST_V2_MOUNTS,
            Groups(
                unified=(
                    Path("/sys/fs/cgroup/system.slice/dvcwatch.service"),
                    Path("/sys/fs/cgroup/system.slice"),
                    Path("/sys/fs/cgroup"),
                )
            ),
        ),
        (
            DOCKER_V1,
            DOCKER_V1_MOUNTS,
            Groups(cpu=(Path("/sys/fs/cgroup/cpu,cpuacct"),), memory=(Path("/sys/fs/cgroup/memory"),)),
        ),
        ("", "", Groups()),
    ],
    ids=["container", "service", "container of version 1", "nothing told"],
)
def test_our_cgroups_are_found(cgroup: str, mounts: str, found: Groups) -> None:
    assert groups(cgroup, mounts) == found


def machine(root: Path, **files: str) -> Kernel:
    """Lay out /proc and a container's /sys/fs/cgroup under `root`; `__` stands for a slash, `_` for a dot."""
    texts = {"proc/self/cgroup": DOCKER_V2, "proc/self/mountinfo": DOCKER_V2_MOUNTS}
    texts |= {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return Kernel(root)


def test_our_own_cgroup_says_more_than_the_machine(tmp_path: Path) -> None:
    own = PRESSURE.replace("4166394645", "2000000")
    kernel = machine(tmp_path, proc__pressure__cpu=PRESSURE, sys__fs__cgroup__cpu_pressure=own, proc__stat=STAT)
    counters = kernel.counters(7.0)
    assert (counters.at, counters.cpu_stall_s, counters.memory_stall_s, counters.stolen) == (7.0, 2.0, None, 459)


def test_without_a_cgroup_of_our_own_the_machine_tells(tmp_path: Path) -> None:
    assert machine(tmp_path, proc__pressure__cpu=PRESSURE).counters(0.0).cpu_stall_s == pytest.approx(4166.394645)


def test_free_memory_is_what_the_narrower_limit_leaves(tmp_path: Path) -> None:
    kernel = machine(
        tmp_path,
        proc__meminfo="MemTotal:  24684000 kB\nMemAvailable:  22000000 kB\n",
        sys__fs__cgroup__memory_max="1000000000\n",
        sys__fs__cgroup__memory_current="900000000\n",
        sys__fs__cgroup__memory_stat="anon 1\ninactive_file 50000000\n",
        sys__fs__cgroup__cpu_max="50000 100000\n",
    )
    assert kernel.memory_free_bytes() == 150_000_000
    assert kernel.cores() == 0.5


def test_a_machine_that_tells_nothing_is_no_error(tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    assert kernel.counters(1.0) == Counters(1.0)
    assert (kernel.memory_free_bytes(), kernel.load_1m()) == (None, None)
    assert kernel.cores() >= 1


def test_this_machine_is_read() -> None:
    kernel = Kernel()
    assert (kernel.memory_free_bytes() or 0) > 0
    assert kernel.cores() > 0
