"""Uploads: sent at once and, if the request says so, retried until they succeed or expire."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from server.config import TargetConfig
from server.errors import BadParameter, GaopaiError, LocalizedText
from server.protocol.codec import push
from server.protocol.messages.base import Answer
from server.protocol.messages.files import UploadHttpFileAnswer, UploadHttpFileRequest
from server.protocol.messages.service import NotifyPush
from server.runtime.background import ended, supervise
from server.services.context import RequestContext, handles
from server.services.pictures.uploaded_picture import decoded
from server.services.pools import ThreadPools
from server.services.upload.transfer import (
    MIB,
    QueuedUpload,
    Upload,
    UploadOutcome,
    UploadQueue,
    UploadTransfer,
)

log = logging.getLogger(__name__)

DELAYS = (5.0, 15.0, 60.0, 300.0, 900.0)
"""Seconds before each next attempt; the last delay repeats."""
JITTER = 0.2
"""Random share of the delay, so that the clients of one server do not all retry at once."""
TRIES = 8
"""Least attempts before an upload expires, as a clock may jump ahead or a computer be off for days."""
AT_A_TIME = 3
"""Number of retries at a time, those of all pages together."""
SHARE = 2
"""Number of one page's retries at a time: a server that hangs holds them, and no retry of another page."""
REOPEN_SECONDS = 60.0
"""Time between attempts to open a database on a disk that was full, in seconds."""
_UNOPENED = (sqlite3.Error, OSError, GaopaiError)

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FinishedUpload:
    """Queued upload that was delivered or has expired.

    Attributes
    ----------
    page
        Origin of the page that requested it.
    req_id
        JSON text of its request's number.
    uploaded
        False if it has expired.
    status
        HTTP status of the last attempt, None without an answer.
    """

    page: str | None
    req_id: bytes
    uploaded: bool
    status: int | None


@dataclass(eq=False, repr=False)
class UploadRetries:
    """Retries of queued uploads.

    Parameters
    ----------
    report
        Called with each upload that leaves the queue.
    delays
        Seconds before each further attempt.
    """

    _transfer: UploadTransfer
    _report: Callable[[FinishedUpload], None]
    _delays: Sequence[float] = DELAYS
    _thread: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, 1, "uploads"), init=False)
    _entries: UploadQueue | None = field(default=None, init=False)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _busy: set[str] = field(default_factory=set, init=False)
    _running: Counter[str | None] = field(default_factory=Counter, init=False)
    _slots: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, AT_A_TIME), init=False)
    _changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def start(self) -> None:
        """Open the queue and resume its uploads; a database that cannot be opened is tried again later."""
        try:
            await self._opened()
        except _UNOPENED as exc:
            log.error("uploads cannot be kept for another try: %s", type(exc).__name__)
            self._track(supervise("opening of the upload queue", self._open_later, restart=False))

    async def add(self, upload: Upload) -> bool:
        """Queue an upload whose first attempt failed; return False where there is no room."""
        now = time.time()
        entry = QueuedUpload(upload, attempts=1, created=now, due=now + self._delay(1))
        try:
            added = await self._in_thread((await self._opened()).add, entry)
        except _UNOPENED as exc:
            log.error("an upload could not be kept for another try: %s", type(exc).__name__)
            return False
        self._changed.set()
        return added

    async def files(self) -> set[str]:
        """Return the names of the stored files that wait to be sent."""
        return await self._in_thread((await self._opened()).files)

    async def close(self) -> None:
        """Cancel running uploads; the queue is resumed at the next start."""
        await ended(*self._tasks)
        if self._entries is not None:
            await self._in_thread(self._entries.close)
        self._thread.shutdown(wait=False)

    async def _opened(self) -> UploadQueue:
        """Return the queue, which is opened and worked on from the first time on that its disk allows it."""
        async with self._opening:
            if self._entries is None:
                entries = await self._in_thread(self._open)
                self._entries = entries
                self._track(supervise("upload queue", lambda: self._run(entries)))
            return self._entries

    async def _open_later(self) -> None:
        while True:
            await asyncio.sleep(REOPEN_SECONDS)
            with contextlib.suppress(*_UNOPENED):
                await self._opened()
                return

    def _open(self) -> UploadQueue:
        folder = self._transfer.storage.own_folder()
        return UploadQueue(folder, self._transfer.limits.megabytes * MIB)

    async def _run(self, entries: UploadQueue) -> None:
        while True:
            await self._slots.acquire()
            entry = await self._due(entries)
            self._busy.add(entry.upload.id)
            self._running[entry.upload.page] += 1
            self._track(supervise("upload", partial(self._try, entries, entry), restart=False))

    async def _due(self, entries: UploadQueue) -> QueuedUpload:
        """Wait until an entry is due; one of a page that has none on its way goes before the others."""
        while True:
            self._changed.clear()
            full = [page for page, count in self._running.items() if count >= SHARE]
            for pages in (list(self._running), full):
                entry = await self._in_thread(entries.next, tuple(self._busy), pages)
                wait = None if entry is None else entry.due - time.time()
                # No delay is longer: if it seems so, the clock was set back.
                if entry is not None and wait is not None and not 0 < wait <= 2 * max(self._delays):
                    return entry
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _try(self, entries: UploadQueue, entry: QueuedUpload) -> None:
        try:
            outcome = await self._transfer.run(entry.upload)
            await self._settle(entries, entry, outcome)
            # Stays busy if settling failed: an upload that the server has must not be sent again.
            self._busy.discard(entry.upload.id)
        finally:
            page = entry.upload.page
            self._running[page] -= 1
            if not self._running[page]:
                del self._running[page]
            self._slots.release()
            self._changed.set()

    async def _settle(self, entries: UploadQueue, entry: QueuedUpload, outcome: UploadOutcome) -> None:
        upload = entry.upload
        attempts = entry.attempts + 1
        young = time.time() - entry.created < self._transfer.limits.retry_hours * 3600
        if outcome.retryable and (young or attempts < TRIES):
            due = time.time() + self._delay(attempts)
            await self._in_thread(entries.postpone, upload.id, attempts, due)
            return
        await self._in_thread(entries.remove, upload.id)
        if not outcome.delivered:
            log.warning("gave up an upload after %d tries", attempts)
        self._report(FinishedUpload(upload.page, upload.req_id, outcome.delivered, outcome.status))

    def _delay(self, attempts: int) -> float:
        delay = self._delays[min(attempts, len(self._delays)) - 1]
        return delay * random.uniform(1 - JITTER, 1 + JITTER)

    def _track(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: function(*args, **kwargs))


