"""What a fault of the campaign is: one frozen value that a stranger can read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from checks.run import AGENT, NETWORK, NOBODY, SYSTEM, Blame, Reason, Verdict, dependency_blame
from tests.faults.happenings import Happening, cores_burnt
from tests.faults.surroundings import USUAL, Surroundings

Look = Literal["http", "secret", "https", "tls", "dns", "page", "choosing", "filing", "framed", "secure", "led"]
"""How the agent looks: a request (or one with a secret, or wherever it is led), a request over TLS, a certificate, a
name; a walk of one step on the portal, through its form, on through the sign-on to the dossier, the same in a frame; of
one step over TLS."""

OPEN, PLACE, SIGN_ON_PAGE, SIGN_ON = "Mở trang thủ tục", "Chọn nơi nộp", "Mở trang đăng nhập", "Đăng nhập"
"""The steps of the walks. Portal: the first two; settlement system: where the second ends; sign-on: the third."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the campaign must see. `step` is the first step that is not ok; empty for a check without steps.

    `attempts` is how many the slot took: a failure counts only when a second attempt confirms it.
    """

    verdict: Verdict
    blame: Blame
    reason: Reason | None
    step: str = ""
    attempts: int = 1

    def __str__(self) -> str:
        reason = self.reason.value if self.reason is not None else ""
        told = " / ".join(part for part in (self.verdict.value, self.blame, reason) if part and part != NOBODY)
        return f"{told} ({self.step})" if self.step else told


@dataclass(frozen=True, slots=True)
class Switch:
    """One fault of the practice province (docs/sandbox.md) on one of its hosts."""

    host: str
    fault: str
    path: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """Something that goes wrong, and what must be said about it.

    Attributes:
        what: what is done, for the table in docs/faults.md.
        look: how the agent looks at it.
        switches: what is wrong in the province, from the start until it is mended.
        expected: what the agent must say; `also` is as right, where it depends on the moment.
        mends: whether it is taken back afterwards, and the next run must then be ok.
        surroundings: where the agent is started.
        happens: what is done to the agent, or to its machine, while it runs.
    """

    id: str
    group: str
    what: str
    look: Look
    switches: tuple[Switch, ...]
    expected: Expected
    mends: bool = True
    surroundings: Surroundings = USUAL
    happens: Happening | None = None
    also: tuple[Expected, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether it needs an agent of its own: it happens to the agent, not to what the agent watches."""
        return self.happens is not None or self.surroundings is not USUAL

    @property
    def disturbs(self) -> bool:
        """Whether nothing can be measured beside it.

        It takes the processors from everybody, or makes a network interface, which every browser takes for a change of
        its own network (ERR_NETWORK_CHANGED).
        """
        return self.happens is cores_burnt or self.surroundings.own_network

    @property
    def walks(self) -> bool:
        """Whether a browser is needed."""
        return self.look in ("page", "choosing", "filing", "framed", "secure")


def failed(reason: Reason, step: str = "", blame: Blame = SYSTEM) -> Expected:
    """Expect a failure that a second attempt confirmed."""
    return Expected(Verdict.FAILED, blame, reason, step, attempts=2)


def outside(dependency: str, reason: Reason, step: str) -> Expected:
    """Expect a confirmed failure of an outside system."""
    return failed(reason, step, dependency_blame(dependency))


def slow(step: str = "", blame: Blame = SYSTEM) -> Expected:
    """Expect a budget to be broken."""
    return Expected(Verdict.SLOW, blame, Reason.BUDGET, step)


def blocked(reason: Reason, step: str = "") -> Expected:
    """Expect that we were turned away as a robot."""
    return Expected(Verdict.BLOCKED, SYSTEM, reason, step)


def ours(reason: Reason, step: str = "", blame: Blame = AGENT, attempts: int = 1) -> Expected:
    """Expect that nobody is accused because of our own fault."""
    return Expected(Verdict.INCONCLUSIVE, blame, reason, step, attempts)


def our_network(reason: Reason, step: str = "") -> Expected:
    """Expect that nobody is accused because of our own line."""
    return ours(reason, step, NETWORK)


def left_out(reason: Reason) -> Expected:
    """Expect a slot that was due and not run."""
    return Expected(Verdict.SKIPPED, AGENT, reason)


WELL = Expected(Verdict.OK, NOBODY, None)
