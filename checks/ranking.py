"""The numbers of the ranking method, each with its basis. The method itself lives in `ranking/`."""

from typing import Literal

from pydantic import Field

from checks.frozen import Frozen
from checks.text import Duration, Label

Pillar = Literal["availability", "response", "convenience", "access"]
IndicatorId = Literal[
    "journey_completion", "page_availability", "longest_outage",
    "apdex", "lcp_p75", "step_p95", "progress_shown",
    "clicks_to_find", "steps_and_clicks", "fields_and_re_entry", "handling_time", "help_items",
    "axe", "mobile", "https", "notices",
]  # fmt: skip
Status = Literal["bắt buộc", "khuyến nghị", "nội bộ"]
ClassName = Literal["A", "B", "C", "D", "E"]


class Indicator(Frozen):
    """Points between two anchors: all of them at `full`, none at `zero`, in proportion between."""

    pillar: Pillar
    points: float = Field(gt=0)
    full: float
    zero: float
    basis: Label = Field(description="Where the anchor comes from (căn cứ).")
    status: Status


class IndicatorOverride(Frozen):
    """What checks.yaml may change of one indicator; a change says its basis."""

    points: float | None = Field(default=None, ge=0)
    full: float | None = None
    zero: float | None = None
    basis: Label
    status: Status = "nội bộ"


class ClassCut(Frozen):
    """The lowest score of a class."""

    name: ClassName
    from_score: float = Field(ge=0, le=100)


class Gate(Frozen):
    """A condition that caps the class whatever the score."""

    when: Literal["completion_below", "certificate_invalid_longer_than"]
    limit: float = Field(description="A share (0-1) for completion, seconds for the certificate.")
    at_most: ClassName


class MinimumData(Frozen):
    """Below this a unit is not ranked: `chưa đủ dữ liệu – không xếp hạng`."""

    coverage: float = Field(default=0.8, ge=0, le=1)
    days: int = Field(default=20, ge=1)


class RankingMethod(Frozen):
    """The `ranking:` section: everything a published score depends on."""

    version: Literal[1] = 1
    unit: Literal["system", "service", "agency"] = "system"
    apdex_t: Duration = Field(default=2.5, description="Apdex target of a step.")
    minimum: MinimumData = MinimumData()
    indicators: dict[IndicatorId, IndicatorOverride] = Field(default_factory=dict)
    classes: tuple[ClassCut, ...] = (
        ClassCut(name="A", from_score=90),
        ClassCut(name="B", from_score=80),
        ClassCut(name="C", from_score=65),
        ClassCut(name="D", from_score=50),
        ClassCut(name="E", from_score=0),
    )
    gates: tuple[Gate, ...] = (
        Gate(when="completion_below", limit=0.90, at_most="C"),
        Gate(when="completion_below", limit=0.50, at_most="E"),
        Gate(when="certificate_invalid_longer_than", limit=86400.0, at_most="D"),
    )
