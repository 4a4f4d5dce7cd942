"""HTTP endpoint: access control, the capture station, health, metrics, streams and WebSocket sessions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial

from aiohttp import WSCloseCode, web

from server import telemetry
from server.access.client import Client
from server.access.control import PEER, REVOKED, AccessControl
from server.access.limits import MIB, ByteBudget, Holder, MessageLimits
from server.access.token import subprotocols
from server.config import Config
from server.connection.downloads import DownloadPage
from server.connection.multipart import MultipartSink, MultipartStreams
from server.connection.outbox import ClientStuck, Outbox
from server.connection.own_pages import MetricsPage, StaticFiles, health
from server.connection.session import ServerContext, Session, SessionOptions
from server.connection.websocket import WebSocket, WebSocketSender, messages
from server.errors import Language
from server.protocol.frames import PROTOCOL, SUBPROTOCOL

log = logging.getLogger(__name__)

FINISH_SECONDS = 5.0
"""Time limit of requests in work when the service stops."""
DOWNLOAD = r"/download/{ticket:[\w-]{1,64}}"
FULL_HEADERS = {"Connection": "close", "Retry-After": "5"}

Release = Callable[[Client], Awaitable[None]]


class Endpoint:
    """Serves HTTP requests and WebSocket sessions.

    Parameters
    ----------
    release
        Called once for each client when its connection is gone.
    """

    def __init__(
        self,
        config: Config,
        access: AccessControl,
        context: ServerContext,
        streams: MultipartStreams,
        downloads: DownloadPage,
        release: Release,
    ) -> None:
        self._downloads = downloads
        self._config = config
        self._access = access
        self._context = context
        self._streams = streams
        self._pages = StaticFiles()
        self._release = release
        self._sessions: dict[Session, WebSocket] = {}

    def application(self, metrics: MetricsPage) -> web.Application:
        """Return the aiohttp application; the caller manages its lifetime."""
        app = web.Application(middlewares=[self._check_access])
        app.router.add_get("/", self._root)
        app.router.add_get("/health", self._health)
        app.router.add_options("/health", self._health)
        app.router.add_get("/metrics", metrics.answer)
        app.router.add_get(r"/stream/{number:\d{1,4}}.mjpg", self._stream)
        app.router.add_get(DOWNLOAD, self._download, allow_head=False)
        app.router.add_options(DOWNLOAD, self._download_preflight)
        app.router.add_get(r"/{name:(?!download/).+}", self._page)
        return app

    def notify(self, message: bytes) -> None:
        """Send a notice to every client."""
        for session in self._sessions:
            session.outbox.notify(message)

    def notify_origin(self, origin: str | None, message: bytes) -> None:
        """Send a notice to the clients of one origin; None for programs that are no browser."""
        for session in self._sessions:
            if session.client.origin == origin:
                session.outbox.notify(message)

    def notify_client(self, client: Client, message: bytes) -> bool:
        """Send a notice to one client; return False if it is not connected here."""
        found = [session for session in self._sessions if session.client is client]
        for session in found:
            session.outbox.notify(message)
        return bool(found)

    async def close(self) -> None:
        """Answer the requests in work, within a time limit, and close all connections."""
        finishing = [asyncio.create_task(session.finish()) for session in self._sessions]
        if finishing:
            _, late = await asyncio.wait(finishing, timeout=FINISH_SECONDS)
            for task in late:
                task.cancel()
        closing = [
            response.close(code=1001, message=b"the service stops") for response in self._sessions.values()
        ]
        await asyncio.gather(*closing, return_exceptions=True)

    # Access ----------------------------------------------------------------------------

    @web.middleware
    async def _check_access(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        with self._access.handshakes.serving(request.transport):
            refusal = await self._access.check_request(request)
            return await handler(request) if refusal is None else refusal

    # Answering -------------------------------------------------------------------------

    async def _root(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return self._pages.response("index.html")
        if (refusal := await self._access.check_websocket(request)) is not None:
            return refusal
        holder = Holder(request[PEER], request.headers.get("Origin"))
        if (full := self._full(holder)) is not None:
            return full
        budget = self._context.bytes_in_work.connection(holder.origin)
        with self._context.connections.hold(holder), closing(budget):
            return await self._serve(request, budget)

    def _full(self, holder: Holder) -> web.Response | None:
        """Return a refusal if a limit of connections is reached."""
        full = self._context.connections.full(holder, self._context.limits)
        if full is None:
            return None
        if self._context.activity.refused(f"{full.name.lower()}_full", holder.origin):
            log.warning("refused a connection: %s has as many as it may", full.value)
        return web.Response(
            status=503, text="Too many connections.\n连接数已达上限。\n", headers=FULL_HEADERS
        )

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return self._pages.response(request.match_info["name"])

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        viewer = self._access.check_embedding(request)
        if isinstance(viewer, web.Response):
            return viewer
        holder = Holder(request[PEER], viewer)
        if (full := self._full(holder)) is not None:
            return full
        client = Client(next(self._context.client_ids), viewer)
        sink = MultipartSink()
        with (
            self._context.connections.hold(holder),
            self._context.activity.connection(client, "stream"),
            self._access.track(request, sink.close),
        ):
            return await self._streams.serve(request, client, sink)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        download = self._downloads.judge(request)
        if isinstance(download, web.Response):
            return download
        holder = Holder(request[PEER], download.origin)
        if (full := self._full(holder)) is not None:
            return full
        client = Client(next(self._context.client_ids), download.origin)
        with self._context.connections.hold(holder), self._context.activity.connection(client, "download"):
            return await self._downloads.send(request, download)

    async def _download_preflight(self, request: web.Request) -> web.StreamResponse:
        return self._downloads.preflight(request)

    async def _health(self, request: web.Request) -> web.StreamResponse:
        """Report that the service is alive and what has failed; to programs also what pages do wrong."""
        headers = {"Cache-Control": "no-store", "Vary": "Origin"}
        origin = request.headers.get("Origin")
        if origin is not None and self._access.admits(request):
            headers |= {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Methods": "GET, OPTIONS",
                "Access-Control-Allow-Private-Network": "true",
            }
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=headers)
        activity = self._context.activity
        # A browser always says one of the two.
        by_program = not {"Origin", "Sec-Fetch-Site"} & set(request.headers)
        mistakes = activity.mistakes.told() if by_program else ()
        return web.json_response(
            health(activity.audit_lost, self._context.loop_watch, mistakes), headers=headers
        )

    # Serving ---------------------------------------------------------------------------

    async def _serve(self, request: web.Request, budget: ByteBudget) -> WebSocket:
        limits = MessageLimits(self._context.limits.message_mib * MIB, self._context.limits.message_seconds)
        response = WebSocket(budget, limits, subprotocols(request.headers, (SUBPROTOCOL, PROTOCOL)))
        await response.prepare(request)
        client = Client(next(self._context.client_ids), request.headers.get("Origin"))
        telemetry.connection.set(str(client.id))
        language = self._language(request.headers.get("Accept-Language", ""))
        address = f"{request.scheme}://{request.host}"
        fixed = self._config.server.language != "auto"
        options = SessionOptions(language, fixed, address, response.ws_protocol == SUBPROTOCOL)
        context = self._context
        sender = WebSocketSender(request, response)
        outbox = Outbox(sender.send, context.limits.send_seconds, context.activity.counters, budget)
        session = Session(client, options, context, outbox)
        self._sessions[session] = response
        log.info("connected from %s", client.origin or "a native client")
        with context.activity.connection(client, "connect"):
            try:
                with self._access.track(
                    request, partial(response.close, code=WSCloseCode.POLICY_VIOLATION, message=REVOKED)
                ):
                    await self._run_session(session, response, request)
            finally:
                del self._sessions[session]
                await self._release(client)
                log.info("disconnected")
        return response

    async def _run_session(self, session: Session, response: WebSocket, request: web.Request) -> None:
        """Run a session and the sender of its outbox, until either ends."""
        sender = asyncio.create_task(session.outbox.run(), name=f"sender of {session.client.id}")
        received = messages(response, self._context.limits.message_mib * MIB)
        serving = asyncio.create_task(session.run(received), name=f"session {session.client.id}")
        try:
            await asyncio.wait([sender, serving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sender.cancel()
            serving.cancel()
            outcomes = await asyncio.gather(sender, serving, return_exceptions=True)
        for outcome in outcomes:
            self._log_end(outcome)
        if not response.closed and request.transport is not None:
            request.transport.abort()

    def _log_end(self, outcome: object) -> None:
        if isinstance(outcome, ClientStuck):
            self._context.activity.counters.dropped += 1
            log.warning("dropped: the client took nothing for %d s", self._context.limits.send_seconds)
        elif isinstance(outcome, Exception) and not isinstance(outcome, ConnectionError):
            log.error("the session ended with %s", type(outcome).__name__, exc_info=outcome)

    def _language(self, accept: str) -> Language:
        configured = self._config.server.language
        if configured != "auto":
            return configured
        first = accept.partition(",")[0].strip().lower()
        return "zh" if not first or first.startswith(("zh", "*")) else "en"
