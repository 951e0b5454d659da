"""The few kinds of panel our dashboards are made of, with one look."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from grafana_foundation_sdk.builders import bargauge, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as dashboard_builders
from grafana_foundation_sdk.builders import prometheus as prometheus_builders
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common, dashboard, prometheus

SOURCE = dashboard.DataSourceRef(type_val="prometheus", uid="dvcwatch-prometheus")

GREEN, YELLOW, RED, PURPLE, GREY, BLUE = "green", "yellow", "red", "purple", "#8e8e8e", "blue"

Steps = Sequence[tuple[float | None, str]]
"""Colour from a value on; the first has no value."""

NEUTRAL: Steps = ((None, BLUE),)


MINE = '{check=~"$check"}'
"""Selects the checks chosen above the dashboard."""


class Section(NamedTuple):
    """A heading and the panels under it."""

    title: str
    panels: tuple[Builder[dashboard.Panel], ...]


class Query(NamedTuple):
    """A PromQL expression and how its series are called; `{{label}}` is filled in by Grafana."""

    expr: str
    legend: str = ""


def _target(query: Query, ref: str, *, instant: bool = False, rows: bool = False) -> prometheus_builders.Dataquery:
    target = prometheus_builders.Dataquery().datasource(SOURCE).expr(query.expr).ref_id(ref)
    target = target.legend_format(query.legend) if query.legend else target
    target = target.instant() if instant else target.range()
    return target.format(prometheus.PromQueryFormat.TABLE if rows else prometheus.PromQueryFormat.TIME_SERIES)


def _thresholds(steps: Steps) -> dashboard_builders.ThresholdsConfig:
    return (
        dashboard_builders.ThresholdsConfig()
        .mode(dashboard.ThresholdsMode.ABSOLUTE)
        .steps([dashboard.Threshold(value=value, color=color) for value, color in steps])
    )


def _by_threshold() -> dashboard_builders.FieldColor:
    return dashboard_builders.FieldColor().mode(dashboard.FieldColorModeId.THRESHOLDS)


def _newest() -> common_builders.ReduceDataOptions:
    return common_builders.ReduceDataOptions().calcs(["lastNotNull"]).values(values=False)


def figure(title: str, query: Query, *, about: str, unit: str = "short", steps: Steps = NEUTRAL) -> stat.Panel:
    """One number, now."""
    return (
        stat.Panel()
        .title(title)
        .description(about)
        .datasource(SOURCE)
        .with_target(_target(query, "A", instant=True))
        .unit(unit)
        .thresholds(_thresholds(steps))
        .color_scheme(_by_threshold())
        .color_mode(common.BigValueColorMode.BACKGROUND)
        .graph_mode(common.BigValueGraphMode.NONE)
        .reduce_options(_newest())
        .no_value("–")
        .span(4)
        .height(4)
    )


def curves(title: str, *queries: Query, about: str, unit: str = "short", stacked: bool = False) -> timeseries.Panel:
    """Values over time; gaps stay gaps, because absent means that nobody can say."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(about)
        .datasource(SOURCE)
        .unit(unit)
        .min(0)
        .line_width(1)
        .fill_opacity(60 if stacked else 5)
        .span_nulls(span_nulls=False)
        .legend(
            common_builders.VizLegendOptions()
            .display_mode(common.LegendDisplayMode.LIST)
            .placement(common.LegendPlacement.BOTTOM)
            .show_legend(show_legend=True)
        )
        .tooltip(common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI))
        .span(12)
        .height(8)
    )
    if stacked:
        panel = panel.stacking(common_builders.StackingConfig().mode(common.StackingMode.NORMAL))
    for place, query in enumerate(queries):
        panel = panel.with_target(_target(query, chr(ord("A") + place)))
    return panel


def bars(title: str, query: Query, *, about: str, unit: str = "short", steps: Steps = NEUTRAL) -> bargauge.Panel:
    """One horizontal bar per series, now."""
    return (
        bargauge.Panel()
        .title(title)
        .description(about)
        .datasource(SOURCE)
        .with_target(_target(query, "A", instant=True))
        .unit(unit)
        .min(0)
        .thresholds(_thresholds(steps))
        .color_scheme(_by_threshold())
        .orientation(common.VizOrientation.HORIZONTAL)
        .display_mode(common.BarGaugeDisplayMode.BASIC)
        .value_mode(common.BarGaugeValueMode.TEXT)
        .reduce_options(_newest())
        .no_value("–")
        .span(12)
        .height(8)
    )


def timeline(title: str, query: Query, *, about: str, words: Sequence[tuple[int, str, str]]) -> statetimeline.Panel:
    """A strip per series whose numbers stand for words: (number, word, colour)."""
    options = {
        str(number): dashboard.ValueMappingResult(text=text, color=color, index=place)
        for place, (number, text, color) in enumerate(words)
    }
    return (
        statetimeline.Panel()
        .title(title)
        .description(about)
        .datasource(SOURCE)
        .with_target(_target(query, "A"))
        .mappings([dashboard.ValueMap(options=options)])
        .color_scheme(_by_threshold())
        .merge_values(merge_values=True)
        .show_value(common.VisibilityMode.NEVER)
        .row_height(0.8)
        .span(24)
        .height(10)
    )


class Column(NamedTuple):
    """A column of a table: what is asked, its heading, and the unit of its values."""

    expr: str
    heading: str
    unit: str = "short"


def grid(
    title: str,
    *columns: Column,
    about: str,
    keys: Sequence[tuple[str, str]],
    words: Mapping[str, str] | None = None,
) -> table.Panel:
    """One row per value of the labels in `keys` (label, heading), one column per query; `words` replace values."""
    panel = (
        table.Panel()
        .title(title)
        .description(about)
        .datasource(SOURCE)
        .show_header(show_header=True)
        .span(24)
        .height(10)
    )
    if words:
        options = {value: dashboard.ValueMappingResult(text=text) for value, text in words.items()}
        panel = panel.mappings([dashboard.ValueMap(options=options)])
    renamed = dict(keys)
    for place, column in enumerate(columns):
        ref = chr(ord("A") + place)
        panel = panel.with_target(_target(Query(column.expr), ref, instant=True, rows=True))
        renamed[f"Value #{ref}" if len(columns) > 1 else "Value"] = column.heading
        panel = panel.override_by_name(column.heading, [dashboard.DynamicConfigValue(id_val="unit", value=column.unit)])
    order = {name: place for place, name in enumerate(renamed)}
    tidy = {
        "excludeByName": dict.fromkeys(("Time", "instance", "job"), True),
        "renameByName": renamed,
        "indexByName": order,
    }
    return panel.with_transformation(dashboard.DataTransformerConfig(id_val="merge", options={})).with_transformation(
        dashboard.DataTransformerConfig(id_val="organize", options=tidy)
    )


def choice(name: str, label: str, query: str) -> dashboard_builders.QueryVariable:
    """A list above the dashboard from which one, several or all values are chosen."""
    return (
        dashboard_builders.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query({"query": query, "refId": name})
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_ASC)
        .multi(multi=True)
        .include_all(include_all=True)
        .current(dashboard.VariableOption(selected=True, text=["All"], value=["$__all"]))
    )
