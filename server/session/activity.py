"""What happened, told to the audit trail and counted for the metrics: never what it was about."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from server import __version__, telemetry
from server.services.client import Client
from server.session.limits import RateLimiter
from server.telemetry.audit import AuditTrail
from server.telemetry.counters import BUCKETS, Counters
from server.telemetry.request_log import RequestLog

ROUTINE = frozenset({"Heartbeat"})
"""Functions that say nothing in an audit trail but that the page is alive."""
REFUSALS_PER_SECOND = 2
"""Refused connections that are written down; all are counted."""
UNKNOWN = "-"
"""In place of a function's name that is the page's own words."""


class ActivityRecorder:
    """Sees connections and requests come and go.

    Parameters
    ----------
    audit
        None where no audit trail is kept.
    """

    def __init__(self, counters: Counters | None = None, audit: AuditTrail | None = None) -> None:
        self.counters = counters or Counters()
        self._audit = audit
        self._refusals = RateLimiter()

    def service(self, event: str) -> None:
        """The service starts, reads its configuration again, or stops."""
        if self._audit is not None:
            self._audit.write({"event": event, "version": __version__})

    @contextmanager
    def connection(self, client: Client, event: str) -> Iterator[None]:
        """Accompany a connection that was let in, until its devices are given back.

        Parameters
        ----------
        event
            What the audit trail calls it: ``connect`` or ``stream``.
        """
        self.counters.connections += 1
        self._write(client, event)
        try:
            yield
        finally:
            self._write(client, "disconnect")

    def refused(self, reason: str, origin: str | None) -> bool:
        """A connection was not let in.

        Returns
        -------
        bool
            Whether it is worth a line: a page that tries without end must not fill logs and push out
            of the audit trail what happened before.
        """
        self.counters.refused[reason] += 1
        worth = self._refusals.admits(REFUSALS_PER_SECOND)
        if worth:
            self._write(Client(0, origin), "refuse", reason=reason)
        return worth

    @contextmanager
    def request(self, client: Client, func: str | None, number: int) -> Iterator[RequestLog]:
        """Accompany a request; who serves it notes in the trail how it ended."""
        trail = RequestLog(number)
        telemetry.request_log.set(trail)
        begun = monotonic()
        try:
            yield trail
        finally:
            name = func or UNKNOWN
            self._count(name, trail.result, monotonic() - begun)
            if name not in ROUTINE:
                self._write(
                    client,
                    "request",
                    request=trail.number,
                    func=name,
                    devices=trail.devices,
                    result=trail.result,
                )

    def _count(self, func: str, result: int, seconds: float) -> None:
        self.counters.requests[func, result] += 1
        durations = self.counters.durations[func]
        durations.counts[bisect_left(BUCKETS, seconds)] += 1
        durations.seconds += seconds

    def _write(self, client: Client, event: str, **fields: object) -> None:
        if self._audit is not None:
            who = {"connection": client.id, "origin": client.origin}
            self._audit.write({"event": event, **who, **fields})
