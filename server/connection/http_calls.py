"""The protocol over HTTP: a function by a POST, notices as events, previews by tickets.

It is a port to the road of the WebSockets: the same checks of who asks, and in `HttpSession` the same
decoder, charges, turns and deadlines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from functools import cache

import msgspec
from aiohttp import WSMsgType, web

from server import errors
from server.access.client import Client
from server.access.control import PEER, AccessControl, quoted
from server.access.limits import MIB, ByteBudget, Holder
from server.connection.downloads import asking_origin, cors_headers
from server.connection.http_session import SILENCE_SECONDS, STREAMS, CallReply, HttpSession
from server.connection.message_reader import IncomingMessage, PartialMessage
from server.connection.multipart import send_multipart
from server.connection.sessions import Sessions
from server.errors import GaopaiError
from server.protocol import codec
from server.runtime.background import ended, supervise

SESSION = "Gaopai-Session"
"""Header with the token of a session; where a page cannot send it, the query has it as ``session``."""
ALLOWED_HEADERS = f"Authorization, Content-Type, {SESSION}"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Origin"}
GONE = "This address was used already, or its preview has ended.\n此地址已使用过，或视频已结束。\n"

Answering = Callable[[web.Request, Holder], Awaitable[web.StreamResponse]]


class HttpCalls:
    """Answers requests below ``/api/``."""

    def __init__(self, access: AccessControl, sessions: Sessions) -> None:
        self._access = access
        self._sessions = sessions
        self._context = sessions.context
        self._by_token: dict[str, HttpSession] = {}

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add its addresses to an application."""
        router.add_get(STREAMS + r"{ticket:[\w-]{1,64}}", self._watch, allow_head=False)
        router.add_route("*", "/api/openapi.json", self._judged(self._describe, "GET", "HEAD"))
        router.add_route("*", "/api/v1/session", self._judged(self._session, "POST", "DELETE"))
        router.add_route("*", "/api/v1/events", self._judged(self._events, "GET"))
        router.add_route("*", r"/api/v1/{func:[^/]+}", self._judged(self._call, "POST"))

    def _judged(
        self, answer: Answering, *methods: str
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return a handler that judges a request before it is answered, and tells its errors."""

        async def handle(request: web.Request) -> web.StreamResponse:
            origin = await self._access.check_call(request)
            if isinstance(origin, web.Response):
                return origin
            try:
                if request.method == "OPTIONS":
                    return _preflight(request, methods)
                if request.method not in methods:
                    path = quoted(request.path)
                    raise errors.WrongMethod(path=path, method=request.method, allowed=", ".join(methods))
                return await answer(request, Holder(request[PEER], origin))
            except GaopaiError as error:
                return self._failure(request, error, methods)

        return handle

    def _failure(self, request: web.Request, error: GaopaiError, methods: tuple[str, ...]) -> web.Response:
        head = codec.Head(request.match_info.get("func", "")[: codec.LONGEST_NAME])
        body = codec.encode_error(head, error, self._sessions.language(request))
        allow = {"Allow": ", ".join((*methods, "OPTIONS"))} if error.status == 405 else {}
        retry = {"Retry-After": "1"} if error.status in (429, 503) else {}
        headers = {**HEADERS, **cors_headers(request), **allow, **retry}
        return web.Response(status=error.status, body=body, content_type="application/json", headers=headers)

    # Calls -----------------------------------------------------------------------------

    async def _call(self, request: web.Request, holder: Holder) -> web.StreamResponse:
        if SESSION in request.headers:
            return await self._answered(request, self._found(request, holder))
        session = self._begun(request, holder)
        if isinstance(session, web.Response):
            return session
        try:
            return await self._answered(request, session)
        finally:
            await session.end()

    async def _answered(self, request: web.Request, session: HttpSession) -> web.StreamResponse:
        func = request.match_info["func"][: codec.LONGEST_NAME]
        headers = {**HEADERS, **cors_headers(request)}
        with session.used():
            message = await self._message(request, session.budget)
            reply = CallReply(request, headers, session.outbox, self._context, session.budget)
            sender = asyncio.create_task(reply.run())
            try:
                await session.call(message, reply, func)
            finally:
                (outcome,) = await ended(sender)
        if isinstance(outcome, Exception):
            self._sessions.log_end(outcome)
            if request.transport is not None:
                request.transport.abort()
        response = await reply.end()
        if response is None:  # the session, or the service, has ended meanwhile
            raise errors.Cancelled(func=func)
        return response

    async def _message(self, request: web.Request, budget: ByteBudget) -> IncomingMessage:
        """Read the body of a request, each byte charged as it comes.

        Raises
        ------
        BodyNotJson, MessageTooLarge, MessageTooSlow
        """
        limits = self._context.limits
        most = limits.message_mib * MIB
        _check_body(request)
        partial = PartialMessage(WSMsgType.BINARY, budget, most)
        expected = request.content_length or 0
        received = 0
        with ExitStack() as failing:
            failing.callback(partial.refuse)
            try:
                async with asyncio.timeout(limits.message_seconds):
                    while expected <= most and (piece := await request.content.readany()):
                        received += len(piece)
                        expected = max(expected, received)
                        partial.expect(len(piece))
                        partial.add(piece)
            except TimeoutError:
                raise errors.MessageTooSlow(seconds=limits.message_seconds) from None
            if expected > most:
                raise errors.MessageTooLarge(limit=f"{limits.message_mib} MiB")
            failing.pop_all()
        message = partial.message()
        message.data = message.data or b"{}"
        return message

    # Sessions --------------------------------------------------------------------------

    async def _session(self, request: web.Request, holder: Holder) -> web.StreamResponse:
        headers = {**HEADERS, **cors_headers(request)}
        if request.method == "DELETE":
            await self._found(request, holder).end()
            return web.Response(status=204, headers=headers)
        session = self._begun(request, holder)
        if isinstance(session, web.Response):
            return session
        self._by_token[session.token] = session
        told = msgspec.json.encode({"session": session.token, "seconds": int(SILENCE_SECONDS)})
        return web.Response(status=201, body=told, content_type="application/json", headers=headers)

    def _begun(self, request: web.Request, holder: Holder) -> HttpSession | web.Response:
        """Return a new session, or a refusal where there are too many."""
        if (full := self._sessions.full(holder)) is not None:
            return full
        context = self._context
        client = Client(next(context.client_ids), holder.origin)
        budget = context.bytes_in_work.connection(holder.origin)
        session = HttpSession(client, self._sessions.options(request), context, holder, budget)
        held = ExitStack()
        held.callback(budget.close)
        held.callback(self._by_token.pop, session.token, None)
        held.enter_context(context.connections.hold(holder))

        async def run() -> None:
            with held:
                await self._sessions.run(session, session.until_over(), request, session.end)

        session.task = supervise("session over HTTP", run, restart=False)
        with session.used():
            return session

    def _found(self, request: web.Request, holder: Holder) -> HttpSession:
        token = request.headers.get(SESSION) or request.query.get("session", "")
        session = self._by_token.get(token)
        if session is None or session.ended or session.holder != holder:
            raise errors.NoSuchSession(seconds=int(SILENCE_SECONDS))
        return session

    # Streams ---------------------------------------------------------------------------

    async def _events(self, request: web.Request, holder: Holder) -> web.StreamResponse:
        session = self._found(request, holder)
        response = web.StreamResponse(headers={**HEADERS, **cors_headers(request)})
        response.content_type = "text/event-stream"
        with session.used():
            await response.prepare(request)
            await session.send_events(response)
        return response

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        ticket = request.match_info["ticket"]
        asking = asking_origin(request)
        for session in self._every():
            if session.client.origin == asking and (sink := session.take(ticket)) is not None:
                break
        else:
            return web.Response(status=404, text=GONE)
        try:
            with session.used():
                return await send_multipart(request, session.client, sink, cors_headers(request))
        except GaopaiError as error:
            return self._failure(request, error, ())
        finally:
            await session.stop(ticket)

    def _every(self) -> Iterator[HttpSession]:
        return iter(tuple(self._by_token.values()))

    async def _describe(self, request: web.Request, holder: Holder) -> web.StreamResponse:
        body = await asyncio.to_thread(_description)
        headers = {**HEADERS, **cors_headers(request)}
        return web.Response(body=body, content_type="application/json", headers=headers)


@cache
def _description() -> bytes:
    # Imported here, so that a service that nobody asks does not pay for it.
    from server.protocol.export.openapi import openapi  # noqa: PLC0415

    return msgspec.json.encode(openapi())


def _check_body(request: web.Request) -> None:
    """Refuse a body that is no JSON, or compressed: what it becomes is in nobody's budget.

    Raises
    ------
    BodyNotJson
    """
    coding = request.headers.get("Content-Encoding", "identity")
    if coding.lower() != "identity":
        raise errors.BodyNotJson(given=quoted(coding))
    if request.body_exists and request.content_type != "application/json":
        raise errors.BodyNotJson(given=quoted(request.content_type))


def _preflight(request: web.Request, methods: tuple[str, ...]) -> web.Response:
    """Answer a browser that asks whether a page of another site may send a request."""
    allowed = ", ".join((*methods, "OPTIONS"))
    headers = {**HEADERS, "Allow": allowed, **cors_headers(request)}
    if "Origin" in request.headers:
        headers |= {
            "Access-Control-Allow-Methods": allowed,
            "Access-Control-Allow-Headers": ALLOWED_HEADERS,
            "Access-Control-Allow-Private-Network": "true",
            "Access-Control-Max-Age": "600",
        }
    return web.Response(status=204, headers=headers)
