"""Demo cameras as devices: listed, opened, paced, and at fault when told to; and the one for documents."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Protocol

from server.devices.adapters.demo.desk import Desk
from server.devices.adapters.demo.faults import Faults
from server.devices.adapters.demo.loop import FrameLoop
from server.devices.adapters.demo.plug import Bell
from server.devices.ports.camera import CameraInfo, CameraMode, Frame, MediaType, PixelFormat, Size
from server.errors import DeviceBusy, DeviceFailed, DeviceGone, DevicePermission, LocalizedText

NAME = "Demo Document Camera"

SIZES = tuple(
    Size(*size)
    for size in ((3264, 2448), (2592, 1944), (1920, 1080), (1600, 1200), (1280, 960), (1024, 768), (640, 480))
)

INFO = CameraInfo(
    id="demo:document",
    name=NAME,
    media=(MediaType(PixelFormat.MJPG, SIZES), MediaType(PixelFormat.YUYV, SIZES[3:])),
)

FASTEST = 30.0
FASTEST_LARGE = 15.0
"""Above 4 megapixels, as cameras on USB 2 do."""

NAP = 0.02
"""Seconds a waiting `read` sleeps before it looks for faults again."""


class Frames(Protocol):
    """What an opened demo camera sees."""

    def prepare(self) -> None:
        """Make what it sees ready, so that the first frame comes soon."""

    def frame(self, index: int) -> bytes:
        """Frame number `index`, in the mode it was opened in."""


Render = Callable[[CameraMode], Frames]


class DemoCameraStream:
    """An opened demo camera."""

    def __init__(
        self, name: str, frames: Frames, faults: Faults, mode: CameraMode, release: Callable[[], None]
    ) -> None:
        self._name = name
        self._frames = frames
        self._faults = faults
        self._mode = mode
        self._release = release
        self._gone = False
        self._epoch: float | None = None
        self._next = 0

    @property
    def mode(self) -> CameraMode:
        """What was asked, with the nearest size and a possible rate."""
        return self._mode

    def start(self) -> None:
        """Render what it sees, 0.1 to 1 s, and let time run."""
        self._check()
        self._frames.prepare()
        # Frames go on counting over stop and start, so that none repeats a number.
        self._epoch = time.monotonic() + self._faults.slow_start - self._next / self._mode.fps

    def read(self, timeout: float) -> Frame | None:
        """The next whole frame; a scene shown for the first time may take up to 1 s longer than `timeout`."""
        deadline = time.monotonic() + timeout
        while self._await_frame(deadline):
            frame = self._take()
            if frame is not None:
                return frame
        return None

    def stop(self) -> None:
        """Let time stand still."""
        self._epoch = None

    def close(self) -> None:
        """Let others open the camera."""
        self.stop()
        self._release()

    def _await_frame(self, deadline: float) -> bool:
        """Sleep until a frame is due or `deadline` has passed; whether one is due."""
        while True:
            self._check()
            now = time.monotonic()
            due = self._due_time()
            if now >= due:
                return True
            if now >= deadline:
                return False
            time.sleep(min(NAP, deadline - now, due - now))

    def _due_time(self) -> float:
        if self._epoch is None:
            raise DeviceFailed(device=self._name, reason="it is read before it was started")
        return math.inf if self._faults.frozen else self._epoch + self._next / self._mode.fps

    def _take(self) -> Frame | None:
        """The newest frame that is due, or None if it arrived torn."""
        assert self._epoch is not None
        newest = int((time.monotonic() - self._epoch) * self._mode.fps)
        seq = max(self._next, newest)
        self._next = seq + 1
        data = self._faults.mar(seq, self._frames.frame(seq))
        if not self._whole(data):
            return None
        return Frame(seq, self._epoch + seq / self._mode.fps, self._mode.format, self._mode.size, data)

    def _whole(self, data: bytes) -> bool:
        if self._mode.format is PixelFormat.MJPG:
            return data.endswith(b"\xff\xd9")
        return len(data) == self._mode.size.width * self._mode.size.height * 2

    def _check(self) -> None:
        self._gone = self._gone or not self._faults.plugged
        if self._gone:
            raise DeviceGone(device=self._name)


class DemoCamera:
    """A demo camera as listed."""

    def __init__(self, info: CameraInfo, render: Render, faults: Faults) -> None:
        self._info = info
        self._render = render
        self._faults = faults
        self._taken = Lock()

    @property
    def info(self) -> CameraInfo:
        """Always the same."""
        return self._info

    def open(self, mode: CameraMode) -> DemoCameraStream:
        """Take the camera in the mode nearest to `mode`."""
        self._refuse_at_fault()
        if not self._taken.acquire(blocking=False):
            raise DeviceBusy(device=self._info.name, holder=LocalizedText("另一个画面", "another stream"))
        taken = accepted(self._info, mode)
        release = _once(self._taken.release)
        return DemoCameraStream(self._info.name, self._render(taken), self._faults, taken, release)

    def _refuse_at_fault(self) -> None:
        if not self._faults.plugged:
            raise DeviceGone(device=self._info.name)
        if self._faults.denied:
            raise DevicePermission(device=self._info.name)
        if self._faults.busy:
            raise DeviceBusy(device=self._info.name, holder=LocalizedText("另一个程序", "another program"))


class DemoCameraFinder:
    """Lists the demo camera while it is plugged in.

    Parameters
    ----------
    seed
        Pictures are the same for the same seed.
    faults
        What goes wrong; at first nothing.

    Attributes
    ----------
    desk
        What the camera sees; set ``desk.scene`` to change it.
    faults
        As given.
    """

    def __init__(self, seed: int = 1, faults: Faults | None = None) -> None:
        self.desk = Desk(seed)
        self.faults = faults or Faults()
        self._camera = DemoCamera(INFO, lambda mode: FrameLoop(self.desk, mode), self.faults)
        self._bell = Bell()
        self.faults.watch(self._bell.ring)

    def find(self) -> tuple[DemoCamera, ...]:
        """The one camera, or none while it is unplugged."""
        return (self._camera,) if self.faults.plugged else ()

    def change_fd(self) -> int | None:
        """Readable after the demo camera was plugged in or out."""
        return self._bell.fd

    def acknowledge_change(self) -> bool:
        """Whether it was, since the last call."""
        return self._bell.heard()

    def close(self) -> None:
        """Give the descriptor back."""
        self._bell.close()


def accepted(info: CameraInfo, mode: CameraMode) -> CameraMode:
    """The mode a camera really takes: an offered format, its nearest size, a possible rate."""
    media = next((media for media in info.media if media.format is mode.format), info.media[0])
    size = min(
        media.sizes, key=lambda size: abs(size.width - mode.size.width) + abs(size.height - mode.size.height)
    )
    limit = FASTEST_LARGE if size.width * size.height > 4_000_000 else FASTEST
    fps = min(mode.fps, limit) if mode.fps > 0 else limit
    return CameraMode(media.format, size, max(1.0, fps))


def _once(release: Callable[[], None]) -> Callable[[], None]:
    """`release`, harmless when called again."""
    pending = [release]

    def call() -> None:
        if pending:
            pending.pop()()

    return call
