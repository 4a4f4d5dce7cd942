"""A camera that does what the test says."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from server.devices.ports.camera import (
    Camera,
    CameraControl,
    CameraInfo,
    CameraMode,
    ControlName,
    ControlSetting,
    Frame,
    MediaType,
    PixelFormat,
    Size,
)
from server.errors import GaopaiError

SIZES = (Size(640, 480), Size(320, 240))


def page_jpeg(size: Size, shade: int = 60) -> bytes:
    """A white page in the middle half of a dark desk, as a JPEG."""
    image = np.full((size.height, size.width, 3), shade, np.uint8)
    left = size.width // 4
    top = size.height // 5
    cv2.rectangle(image, (left, top), (size.width - left, size.height - top), (240, 240, 240), -1)
    for row in range(top + 20, size.height - top - 10, 12):
        cv2.line(image, (left + 15, row), (size.width - left - 15, row), (40, 40, 40), 2)
    return cv2.imencode(".jpg", image)[1].tobytes()


class FakeStream:
    """Delivers `camera.jpegs` in turn, every `camera.interval` seconds."""

    def __init__(self, camera: FakeCamera, mode: CameraMode) -> None:
        self._camera = camera
        # As many devices do, it knows one frame rate only.
        self.mode = CameraMode(mode.format, mode.size, 30.0)
        self._seq = itertools.count()

    def start(self) -> None:
        self._camera.started.set()
        self._camera.history.append("start")

    def read(self, timeout: float) -> Frame | None:
        if self._camera.fault is not None:
            raise self._camera.fault
        if self._camera.frozen.wait(min(timeout, self._camera.interval)):
            time.sleep(timeout)
            return None
        number = next(self._seq)
        jpegs = self._camera.jpegs[self.mode.size]
        return Frame(number, time.monotonic(), PixelFormat.MJPG, self.mode.size, jpegs[number % len(jpegs)])

    def stop(self) -> None:
        if self._camera.started.is_set():
            self._camera.started.clear()
            self._camera.history.append("stop")

    def close(self) -> None:
        self._camera.history.append("close")


class FakeCamera:
    """One camera.

    Attributes
    ----------
    fault
        Raised by the next read, or by opening.
    frozen
        Set: no frame comes.
    history
        What was done to the device.
    """

    def __init__(self, name: str = "Fake", sizes: Sequence[Size] = SIZES) -> None:
        self.info = CameraInfo(f"fake:{name}", name, (MediaType(PixelFormat.MJPG, tuple(sizes)),))
        self.jpegs = {size: [page_jpeg(size, 60), page_jpeg(size, 64)] for size in sizes}
        self.interval = 0.02
        self.fault: GaopaiError | None = None
        self.frozen = threading.Event()
        self.started = threading.Event()
        self.history: list[str] = []

    def open(self, mode: CameraMode) -> FakeStream:
        if self.fault is not None:
            raise self.fault
        self.history.append(f"open {mode.size}")
        return FakeStream(self, mode)


class AdjustableStream(FakeStream):
    """Zooms from 100 to 200, and finds its focus by itself."""

    def __init__(self, camera: AdjustableCamera, mode: CameraMode) -> None:
        super().__init__(camera, mode)
        self._set = camera.controls

    def controls(self) -> Sequence[CameraControl]:
        return list(self._set.values())

    def set_control(self, setting: ControlSetting) -> None:
        one = self._set[setting.name]
        self._set[setting.name] = replace(one, value=one.value if setting.value is None else setting.value)

    def adjust_once(self, name: ControlName) -> bool:
        self._set[name] = replace(self._set[name], value=7)
        return True


class AdjustableCamera(FakeCamera):
    """A camera with controls, by name in `controls`."""

    def __init__(self, name: str = "Adjustable") -> None:
        super().__init__(name)
        limits = {ControlName.ZOOM: (100, 200, 100), ControlName.BRIGHTNESS: (-64, 64, 0)}
        self.controls = {
            each: CameraControl(each, least, most, 1, value, value)
            for each, (least, most, value) in limits.items()
        }
        focus = ControlName.FOCUS
        exposure = ControlName.EXPOSURE
        self.controls[focus] = CameraControl(focus, 0, 10, 1, 0, 0, automatic=False, once=True)
        self.controls[exposure] = CameraControl(exposure, 0, 1000, 10, 100, 100, automatic=True)

    def open(self, mode: CameraMode) -> AdjustableStream:
        self.history.append(f"open {mode.size}")
        return AdjustableStream(self, mode)


class FakeFinder:
    """Lists `cameras`; the test plugs and unplugs by changing the list."""

    def __init__(self, *cameras: Camera) -> None:
        self.cameras = list(cameras)
        self.changed = False

    def find(self) -> Sequence[Camera]:
        return list(self.cameras)

    def change_fd(self) -> int | None:
        return None

    def acknowledge_change(self) -> bool:
        changed = self.changed
        self.changed = False
        return changed

    def close(self) -> None:
        pass
