"""Faults of our own machine: whatever happens to the agent, nobody else is accused."""

import signal

from checks.run import Reason
from tests.faults import happenings as happen
from tests.faults.fault import OPEN, WELL, Expected, Fault, Look, Switch, failed, left_out, our_network, ours
from tests.faults.happenings import BROWSER, DRIVER, RENDERER
from tests.faults.surroundings import Surroundings

_PORTAL = "cong-quoc-gia"
_HOLD = (Switch(_PORTAL, "slow", numbers={"seconds": 0.8}),)
_VERSION = '#!/bin/sh\n[ "$1" = --version ] && echo "Chromium 131.0.0.0" && exit\n'
_ANY = "agent: browser"


def _browser(id_: str, what: str, script: str, mode: int = 0o755) -> Fault:
    files = {"chromium": (script, mode)} if script else {}
    around = Surroundings(files=files, browser={"executable": "{folder}/chromium"})
    return Fault(id_, "own browser", what, "page", (), ours(Reason.BROWSER_START), mends=False, surroundings=around)


def _hit(id_: str, what: str, flag: str, number: signal.Signals, expected: Expected) -> Fault:
    return Fault(id_, "own browser", what, "page", _HOLD, expected, happens=happen.signalled(flag, number))


_DIED = ours(Reason.PAGE_CRASH)
_PAGE_DIED = ours(Reason.PAGE_CRASH, OPEN)

BROWSERS = (
    _browser("browser-missing", "There is no browser.", ""),
    _browser("browser-not-executable", "The browser may not be executed.", _VERSION, 0o644),
    _browser("browser-crashes", "The browser crashes when it is started.", _VERSION + "kill -SEGV $$\n"),
    _browser("browser-is-none", "What is called a browser is another program.", _VERSION + "echo xin chao\n"),
    _hit("browser-killed", "SIGKILL of the browser in mid-walk.", BROWSER, signal.SIGKILL, _DIED),
    _hit("driver-killed", "SIGKILL of the driver in mid-walk.", DRIVER, signal.SIGKILL, _DIED),
    _hit("renderer-killed", "SIGKILL of the page's process.", RENDERER, signal.SIGKILL, _PAGE_DIED),
    _hit("renderer-halted", "SIGSTOP of the page's process.", RENDERER, signal.SIGSTOP, _PAGE_DIED),
)

_SMALL_SHM = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=64k none /dev/shm && exec "$@"', "sh")
_FAKED_CLOCK = {
    "LD_PRELOAD": "{faketime}",
    "FAKETIME_TIMESTAMP_FILE": "{folder}/clock",
    "FAKETIME_NO_CACHE": "1",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
}


def _clock(id_: str, what: str, by: str) -> Fault:
    around = Surroundings(environment=_FAKED_CLOCK, files={"clock": ("+0\n", 0o644)})
    expected, happens = ours(Reason.CLOCK), happen.clock_moved(by)
    return Fault(id_, "own machine", what, "http", _HOLD, expected, surroundings=around, happens=happens)


MACHINE = (
    Fault(
        "shm-full",
        "own machine",
        "/dev/shm holds 64 KB.",
        "filing",
        (),
        WELL,
        surroundings=Surroundings(before=_SMALL_SHM),
        mends=False,
    ),
    Fault(
        "no-temp",
        "own machine",
        "TMPDIR is a place where nothing can be written; the usual ones serve.",
        "page",
        (),
        WELL,
        surroundings=Surroundings(environment={"TMPDIR": "/proc"}),
        mends=False,
    ),
    Fault(
        "no-memory",
        "own machine",
        "The browser may not have the memory it asks for (ulimit -v).",
        "page",
        (),
        ours(Reason.BROWSER_START),
        mends=False,
        surroundings=Surroundings(
            files={"chromium": ('#!/bin/sh\nulimit -v 2000000\nexec {browser} "$@"\n', 0o755)},
            browser={"executable": "{folder}/chromium"},
        ),
    ),
    Fault(
        "few-files",
        "own machine",
        "The agent may open no further file.",
        "http",
        (),
        ours(Reason.AGENT_OVERLOAD),
        happens=happen.few_files(happen.REQUEST_EVERY_S),
    ),
    Fault(
        "few-files-page",
        "own machine",
        "The agent may open no further file.",
        "page",
        (),
        ours(Reason.AGENT_OVERLOAD),
        happens=happen.few_files(happen.WALK_EVERY_S),
    ),
    Fault(
        "burnt",
        "own machine",
        "Six programs burn all cores; the page is well.",
        "page",
        (),
        WELL,
        happens=happen.cores_burnt,
        also=(left_out(Reason.AGENT_OVERLOAD),),
    ),
    Fault(
        "burnt-404",
        "own machine",
        "Six programs burn all cores; the page answers 404.",
        "page",
        (Switch(_PORTAL, "http_404"),),
        ours(Reason.AGENT_OVERLOAD, OPEN),
        happens=happen.cores_burnt,
        also=(left_out(Reason.AGENT_OVERLOAD), ours(Reason.AGENT_OVERLOAD, attempts=2)),
    ),
    Fault(
        "agent-killed",
        "own machine",
        "SIGKILL of the agent in mid-walk; it is started again.",
        "page",
        _HOLD,
        ours(Reason.AGENT_STOPPED),
        happens=happen.agent_killed,
    ),
    Fault(
        "agent-stopped",
        "own machine",
        "SIGTERM of the agent in mid-walk; it is started again.",
        "page",
        _HOLD,
        WELL,
        happens=happen.agent_stopped,
    ),
    Fault(
        "halted",
        "own machine",
        "The agent stands still for six seconds in mid-walk, as a frozen container.",
        "page",
        _HOLD,
        WELL,
        happens=happen.agent_halted,
        also=(ours(Reason.AGENT_OVERLOAD, OPEN), ours(Reason.AGENT_OVERLOAD)),
    ),
    _clock("clock-ahead", "The clock is set an hour ahead in mid-run, and stays so.", "+3600"),
    _clock("clock-back", "The clock is set an hour back in mid-run, and stays so.", "-3600"),
    Fault(
        "no-secret",
        "own machine",
        "A secret that the check needs is not there.",
        "secret",
        (),
        ours(Reason.CONFIG),
        mends=False,
    ),
)

