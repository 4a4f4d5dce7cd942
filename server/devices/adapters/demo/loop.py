"""The frames of one stream: each distinct moment is rendered once, then handed out again."""

from __future__ import annotations

from collections import OrderedDict

import cv2
import numpy as np

from imgcore.types import Image
from server.devices.adapters.demo.desk import Desk, Scene, Stage
from server.devices.adapters.demo.motion import Moment, moment
from server.devices.ports.camera import CameraMode, PixelFormat

BUDGET = 48 << 20
"""Bytes of frames kept; a round at 8 megapixels is about 35 MB of JPEG."""

JPEG = (
    cv2.IMWRITE_JPEG_QUALITY,
    85,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
)
"""What document cameras send."""


class FrameLoop:
    """Frames of a desk in one mode. Not for several threads at once."""

    def __init__(self, desk: Desk, mode: CameraMode) -> None:
        self._desk = desk
        self._mode = mode
        self._stage: tuple[Scene, Stage] | None = None
        self._kept: OrderedDict[Moment, bytes] = OrderedDict()
        self._bytes = 0

    def prepare(self) -> None:
        """Make the present scene ready, so that the first frame comes soon."""
        self._present()

    def frame(self, index: int) -> bytes:
        """Frame number `index` of the present scene; 1 ms, or some 10 to 200 the first time."""
        stage = self._present()
        when = moment(index)
        data = self._kept.get(when)
        if data is None:
            data = encoded(stage.picture(when), self._mode.format)
            self._keep(when, data)
        self._kept.move_to_end(when)
        return data

    def _present(self) -> Stage:
        scene = self._desk.scene
        if self._stage is None or self._stage[0] is not scene:
            self._stage = None  # two scenes at 8 megapixels need not be in memory together
            self._kept.clear()
            self._bytes = 0
            self._stage = (scene, self._desk.stage(scene, self._mode.size))
        return self._stage[1]

    def _keep(self, when: Moment, data: bytes) -> None:
        self._kept[when] = data
        self._bytes += len(data)
        while self._bytes > BUDGET and len(self._kept) > 1:
            self._bytes -= len(self._kept.popitem(last=False)[1])


def encoded(picture: Image, pixels: PixelFormat) -> bytes:
    """A BGR picture as MJPG or YUY2 bytes."""
    if pixels is PixelFormat.YUYV:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_YUY2)).tobytes()
    return cv2.imencode(".jpg", picture, JPEG)[1].tobytes()
