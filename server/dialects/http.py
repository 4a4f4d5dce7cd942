"""HTTP of dialects: access, CORS, limits, and refusals without a word."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import msgspec
from aiohttp import web

from server import telemetry
from server.access.limits import LARGE_TEXT, Charge
from server.connection.downloads import CHUNK_BYTES, pieces_of, send_pieces
from server.connection.websocket import tune_transport
from server.dialects.gate import Gate
from server.dialects.page_session import PageSession, PageSessions
from server.dialects.services import DialectServices
from server.errors import Language

log = logging.getLogger(__name__)

MIB = 1024 * 1024
"""Bytes in a mebibyte."""
BODY_SECONDS = 15.0
"""Time limit for the body of a request to arrive, in seconds."""
METHODS = ("GET", "POST")
REFUSAL_SECONDS = 0.25
"""Time that a refusal is held back, so that a page which asks again at once takes no time from others."""
KEPT_SECONDS = 15.0
"""Time for which a connection without a request is kept, in seconds."""
SHUTDOWN_SECONDS = 2.0
"""Time for which a connection with a request is kept when the service ends, in seconds."""
ORIGIN: web.RequestKey[str] = web.RequestKey("origin", str)
"""Key of the origin that a request was admitted for."""


class HttpDialect(Protocol):
    """Protocol for a dialect over HTTP."""

    def destinations(self, request: web.Request) -> Collection[str]:
        """Return the values of Sec-Fetch-Dest that a request without an Origin may have."""

    async def answer(self, request: web.Request, session: PageSession) -> web.StreamResponse:
        """Answer a request of an allowed page."""


class HttpListener:
    """Serves one dialect over HTTP.

    Parameters
    ----------
    methods
        Methods that it knows.
    body_bytes
        Limit of a body; None for that of a message.
    """

    def __init__(
        self,
        dialect: HttpDialect,
        gate: Gate,
        services: DialectServices,
        methods: Sequence[str] = METHODS,
        body_bytes: int | None = None,
    ) -> None:
        self._dialect = dialect
        self._gate = gate
        self._context = services.context
        self._sessions = PageSessions(services)
        self._methods = methods
        self._body_bytes = services.context.limits.message_mib * MIB if body_bytes is None else body_bytes

    def application(self) -> web.Application:
        """Return the aiohttp application; the caller manages its lifetime."""
        app = web.Application(client_max_size=self._body_bytes)
        app.router.add_route("*", "/{path:.*}", self._serve)
        app.on_response_prepare.append(_add_headers)
        return app

    async def recheck(self) -> None:
        """End the sessions of pages that are no longer allowed."""
        for origin in self._sessions.origins:
            if not self._gate.admits(origin):
                await self._sessions.end(origin)

    async def close(self) -> None:
        """End all sessions."""
        await self._sessions.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        with self._gate.serving(request):
            return await self._judged(request)

    async def _judged(self, request: web.Request) -> web.StreamResponse:
        if not await self._gate.admits_connection(request):
            return web.Response(status=403)
        origin = self._gate.page(request, self._dialect.destinations(request))
        if origin is None:
            return web.Response(status=403)
        request[ORIGIN] = origin
        if request.method == "OPTIONS":
            return _preflight(request)
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            # What it becomes is in nobody's budget: a thousand times as much.
            await asyncio.sleep(REFUSAL_SECONDS)
            return web.Response(status=415, headers={"Accept-Encoding": "identity"})
        if request.method not in self._methods:
            return web.Response(status=405, headers={"Allow": ", ".join((*self._methods, "OPTIONS"))})
        return await self._limited(request, await self._sessions.of(origin))

    async def _limited(self, request: web.Request, session: PageSession) -> web.StreamResponse:
        limits = self._context.limits
        if not session.rate.admits(limits.requests_per_second) or session.working >= limits.waiting_requests:
            await asyncio.sleep(REFUSAL_SECONDS)
            return web.Response(status=429, headers={"Retry-After": "1"})
        charge = Charge(self._context.bytes_in_work.connection(session.origin))
        if not charge.grow(_expected_bytes(request, self._body_bytes)):
            return web.Response(status=503, headers={"Retry-After": "1"})
        telemetry.served.set(telemetry.Served(str(session.client.id)))
        self._context.bytes_in_work.work_for(session.origin)
        session.working += 1
        session.number += 1
        try:
            response = await self._dialect.answer(request, session)
            return await _sent(request, response, charge) if isinstance(response, web.Response) else response
        finally:
            session.working -= 1
            charge.release()


async def runner_of(application: web.Application) -> web.AppRunner:
    """Return a runner of an application whose clients end what they wait for when they leave."""
    runner = web.AppRunner(
        application,
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=KEPT_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
        handler_cancellation=True,
    )
    await runner.setup()
    return runner


async def _sent(request: web.Request, response: web.Response, charge: Charge) -> web.StreamResponse:
    """Send an answer as downloads are sent: charged, and in pieces that the page has to take in time."""
    body = response.body
    if not isinstance(body, bytes) or len(body) <= CHUNK_BYTES:
        return response
    if not charge.grow(len(body)):
        return web.Response(status=503, headers={"Retry-After": "1"})
    streamed = web.StreamResponse(status=response.status, headers=response.headers)
    streamed.content_length = len(body)
    tune_transport(request.transport)
    await send_pieces(request, streamed, pieces_of(body))
    return streamed


def _expected_bytes(request: web.Request, limit: int) -> int:
    """Return what a request may take: its text, the file in it, and the copy that is decoded."""
    if not request.can_read_body:
        return 0
    size = limit if request.content_length is None else min(request.content_length, limit)
    return size * 5 // 2 if size > LARGE_TEXT else size


async def read_body(request: web.Request) -> bytes:
    """Return the body of a request, which does not keep it, as aiohttp's own does.

    Raises
    ------
    aiohttp.web.HTTPException
        It is too large, or comes too slowly.
    """
    pieces = list[bytes]()
    size = 0
    most = request.client_max_size
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.content.iter_any():
                size += len(piece)
                if size > most:
                    raise web.HTTPRequestEntityTooLarge(most, size)
                pieces.append(piece)
            return b"".join(pieces)
    except TimeoutError:
        raise web.HTTPRequestTimeout(text="") from None


def language(request: web.Request, configured: str) -> Language:
    """Return the language of messages to a page: as configured, else its own, else Chinese."""
    if configured in ("zh", "en"):
        return "zh" if configured == "zh" else "en"
    first = request.headers.get("Accept-Language", "").partition(",")[0].strip().lower()
    return "en" if first.startswith("en") else "zh"


def _preflight(request: web.Request) -> web.Response:
    headers = {"Access-Control-Allow-Methods": "GET, POST, OPTIONS", "Access-Control-Max-Age": "600"}
    wanted = request.headers.get("Access-Control-Request-Headers")
    if wanted and all(part.strip().replace("-", "").isalnum() for part in wanted.split(",")):
        headers["Access-Control-Allow-Headers"] = wanted
    if request.headers.get("Access-Control-Request-Private-Network") == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
    return web.Response(status=204, headers=headers)


def json_response(members: Mapping[str, object]) -> web.Response:
    """Return an answer of these members."""
    return web.Response(body=msgspec.json.encode(members), content_type="application/json", charset="utf-8")


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Vary"] = "Origin"
    # Only where the browser named the page: a picture without CORS stays unreadable for scripts.
    if ORIGIN in request and "Origin" in request.headers:
        response.headers["Access-Control-Allow-Origin"] = request[ORIGIN]
        response.headers["Access-Control-Allow-Credentials"] = "true"
