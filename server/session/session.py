"""One connection: requests in order, stop-type requests ahead of long ones, answers out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable
from dataclasses import dataclass

import msgspec

from server.errors import Cancelled, GaopaiError, Language, TooFast, TooManyRequests, TooMuchWaiting
from server.handlers.context import FrameEncoder
from server.protocol.codec import (
    BadCall,
    Call,
    Head,
    closing,
    decode,
    encode_answer,
    encode_error,
    push,
)
from server.protocol.messages.base import Answer
from server.services.client import Client
from server.session.context import ServerContext
from server.session.limits import ByteBudget, RateLimiter
from server.session.outbox import FrameLane, Outbox
from server.session.request_queue import QueuedRequest, RequestQueue
from server.streaming.sink import FrameSink
from server.telemetry import RequestLog

log = logging.getLogger(__name__)

REFUSED_SECONDS = 0.002
"""After a request that is turned away nothing is read for so long: a flood costs little, however fast."""
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What client and service agreed on before the first message.

    Attributes
    ----------
    language
        Of error messages.
    binary
        Preview frames are binary messages.
    """

    language: Language
    binary: bool = False


class SessionRequestContext:
    """The `Exchange` of one request."""

    def __init__(self, session: Session, head: Head, trail: RequestLog) -> None:
        self._session = session
        self._trail = trail
        self.head = head
        self.client = session.client

    async def answer(self, answer: Answer, func: str | None = None) -> None:
        head = self.head if func is None else msgspec.structs.replace(self.head, func=func)
        await self._session.outbox.answer(encode_answer(head, answer))

    async def refuse(self, error: GaopaiError, answer: Answer) -> None:
        self._trail.result = error.code
        await self._session.outbox.answer(self._failure(error, answer))

    def notify(self, notice: Answer, func: str = "Notify") -> None:
        self._session.outbox.notify(push(func, notice, self.head.req_id))

    @property
    def language(self) -> Language:
        return self._session.language

    @property
    def binary(self) -> bool:
        return self._session.binary

    def frames(self, key: str, encode: FrameEncoder, last: Answer) -> FrameSink:
        outbox = self._session.outbox
        lane = FrameLane(outbox, self.binary, encode, lambda error: self._failure(error, last))
        outbox.add_lane(key, lane)
        return lane

    def _failure(self, error: GaopaiError, answer: Answer) -> bytes:
        return encode_error(self.head, error, self._session.language, answer)


class Session:
    """Serves one connection from its first message to its last.

    Parameters
    ----------
    terms
        What the handshake settled.
    outbox
        Where answers and frames go; the session does not empty it.
    """

    def __init__(self, client: Client, terms: SessionOptions, context: ServerContext, outbox: Outbox) -> None:
        self.client = client
        self.language = terms.language
        self.binary = terms.binary
        self.outbox = outbox
        self._context = context
        self._pace = RateLimiter()
        self._load = ByteBudget(context.bytes_in_work)
        self._received = 0
        self._requests = RequestQueue(self._serve)
        self._leaving = False

    async def run(self, messages: AsyncIterable[str | bytes]) -> None:
        """Serve until `messages` end."""
        try:
            async with asyncio.TaskGroup() as group:
                worker = group.create_task(self._requests.run(), name=f"requests of {self.client.id}")
                try:
                    async for message in messages:
                        await self._receive(message)
                finally:
                    worker.cancel()
        finally:
            self._load.drop()

    async def finish(self) -> None:
        """Take no more requests, and return when those taken are answered and the answers have left.

        What may run for seconds is cancelled, and answered so.
        """
        self._leaving = True
        self._requests.cancel_long()
        await self._requests.emptied()
        await self.outbox.emptied()

    async def _receive(self, message: str | bytes) -> None:
        try:
            call: Call | BadCall = decode(message)
        except BadCall as bad:
            call = bad
        if self._leaving:
            return
        error = self._refusal(len(message))
        if error is not None:
            await self._turn_away(call, error)
            return
        self._load.take(len(message))
        self._received += 1
        await self._requests.add(QueuedRequest(call, len(message), self._received))

    def _refusal(self, size: int) -> GaopaiError | None:
        """Why a message of that size is too much now, if it is."""
        limits = self._context.limits
        if not self._pace.admits(limits.requests_per_second):
            return TooFast(limit=limits.requests_per_second)
        if len(self._requests) >= limits.waiting_requests:
            return TooManyRequests(limit=limits.waiting_requests)
        if not self._load.fits(size, limits.waiting_mib * MIB, limits.all_waiting_mib * MIB):
            return TooMuchWaiting()
        return None

    async def _turn_away(self, call: Call | BadCall, error: GaopaiError) -> None:
        """Answer at once; who does not take such answers is not listened to meanwhile."""
        self._context.activity.counters.turned_away[error.code] += 1
        await self.outbox.answer(encode_error(call.head, error, self.language))
        await self._close(call)
        await asyncio.sleep(REFUSED_SECONDS)

    async def _serve(self, job: QueuedRequest) -> None:
        """Run one request and queue all that it answers."""
        function = job.call.function
        name = None if function is None else function.name
        try:
            with self._context.activity.request(self.client, name, job.number) as trail:
                await self._answer(job, trail)
            await self._close(job.call)
        finally:
            self._load.give_back(job.size)

    async def _close(self, call: Call | BadCall) -> None:
        """Send the message that follows the last answer, if the function has one."""
        if call.function is not None and call.function.closing is not None:
            await self.outbox.answer(closing(call.head, call.function.closing))

    async def _answer(self, job: QueuedRequest, trail: RequestLog) -> None:
        call = job.call
        if isinstance(call, BadCall):
            await self._fail(call.head, call.error, trail)
            return
        try:
            if job.cancelled:
                raise asyncio.CancelledError
            answer = await self._context.dispatcher.serve(call, SessionRequestContext(self, call.head, trail))
        except GaopaiError as error:
            await self._fail(call.head, error, trail)
        except asyncio.CancelledError:
            trail.result = Cancelled.code
            if not job.cancelled:
                raise
            await self._fail(call.head, Cancelled(func=call.function.name), trail)
        else:
            if answer is not None:
                await self.outbox.answer(encode_answer(call.head, answer))

    async def _fail(self, head: Head, error: GaopaiError, trail: RequestLog) -> None:
        trail.result = error.code
        await self.outbox.answer(encode_error(head, error, self.language))
