"""Session of one connection: decodes messages, limits, queues and answers requests, with what all share."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import msgspec

from server import errors
from server.access.activity import ActivityRecorder
from server.access.client import Client
from server.access.limits import ByteBudgets, ConnectionLimiter, RateLimiter, held_bytes
from server.config import LimitsConfig
from server.connection.message_reader import IncomingMessage
from server.connection.outbox import FrameLane, Outbox
from server.connection.request_queue import QueuedRequest, RequestQueue
from server.errors import GaopaiError, Language, forget_frames
from server.protocol import codec
from server.protocol.catalogue import SPELLINGS
from server.protocol.messages.base import Answer
from server.protocol.profiles import NO_PROFILES, Profiles
from server.protocol.spelling import resembling
from server.runtime.background import LoopWatch
from server.runtime.turns import Turns
from server.services.context import Dispatcher, FrameEncoder
from server.streaming.painter import FrameSink
from server.telemetry import RequestLog

log = logging.getLogger(__name__)

T = TypeVar("T")

REFUSED_SECONDS = 0.002
"""Pause of reading after a rejected request, so that a flood costs little, however fast."""
INLINE_BYTES = 16 * 1024
"""Size of a message up to which it is decoded at once: more of its parts would keep the loop too long."""


class MessageThread:
    """Thread in which large messages are decoded, those of each origin in turn."""

    def __init__(self) -> None:
        self._turns = Turns(1, 1)
        self._thread = ThreadPoolExecutor(1, "decoding of messages")

    async def decode(self, decoder: Callable[[bytes], T], message: bytes) -> T:
        """Return what `decoder` makes of a message, or raise what it raises."""
        if len(message) <= INLINE_BYTES:
            return decoder(message)
        async with self._turns.taken():
            return await asyncio.get_running_loop().run_in_executor(self._thread, decoder, message)


@dataclass(slots=True)
class ServerContext:
    """Shared objects of all connections.

    Attributes
    ----------
    limits
        Limits of the configuration; replaced when it is reloaded.
    bytes_in_work
        Budgets of the messages that arrive, wait or are in work, and of the answers that wait.
    decoding
        Decoder of large messages.
    profiles
        Profiles of the configuration; replaced when it is reloaded.
    loop_watch
        Watch of the event loop; None before the service runs.
    client_ids
        Identifiers of clients, unique while the service runs.
    """

    dispatcher: Dispatcher
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    activity: ActivityRecorder = field(default_factory=ActivityRecorder)
    profiles: Profiles = NO_PROFILES
    connections: ConnectionLimiter = field(default_factory=ConnectionLimiter)
    bytes_in_work: ByteBudgets = field(init=False)
    decoding: MessageThread = field(default_factory=MessageThread)
    loop_watch: LoopWatch | None = None
    client_ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.bytes_in_work = ByteBudgets(lambda: self.limits)

    @contextmanager
    def watched_loop(self) -> Iterator[None]:
        """Watch the running event loop until the end of the ``with`` block."""
        self.loop_watch = LoopWatch(lambda: self.connections.count > 0)
        self.loop_watch.start()
        try:
            yield
        finally:
            self.loop_watch.stop()


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Options that the handshake settles.

    Attributes
    ----------
    language
        Language of error messages.
    fixed
        The page cannot change the language.
    address
        Address of this service over HTTP, as the client knows it, such as ``http://127.0.0.1:8082``.
    binary
        Preview frames are binary messages.
    """

    language: Language
    fixed: bool = False
    address: str = ""
    binary: bool = False


NOTICE = "Notify"
"""Name that notices have."""


