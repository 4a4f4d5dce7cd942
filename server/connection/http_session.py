"""Session of a client that speaks HTTP: it outlives its requests, and each has an outbox of its own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

import msgspec
import pybase64
from aiohttp import web

from server.access.client import Client
from server.access.limits import ByteBudget, Holder
from server.connection.message_reader import IncomingMessage
from server.connection.multipart import MultipartSink
from server.connection.outbox import Outbox
from server.connection.session import ServerContext, Session, SessionOptions, SessionRequestContext
from server.errors import GaopaiError
from server.protocol import codec
from server.protocol.messages.base import Answer
from server.runtime.background import supervise
from server.services.context import FrameEncoder
from server.streaming.painter import FrameSink
from server.telemetry import RequestLog

SILENCE_SECONDS = 60.0
"""Time without a request after which a session ends, in seconds."""
TICKET_SECONDS = 10.0
"""Time in which a preview has to be watched, so that no camera runs for nobody, in seconds."""
KEPT_SECONDS = 15.0
"""Interval of the comments by which a silent stream of events is seen to live, in seconds."""
TOKEN_BYTES = 24
"""Random bytes of a token, which nobody can guess."""
STREAMS = "/api/v1/stream/"
BOUNDARY = b"gaopai-part"
PICTURES = ("image_base64_str", "img_base64_str", "file_base64")
"""Members of answers that hold a picture or a file."""
CONTENT_ID = "picture"


class CallReply(Outbox):
    """Answers to one request, sent as they come as the body of its response.

    Parameters
    ----------
    headers
        Headers of the response.
    late
        Destination of answers that come when the response has ended.
    budget
        Budget of the session.

    Attributes
    ----------
    several
        Answers are the items of an array; else there is one.
    parts
        Answers, and the pictures in them, are parts of a multipart body.
    stream
        Answer about the preview that the request has begun, if nothing else is answered.
    response
        The response; None before the first answer.
    """

    def __init__(
        self,
        request: web.Request,
        headers: dict[str, str],
        late: Outbox,
        context: ServerContext,
        budget: ByteBudget,
    ) -> None:
        super().__init__(self._write, context.limits.send_seconds, context.activity.counters, budget)
        self._request = request
        self._headers = headers
        self._late = late
        self._status = 0
        self._over = False
        self.several = False
        self.parts = "multipart/related" in request.headers.get("Accept", "")
        self.stream: bytes | None = None
        self.response: web.StreamResponse | None = None

    async def answer(self, message: bytes, error: GaopaiError | None = None) -> None:
        if self._over:
            await self._late.answer(message, error)
            return
        self._status = self._status or (200 if error is None else error.status)
        await super().answer(_part(b"application/json", message) if self.parts else message)

    async def answer_with(self, message: bytes, picture: bytes, mime: str) -> None:
        """Queue an answer whose picture follows as a part of its own."""
        self._status = self._status or 200
        head = b"%b\r\nContent-ID: <%b>" % (mime.encode(), CONTENT_ID.encode())
        await super().answer(_part(b"application/json", message) + _part(head, picture))

    async def finish(self) -> None:
        """Wait until all answers are sent; what comes later goes where late answers go."""
        if not self._status and self.stream is not None:
            await self.answer(self.stream)
        self._over = True
        await self.drained()

    async def end(self) -> web.StreamResponse | None:
        """End the response, if there was an answer."""
        if self.response is not None:
            last = b"--%b--\r\n" % BOUNDARY if self.parts else b"]\n" if self.several else b""
            await self.response.write_eof(last)
        return self.response

    async def _write(self, message: Sequence[bytes], binary: bool) -> None:
        body = b"".join(message)
        if self.response is not None:
            await self.response.write(body if self.parts else b",\n" + body)
            return
        response = web.StreamResponse(status=self._status, headers=self._headers)
        self.response = response
        response.content_type = "application/json"
        if self.parts:
            response.content_type = f"multipart/related; boundary={BOUNDARY.decode()}"
        elif not self.several:
            response.content_length = len(body)
        await response.prepare(self._request)
        await response.write(b"[" + body if self.several and not self.parts else body)


def _part(content_type: bytes, body: bytes) -> bytes:
    head = b"--%b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (BOUNDARY, content_type, len(body)) + body + b"\r\n"


class TicketSink(MultipartSink):
    """Sink of a preview that is over when it is stopped."""

    def discard(self) -> None:
        super().discard()
        self._ended = True
        self._changed.set()


@dataclass(slots=True, eq=False)
class HttpStream:
    """Preview that is watched by its ticket, once.

    Attributes
    ----------
    stop
        Message that ends it.
    unwatched
        Ends it unless it is watched in time.
    """

    key: str
    sink: TicketSink
    stop: bytes
    unwatched: asyncio.TimerHandle


class HttpRequestContext(SessionRequestContext):
    """`RequestContext` of a request over HTTP."""

    def __init__(self, session: HttpSession, head: codec.Head, entry: RequestLog, reply: CallReply) -> None:
        super().__init__(session, head, entry, reply)
        self._http_session = session
        self._reply = reply

    async def answer(self, answer: Answer, func: str | None = None) -> None:
        held = {name: text for name in PICTURES if (text := getattr(answer, name, None))}
        if not held or not self._reply.parts or self._destination(func) is not self._reply:
            await super().answer(answer, func)
            return
        picture = await asyncio.to_thread(pybase64.b64decode, next(iter(held.values())))
        named = msgspec.structs.replace(answer, **dict.fromkeys(held, f"cid:{CONTENT_ID}"))
        mime = getattr(answer, "mime", "").replace("image/jpg", "image/jpeg")
        await self._reply.answer_with(codec.encode_answer(self._head(func), named), picture, mime)

    def frames(self, key: str, encode: FrameEncoder, last: Answer) -> FrameSink:
        ticket, sink = self._http_session.offer(key, self.head, last)
        address = f"{self._session.options.address}{STREAMS}{ticket}"
        self._reply.stream = codec.encode_answer(self.head, msgspec.structs.replace(last, stream_url=address))
        return sink


class HttpSession(Session):
    """Session that its requests name by a token.

    Parameters
    ----------
    holder
        Client that began it, and alone may use it.

    Attributes
    ----------
    token
        Its name, which nobody can guess.
    task
        Runs it.
    """

    task: asyncio.Task[None]

    def __init__(
        self,
        client: Client,
        options: SessionOptions,
        context: ServerContext,
        holder: Holder,
        budget: ByteBudget,
    ) -> None:
        seconds = context.limits.send_seconds
        outbox = Outbox(self._send_event, seconds, context.activity.counters, budget)
        super().__init__(client, options, context, outbox)
        self.token = secrets.token_urlsafe(TOKEN_BYTES)
        self.holder = holder
        self.budget = budget
        self._over = asyncio.Event()
        self._uses = 0
        self._silence: asyncio.TimerHandle | None = None
        self._events: web.StreamResponse | None = None
        self._streams: dict[str, HttpStream] = {}

    @property
    def ended(self) -> bool:
        """True from the moment that it was ended."""
        return self._over.is_set()

    async def until_over(self) -> AsyncIterator[IncomingMessage]:
        """Yield no message, until the session is ended: they come by `receive`."""
        await self._over.wait()
        return
        yield

    async def end(self) -> None:
        """End the session, and wait until its devices are released."""
        self._over.set()
        if self._silence is not None:
            self._silence.cancel()
        await asyncio.wait([self.task])

    @contextmanager
    def used(self) -> Iterator[None]:
        """Keep the session until the end of the ``with`` block, and for a while after it."""
        self._uses += 1
        if self._silence is not None:
            self._silence.cancel()
        try:
            yield
        finally:
            self._uses -= 1
            if not self._uses and not self.ended:
                loop = asyncio.get_running_loop()
                self._silence = loop.call_later(SILENCE_SECONDS, self._over.set)

    async def call(self, message: IncomingMessage, reply: CallReply, func: str) -> None:
        """Serve a message, until its answers are sent; a caller that is cancelled cancels it."""
        request = await self.receive(message, reply, func)
        try:
            if request is not None:
                await request.done.wait()
            await reply.finish()
        finally:
            message.charge.release()
            if request is not None:
                request.cancel()

    def _request_context(self, call: codec.Call, entry: RequestLog, outbox: Outbox) -> SessionRequestContext:
        if not isinstance(outbox, CallReply):
            return super()._request_context(call, entry, outbox)
        outbox.several = call.function.answers_often(call.request)
        return HttpRequestContext(self, call.head, entry, outbox)

    # Events ----------------------------------------------------------------------------

    async def send_events(self, response: web.StreamResponse) -> None:
        """Send what the service tells by itself to a prepared response, until it is gone or another comes."""
        self._events = response
        try:
            while self._events is response and not self.ended:
                await response.write(b":\n\n")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), KEPT_SECONDS)
        except ConnectionError:
            pass  # it is gone
        finally:
            if self._events is response:
                self._events = None

    async def _send_event(self, message: Sequence[bytes], binary: bool) -> None:
        if self._events is None:
            return
        # A reqId is as it came, and may have lines.
        text = b"".join(message).translate(_LINES)
        try:
            await self._events.write(b"data: %b\n\n" % text)
        except ConnectionError:
            self._events = None

    # Previews --------------------------------------------------------------------------

    def offer(self, key: str, head: codec.Head, last: Answer) -> tuple[str, TicketSink]:
        """Return a ticket for a preview, in place of an older one of that key, and its sink."""
        for ticket in [ticket for ticket, stream in self._streams.items() if stream.key == key]:
            self._streams.pop(ticket).unwatched.cancel()
        ticket = secrets.token_urlsafe(TOKEN_BYTES)
        told = codec.encode_answer(codec.Head(head.func), last)
        stop = b'%b,"enable":false}' % told.removesuffix(b"}")
        unwatched = asyncio.get_running_loop().call_later(TICKET_SECONDS, self._give_up, ticket)
        sink = TicketSink()
        self._streams[ticket] = HttpStream(key, sink, stop, unwatched)
        return ticket, sink

    def take(self, ticket: str) -> TicketSink | None:
        """Use a ticket; return None if it was used, or is none of this session."""
        stream = self._streams.get(ticket)
        if stream is None or stream.unwatched.cancelled():
            return None
        stream.unwatched.cancel()
        return stream.sink

    async def stop(self, ticket: str) -> None:
        """End a preview that nobody watches; no error if another, or the session's end, was before."""
        stream = self._streams.pop(ticket, None)
        if stream is None or self.ended:
            return
        call = codec.decode(stream.stop)
        context = SessionRequestContext(self, call.head, RequestLog(0), self.outbox)
        with suppress(GaopaiError):
            await self._context.dispatcher.serve(call, context)

    def _give_up(self, ticket: str) -> None:
        supervise("unwatched preview", partial(self.stop, ticket), restart=False)


_LINES = bytes.maketrans(b"\r\n", b"  ")
