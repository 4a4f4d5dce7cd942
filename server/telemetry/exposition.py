"""Metrics in Prometheus' text format.

The library is imported only if metrics are on, as that takes 50 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from server.telemetry.counters import BUCKETS, Counters, Durations

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Gauges:
    """Current values.

    Attributes
    ----------
    connections
        Number of WebSockets and multipart streams.
    held_bytes
        Bytes of messages in work.
    cameras
        Number of open cameras.
    audit_lost
        Lines that the audit trail has lost since the start.
    failures
        Failures of background work, by worker.
    loop_kept
        Stretches over 100 ms that kept the event loop, by function.
    """

    connections: int
    held_bytes: int
    cameras: int
    audit_lost: int
    failures: Mapping[str, int]
    loop_kept: Mapping[str, int]


class Exposition:
    """Renders the metrics for a scrape.

    Parameters
    ----------
    gauges
        Returns the current values.
    """

    def __init__(self, version: str, counters: Counters, gauges: Callable[[], Gauges]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(version, counters, gauges))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """Return all metrics; may be called in another thread than the one that counts."""
        return generate_latest(self._registry)


class _Collector(Collector):
    def __init__(self, version: str, counters: Counters, gauges: Callable[[], Gauges]) -> None:
        self._version = version
        self._counters = counters
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        counters = self._counters
        now = self._gauges()
        build = GaugeMetricFamily("gaopai_build", "Version of the service.", labels=["version"])
        build.add_metric([self._version], 1)
        yield build
        yield _gauge("connections_open", "Open WebSockets and multipart streams.", now.connections)
        yield _gauge("messages_held_bytes", "Bytes of messages that wait or are in work.", now.held_bytes)
        yield _gauge("cameras_open", "Open cameras.", now.cameras)
        yield _counter("connections", "Accepted connections.", counters.connections)
        yield _counter("clients_dropped", "Connections closed as the client read nothing.", counters.dropped)
        yield _counter("messages_sent", "Answers, notices and preview frames sent.", counters.messages)
        yield _counter("messages_sent_bytes", "Bytes of messages sent.", counters.message_bytes)
        yield _counter("audit_lost", "Lines the audit trail could not write.", now.audit_lost)
        yield _labelled("worker_failures", "Failures of background work.", "worker", now.failures)
        yield _labelled("loop_kept", "Stretches over 100 ms that kept the loop.", "function", now.loop_kept)
        yield _labelled("connections_refused", "Refused connections.", "reason", counters.refused)
        rejected = {str(code): count for code, count in list(counters.rejected.items())}
        yield _labelled("requests_turned_away", "Requests rejected without being served.", "code", rejected)
        yield _requests(counters)
        yield _durations(counters.durations)


def _gauge(name: str, description: str, value: float) -> Metric:
    return GaugeMetricFamily(f"gaopai_{name}", description, value=value)


def _counter(name: str, description: str, value: float) -> Metric:
    return CounterMetricFamily(f"gaopai_{name}", description, value=value)


def _labelled(name: str, description: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"gaopai_{name}", description, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family


def _requests(counters: Counters) -> Metric:
    description = "Served requests, by function and code of the answer; 0 is success."
    family = CounterMetricFamily("gaopai_requests", description, labels=["func", "code"])
    for (func, code), count in sorted(counters.requests.items()):
        family.add_metric([func, str(code)], count)
    return family


def _durations(durations: Mapping[str, Durations]) -> Metric:
    family = HistogramMetricFamily("gaopai_request_seconds", "Durations of requests.", labels=["func"])
    for func, histogram in sorted(durations.items()):
        family.add_metric([func], _buckets(histogram), histogram.seconds)
    return family


def _buckets(histogram: Durations) -> list[tuple[str, float]]:
    """Return cumulative buckets, as the format requires."""
    total = 0
    buckets = []
    for bound, count in zip([*map(str, BUCKETS), "+Inf"], histogram.counts, strict=True):
        total += count
        buckets.append((bound, float(total)))
    return buckets
