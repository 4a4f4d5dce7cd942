"""The counters in Prometheus' text format.

The library is imported where metrics are switched on: it takes 50 ms.
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
    """What there is at the moment.

    Attributes
    ----------
    connections
        WebSockets and multipart streams.
    held_bytes
        Of messages in work.
    cameras
        Open ones.
    audit_lost
        Lines that the audit trail lost since the start.
    failures
        Of background work, by worker.
    """

    connections: int
    held_bytes: int
    cameras: int
    audit_lost: int
    failures: Mapping[str, int]


class Exposition:
    """Answers a scrape.

    Parameters
    ----------
    look
        Reads the gauges.
    """

    def __init__(self, version: str, counters: Counters, look: Callable[[], Gauges]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(version, counters, look))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """All metrics; may be called in another thread than the one that counts."""
        return generate_latest(self._registry)


class _Collector(Collector):
    def __init__(self, version: str, counters: Counters, look: Callable[[], Gauges]) -> None:
        self._version = version
        self._counters = counters
        self._look = look

    def collect(self) -> Iterator[Metric]:
        counters, now = self._counters, self._look()
        build = GaugeMetricFamily("gaopai_build", "The version that runs.", labels=["version"])
        build.add_metric([self._version], 1)
        yield build
        yield _gauge("connections_open", "WebSockets and multipart streams now.", now.connections)
        yield _gauge("messages_held_bytes", "Bytes of messages that wait or are worked on.", now.held_bytes)
        yield _gauge("cameras_open", "Cameras that a page has open.", now.cameras)
        yield _counter("connections", "Connections that were let in.", counters.connections)
        yield _counter("clients_dropped", "Connections ended because nothing was taken.", counters.dropped)
        yield _counter("messages_sent", "Answers, notices and preview frames sent.", counters.messages)
        yield _counter("messages_sent_bytes", "Their bytes.", counters.message_bytes)
        yield _counter("audit_lost", "Lines the audit trail could not write.", now.audit_lost)
        yield _labelled("worker_failures", "Failures of background work.", "worker", now.failures)
        yield _labelled("connections_refused", "Connections not let in.", "reason", counters.refused)
        turned_away = {str(code): count for code, count in list(counters.turned_away.items())}
        yield _labelled("requests_turned_away", "Requests not carried out.", "code", turned_away)
        yield _requests(counters)
        yield _durations(counters.durations)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"gaopai_{name}", says, value=value)


def _counter(name: str, says: str, value: float) -> Metric:
    return CounterMetricFamily(f"gaopai_{name}", says, value=value)


def _labelled(name: str, says: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"gaopai_{name}", says, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family


def _requests(counters: Counters) -> Metric:
    says = "Requests carried out, by function and code of the answer; 0 is success."
    family = CounterMetricFamily("gaopai_requests", says, labels=["func", "code"])
    for (func, code), count in sorted(counters.requests.items()):
        family.add_metric([func, str(code)], count)
    return family


def _durations(durations: Mapping[str, Durations]) -> Metric:
    family = HistogramMetricFamily("gaopai_request_seconds", "How long requests took.", labels=["func"])
    for func, taken in sorted(durations.items()):
        family.add_metric([func], _buckets(taken), taken.seconds)
    return family


def _buckets(taken: Durations) -> list[tuple[str, float]]:
    """Each counts what is within its bound, as the format wants it."""
    total, buckets = 0, []
    for bound, count in zip([*map(str, BUCKETS), "+Inf"], taken.counts, strict=True):
        total += count
        buckets.append((bound, float(total)))
    return buckets
