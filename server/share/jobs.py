"""Jobs of programs that scan: each scans in the background, and its pictures wait for the client."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from server.access.client import Client
from server.access.limits import ByteBudget, Charge
from server.errors import Cancelled, DeviceBusy, GaopaiError, LocalizedText, TooMuchWaiting
from server.runtime.background import ended, supervise
from server.services.pictures.output import EncodedPicture
from server.share.devices import SharedDevice
from server.share.escl import JobInfo, JobState, ScanSettings

HOLD_SECONDS = 25.0
"""Time for which a client's request for a page is held; then it is told to ask again.

sane-airscan gives a request up after half a minute. sane-escl, which names itself in no header, takes what is
no page for the end of the pages, and waits without a limit: it is told nothing before.
"""
UNFETCHED_SECONDS = 45.0
"""Time in seconds after which a job ends that no client asks for."""
KEPT_SECONDS = 60.0
"""Time for which the state of an ended job is told, in seconds."""
MOST_JOBS = 64
"""Limit of the jobs that are remembered; the oldest that has ended gives way to a new one."""
THIS_JOB = LocalizedText("此任务", "this very job")
ANOTHER_PROGRAM = LocalizedText("另一个扫描程序", "another program that scans")


@dataclass(frozen=True, slots=True)
class ScanProgram:
    """Program that scans.

    Attributes
    ----------
    agent
        Name that it calls itself; often empty.
    title
        Name for people.
    process
        Number of its process; 0 where it is not known.
    """

    agent: str
    title: str
    process: int


class SharedJob:
    """One job.

    Attributes
    ----------
    program
        Program that began it.
    error
        Error that ended it, if it failed.
    turn
        Held while a picture is fetched: by one request at a time.
    begun
        Done when the device is this job's, or the job has ended.
    """

    def __init__(
        self,
        device: SharedDevice,
        settings: ScanSettings,
        client: Client,
        budget: ByteBudget,
        program: ScanProgram,
    ) -> None:
        self.program = program
        self.device = device
        self.client = client
        self.settings = settings
        self.uuid = str(uuid.uuid4())
        self.state = JobState.PROCESSING
        self.scanning = True
        self.completed = 0
        self.error: GaopaiError | None = None
        self.turn = asyncio.Lock()
        loop = asyncio.get_running_loop()
        self.begun: asyncio.Future[None] = loop.create_future()
        self._started_at = loop.time()
        self._charge = Charge(budget)
        self._waiting: asyncio.Queue[EncodedPicture | None] = asyncio.Queue(1)
        self._unsent: EncodedPicture | None = None
        self._over = False
        self._asked = 0
        self._limit: asyncio.Timeout | None = None
        self._task = supervise("scan of a program", self._run, restart=False)

    def info(self, root: str) -> JobInfo:
        """Return the state; `root` is the path of the device."""
        age = int(asyncio.get_running_loop().time() - self._started_at)
        waiting = (self._unsent is not None) + (not self._over and not self._waiting.empty())
        path = f"{root}/ScanJobs/{self.uuid}"
        return JobInfo(path, self.uuid, age, self.completed, waiting, self.state)

    async def next(self) -> EncodedPicture | None:
        """Return the next picture, None after the last; the same one again until it was `sent`.

        Raises
        ------
        DeviceBusy
            It is not there yet.
        GaopaiError
            The job failed; the pictures of all earlier pages were returned.
        """
        with self._being_asked():
            if self._unsent is None and not self._over:
                try:
                    async with asyncio.timeout(HOLD_SECONDS if self.program.agent else None):
                        self._unsent = await self._waiting.get()
                except TimeoutError:
                    raise DeviceBusy(device=self.device.name, holder=THIS_JOB) from None
                self._over = self._unsent is None
            if self._unsent is None and self.error is not None:
                raise self.error
            return self._unsent

    def sent(self) -> None:
        """Forget the picture that `next` returned: the client has it."""
        assert self._unsent is not None
        self.completed += 1
        self._forget()

    async def cancel(self) -> None:
        """End the job, in any state."""
        if self.state is JobState.PROCESSING:
            self.state = JobState.CANCELED
            self.error = Cancelled(func="ScanJobs")
        await ended(self._task)
        self._drop()

    def _forget(self) -> None:
        assert self._unsent is not None
        self._charge.shrink(len(self._unsent.data))
        self._unsent = None

    def _drop(self) -> None:
        """Forget all pictures."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._unsent = None
        self._over = True
        self._waiting.put_nowait(None)  # for who waits
        self._charge.release()

    @contextmanager
    def _being_asked(self) -> Iterator[None]:
        """Count no time as unfetched during the ``with`` block."""
        self._asked += 1
        self._reschedule()
        try:
            yield
        finally:
            self._asked -= 1
            self._reschedule()

    def _reschedule(self) -> None:
        if self._limit is not None and not self._limit.expired():
            now = asyncio.get_running_loop().time()
            self._limit.reschedule(None if self._asked else now + UNFETCHED_SECONDS)

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(UNFETCHED_SECONDS) as self._limit:
                try:
                    await self.device.scan(self.client, self.settings, self._begin, self._deliver)
                except GaopaiError as error:
                    self.error = error
                self.scanning = False
                await self._waiting.put(None)
            self.state = JobState.ABORTED if self.error else JobState.COMPLETED
        except TimeoutError:
            self.state = JobState.ABORTED
            self.error = Cancelled(func="ScanJobs")
            self._drop()
        finally:
            self._limit = None
            self.scanning = False
            if self.state is JobState.PROCESSING:
                self.state = JobState.ABORTED
            self._begin()

    def _begin(self) -> None:
        if not self.begun.done():
            self.begun.set_result(None)

    async def _deliver(self, picture: EncodedPicture) -> None:
        if not self._charge.grow(len(picture.data)):
            raise TooMuchWaiting
        await self._waiting.put(picture)


