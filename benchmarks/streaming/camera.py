"""A camera that plays the test frames at a camera's pace, each with the time it was taken."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.streaming.frames import RATES, SIZES, frames
from benchmarks.streaming.stamp import Stampable
from server.devices.ports.camera import (
    Camera,
    CameraInfo,
    CameraMode,
    CameraStream,
    Frame,
    MediaType,
    PixelFormat,
    Size,
)


class Replay:
    """The frames of a loop by the clock: whoever is late misses some, as with a real camera.

    Parameters
    ----------
    speed
        In times of the pace of a camera of that size.
    """

    def __init__(self, size: str, cache: Path, speed: float = 1.0) -> None:
        self.size = Size(*SIZES[size])
        self.fps = RATES[size] * speed
        self._frames = [Stampable(jpeg) for jpeg in frames(size, cache)]
        self._start = time.monotonic()
        self._seq = 0

    @property
    def wait(self) -> float:
        """Seconds until the next frame is there."""
        return max(0.0, self._start + self._seq / self.fps - time.monotonic())

    def take(self) -> Frame:
        """The newest frame."""
        now = time.monotonic()
        seq = int((now - self._start) * self.fps)
        self._seq = seq + 1
        data = self._frames[seq % len(self._frames)].stamped(time.monotonic_ns())
        return Frame(seq, now, PixelFormat.MJPG, self.size, data)


class ReplayCamera:
    """The camera of one size."""

    def __init__(self, replay: Replay, number: int = 0) -> None:
        self._replay = replay
        media = (MediaType(PixelFormat.MJPG, (self._replay.size,)),)
        self.info = CameraInfo(f"replay:{number}", f"bench {number}", media)

    def open(self, mode: CameraMode) -> CameraStream:
        return ReplayStream(self._replay)


class ReplayStream:
    """One opened camera; starting and stopping are nothing to it."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self.mode = CameraMode(PixelFormat.MJPG, replay.size, replay.fps)

    def read(self, timeout: float) -> Frame | None:
        wait = self._replay.wait
        time.sleep(min(wait, timeout))
        return self._replay.take() if wait <= timeout else None

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...


class ReplayFinder:
    """Lists a camera for each replay and nothing else."""

    def __init__(self, *replays: Replay) -> None:
        self._cameras = tuple(ReplayCamera(replay, number) for number, replay in enumerate(replays))

    def find(self) -> Sequence[Camera]:
        return self._cameras

    def change_fd(self) -> int | None:
        return None

    def acknowledge_change(self) -> bool:
        return False

    def close(self) -> None: ...