STORE = (
    Fault(
        "store-locked",
        "own store",
        "Another program locks the store for 15 s; what is measured then is kept.",
        "http",
        (),
        WELL,
        happens=happen.store_locked,
    ),
    Fault(
        "disk-full",
        "own store",
        "The disk under the data folder is full for 20 s; what is measured then is kept.",
        "http",
        (),
        WELL,
        happens=happen.disk_full,
        surroundings=Surroundings(data_size="4m"),
    ),
    Fault(
        "no-proof",
        "own store",
        "No proof can be written; the page answers 500.",
        "page",
        (Switch(_PORTAL, "http_500"),),
        failed(Reason.HTTP_STATUS, OPEN),
        happens=happen.proof_refused,
        mends=False,
    ),
)

_NO_LINE = Surroundings(own_network=True)
_INTO_NOTHING = (
    "ip link add out type veth peer name hole && ip link set hole up && ip link set out arp off up"
    ' && ip addr add 10.78.0.1/32 dev out && ip route add default dev out && exec "$@"'
)
_SILENT_LINE = Surroundings(own_network=True, inside=("sh", "-c", _INTO_NOTHING, "sh"))
_NAMES = Surroundings(own_names=True)


def _cut_off(id_: str, what: str, around: Surroundings, reason: Reason) -> tuple[Fault, Fault]:
    """Make the fault twice: met by a request, and met by a citizen's walk."""

    def met(id_: str, look: Look, step: str) -> Fault:
        later, expected = happen.connected_later, our_network(reason, step)
        return Fault(id_, "own network", what, look, (), expected, surroundings=around, happens=later)

    return met(f"{id_}-http", "http", ""), met(id_, "page", OPEN)


def _names(id_: str, what: str, fault: str, look: Look, expected: Expected, **numbers: float) -> Fault:
    switches = (Switch("dns", fault, numbers=numbers),) if fault else ()
    return Fault(id_, "own network", what, look, switches, expected, surroundings=_NAMES)


LINE = (
    *_cut_off("no-line", "The machine has no network.", _NO_LINE, Reason.TCP),
    *_cut_off(
        "silent-line",
        "What the machine sends is lost, to the service and to the reference targets alike.",
        _SILENT_LINE,
        Reason.TIMEOUT,
    ),
    Fault(
        "foreign-script",
        "own network",
        "The page waits for a script of a host nobody is registered for, and what the machine sends there is lost.",
        "page",
        (Switch(_PORTAL, "foreign_script"),),
        our_network(Reason.TIMEOUT, OPEN),
        surroundings=_SILENT_LINE,
        happens=happen.connected_first,
    ),
    _names(
        "resolver-dead-http", "The machine's resolver does not answer.", "dns_timeout", "http", our_network(Reason.DNS)
    ),
    _names(
        "resolver-dead", "The machine's resolver does not answer.", "dns_timeout", "page", our_network(Reason.DNS, OPEN)
    ),
    _names(
        "resolver-fails-http",
        "The machine's resolver answers SERVFAIL.",
        "dns_servfail",
        "http",
        our_network(Reason.DNS),
    ),
    _names(
        "resolver-fails",
        "The machine's resolver answers SERVFAIL.",
        "dns_servfail",
        "page",
        our_network(Reason.DNS, OPEN),
    ),
    _names(
        "resolver-slow-http",
        "The machine's resolver takes 1.7 s; the budget is 1.5 s.",
        "dns_slow",
        "http",
        our_network(Reason.DNS),
        seconds=1.7,
    ),
    Fault(
        "resolver-slow-silent-http",
        "own network",
        "The machine's resolver takes one of the two seconds that there are, and the portal never answers.",
        "http",
        (Switch("dns", "dns_slow", numbers={"seconds": 1}), Switch(_PORTAL, "hang")),
        our_network(Reason.DNS),
        surroundings=_NAMES,
    ),
    _names(
        "resolver-slow",
        "The machine's resolver takes 0.8 s for each of two questions; the page's budget is 1.5 s.",
        "dns_slow",
        "page",
        our_network(Reason.DNS, OPEN),
        seconds=0.8,
    ),
    _names("name-gone-http", "The resolver says that the name does not exist.", "nxdomain", "http", failed(Reason.DNS)),
    _names(
        "name-gone", "The resolver says that the name does not exist.", "nxdomain", "page", failed(Reason.DNS, OPEN)
    ),
)