class SessionRequestContext:
    """`RequestContext` of one request of a session.

    Parameters
    ----------
    outbox
        Destination of its answers; notices and frames go to that of the session.
    """

    def __init__(self, session: Session, head: codec.Head, entry: RequestLog, outbox: Outbox) -> None:
        self._session = session
        self._entry = entry
        self._outbox = outbox
        self.head = head
        self.client = session.client

    async def answer(self, answer: Answer, func: str | None = None) -> None:
        whole = self._session.completed(answer)
        await self._destination(func).answer(codec.encode_answer(self._head(func), whole))

    async def refuse(self, error: GaopaiError, answer: Answer, func: str | None = None) -> None:
        self._entry.result = error.code
        await self._destination(func).answer(self._failure(error, answer, func), error)

    def notify(self, notice: Answer, func: str = "Notify") -> None:
        self._session.outbox.notify(codec.push(func, notice, self.head.req_id))

    @property
    def language(self) -> Language:
        return self._session.language

    def set_language(self, language: Language) -> None:
        self._session.set_language(language)

    @property
    def binary(self) -> bool:
        return self._session.options.binary

    def download_url(self, ticket: str) -> str:
        return f"{self._session.options.address}/download/{ticket}"

    def signing_url(self, ticket: str) -> str:
        return f"{self._session.options.address}/sign#ticket={ticket}"

    def frames(self, key: str, encode: FrameEncoder, last: Answer) -> FrameSink:
        outbox = self._session.outbox
        lane = FrameLane(outbox, self.binary, encode, lambda error: self._failure(error, last))
        outbox.add_lane(key, lane)
        return lane

    def _destination(self, func: str | None) -> Outbox:
        # A notice on the way of a request is no answer to it.
        is_answer = func is None or (func in SPELLINGS and func != NOTICE)
        return self._outbox if is_answer else self._session.outbox

    def _failure(self, error: GaopaiError, answer: Answer, func: str | None = None) -> bytes:
        return codec.encode_error(self._head(func), error, self._session.language, answer)

    def _head(self, func: str | None) -> codec.Head:
        return self.head if func is None else msgspec.structs.replace(self.head, func=func)


