"""A face camera's preview with liveness off and on: does the display wait for the models?

``python -m benchmarks.face.preview serve`` is the service with a camera that plays a person; it prints its
port, and for each line it reads the number of frames it has searched for faces.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import cv2
import numpy as np
import uvloop

from benchmarks.face.chain import FRAME, person_frame
from benchmarks.streaming.serve import serve
from server import config
from server.app import create_app
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
from server.equipment import Finders
from server.services.faces import monitoring
from server.services.faces.monitoring import FaceObservation, FrameFaceDetector

RATE = 30.0
WARM_SECONDS = 3.0
SECONDS = 15.0
QUICK_SECONDS = 4.0
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class PreviewStats:
    """Rates of one preview.

    Attributes
    ----------
    rate
        Frames a second.
    gap
        Milliseconds between frames, 99th percentile.
    detections
        Frames a second that were searched for faces.
    """

    rate: float
    gap: float
    detections: float


def measure(quick: bool = False) -> tuple[PreviewStats, PreviewStats]:
    """Measure with liveness off, then on, in one run."""
    seconds = QUICK_SECONDS if quick else SECONDS
    with _service() as process:
        port = int(_line(process))
        off, on = (asyncio.run(_measure_preview(process, port, living, seconds)) for living in (0, 1))
    return off, on


async def _measure_preview(
    process: subprocess.Popen[str], port: int, living: int, seconds: float
) -> PreviewStats:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"ws://127.0.0.1:{port}/", max_msg_size=0) as socket,
    ):
        for request in (
            {"func": "GetFaceCameraInfo"},
            {"func": "OpenFaceCamera", "faceCameraNum": 0, "faceFps": RATE},
            {"func": "SetFaceLivingBodyState", "faceLivingBody": living},
        ):
            await socket.send_json(request)
            answer = await socket.receive_json()
            assert answer["result"] == 0, answer
        await socket.send_json({"func": "GetFaceCamraBuff", "enable": True})
        await _frames(socket, WARM_SECONDS)
        before = _detections(process)
        started = time.monotonic()
        times = await _frames(socket, seconds)
        detections = (_detections(process) - before) / (time.monotonic() - started)
        rate = (len(times) - 1) / (times[-1] - times[0])
        gaps = np.diff(times) * 1000
        return PreviewStats(rate, float(np.percentile(gaps, 99)), detections)


async def _frames(socket: aiohttp.ClientWebSocketResponse, seconds: float) -> list[float]:
    """Return the arrival time of each frame."""
    times: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await socket.receive_str(timeout=START_SECONDS)
        times.append(time.monotonic())
    return times


def _detections(process: subprocess.Popen[str]) -> int:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return int(json.loads(_line(process))["waiting"])


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@contextlib.contextmanager
def _service() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.face.preview", "serve"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


# The service ----------------------------------------------------------------------------


class CountingDetector(FrameFaceDetector):
    """A face detector that counts its frames."""

    count = 0

    def detect(self, colour: Frame, infrared: Frame | None) -> FaceObservation:
        CountingDetector.count += 1
        return super().detect(colour, infrared)


class Person:
    """A camera, its own finder and stream, before which a person moves a little."""

    def __init__(self) -> None:
        self._size = Size(*FRAME)
        self.info = CameraInfo("person:0", "bench", (MediaType(PixelFormat.MJPG, (self._size,)),))
        self.mode = CameraMode(PixelFormat.MJPG, self._size, RATE)
        image = person_frame()
        moved = (np.roll(image, 2 * step, axis=1) for step in range(16))
        self._jpegs = [cv2.imencode(".jpg", one)[1].tobytes() for one in moved]
        self._numbers = itertools.count()
        self._next = time.monotonic()

    def find(self) -> Sequence[Camera]:
        return (self,)

    def change_fd(self) -> int | None:
        return None

    def acknowledge_change(self) -> bool:
        return False

    def open(self, mode: CameraMode) -> CameraStream:
        return self

    def read(self, timeout: float) -> Frame | None:
        time.sleep(max(0.0, min(self._next - time.monotonic(), timeout)))
        now = time.monotonic()
        self._next = max(self._next + 1 / RATE, now)
        number = next(self._numbers)
        return Frame(number, now, PixelFormat.MJPG, self._size, self._jpegs[number % len(self._jpegs)])

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...


def _serve() -> None:
    monitoring.FrameFaceDetector = CountingDetector  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as root:
        settings = config.Config(storage=config.StorageConfig(root=str(Path(root))))
        app = create_app(settings, Finders([Person()]))
        uvloop.run(serve(app, lambda: CountingDetector.count))


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        _serve()
    else:
        print(measure("--quick" in sys.argv))
