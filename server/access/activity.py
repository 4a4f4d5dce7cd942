"""Activity of connections and requests, for the audit trail and the metrics; never their content."""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

from server import __version__, telemetry
from server.access.client import Client
from server.access.limits import RateLimiter
from server.telemetry.audit import AuditTrail
from server.telemetry.counters import BUCKETS, Counters
from server.telemetry.logs import RequestLog
from server.telemetry.printable import printable

log = logging.getLogger(__name__)

ROUTINE = frozenset({"Heartbeat"})
"""Functions left out of the audit trail, as they say only that the page is alive."""
REFUSALS_PER_SECOND = 2
"""Limit of refused connections in the log; all are counted, and the audit trail has a quota of its own."""
UNKNOWN = "-"
"""Placeholder for the name of an unknown function, which is content of the page."""


MOST_MISTAKES = 100
"""Limit of mistakes of pages that are remembered."""


class PageMistakes:
    """Mistakes in the requests of web pages, for their authors; each is logged once an origin."""

    def __init__(self) -> None:
        self._made: dict[str, list[str]] = {}

    def note(self, origin: str | None, mistake: str) -> None:
        """Remember a mistake, which names nothing but words of the protocol or ones that resemble them."""
        if origin is None or sum(map(len, self._made.values())) >= MOST_MISTAKES:
            return
        made = self._made.setdefault(origin, [])
        if mistake not in made:
            made.append(mistake)
            log.info("pages of %s send %s", origin, printable(mistake))

    def told(self) -> list[dict[str, object]]:
        """Return the mistakes by origin."""
        return [{"origin": origin, "mistakes": made} for origin, made in self._made.items()]


class ActivityRecorder:
    """Records connections and requests.

    Parameters
    ----------
    audit
        Audit trail; None if it is off.
    """

    def __init__(self, counters: Counters | None = None, audit: AuditTrail | None = None) -> None:
        self.counters = counters or Counters()
        self._audit = audit
        self._refusals = RateLimiter()
        self.mistakes = PageMistakes()

    @property
    def audit_lost(self) -> int:
        """Lines that the audit trail lost since the start."""
        return 0 if self._audit is None else self._audit.lost

    def service(self, event: str) -> None:
        """Record a start, reload or stop of the service."""
        if self._audit is not None:
            self._audit.write({"event": event, "version": __version__})

    def retained(self, state: str, files: int, size: int) -> None:
        """Record files that are ``due`` to be removed, or were ``removed``; never their names."""
        if self._audit is not None:
            self._audit.write({"event": "retention", "state": state, "files": files, "bytes": size})

    def delivered(self, origin: str | None, receipt: Mapping[str, object]) -> None:
        """Record the receipt of a file that a target has; never its name or place there."""
        if self._audit is not None:
            self._audit.write({"event": "delivery", "origin": origin, **receipt})

    def administered(self, action: str, origin: str | None = None) -> None:
        """Record an action of the settings view.

        Parameters
        ----------
        origin
            Origin that was decided about.
        """
        if self._audit is not None:
            # Not as the line's own origin, whose pages could use up the quota of such lines.
            about = {} if origin is None else {"about": origin}
            self._audit.write({"event": "admin", "action": action, **about})

    @contextmanager
    def connection(self, client: Client, event: str) -> Iterator[None]:
        """Record a connection, until its devices are released.

        Parameters
        ----------
        event
            Name in the audit trail: ``connect`` or ``stream``.
        """
        self.counters.connections += 1
        self._write(client, event)
        try:
            yield
        finally:
            self._write(client, "disconnect")

    def refused(self, reason: str, origin: str | None) -> bool:
        """Record a refused connection.

        Returns
        -------
        bool
            True if it is to be logged: a page that tries without end must not fill logs.
        """
        self.counters.refused[reason] += 1
        self._write(Client(0, origin), "refuse", reason=reason)
        return self._refusals.admits(REFUSALS_PER_SECOND)

    @contextmanager
    def request(self, client: Client, func: str | None, number: int) -> Iterator[RequestLog]:
        """Record a request, whose result the caller sets in the yielded object."""
        entry = RequestLog(number)
        telemetry.served.set(telemetry.Served(str(client.id), entry))
        begun = monotonic()
        try:
            yield entry
        finally:
            name = func or UNKNOWN
            self._count(name, entry.result, monotonic() - begun)
            if name not in ROUTINE:
                self._write(
                    client,
                    "request",
                    request=entry.number,
                    func=name,
                    devices=entry.devices,
                    result=entry.result,
                )

    def _count(self, func: str, result: int, seconds: float) -> None:
        self.counters.requests[func, result] += 1
        durations = self.counters.durations[func]
        durations.counts[bisect_left(BUCKETS, seconds)] += 1
        durations.seconds += seconds

    def _write(self, client: Client, event: str, **fields: object) -> None:
        if self._audit is not None:
            identity = {"connection": client.id, "origin": client.origin}
            self._audit.write({"event": event, **identity, **fields})
