"""Hub of one open camera: a device thread keeps the newest frame, subscribers wait for newer ones.

The camera streams only while there are subscribers. Everything that touches the device runs in
its one thread; everything else here runs in the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from server.devices.ports.camera import Camera, CameraMode, CameraStream, Frame
from server.devices.ports.frame_header import frame_fault
from server.errors import DeviceFailed, DeviceGone, DeviceTimeout, GaopaiError
from server.runtime.background import report, supervise_thread

log = logging.getLogger(__name__)

LINGER_SECONDS = 1.0
"""Time in seconds that a camera streams after its last subscriber has left, so that a second capture does not
wait for the sensor to start and settle again."""
READ_SECONDS = 0.2
"""Timeout of a read in seconds, after which the thread checks for commands."""
COMMAND_SECONDS = 15.0
"""Timeout for the device to open, change its mode or close, in seconds."""

RECENT_FRAMES = 8
"""Limit of the newest frames that are kept for captures to be merged from."""
RECENT_BYTES = 12 * 1024 * 1024
"""Limit of all the frames that are kept for captures to be merged from, in bytes."""

T = TypeVar("T")


class Hub:
    """Frames of one camera, shared by all subscribers."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self.name = camera.info.name
        """Name of the camera."""
        self._loop = asyncio.get_running_loop()
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stream: CameraStream | None = None
        self._streaming = False
        self._wanted = threading.Event()
        self._latest: Frame | None = None
        self._recent: deque[Frame] = deque(maxlen=RECENT_FRAMES)
        self._count = 0
        self._count_at_start = 0
        self._waiters: set[asyncio.Future[None]] = set()
        self._subscriptions = 0
        self._linger: asyncio.TimerHandle | None = None
        self.error: GaopaiError | None = None
        """Error that ended the stream; None if the device has not failed."""
        self.captures = 0
        """Number of captures that are waited for, during which costly looks at frames are put off."""
        self._closed = False
        self._lied = False
        supervise_thread("camera", self._run)

    @property
    def frames_since_start(self) -> int:
        """Number of frames since the camera was last started; the first ones are dark."""
        return self._count - self._count_at_start

    @property
    def running(self) -> bool:
        """True while frames are wanted, and a moment longer."""
        return self._wanted.is_set()

    @property
    def recent(self) -> tuple[Frame, ...]:
        """The last frames since the camera was started, the newest first."""
        return tuple(reversed(self._recent))

    # From the event loop ---------------------------------------------------------------

    async def open(self, mode: CameraMode) -> CameraMode:
        """Open the device in `mode`, or change the mode of an open one; subscriptions continue.

        Returns
        -------
        CameraMode
            The mode that the device accepted.
        """
        self.error = None
        try:
            return await self._command(lambda: self._reopen(mode, start=self._subscriptions > 0))
        except GaopaiError as error:
            self._fail(error)
            raise

    async def close(self) -> None:
        """Close the device; waiting subscribers get `HubClosed`."""
        if self._closed:
            return
        self._closed = True
        self._wanted.clear()
        if self._linger is not None:
            self._linger.cancel()
        self._wake()
        try:
            await self._command(self._close_stream)
        finally:
            self._commands.put(_end_thread)

    async def ask(self, question: Callable[[CameraStream], T]) -> T:
        """Return the answer of a short question to the opened device, asked in its own thread.

        Raises
        ------
        GaopaiError
            The device failed, or is not open any more.
        """

        def asked() -> T:
            if self._stream is None:
                raise self.error or DeviceGone(device=self.name)
            return question(self._stream)

        return await self._command(asked)

    def watch(self) -> FrameSubscription:
        """Return a subscription to the frames from now on; entering it starts the camera."""
        return FrameSubscription(self)

    def _enter(self) -> None:
        self._subscriptions += 1
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None
        if not self._closed:
            self._wanted.set()
            self._commands.put(_wake_thread)

    def _leave(self) -> None:
        self._subscriptions -= 1
        if self._subscriptions == 0 and not self._closed:
            self._linger = self._loop.call_later(LINGER_SECONDS, self._wanted.clear)

    async def _command(self, work: Callable[[], T]) -> T:
        """Run `work` in the device thread and return its result."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._commands.put(lambda: self._execute(work, future))
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                # A timeout cancels the future, so that a later result is dropped.
                return await future
        except TimeoutError:
            raise DeviceTimeout(device=self.name, seconds=int(COMMAND_SECONDS)) from None

    def _publish(self, frame: Frame) -> None:
        self._latest = frame
        self._recent.append(frame)
        while sum(len(each.data) for each in self._recent) > RECENT_BYTES:
            self._recent.popleft()
        self._count += 1
        self._wake()

    def _mark_start(self) -> None:
        self._count_at_start = self._count
        self._recent.clear()

    def _fail(self, error: GaopaiError) -> None:
        self.error = error
        self._wanted.clear()
        self._wake()

    def _wake(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    # In the device thread --------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                command = self._commands.get(block=not (self._streaming or self._wanted.is_set()))
            except queue.Empty:
                command = _wake_thread
            if command is _end_thread:
                return
            command()
            try:
                self._step()
            except GaopaiError as error:
                self._end_stream(error)
            except Exception as error:  # noqa: BLE001 - the adapter's fault is the device's error
                report("camera", error)
                self._end_stream(DeviceFailed.by_defect(self.name, error))

    def _step(self) -> None:
        """Start, read one frame or stop, depending on whether frames are wanted."""
        stream = self._stream
        if stream is None:
            self._wanted.clear()
        elif self._wanted.is_set():
            if not self._streaming:
                self._start(stream)
            frame = stream.read(READ_SECONDS)
            if frame is not None and self._is_believable(frame, stream):
                self._call_in_loop(lambda: self._publish(frame))
        elif self._streaming:
            self._streaming = False
            self._call_in_loop(self._recent.clear)
            stream.stop()

    def _is_believable(self, frame: Frame, stream: CameraStream) -> bool:
        """Return whether a frame is what was opened; one that is not costs its camera alone."""
        fault = frame_fault(frame, stream.mode.size)
        if fault is not None and not self._lied:
            self._lied = True
            log.warning("Camera %r sends frames that are refused: %s.", self.name, fault.en)
        return fault is None

    def _reopen(self, mode: CameraMode, start: bool) -> CameraMode:
        """Open in another mode and start it for subscribers, as a mode may fail only when it starts."""
        self._close_stream()
        self._lied = False
        self._stream = self._camera.open(mode)
        if start:
            self._wanted.set()
            try:
                self._start(self._stream)
            except Exception:
                # The thread would try again, and its failure be told after the next mode was opened.
                self._wanted.clear()
                self._give_up_stream()
                raise
        return self._stream.mode

    def _start(self, stream: CameraStream) -> None:
        stream.start()
        self._streaming = True
        self._call_in_loop(self._mark_start)

    def _close_stream(self) -> None:
        self._call_in_loop(self._recent.clear)
        stream = self._stream
        self._stream = None
        self._streaming = False
        if stream is not None:
            try:
                stream.stop()
            finally:
                stream.close()

    def _end_stream(self, error: GaopaiError) -> None:
        log.warning("%s", error)
        self._call_in_loop(lambda: self._fail(error))
        self._give_up_stream()

    def _give_up_stream(self) -> None:
        """Close the stream of a device that has failed; a second failure is only logged."""
        try:
            self._close_stream()
        except GaopaiError as second:
            log.warning("%s", second)
        except Exception as second:  # noqa: BLE001 - likewise
            report("camera", second)

    def _execute(self, work: Callable[[], T], future: asyncio.Future[T]) -> None:
        try:
            result = work()
        except GaopaiError as error:
            self._settle(future, error=error)
        except Exception as error:  # noqa: BLE001 - likewise
            report("camera", error)
            self._settle(future, error=DeviceFailed.by_defect(self.name, error))
        else:
            self._settle(future, result=result)

    def _settle(
        self, future: asyncio.Future[T], *, result: T | None = None, error: GaopaiError | None = None
    ) -> None:
        def settle() -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        self._call_in_loop(settle)

    def _call_in_loop(self, callback: Callable[[], None]) -> None:
        # The loop is closed when the process is ending with a device still open.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(callback)


class FrameSubscription:
    """Subscription to the frames of a hub, as a context manager."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._received = hub._count

    def __enter__(self) -> Self:
        self._hub._enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hub._leave()

    async def next(self, timeout: float) -> Frame:
        """Return the newest frame, waiting for one if it was already returned.

        Parameters
        ----------
        timeout
            Seconds to wait.

        Raises
        ------
        DeviceTimeout
            No frame came in time.
        HubClosed
            The camera was closed.
        GaopaiError
            The device failed.
        """
        hub = self._hub
        while hub._count == self._received:
            self._check()
            waiter = hub._loop.create_future()
            hub._waiters.add(waiter)
            # Every frame of every viewer waits here: a timer is a tenth of the work of `asyncio.timeout`.
            expiry = hub._loop.call_later(timeout, _expire, waiter)
            try:
                await waiter
            except TimeoutError:
                raise DeviceTimeout(device=hub.name, seconds=f"{timeout:g}") from None
            finally:
                expiry.cancel()
                hub._waiters.discard(waiter)
        self._check()
        assert hub._latest is not None
        self._received = hub._count
        return hub._latest

    def _check(self) -> None:
        if self._hub.error is not None:
            raise self._hub.error
        if self._hub._closed:
            raise HubClosed()


class HubClosed(Exception):
    """The camera was closed by its owner while there were subscriptions."""


def _expire(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())


def _wake_thread() -> None:
    """Wake the device thread, so that it checks whether frames are wanted."""


def _end_thread() -> None:
    """End the device thread."""
