"""The bridge to prometheus_client: readings become metric families, families become bytes."""

from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate
from math import inf, isinf

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar

from exporters.catalogue import METRICS, Metric
from exporters.distribution import Distribution, Example
from exporters.readings import readings
from exporters.snapshot import Snapshot

EXEMPLAR_LIMIT = 128
"""Characters OpenMetrics allows in the labels of an exemplar, name included."""


class SnapshotCollector(Collector):
    """Shows a snapshot as it is at one moment. Metrics without a sample are left out."""

    def __init__(self, snapshot: Snapshot, now: datetime) -> None:
        self._snapshot = snapshot
        self._now = now

    def collect(self) -> Iterator[Family]:
        """Yield the families in the order of the catalogue."""
        families = {metric: _family(metric) for metric in METRICS}
        for metric, labels, value in readings(self._snapshot, self._now):
            _add(families[metric], metric, labels, value)
        yield from (family for family in families.values() if family.samples)


def render(snapshot: Snapshot, accept_header: str, now: datetime) -> tuple[bytes, str]:
    """Return the page of metrics and its content type: OpenMetrics if `accept_header` asks for it, else plain text.

    `now` (aware) decides which results are too old to be shown. Safe to run in a thread of its own. Figures of the
    process (memory, CPU, open files) are added where the kernel gives them.
    """
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(SnapshotCollector(snapshot, now))
    encode, content_type = choose_encoder(accept_header)
    return encode(registry), content_type


def _family(metric: Metric) -> Family:
    name, help_, labels, unit = metric.full_name, metric.help, metric.labels, metric.unit
    if metric.kind == "counter":
        return CounterMetricFamily(name.removesuffix("_total"), help_, labels=labels, unit=unit)
    if metric.kind == "info":
        return InfoMetricFamily(name.removesuffix("_info"), help_, labels=labels)
    if metric.kind == "histogram":
        return HistogramMetricFamily(name, help_, labels=labels, unit=unit)
    return GaugeMetricFamily(name, help_, labels=labels, unit=unit)


def _add(family: Family, metric: Metric, labels: tuple[str, ...], value: float | Distribution) -> None:
    named = dict(zip(metric.labels, labels, strict=True))
    if isinstance(value, Distribution):
        _add_distribution(family, named, value)
    else:
        family.add_sample(metric.full_name, named, value)


def _add_distribution(family: Family, labels: dict[str, str], seen: Distribution) -> None:
    bounds = (*seen.bounds, inf)
    cumulative = list(accumulate(seen.counts))
    for bound, count, example in zip(bounds, cumulative, seen.examples, strict=True):
        family.add_sample(
            f"{family.name}_bucket",
            labels | {"le": "+Inf" if isinf(bound) else str(bound)},
            count,
            exemplar=_exemplar(example),
        )
    family.add_sample(f"{family.name}_count", labels, cumulative[-1])
    family.add_sample(f"{family.name}_sum", labels, seen.sum_s)


def _exemplar(example: Example | None) -> Exemplar | None:
    if example is None or len("run" + example.run) > EXEMPLAR_LIMIT:
        return None
    return Exemplar({"run": example.run}, example.seconds, example.at.timestamp())
