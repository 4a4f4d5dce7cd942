"""Demo cameras as devices: listed, opened, paced and failing when told to; and the document camera."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, Protocol

import cv2
import numpy as np

from imgcore.types import Image
from server.devices import hotplug
from server.devices.adapters.demo.faults import CameraFaults
from server.devices.adapters.demo.optics import DemoDesk
from server.devices.ports import camera as port
from server.errors import NOT_STARTED, DeviceBusy, DeviceFailed, DeviceGone, LocalizedText
from synthetic.scene.desk import Moment, Scene, SceneRenderer, moment

NAME = "Demo Document Camera"
"""Name of the demo document camera."""
CARD_NAME = "Demo Card Desk"
"""Name of the demo camera under which an identity card is turned over."""
PAGES_NAME = "Demo Page Turner"
"""Name of the demo camera under which pages are turned."""
PAPERS_NAME = "Demo Paper Desk"
"""Name of the demo camera under which papers with fields lie."""

SIZES = tuple(
    port.Size(*size)
    for size in ((3264, 2448), (2592, 1944), (1920, 1080), (1600, 1200), (1280, 960), (1024, 768), (640, 480))
)
"""Sizes in pixels that the demo document camera offers, the largest first."""

INFO = port.CameraInfo(
    id="demo:document",
    name=NAME,
    media=(port.MediaType(port.PixelFormat.MJPG, SIZES), port.MediaType(port.PixelFormat.YUYV, SIZES[3:])),
    housing="demo:document",
)
"""Description of the demo document camera, which offers MJPG in all sizes and YUYV in the smaller ones."""

CARD_INFO = port.CameraInfo(
    id="demo:cards", name=CARD_NAME, media=(port.MediaType(port.PixelFormat.MJPG, SIZES[1:]),)
)
"""Description of a second camera, under which an identity card is turned over."""

PAGES_INFO = port.CameraInfo(id="demo:pages", name=PAGES_NAME, media=CARD_INFO.media)
"""Description of a third camera, under which pages are turned: automatic captures are developed before it."""

PAPERS_INFO = port.CameraInfo(id="demo:papers", name=PAPERS_NAME, media=CARD_INFO.media)
"""Description of a fourth camera: a passport and an invoice, then a form."""

FASTEST = 30.0
"""Most frames a second of a demo camera, up to 4 megapixels."""
FASTEST_LARGE = 15.0
"""Most frames a second of a demo camera above 4 megapixels, as of cameras on USB 2."""

POLL_INTERVAL = 0.02
"""Seconds between two checks for faults in a waiting `read`."""


class Frames(Protocol):
    """Frames of an opened demo camera."""

    def prepare(self) -> None:
        """Prepare the scene, so that the first frame comes soon."""

    def frame(self, index: int) -> bytes:
        """Return frame number `index`, in the mode the camera was opened in."""

    def forget(self) -> None:
        """Let go of what was prepared."""


Render = Callable[[port.CameraMode], Frames]


@dataclass(eq=False, repr=False)
class DemoCameraStream:
    """An opened demo camera."""

    _name: str
    _frames: Frames
    _faults: CameraFaults
    mode: port.CameraMode
    """The mode asked for, with the nearest size and a possible rate."""
    _release: Callable[[], None]
    _gone: bool = field(default=False, init=False)
    _epoch: float | None = field(default=None, init=False)
    _next: int = field(default=0, init=False)

    def start(self) -> None:
        """Prepare the scene, which takes 0.1 to 1 s, and start the clock of the frames."""
        self._check()
        self._frames.prepare()
        # Frames go on counting over stop and start, so that none repeats a number.
        self._epoch = time.monotonic() + self._faults.slow_start - self._next / self.mode.fps

    def read(self, timeout: float) -> port.Frame | None:
        """Return the next whole frame; a new scene may take up to 1 s longer than `timeout`."""
        deadline = time.monotonic() + timeout
        while self._await_frame(deadline):
            frame = self._take()
            if frame is not None:
                return frame
        return None

    def stop(self) -> None:
        """Stop the clock of the frames."""
        self._epoch = None
        self._frames.forget()

    def close(self) -> None:
        """Close the camera, so that others can open it."""
        self.stop()
        self._release()

    def _await_frame(self, deadline: float) -> bool:
        """Sleep until a frame is due or `deadline` has passed; return whether one is due."""
        while True:
            self._check()
            now = time.monotonic()
            due = self._due_time()
            if now >= due:
                return True
            if now >= deadline:
                return False
            time.sleep(min(POLL_INTERVAL, deadline - now, due - now))

    def _due_time(self) -> float:
        if self._epoch is None:
            raise DeviceFailed(device=self._name, reason=NOT_STARTED)
        return math.inf if self._faults.frozen else self._epoch + self._next / self.mode.fps

    def _take(self) -> port.Frame | None:
        """Return the newest frame that is due, or None if it arrived torn."""
        assert self._epoch is not None
        newest = int((time.monotonic() - self._epoch) * self.mode.fps)
        seq = max(self._next, newest)
        self._next = seq + 1
        data = self._faults.apply(seq, self._frames.frame(seq))
        if not self._whole(data):
            return None
        return port.Frame(seq, self._epoch + seq / self.mode.fps, self.mode.format, self.mode.size, data)

    def _whole(self, data: bytes) -> bool:
        if self.mode.format is port.PixelFormat.MJPG:
            return data.endswith(b"\xff\xd9")
        return len(data) == self.mode.size.width * self.mode.size.height * 2

    def _check(self) -> None:
        self._gone = self._gone or not self._faults.connected
        if self._gone:
            raise DeviceGone(device=self._name)


class DemoDocumentStream(DemoCameraStream):
    """The opened document camera, whose lens and sensor can be set."""

    def __init__(self, desk: DemoDesk, *parts: Any) -> None:
        super().__init__(*parts)
        self._desk = desk

    def controls(self) -> Sequence[port.CameraControl]:
        """Return focus, brightness and contrast."""
        self._check()
        return self._desk.optics.controls

    def set_control(self, setting: port.ControlSetting) -> None:
        """Set one of them; the next frames show it."""
        self._check()
        self._desk.optics = self._desk.optics.with_setting(setting)

    def adjust_once(self, name: port.ControlName) -> bool:
        """Return False: the lens has an automatic, and no button."""
        return False


@dataclass(eq=False, repr=False)
class DemoCamera:
    """A demo camera as listed."""

    info: port.CameraInfo
    _render: Render
    _faults: CameraFaults
    _stream: Callable[..., DemoCameraStream] = DemoCameraStream
    _taken: Lock = field(default_factory=Lock, init=False)

    def open(self, mode: port.CameraMode) -> DemoCameraStream:
        """Take the camera in the mode nearest to `mode`."""
        self._faults.refuse(self.info.name)
        if not self._taken.acquire(blocking=False):
            raise DeviceBusy(device=self.info.name, holder=LocalizedText("另一个画面", "another stream"))
        taken = accepted(self.info, mode)
        release = _once(self._taken.release)
        return self._stream(self.info.name, self._render(taken), self._faults, taken, release)


class DemoCameraFinder(hotplug.WatchedCameras):
    """Lists the demo camera while it is connected.

    Parameters
    ----------
    seed
        Seed of the pictures.
    faults
        Faults of the camera; none by default.
    info
        Name and modes of the camera.
    scene
        First scene on its desk.
    desk
        Makes the desk from the seed.

    Attributes
    ----------
    desk
        Desk under the camera; set ``desk.scene`` to change the scene.
    faults
        As given.
    ready_when_opened
        True if the scene is drawn when the camera is opened, and not when it starts.
    """

    def __init__(
        self,
        seed: int = 1,
        faults: CameraFaults | None = None,
        info: port.CameraInfo = INFO,
        scene: Scene = Scene.PAGE,
        desk: Callable[[int], DemoDesk] = DemoDesk,
    ) -> None:
        self.desk = desk(seed)
        self.desk.scene = scene
        self.ready_when_opened = False
        self.faults = faults or CameraFaults()
        stream = partial(DemoDocumentStream, self.desk)
        self._camera = DemoCamera(info, self._frames, self.faults, stream)
        self._watch = hotplug.ChangeNotifier()
        self.faults.watch(self._watch.notify)

    def find(self) -> tuple[DemoCamera, ...]:
        """Return the one camera, or none while it is disconnected."""
        return (self._camera,) if self.faults.connected else ()

    def _frames(self, mode: port.CameraMode) -> DeskFrames:
        frames = DeskFrames(self.desk, mode)
        if self.ready_when_opened:
            frames.prepare()
        return frames


def accepted(info: port.CameraInfo, mode: port.CameraMode) -> port.CameraMode:
    """Return the mode a camera really takes: an offered format, its nearest size, a possible rate."""
    media = next((media for media in info.media if media.format is mode.format), info.media[0])
    size = min(media.sizes, key=mode.size.distance)
    limit = FASTEST_LARGE if size.width * size.height > 4_000_000 else FASTEST
    fps = min(mode.fps, limit) if mode.fps > 0 else limit
    return port.CameraMode(media.format, size, max(1.0, fps))


def _once(release: Callable[[], None]) -> Callable[[], None]:
    """Return `release` such that a second call does nothing."""
    pending = [release]

    def call() -> None:
        if pending:
            pending.pop()()

    return call


BUDGET = 48 << 20
"""Most bytes of frames that are kept; a cycle at 8 megapixels is about 35 MB of JPEG."""

JPEG_QUALITY = 85
"""Quality of the frames, of 100, as JPEGs of document cameras have it; their colours have half the width."""


class DeskFrames:
    """Frames of a desk in one mode. Not for several threads at once."""

    def __init__(self, desk: DemoDesk, mode: port.CameraMode) -> None:
        self._desk = desk
        self._mode = mode
        self._renderer: tuple[Scene, SceneRenderer] | None = None
        self._optics = desk.optics
        self._kept: OrderedDict[Moment, bytes] = OrderedDict()
        self._bytes = 0

    def prepare(self) -> None:
        """Make the present scene ready, so that the first frame comes soon."""
        self._current()

    def frame(self, index: int) -> bytes:
        """Return frame number `index` of the present scene; 1 ms, or some 10 to 200 the first time."""
        scene, renderer = self._current()
        when = moment(index, scene)
        data = self._kept.get(when)
        if data is None:
            data = encode_frame(self._optics.seen(renderer.picture(when)), self._mode.format)
            self._keep(when, data)
        self._kept.move_to_end(when)
        return data

    def _current(self) -> tuple[Scene, SceneRenderer]:
        scene = self._desk.scene
        if self._optics is not self._desk.optics:
            self._optics = self._desk.optics
            self._forget()
        if self._renderer is None or self._renderer[0] is not scene:
            self._renderer = None  # two scenes at 8 megapixels need not be in memory together
            self._forget()
            self._renderer = (scene, self._desk.renderer(scene, self._mode.size))
        return self._renderer

    def forget(self) -> None:
        """Let go of the scene, its pictures and what is drawn of the desk."""
        self._renderer = None
        self._forget()
        self._desk.forget()

    def _forget(self) -> None:
        self._kept.clear()
        self._bytes = 0

    def _keep(self, when: Moment, data: bytes) -> None:
        self._kept[when] = data
        self._bytes += len(data)
        while self._bytes > BUDGET and len(self._kept) > 1:
            self._bytes -= len(self._kept.popitem(last=False)[1])


def encode_frame(picture: Image, pixels: port.PixelFormat) -> bytes:
    """Return a BGR picture as MJPG or YUY2 bytes."""
    if pixels is port.PixelFormat.YUYV:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_YUY2)).tobytes()
    sampling = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422)
    return cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, *sampling))[1].tobytes()
