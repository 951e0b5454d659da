"""How a ranking is said in Vietnamese: values, classes, shortfalls, gates. Templates print what stands here."""

from collections.abc import Mapping
from typing import Final

from checks.ranking import Gate, Indicator, Measure
from checks.words_vi import decimal, number, span
from ranking.change import Change
from ranking.result import Interval, Shortfall, Standing
from ranking.units import UnitKind

DASH: Final = "–"

UNIT_WORDS: Final[Mapping[UnitKind, str]] = {"system": "hệ thống", "service": "dịch vụ công", "agency": "cơ quan"}

STANDINGS: Final[Mapping[Standing, str]] = {"weak": "Còn yếu kém", "watch": "Cần theo dõi", "ordinary": ""}


def percent(share: float | None, places: int = 1) -> str:
    """Write a share of 0-1: `0.842` -> `84,2 %`; a dash for None. Never rounds up to 100 % or down to 0 %."""
    if share is None:
        return DASH
    shown = round(share * 100, places)
    step = 10**-places
    if share < 1:
        shown = min(shown, 100 - step)
    if share > 0:
        shown = max(shown, step)
    return f"{decimal(shown, 0 if shown in (0, 100) else places)} %"


def value(measure: Measure, measured: float | None) -> str:
    """Write an indicator's value with its unit; a dash for None."""
    if measured is None:
        return DASH
    if measure == "share":
        return percent(measured, 2)
    if measure == "seconds":
        return seconds(measured)
    if measure == "ratio":
        return f"{decimal(measured, 2)} lần"
    return decimal(measured, 2 if measure == "index" else 1)


def seconds(measured: float) -> str:
    """Write a time: up to two minutes as `2,5 giây`, longer ones as `8 giờ`."""
    if measured == 0:
        return "0 giây"
    return f"{decimal(measured, 1)} giây" if measured < 120 else span(measured)  # noqa: PLR2004 — as the line above says


def anchor(indicator: Indicator, at: float) -> str:
    """Write an anchor without needless digits: `99 %`, `2,5 giây`, `30 phút`, `1 lần`."""
    places = next((n for n in range(3) if round(_shown(indicator, at), n) == round(_shown(indicator, at), 6)), 3)
    if indicator.measure == "seconds" and at >= 120:  # noqa: PLR2004 — as in `seconds`
        return span(at)
    unit = {"share": " %", "seconds": " giây", "ratio": " lần", "count": "", "index": ""}[indicator.measure]
    return decimal(_shown(indicator, at), places) + unit


def _shown(indicator: Indicator, at: float) -> float:
    return at * 100 if indicator.measure == "share" else at


def points(scored: float | None) -> str:
    """Write points with one digit; a dash for None."""
    return DASH if scored is None else decimal(scored)


def interval(of: Interval | None) -> str:
    """Write an interval: `81,0–86,5`; a dash for None."""
    return DASH if of is None else f"{decimal(of.low)}–{decimal(of.high)}"


def change(of: Change | None) -> str:
    """Write a change against last month; what may be chance is called so."""
    if of is None:
        return DASH
    rounded = round(of.points, 1)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    word = {"falling": " (giảm)", "rising": " (tăng)", "steady": " (trong sai số)"}[of.trend]
    return f"{sign}{decimal(abs(rounded))}{word}"


def shortfall(missing: Shortfall) -> str:
    """Say why a unit is not ranked."""
    if missing.of == "coverage":
        return f"tỷ lệ dữ liệu hợp lệ {percent(missing.have)}, cần ít nhất {percent(missing.needed, 0)}"
    if missing.of == "days":
        return f"có dữ liệu {number(int(missing.have))} ngày, cần ít nhất {number(int(missing.needed))} ngày"
    return "chưa có kết quả đo nào tính được điểm"


def gate(fired: Gate) -> str:
    """Say which condition capped the class."""
    if fired.when == "completion_below":
        return f"tỷ lệ hoàn thành dưới {percent(fired.limit, 0)}: tối đa mức {fired.at_most}"
    return f"chứng thư số không hợp lệ quá {span(fired.limit)}: tối đa mức {fired.at_most}"
