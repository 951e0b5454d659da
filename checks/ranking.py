"""The numbers of the ranking method, each with its basis. The method itself lives in `ranking/`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, Self

from pydantic import Field, model_validator

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
Measure = Literal["share", "seconds", "ratio", "count", "index"]
"""How a value is read: a share of 1, seconds, times the reference, a number of things, an index of 0-1."""

PILLARS: Mapping[Pillar, str] = MappingProxyType(
    {
        "availability": "Sẵn sàng, ổn định",
        "response": "Thời gian phản hồi",
        "convenience": "Thuận tiện",
        "access": "Tiếp cận, an toàn, thông tin",
    }
)
"""The pillars in the order of the papers, with their Vietnamese names."""


class Indicator(Frozen):
    """Points between two anchors: all of them at `full`, none at `zero`, in proportion between."""

    title: Label = Field(description="Its name in the papers.")
    pillar: Pillar = Field(description="The pillar it belongs to.")
    measure: Measure = Field(description="How its value is read.")
    points: float = Field(gt=0, description="The most it can give.")
    full: float = Field(description="Value from which all points are given.")
    zero: float = Field(description="Value from which no points are given.")
    basis: Label = Field(description="Where the anchor comes from (căn cứ).")
    status: Status = Field(description="How binding the basis is.")


Basis = tuple[str, Status]
_INTERNAL: Basis = ("Ngưỡng nội bộ", "nội bộ")
_LOADING: Basis = ("Ngưỡng nội bộ, theo thông lệ đo chất lượng trang web", "nội bộ")
_REFERENCE: Basis = ("Ngưỡng nội bộ, so với lộ trình tham chiếu của thủ tục", "nội bộ")
_DESIGN: Basis = ("Thông tư 32/2017/TT-BTTTT, Điều 11", "khuyến nghị")
_WCAG: Basis = ("Thông tư 22/2023/TT-BTTTT (WCAG 2.0); ngưỡng nội bộ", "khuyến nghị")
_NOTICE: Basis = ("Nghị định 224/2026/NĐ-CP, Điều 13 (thông báo bảo trì); ngưỡng nội bộ", "nội bộ")


def _of(pillar: Pillar, title: str, measure: Measure, numbers: tuple[float, float, float], basis: Basis) -> Indicator:
    points, full, zero = numbers
    why, status = basis
    return Indicator(
        title=title, pillar=pillar, measure=measure, points=points, full=full, zero=zero, basis=why, status=status
    )


INDICATORS: Mapping[IndicatorId, Indicator] = MappingProxyType(
    {
        "journey_completion": _of(
            "availability", "Tỷ lệ hoàn thành lượt thực hiện", "share", (20, 0.99, 0.90), _INTERNAL
        ),
        "page_availability": _of("availability", "Tính sẵn sàng của trang", "share", (10, 0.995, 0.95), _INTERNAL),
        "longest_outage": _of("availability", "Gián đoạn dài nhất", "seconds", (5, 1800, 28800), _INTERNAL),
        "apdex": _of("response", "Chỉ số Apdex của các bước", "index", (10, 0.94, 0.50), _LOADING),
        "lcp_p75": _of("response", "Hiện nội dung chính (LCP), phân vị 75", "seconds", (8, 2.5, 10), _LOADING),
        "step_p95": _of("response", "Thời gian một bước, phân vị 95", "seconds", (4, 10, 30), _LOADING),
        "progress_shown": _of("response", "Báo tiến trình khi một bước quá 10 giây", "share", (3, 1, 0), _DESIGN),
        "clicks_to_find": _of("convenience", "Số lần bấm để tìm thấy dịch vụ", "count", (5, 3, 8), _DESIGN),
        "steps_and_clicks": _of("convenience", "Số bước, số lần bấm so với tham chiếu", "ratio", (6, 1, 2), _REFERENCE),
        "fields_and_re_entry": _of(
            "convenience", "Trường phải nhập và nhập lại so với tham chiếu", "ratio", (6, 1, 2), _REFERENCE
        ),
        "handling_time": _of(
            "convenience", "Thời gian thao tác ước tính so với tham chiếu", "ratio", (4, 1, 2), _REFERENCE
        ),
        "help_items": _of(
            "convenience", "Hướng dẫn, thông báo lỗi, tiếp tục sau gián đoạn", "share", (4, 1, 0), _INTERNAL
        ),
        "axe": _of("access", "Lỗi tiếp cận nghiêm trọng (axe)", "count", (5, 0, 20), _WCAG),
        "mobile": _of("access", "Hoàn thành trên điện thoại (360 px)", "share", (4, 0.99, 0.90), _INTERNAL),
        "https": _of("access", "HTTPS, chứng thư số hợp lệ", "share", (3, 1, 0.90), _INTERNAL),
        "notices": _of("access", "Thông báo bảo trì, giới hạn tệp, đầu mối liên hệ", "share", (3, 1, 0), _NOTICE),
    }
)
"""Method version 1: the default of every indicator. Shares are 0-1, times are seconds."""


class IndicatorOverride(Frozen):
    """What checks.yaml may change of one indicator; a change says its basis."""

    points: float | None = Field(default=None, ge=0, description="0 leaves the indicator out.")
    full: float | None = Field(default=None, description="Value from which all points are given.")
    zero: float | None = Field(default=None, description="Value from which no points are given.")
    basis: Label = Field(description="Where the changed anchor comes from (căn cứ).")
    status: Status = Field(default="nội bộ", description="How binding that basis is.")


class ClassCut(Frozen):
    """The lowest score of a class."""

    name: ClassName = Field(description="The class.")
    from_score: float = Field(ge=0, le=100, description="Its lowest score.")


class Gate(Frozen):
    """A condition that caps the class whatever the score."""

    when: Literal["completion_below", "certificate_invalid_longer_than"] = Field(description="The condition.")
    limit: float = Field(description="A share (0-1) for completion, seconds for the certificate.")
    at_most: ClassName = Field(description="The best class still possible.")


class MinimumData(Frozen):
    """Below this a unit is not ranked: `chưa đủ dữ liệu – không xếp hạng`."""

    coverage: float = Field(default=0.8, ge=0, le=1, description="Share of due slots with a result that counts.")
    days: int = Field(default=20, ge=1, description="Days with such results.")


class RankingMethod(Frozen):
    """The `ranking:` section: everything a published score depends on."""

    version: Literal[1] = Field(default=1, description="Version of the method.")
    unit: Literal["system", "service", "agency"] = Field(default="system", description="What is ranked.")
    apdex_t: Duration = Field(default=2.5, description="Apdex target of a step.")
    minimum: MinimumData = Field(default=MinimumData(), description="Below this a unit is not ranked.")
    indicators: dict[IndicatorId, IndicatorOverride] = Field(
        default_factory=dict, description="Changes of single indicators."
    )
    classes: tuple[ClassCut, ...] = Field(
        default=(
            ClassCut(name="A", from_score=90),
            ClassCut(name="B", from_score=80),
            ClassCut(name="C", from_score=65),
            ClassCut(name="D", from_score=50),
            ClassCut(name="E", from_score=0),
        ),
        description="Classes, from the best to the worst.",
    )
    gates: tuple[Gate, ...] = Field(
        default=(
            Gate(when="completion_below", limit=0.90, at_most="C"),
            Gate(when="completion_below", limit=0.50, at_most="E"),
            Gate(when="certificate_invalid_longer_than", limit=86400.0, at_most="D"),
        ),
        description="Conditions that cap the class whatever the score.",
    )
    draws: int = Field(default=1000, ge=100, le=10_000, description="Resampled months behind each interval.")
    seed: int = Field(default=67, ge=0, description="Start of the random draws: same input, same paper.")
    unseen_outage: Duration = Field(
        default=4 * 3600.0, description="Length of the interruption that a month without one cannot rule out."
    )
    equal_within: float = Field(default=1, ge=0, description="Units closer than this many points share a rank.")
    weak_below: float = Field(default=65, ge=0, le=100, description="Weak only if the whole interval is below.")
    falling_by: float = Field(default=5, gt=0, description="Points lost against last month that are called a fall.")
    notice_days: int = Field(default=7, ge=0, description="Working days ahead a stop must be announced.")

    @model_validator(mode="after")
    def _usable(self) -> Self:
        for name, override in self.indicators.items():
            merged = _merged(INDICATORS[name], override)
            if merged.full == merged.zero:
                raise ValueError(f"indicators.{name}: full and zero must differ, both are {merged.full:g}")
        if not self.table:
            raise ValueError("indicators: every indicator has 0 points, nothing is left to score")
        scores = [cut.from_score for cut in self.classes]
        names = [cut.name for cut in self.classes]
        if not scores or scores[-1] != 0 or scores != sorted(set(scores), reverse=True) or names != sorted(set(names)):
            raise ValueError("classes: must run from the best to the worst, each once, the last from_score 0")
        return self

    @property
    def table(self) -> dict[IndicatorId, Indicator]:
        """Return the indicators in force: the defaults with this section's changes, without those of 0 points."""
        return {
            name: _merged(indicator, self.indicators.get(name))
            for name, indicator in INDICATORS.items()
            if name not in self.indicators or self.indicators[name].points != 0
        }


def _merged(indicator: Indicator, override: IndicatorOverride | None) -> Indicator:
    if override is None:
        return indicator
    return indicator.evolve(**override.model_dump(exclude_none=True))
