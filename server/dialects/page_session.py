"""Sessions of HTTP pages, which have no connection: one an origin, ended by the last stream or by silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from server import telemetry
from server.access.limits import ByteBudget, RateLimiter
from server.devices.ports.camera import Camera
from server.dialects.device_session import DeviceSession
from server.dialects.services import DialectServices
from server.runtime.background import ended, supervise

log = logging.getLogger(__name__)

LINGER_SECONDS = 2.0
"""Time for which cameras stay open after the last stream, long poll or request of a page, in seconds."""
SLOW_LINGER_SECONDS = 4.5
"""Time, in seconds, for which cameras stay open for a page that is known to ask for pictures every three
seconds."""
CHECK_SECONDS = 0.25
"""Interval at which it is looked whether a page is gone, in seconds."""
FORGET_SECONDS = 600.0
"""Time of silence after which a page's session is forgotten, in seconds."""
MOST_SESSIONS = 64
"""Limit of origins whose choices are remembered."""


class PageSession(DeviceSession):
    """Session of all pages of one origin at one dialect.

    Attributes
    ----------
    rate
        Limiter of its requests.
    working
        Requests in work.
    number
        Number of its newest request, for logs.
    seen_at
        Time of its newest request, on the loop's clock.
    turned_pages
        Pages that were captured as they were turned, and kept in files.
    """

    def __init__(self, services: DialectServices, origin: str, budget: ByteBudget) -> None:
        super().__init__(services, origin, budget)
        self.budget = budget
        self.rate = RateLimiter()
        self.working = 0
        self.number = 0
        self.linger = LINGER_SECONDS
        self.turned_pages = 0
        self._holds = 0
        self._used_at = self.seen_at = asyncio.get_running_loop().time()
        self._watch: asyncio.Task[None] | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the cameras open until the end of the ``with`` block."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            self.note_use()

    def note_use(self) -> None:
        """Note that the page has just used a camera."""
        self._used_at = asyncio.get_running_loop().time()

    @property
    def idle_seconds(self) -> float:
        """Time since the page last used a camera; 0 while it does."""
        return 0.0 if self._holds else asyncio.get_running_loop().time() - self._used_at

    async def open(self, number: int) -> Camera:
        """Open a camera as `DeviceSession.open`, and close it once the page is gone."""
        with self.held():
            try:
                return await super().open(number)
            finally:
                self._begin_watch()

    def _begin_watch(self) -> None:
        if self._watch is None or self._watch.done():
            self._watch = supervise("end of dialect pages", self._close_when_idle)

    async def release(self) -> None:
        """Close all devices and end the watch."""
        await ended(self._watch)
        self.pictures.clear()
        self.budget.close()
        await super().release()

    async def _close_when_idle(self) -> None:
        telemetry.served.set(telemetry.Served(str(self.client.id)))
        while self.open_numbers:
            await asyncio.sleep(CHECK_SECONDS)
            if self.idle_seconds > self.linger:
                log.info("a page is gone")
                await self.close()


class PageSessions:
    """Sessions by origin."""

    def __init__(self, services: DialectServices) -> None:
        self._services = services
        self._sessions: dict[str, PageSession] = {}
        self._watch: asyncio.Task[None] | None = None

    async def of(self, origin: str) -> PageSession:
        """Return the session of an origin, a new one if it has none."""
        session = self._sessions.get(origin)
        if session is None:
            budget = self._services.context.bytes_in_work.connection(origin)
            session = self._sessions[origin] = PageSession(self._services, origin, budget)
            await self._forget_old()
            if self._watch is None or self._watch.done():
                self._watch = supervise("forgotten dialect pages", self._forget_silent)
        session.seen_at = asyncio.get_running_loop().time()
        return session

    async def end(self, origin: str) -> None:
        """End the session of an origin; no error if it has none."""
        session = self._sessions.pop(origin, None)
        if session is not None:
            await session.release()

    async def close(self) -> None:
        """End all sessions."""
        await ended(self._watch)
        await asyncio.gather(*(self.end(origin) for origin in list(self._sessions)))

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins that have a session."""
        return tuple(self._sessions)

    async def _forget_silent(self) -> None:
        """Forget pages that ask nothing any more, and what they left here, also when no other comes."""
        while self._sessions:
            await asyncio.sleep(FORGET_SECONDS / 10)
            await self._forget_old()

    async def _forget_old(self) -> None:
        now = asyncio.get_running_loop().time()
        idle = {origin: now - one.seen_at for origin, one in self._sessions.items() if one.idle_seconds}
        old = [origin for origin, seconds in idle.items() if seconds > FORGET_SECONDS]
        if idle and not old and len(self._sessions) > MOST_SESSIONS:
            old = [max(idle, key=lambda origin: idle[origin])]
        for origin in old:
            await self.end(origin)
