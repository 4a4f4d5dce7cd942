"""One connection: requests in order, stop-type requests ahead of long ones, answers out."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterable
from dataclasses import dataclass, field

import msgspec

from server.config import Limits
from server.errors import Cancelled, GaopaiError, Language, TooManyRequests
from server.handlers.exchange import FrameLane
from server.protocol.codec import BadCall, Call, Head, closing, decode, encode_answer, encode_error
from server.protocol.messages.base import Answer
from server.services.client import Client
from server.session.dispatcher import Dispatcher
from server.session.outbox import Outbox

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Job:
    """A request that waits or runs."""

    call: Call | BadCall
    cancelled: bool = False
    task: asyncio.Task[None] | None = field(default=None)

    @property
    def long(self) -> bool:
        return isinstance(self.call, Call) and self.call.function.long

    def cancel(self) -> None:
        """Give it up, running or not; it is still answered."""
        # Once only: a second would interrupt what the first made it do, such as handing out the last page.
        if not self.cancelled:
            self.cancelled = True
            if self.task is not None:
                self.task.cancel()


@dataclass(frozen=True, slots=True)
class Terms:
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


class RequestExchange:
    """The `Exchange` of one request."""

    def __init__(self, session: Session, head: Head) -> None:
        self._session = session
        self.head = head

    @property
    def client(self) -> Client:
        return self._session.client

    async def answer(self, answer: Answer, func: str | None = None) -> None:
        head = self.head if func is None else msgspec.structs.replace(self.head, func=func)
        await self._session.outbox.answer(encode_answer(head, answer))

    async def refuse(self, error: GaopaiError, answer: Answer) -> None:
        await self._session.outbox.answer(self.failure(error, answer))

    def failure(self, error: Exception, answer: Answer | None = None) -> bytes:
        assert isinstance(error, GaopaiError)
        return encode_error(self.head, error, self._session.language, answer)

    @property
    def language(self) -> Language:
        return self._session.language

    @property
    def binary(self) -> bool:
        return self._session.binary

    def lane(self, key: str) -> FrameLane:
        return self._session.outbox.lane(key, self.binary)


class Session:
    """Serves one connection from its first message to its last.

    Parameters
    ----------
    terms
        What the handshake settled.
    outbox
        Where answers and frames go; the session does not empty it.
    """

    def __init__(
        self, client: Client, terms: Terms, dispatcher: Dispatcher, outbox: Outbox, limits: Limits
    ) -> None:
        self.client = client
        self.language = terms.language
        self.binary = terms.binary
        self.outbox = outbox
        self._dispatcher = dispatcher
        self._limits = limits
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._arrived = asyncio.Event()

    async def run(self, messages: AsyncIterable[str | bytes]) -> None:
        """Serve until `messages` end."""
        async with asyncio.TaskGroup() as group:
            worker = group.create_task(self._work(), name=f"requests of {self.client.id}")
            try:
                async for message in messages:
                    self._receive(message)
            finally:
                worker.cancel()

    def _receive(self, message: str | bytes) -> None:
        try:
            call: Call | BadCall = decode(message)
        except BadCall as bad:
            call = bad
        if len(self._waiting) >= self._limits.waiting_requests:
            error = TooManyRequests(limit=self._limits.waiting_requests)
            self.outbox.answer_now(encode_error(call.head, error, self.language))
            if (last := closing(call.head)) is not None:
                self.outbox.answer_now(last)
            return
        if isinstance(call, Call) and call.function.is_stop(call.request):
            self._stop_long_requests()
        self._waiting.append(Job(call))
        self._arrived.set()

    def _stop_long_requests(self) -> None:
        """Cancel what a stop would have to wait for; short requests keep their turn."""
        earlier = [self._running, *self._waiting]
        for job in earlier:
            if job is not None and job.long:
                job.cancel()

    async def _work(self) -> None:
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            job = self._running = self._waiting.popleft()
            job.task = asyncio.create_task(self._serve(job))
            try:
                await asyncio.wait([job.task])
            finally:
                # Only when the connection is gone; its work is of no use to anybody.
                job.task.cancel()
                self._running = None
            if not job.task.cancelled():
                job.task.result()

    async def _serve(self, job: Job) -> None:
        """Run one request and queue all that it answers."""
        await self._answer(job)
        if (last := closing(job.call.head)) is not None:
            await self.outbox.answer(last)

    async def _answer(self, job: Job) -> None:
        call = job.call
        if isinstance(call, BadCall):
            await self.outbox.answer(encode_error(call.head, call.error, self.language))
            return
        try:
            if job.cancelled:
                raise asyncio.CancelledError
            answer = await self._dispatcher.serve(call, RequestExchange(self, call.head))
        except GaopaiError as error:
            await self.outbox.answer(encode_error(call.head, error, self.language))
        except asyncio.CancelledError:
            if not job.cancelled:
                raise
            given_up = Cancelled(func=call.function.name)
            await self.outbox.answer(encode_error(call.head, given_up, self.language))
        else:
            if answer is not None:
                await self.outbox.answer(encode_answer(call.head, answer))