class Session:
    """Serves one connection from its first message to its last.

    Parameters
    ----------
    outbox
        Destination of answers and frames; the caller runs its sender.

    Attributes
    ----------
    finishing
        It accepts no more requests, as the service ends.
    """

    def __init__(
        self, client: Client, options: SessionOptions, context: ServerContext, outbox: Outbox
    ) -> None:
        self.client = client
        self.language = options.language
        self.options = options
        self.outbox = outbox
        self._context = context
        self._rate = RateLimiter()
        self._received = 0
        self._requests = RequestQueue(self._serve)
        self.finishing = False

    def completed(self, answer: Answer) -> Answer:
        """Return an answer with all the names of its results, as configured."""
        return self._context.dispatcher.complete(answer)

    def set_language(self, language: Language) -> None:
        """Change the language of errors, unless the configuration has fixed it."""
        if not self.options.fixed:
            self.language = language

    async def run(self, messages: AsyncIterable[IncomingMessage]) -> None:
        """Serve until `messages` end; what is then in work has its charge released by the caller."""
        self._context.bytes_in_work.work_for(self.client.origin)
        try:
            async with asyncio.TaskGroup() as group:
                worker = group.create_task(self._requests.run(), name=f"requests of {self.client.id}")
                try:
                    async for message in messages:
                        await self.receive(message)
                finally:
                    worker.cancel()
        except* ConnectionError:
            log.debug("the client is gone")  # as where a ping is to be answered

    async def finish(self) -> None:
        """Accept no more requests, and wait until the accepted ones are answered and the answers sent.

        Long requests are cancelled, and answered so.
        """
        self.finishing = True
        self._requests.cancel_long()
        await self._requests.drained()
        await self.outbox.drained()

    async def receive(
        self, message: IncomingMessage, outbox: Outbox | None = None, func: str = ""
    ) -> QueuedRequest[codec.Call | codec.BadCall] | None:
        """Take a message.

        Parameters
        ----------
        outbox
            Destination of its answers; None for that of the session.
        func
            Function that the message was addressed to, which it then need not name.

        Returns
        -------
        QueuedRequest or None
            None for a message beyond the limits, which is answered, or at the end of the service.
        """
        outbox = outbox or self.outbox
        call = await self._decoded(message, func)
        if self.finishing:
            message.charge.release()
            return None
        error = self._exceeded_limit(message, call)
        if error is not None:
            message.charge.release()
            await self._reject(call, error, outbox)
            return None
        self._received += 1
        self._herald(call)
        request = QueuedRequest(call, message.charge, self._received, outbox)
        await self._requests.add(request)
        return request

    def _herald(self, call: codec.Call | codec.BadCall) -> None:
        """Tell of a request before its turn, unless one that is before it might change its camera."""
        dispatcher = self._context.dispatcher
        if not isinstance(call, codec.Call) or not dispatcher.is_heralded(call):
            return
        ahead = self._requests.pending
        if all(_leaves_cameras_alone(other, dispatcher) for other in ahead):
            dispatcher.herald(call, self.client, waits=bool(ahead))

    async def _decoded(self, message: IncomingMessage, func: str) -> codec.Call | codec.BadCall:
        if message.refused:
            return codec.BadCall(codec.excerpt_head(message.take(), func), errors.TooMuchWaiting())
        try:
            call: codec.Call | codec.BadCall = await self._context.decoding.decode(
                partial(codec.decode, profiles=self._context.profiles, func=func), message.take()
            )
        except codec.BadCall as bad:
            forget_frames(bad)
            call = bad
        for mistake in _mistakes(call):
            self._context.activity.mistakes.note(self.client.origin, mistake)
        return call

    def _exceeded_limit(
        self, message: IncomingMessage, call: codec.Call | codec.BadCall
    ) -> GaopaiError | None:
        """Return the error of a limit that a message exceeds now, or None."""
        limits = self._context.limits
        if not self._rate.admits(limits.requests_per_second):
            return errors.TooFast(limit=limits.requests_per_second)
        if len(self._requests) >= limits.waiting_requests:
            return errors.TooManyRequests(limit=limits.waiting_requests)
        # Text that is more than ASCII is larger in memory than it was on the line.
        held = held_bytes(call.request) if isinstance(call, codec.Call) else message.size
        if message.refused or not message.charge.resize(max(held, message.size)):
            return errors.TooMuchWaiting()
        return None

    async def _reject(self, call: codec.Call | codec.BadCall, error: GaopaiError, outbox: Outbox) -> None:
        """Answer at once; by backpressure, nothing is read while the client does not receive the answers."""
        self._context.activity.counters.rejected[error.code] += 1
        await outbox.answer(codec.encode_error(call.head, error, self.language), error)
        await self._close(call, outbox)
        await asyncio.sleep(REFUSED_SECONDS)

    async def _serve(self, request: QueuedRequest[codec.Call | codec.BadCall]) -> None:
        """Run one request and queue all its answers."""
        function = request.call.function
        name = None if function is None else function.name
        outbox = request.outbox or self.outbox
        self._context.bytes_in_work.work_for(self.client.origin)
        try:
            with self._context.activity.request(self.client, name, request.number) as entry:
                await self._answer(request, entry, outbox)
            await self._close(request.call, outbox)
        finally:
            request.charge.release()

    async def _close(self, call: codec.Call | codec.BadCall, outbox: Outbox) -> None:
        """Send the message that follows the last answer, if the function has one."""
        if call.function is not None and call.function.closing is not None:
            await outbox.answer(codec.closing(call.head, call.function.closing))

    async def _answer(
        self, request: QueuedRequest[codec.Call | codec.BadCall], entry: RequestLog, outbox: Outbox
    ) -> None:
        call = request.call
        if isinstance(call, codec.BadCall):
            await self._fail(call.head, call.error, entry, outbox)
            return
        context = self._request_context(call, entry, outbox)
        try:
            if request.cancelled:
                raise asyncio.CancelledError
            answer = await self._context.dispatcher.serve(call, context)
        except GaopaiError as error:
            await self._fail(call.head, error, entry, outbox)
        except asyncio.CancelledError:
            entry.result = errors.Cancelled.code
            if not request.cancelled:
                raise
            await self._fail(call.head, errors.Cancelled(func=call.function.name), entry, outbox)
        else:
            if answer is not None:
                await context.answer(answer)

    def _request_context(self, call: codec.Call, entry: RequestLog, outbox: Outbox) -> SessionRequestContext:
        return SessionRequestContext(self, call.head, entry, outbox)

    async def _fail(self, head: codec.Head, error: GaopaiError, entry: RequestLog, outbox: Outbox) -> None:
        entry.result = error.code
        await outbox.answer(codec.encode_error(head, error, self.language), error)


def _leaves_cameras_alone(request: QueuedRequest[codec.Call | codec.BadCall], dispatcher: Dispatcher) -> bool:
    call = request.call
    return not request.about_cameras or (isinstance(call, codec.Call) and dispatcher.is_heralded(call))


def _mistakes(call: codec.Call | codec.BadCall) -> Iterator[str]:
    """Yield what the author of a page would want to know of a request."""
    if call.head.unknown:
        yield f"keys that are not known: {', '.join(call.head.unknown)}"
    if call.head.repaired:
        yield "JSON with the commas and brackets of the standard's printed examples"
    if isinstance(call, codec.BadCall) and isinstance(call.error, errors.InvalidJson):
        yield "invalid JSON"
    if isinstance(call, codec.BadCall) and isinstance(call.error, errors.UnknownFunction):
        names = resembling([call.head.func], SPELLINGS)
        yield f"a function that does not exist: {names[0]}" if names else "a function that does not exist"
