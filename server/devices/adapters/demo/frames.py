"""Frames of one stream of the desk: each distinct moment is rendered once and kept."""

from __future__ import annotations

from collections import OrderedDict

import cv2
import numpy as np

from imgcore.types import Image
from server.devices.adapters.demo.desk import Desk, Moment, Scene, SceneRenderer, moment
from server.devices.ports.camera import CameraMode, PixelFormat

BUDGET = 48 << 20
"""Bytes of frames kept; a cycle at 8 megapixels is about 35 MB of JPEG."""

JPEG_QUALITY = 85
"""As document cameras have it; their colours have half the width."""


class DeskFrames:
    """Frames of a desk in one mode. Not for several threads at once."""

    def __init__(self, desk: Desk, mode: CameraMode) -> None:
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

    def _forget(self) -> None:
        self._kept.clear()
        self._bytes = 0

    def _keep(self, when: Moment, data: bytes) -> None:
        self._kept[when] = data
        self._bytes += len(data)
        while self._bytes > BUDGET and len(self._kept) > 1:
            self._bytes -= len(self._kept.popitem(last=False)[1])


def encode_frame(picture: Image, pixels: PixelFormat) -> bytes:
    """Return a BGR picture as MJPG or YUY2 bytes."""
    if pixels is PixelFormat.YUYV:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_YUY2)).tobytes()
    sampling = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422)
    return cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY, *sampling))[1].tobytes()