class SharedJobs:
    """Jobs by their identifiers; one a device scans at a time."""

    def __init__(self) -> None:
        self._jobs: dict[str, SharedJob] = {}

    async def begin(
        self,
        device: SharedDevice,
        settings: ScanSettings,
        client: Client,
        budget: ByteBudget,
        program: ScanProgram,
    ) -> SharedJob:
        """Begin a job.

        Raises
        ------
        DeviceBusy
            Another job, or a page, has the device.
        GaopaiError
            It cannot be opened.
        """
        ended = (job for job in self._jobs.values() if job.state is not JobState.PROCESSING)
        if len(self._jobs) >= MOST_JOBS and (oldest := next(ended, None)) is not None:
            await self.end(oldest)
        if self.scanning(device) or device.in_use or len(self._jobs) >= MOST_JOBS:
            raise DeviceBusy(device=device.name, holder=ANOTHER_PROGRAM)
        job = SharedJob(device, settings, client, budget, program)
        self._jobs[job.uuid] = job
        try:
            await job.begun
        except asyncio.CancelledError:
            await self.end(job)
            raise
        if job.error is not None and not job.scanning:
            await self.end(job)
            raise job.error
        asyncio.get_running_loop().call_later(KEPT_SECONDS, self._forget_later, job)
        return job

    def find(self, identifier: str, client: Client) -> SharedJob | None:
        """Return a client's own job."""
        job = self._jobs.get(identifier)
        return job if job is not None and job.client == client else None

    def of(self, device: SharedDevice, client: Client) -> list[SharedJob]:
        """Return a client's jobs of a device: some programs cancel all that they see."""
        return [job for job in self._jobs.values() if job.device is device and job.client == client]

    def scanning(self, device: SharedDevice) -> bool:
        """Return whether a job scans with a device now."""
        return any(job.scanning for job in self._jobs.values() if job.device.id == device.id)

    async def end(self, job: SharedJob) -> None:
        """End a job and forget it."""
        await job.cancel()
        self._jobs.pop(job.uuid, None)

    async def close(self) -> None:
        """End all jobs."""
        await asyncio.gather(*map(self.end, list(self._jobs.values())))

    def _forget_later(self, job: SharedJob) -> None:
        if job.state is JobState.PROCESSING:
            asyncio.get_running_loop().call_later(KEPT_SECONDS, self._forget_later, job)
        elif self._jobs.get(job.uuid) is job:
            supervise("end of a scan job", lambda: self.end(job), restart=False)
