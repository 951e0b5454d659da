"""What one look at the accessibility of a check's screens brought back (docs/measures.md, "Accessibility").

An audit is a walk of its own, untimed; it has no slot, no verdict and no part in any count of runs.
"""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from pydantic import Field

from checks.frozen import Value
from checks.owners import THIRD_PARTY
from checks.run import Device, Message, Moment

Impact = Literal["critical", "serious", "moderate", "minor"]
"""How much a violation hinders people, in axe's words, worst first."""

IMPACTS: tuple[Impact, ...] = get_args(Impact)
SEVERE: frozenset[Impact] = frozenset({"critical", "serious"})
"""The impacts that a rank counts."""

Wcag = Literal["2.0", "2.1", "2.2"]
WCAG_TAGS: Mapping[str, Wcag] = MappingProxyType(
    {"wcag2a": "2.0", "wcag2aa": "2.0", "wcag21a": "2.1", "wcag21aa": "2.1", "wcag22aa": "2.2"}
)
"""The rules that are looked at, by axe's tags: WCAG at A and AA, and the version that first asked for them."""

RANKED_WCAG: Wcag = "2.0"
"""The version that the ministry's circular names; what later ones added is shown and not ranked."""

BEST_PRACTICE = "best-practice"
"""The tag of rules that no standard asks for; they are looked at and kept apart."""


class AuditElement(Value):
    """One element that breaks a rule."""

    target: Message = Field(description="Where it is, as CSS selectors; one more for each frame and shadow root.")
    html: Message = Field(default="", description="Its opening tag, without what people typed and without data.")


class Violation(Value):
    """The elements of one screen that break one rule in the documents of one owner."""

    rule: str = Field(description="axe's name of the rule.")
    impact: Impact = Field(description="How much it hinders people.")
    wcag: Wcag | None = Field(description="First version of WCAG that asks for it; null: best practice only.")
    help: Message = Field(description="The rule in axe's English words.")
    owner: str = Field(description="Whose document: `system:<id>`, `dependency:<id>` or `third_party`.")
    count: int = Field(ge=1, description="Elements, those not listed included.")
    elements: tuple[AuditElement, ...] = Field(default=(), description="The first of them.")

    @property
    def best_practice(self) -> bool:
        """Whether no standard asks for it; shown apart, never counted."""
        return self.wcag is None


class AuditScreen(Value):
    """What was on the screen when a step had reached its goal.

    An element that an earlier screen of the same address showed broken in the same way is not told again.
    """

    step: str = Field(description="Name of the step in checks.yaml.")
    url: Message = Field(description="Address without query and fragment.")
    violations: tuple[Violation, ...] = Field(default=(), description="Worst first.")
    missing: Message = Field(default="", description="Vietnamese: what could not be looked at; empty when all was.")


class Audited(Value):
    """What the browser saw. Knows nothing of who asked."""

    screens: tuple[AuditScreen, ...] = Field(default=(), description="In the order of the walk.")
    complete: bool = Field(description="Every step reached its goal and every screen was looked at as a whole.")
    message: Message = Field(default="", description="Vietnamese: why it is not complete.")
    engine: str = Field(default="", description="What judged the screens.")
    browser: str | None = Field(default=None, description="Version of the browser that walked.")


class Audit(Audited):
    """One audit of one check."""

    id: str = Field(description="`check.location.epoch-seconds` of its start.")
    check: str = Field(description="Id of the check.")
    service: str | None = Field(default=None, description="Id of the service, if one is measured.")
    system: str = Field(description="Id of the system.")
    agency: str = Field(description="Id of the agency that answers for the result.")
    location: str = Field(description="Where it was made.")
    agent: str = Field(description="Host name of the agent.")
    config_hash: str = Field(description="Digest of the configuration in force.")
    device: Device = Field(description="Which screen.")
    started_at: Moment = Field(description="When it began.")
    finished_at: Moment = Field(description="When it ended.")

    def charged(self, violation: Violation) -> bool:
        """Whether the watched system answers for it, and a standard asks for it.

        Documents of outside systems are theirs; what a page embeds from hosts nobody is registered for is its own.
        """
        return not violation.best_practice and violation.owner in (f"system:{self.system}", THIRD_PARTY)

    @property
    def counts(self) -> Mapping[Impact, int]:
        """Elements of all screens that the system answers for, by impact, every impact named."""
        found: Counter[Impact] = Counter(dict.fromkeys(IMPACTS, 0))
        for screen in self.screens:
            for violation in filter(self.charged, screen.violations):
                found[violation.impact] += violation.count
        return found

    @property
    def severe(self) -> int:
        """Elements that a rank counts: critical or serious, and asked for by the version that the circular names."""
        every = (violation for screen in self.screens for violation in filter(self.charged, screen.violations))
        return sum(one.count for one in every if one.impact in SEVERE and one.wcag == RANKED_WCAG)
