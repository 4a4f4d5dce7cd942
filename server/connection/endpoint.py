"""HTTP endpoint: access control, the capture station, health, metrics, streams and WebSocket sessions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import closing

from aiohttp import WSCloseCode, web

from server.access.client import Client
from server.access.control import PEER, REVOKED, AccessControl
from server.access.limits import MIB, ByteBudget, Holder, MessageLimits
from server.access.token import subprotocols
from server.config import Config
from server.connection.downloads import DownloadPage
from server.connection.http_calls import HttpCalls
from server.connection.multipart import MultipartSink, MultipartStreams
from server.connection.outbox import Outbox
from server.connection.own_pages import MetricsPage, StaticFiles, health
from server.connection.session import ServerContext, Session
from server.connection.sessions import Release, Sessions
from server.connection.websocket import WebSocket, WebSocketSender, messages
from server.protocol.frames import PROTOCOL, SUBPROTOCOL

DOWNLOAD = r"/download/{ticket:[\w-]{1,64}}"


class Endpoint:
    """Serves HTTP requests and WebSocket sessions.

    Parameters
    ----------
    release
        Called once for each client when its connection is gone.

    Attributes
    ----------
    sessions
        Sessions of all clients.
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
        self._access = access
        self._context = context
        self._streams = streams
        self._pages = StaticFiles()
        self.sessions = Sessions(config, access, context, release)
        self._calls = HttpCalls(access, self.sessions)

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
        self._calls.add_to(app.router)
        app.router.add_get(r"/{name:(?!download/).+}", self._page)
        return app

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
        if (full := self.sessions.full(holder)) is not None:
            return full
        budget = self._context.bytes_in_work.connection(holder.origin)
        with self._context.connections.hold(holder), closing(budget):
            return await self._serve(request, budget)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return self._pages.response(request.match_info["name"])

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        viewer = self._access.check_embedding(request)
        if isinstance(viewer, web.Response):
            return viewer
        holder = Holder(request[PEER], viewer)
        if (full := self.sessions.full(holder)) is not None:
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
        if (full := self.sessions.full(holder)) is not None:
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
        context = self._context
        limits = MessageLimits(context.limits.message_mib * MIB, context.limits.message_seconds)
        response = WebSocket(budget, limits, subprotocols(request.headers, (SUBPROTOCOL, PROTOCOL)))
        await response.prepare(request)
        client = Client(next(context.client_ids), request.headers.get("Origin"))
        options = self.sessions.options(request, binary=response.ws_protocol == SUBPROTOCOL)
        sender = WebSocketSender(request, response)
        outbox = Outbox(sender.send, context.limits.send_seconds, context.activity.counters, budget)
        session = Session(client, options, context, outbox)
        received = messages(response, context.limits.message_mib * MIB)

        async def close() -> None:
            if session.finishing:
                await response.close(code=WSCloseCode.GOING_AWAY, message=b"the service stops")
            else:
                await response.close(code=WSCloseCode.POLICY_VIOLATION, message=REVOKED)

        await self.sessions.run(session, received, request, close)
        if not response.closed and request.transport is not None:
            request.transport.abort()
        return response