class UploadService:
    """Sends uploads, and queues failed ones if the configuration allows it."""

    def __init__(self, transfer: UploadTransfer) -> None:
        self._transfer = transfer
        self._retries = UploadRetries(transfer, self._finished) if transfer.limits.retry else None
        self._listeners: list[Callable[[FinishedUpload], None]] = []

    def listen(self, listener: Callable[[FinishedUpload], None]) -> None:
        """Call `listener` with each upload that leaves the queue."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Resume the uploads that were queued when the service ended."""
        if self._retries is not None:
            await self._retries.start()

    async def send(self, upload: Upload) -> UploadOutcome:
        """Send an upload once, now."""
        return await self._transfer.run(upload)

    async def queue(self, upload: Upload, outcome: UploadOutcome) -> bool:
        """Queue a failed upload; return False if it is not retryable, or retries are off or full."""
        if self._retries is None or not outcome.retryable:
            return False
        return await self._retries.add(upload)

    async def waiting(self) -> Collection[Path]:
        """Return the stored files that wait to be sent.

        Raises
        ------
        sqlite3.Error, OSError, server.errors.GaopaiError
            The queue cannot be read.
        """
        names = () if self._retries is None else await self._retries.files()
        return {self._transfer.storage.located(name) for name in names}

    async def close(self) -> None:
        """Cancel running uploads; the queue is resumed at the next start."""
        if self._retries is not None:
            await self._retries.close()

    def _finished(self, finished: FinishedUpload) -> None:
        for listener in self._listeners:
            listener(finished)


NO_TARGET = LocalizedText("配置中没有这个名称的上传目标", "the configuration has no target of this name")


class UploadHandlers:
    """Handlers of requests to upload files.

    Attributes
    ----------
    targets
        Targets by their names; replaced when the configuration is read again.
    """

    def __init__(
        self, uploads: UploadService, pools: ThreadPools, targets: Mapping[str, TargetConfig]
    ) -> None:
        self.targets = targets
        self._uploads = uploads
        self._pools = pools

    @handles("UploadHttpFile")
    async def send(self, context: RequestContext, request: UploadHttpFileRequest) -> Answer | None:
        upload = await self._upload(context, request)
        outcome = await self._uploads.send(upload)
        if outcome.error is None:
            return UploadHttpFileAnswer(status=outcome.status, response=outcome.response)
        queued = await self._uploads.queue(upload, outcome) if request.retry else None
        known = UploadHttpFileAnswer(status=outcome.status, response=outcome.response, queued=queued)
        await context.refuse(outcome.error, known)
        return None

    def _address(self, request: UploadHttpFileRequest) -> str:
        if not request.target:
            return request.url or ""
        if (target := self.targets.get(request.target)) is None:
            raise BadParameter(field="target", reason=NO_TARGET)
        return target.url

    async def _upload(self, context: RequestContext, request: UploadHttpFileRequest) -> Upload:
        # The standard: the picture in the message first, files only where it is empty.
        coded = request.image_base64
        return Upload(
            url=self._address(request),
            page=context.client.origin,
            params=request.params,
            files=() if coded else request.image_path,
            picture=await self._pools.run(decoded, coded) if coded else None,
            req_id=context.head.req_id,
        )


def notice(finished: FinishedUpload) -> bytes:
    """Return the notice of an upload that left the queue."""
    message = NotifyPush(
        event="OnUploadFinished", kind="upload", uploaded=finished.uploaded, status=finished.status
    )
    return push("Notify", message, finished.req_id)
