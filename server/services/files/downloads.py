"""Downloads: tickets for files, each for one use by the origin that it was given to."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from server.config import LimitsConfig

TICKET_BYTES = 24
MOST_TICKETS = 1000
"""Limit for one origin, whose oldest tickets make room."""
LEAST_MINUTES = 1


@dataclass(frozen=True, slots=True)
class Download:
    """File that a ticket is for.

    Attributes
    ----------
    origin
        Origin that the ticket was given to, and whose file it is; None for programs that are no browser.
    """

    origin: str | None
    path: str
    until: float


class Downloads:
    """Gives tickets for files, and takes each once.

    Parameters
    ----------
    limits
        Returns the limits of the configuration, which a reload may change.
    """

    def __init__(
        self, limits: Callable[[], LimitsConfig], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._tickets: dict[str, Download] = {}

    def offer(self, origin: str | None, path: str) -> str:
        """Return a ticket for a file, which nobody can guess."""
        self._expire()
        own = [ticket for ticket, download in self._tickets.items() if download.origin == origin]
        if len(own) >= MOST_TICKETS:
            del self._tickets[own[0]]
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        seconds = 60 * max(LEAST_MINUTES, self._limits().kept_minutes)
        self._tickets[ticket] = Download(origin, path, self._clock() + seconds)
        return ticket

    def find(self, ticket: str) -> Download | None:
        """Return what a ticket is for, None if it was used, has expired or was never given."""
        self._expire()
        return self._tickets.get(ticket)

    def take(self, ticket: str) -> bool:
        """Use a ticket; return False if another request did a moment ago."""
        return self._tickets.pop(ticket, None) is not None

    def _expire(self) -> None:
        now = self._clock()
        # In the order they were given, so that the first that is good ends the search.
        while self._tickets:
            ticket, download = next(iter(self._tickets.items()))
            if download.until > now:
                return
            del self._tickets[ticket]
