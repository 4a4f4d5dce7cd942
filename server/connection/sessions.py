"""Sessions of all clients, however these speak: run, told of notices, ended with the service."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Awaitable, Callable

from aiohttp import web

from server import telemetry
from server.access.client import Client
from server.access.control import AccessControl
from server.access.limits import Holder
from server.config import Config
from server.connection.message_reader import IncomingMessage
from server.connection.outbox import ClientStuck
from server.connection.session import ServerContext, Session, SessionOptions
from server.errors import Language

log = logging.getLogger(__name__)

FINISH_SECONDS = 5.0
"""Time limit of requests in work when the service stops."""
FULL_HEADERS = {"Connection": "close", "Retry-After": "5"}

Release = Callable[[Client], Awaitable[None]]
Close = Callable[[], Awaitable[object]]


class Sessions:
    """Sessions that run.

    Parameters
    ----------
    release
        Called once for each client when its session has ended.
    """

    def __init__(
        self, config: Config, access: AccessControl, context: ServerContext, release: Release
    ) -> None:
        self.context = context
        self._language = config.server.language
        self._access = access
        self._release = release
        self._open: dict[Session, Close] = {}

    def options(self, request: web.Request, *, binary: bool = False) -> SessionOptions:
        """Return the options that the first request of a client settles."""
        language = self.language(request)
        address = f"{request.scheme}://{request.host}"
        return SessionOptions(language, self._language != "auto", address, binary)

    def language(self, request: web.Request) -> Language:
        """Return the language of errors: as configured, else the client's, else Chinese."""
        if self._language != "auto":
            return self._language
        first = request.headers.get("Accept-Language", "").partition(",")[0].strip().lower()
        return "zh" if not first or first.startswith(("zh", "*")) else "en"

    def full(self, holder: Holder) -> web.Response | None:
        """Return a refusal if a limit of connections is reached."""
        full = self.context.connections.full(holder, self.context.limits)
        if full is None:
            return None
        if self.context.activity.refused(f"{full.name.lower()}_full", holder.origin):
            log.warning("refused a connection: %s has as many as it may", full.value)
        return web.Response(
            status=503, text="Too many connections.\n连接数已达上限。\n", headers=FULL_HEADERS
        )

    # Notices ---------------------------------------------------------------------------

    def notify(self, message: bytes) -> None:
        """Send a notice to every client."""
        for session in self._open:
            session.outbox.notify(message)

    def notify_origin(self, origin: str | None, message: bytes) -> None:
        """Send a notice to the clients of one origin; None for programs that are no browser."""
        for session in self._open:
            if session.client.origin == origin:
                session.outbox.notify(message)

    def notify_client(self, client: Client, message: bytes) -> bool:
        """Send a notice to one client; return False if it has no session here."""
        found = [session for session in self._open if session.client is client]
        for session in found:
            session.outbox.notify(message)
        return bool(found)

    # Running ---------------------------------------------------------------------------

    async def run(
        self, session: Session, messages: AsyncIterable[IncomingMessage], request: web.Request, close: Close
    ) -> None:
        """Run a session until its messages end or its client is stuck, and release its devices.

        Parameters
        ----------
        request
            The request that it began with, by which it is judged when rules or decisions change.
        close
            Ends the messages, within a bounded time.
        """
        client = session.client
        telemetry.served.set(telemetry.Served(str(client.id)))
        self._open[session] = close
        log.info("connected from %s", client.origin or "a native client")
        with self.context.activity.connection(client, "connect"):
            try:
                with self._access.track(request, close):
                    await self._run(session, messages)
            finally:
                del self._open[session]
                await self._release(client)
                log.info("disconnected")

    async def _run(self, session: Session, messages: AsyncIterable[IncomingMessage]) -> None:
        sender = asyncio.create_task(session.outbox.run(), name=f"sender of {session.client.id}")
        serving = asyncio.create_task(session.run(messages), name=f"session {session.client.id}")
        try:
            await asyncio.wait([sender, serving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sender.cancel()
            serving.cancel()
            outcomes = await asyncio.gather(sender, serving, return_exceptions=True)
        for outcome in outcomes:
            self.log_end(outcome)

    def log_end(self, outcome: object) -> None:
        """Log what the sender of a client, or its session, has ended with."""
        if isinstance(outcome, ClientStuck):
            self.context.activity.counters.dropped += 1
            log.warning("dropped: the client took nothing for %d s", self.context.limits.send_seconds)
        elif isinstance(outcome, Exception) and not isinstance(outcome, ConnectionError):
            log.error("the session ended with %s", type(outcome).__name__, exc_info=outcome)

    async def close(self) -> None:
        """Answer the requests in work, within a time limit, and end all sessions."""
        finishing = [asyncio.create_task(session.finish()) for session in self._open]
        if finishing:
            _, late = await asyncio.wait(finishing, timeout=FINISH_SECONDS)
            for task in late:
                task.cancel()
        await asyncio.gather(*(close() for close in self._open.values()), return_exceptions=True)
