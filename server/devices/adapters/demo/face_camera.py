"""Demo face cameras: colour and infrared in one housing, before a drawn person or an imitation of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import cv2
import numpy as np

from imgcore.types import Image
from server.devices import hotplug
from server.devices.adapters.demo.camera import DemoCamera, encode_frame
from server.devices.adapters.demo.faults import CameraFaults
from server.devices.ports.camera import CameraInfo, CameraMode, MediaType, PixelFormat, Size
from synthetic.attacks import Print, Screen
from synthetic.faces import STEPS, Sitter, pose

NAME = "Demo Face Camera"
"""Name of the demo face cameras before a live person; those before an imitation add what it is."""

SIZES = (Size(1280, 720), Size(640, 480))
"""Sizes in pixels that the demo face cameras offer, the largest first."""
COLOUR = (MediaType(PixelFormat.MJPG, SIZES), MediaType(PixelFormat.YUYV, SIZES[1:]))
"""Formats and sizes that the camera for colour offers."""
INFRARED = (MediaType(PixelFormat.MJPG, SIZES[1:]),)
"""Format and size that the camera for infrared offers."""

GRAIN = 3.0
"""Standard deviation of the sensor's noise, in levels of brightness."""

Paint = Callable[[int], Image]
"""Function that paints a moment, 0 to `STEPS` - 1."""
PainterFactory = Callable[[int, int], Paint]
"""Function that makes the painter for a camera of (width, height)."""


def _live(width: int, height: int) -> Paint:
    sitter = Sitter(width, height)
    return lambda step: sitter.colour(pose(step))


def _live_infrared(width: int, height: int) -> Paint:
    sitter = Sitter(width, height)
    return lambda step: sitter.infrared(pose(step))


SCENES: dict[str, tuple[PainterFactory, PainterFactory]] = {
    "": (_live, _live_infrared),
    "phone screen": (lambda w, h: Screen(w, h).colour, lambda w, h: Screen(w, h).infrared),
    "print": (lambda w, h: Print(w, h).colour, lambda w, h: Print(w, h).infrared),
}
"""Scene before each demo camera, in colour and infrared; the first one is a live person."""


class FaceFrames:
    """One cycle of moments, each rendered once: 120 JPEGs of some 50 kB."""

    def __init__(self, see: PainterFactory, mode: CameraMode) -> None:
        self._see = see
        self._mode = mode
        self._kept: dict[int, bytes] = {}

    def prepare(self) -> None:
        self.frame(0)

    def frame(self, index: int) -> bytes:
        step = index % STEPS
        if step not in self._kept:
            picture = cv2.add(self._paint(step), np.roll(self._grain, 7 * step, axis=1), dtype=cv2.CV_8U)
            self._kept[step] = encode_frame(np.asarray(picture, np.uint8), self._mode.format)
        return self._kept[step]

    def forget(self) -> None:
        self._kept.clear()
        for made in ("_paint", "_grain"):
            vars(self).pop(made, None)

    @cached_property
    def _paint(self) -> Paint:
        return self._see(*self._mode.size)

    @cached_property
    def _grain(self) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
        width, height = self._mode.size
        return np.random.default_rng(1).normal(0, GRAIN, (height, width, 3)).astype(np.int16)


class DemoFaceCameraFinder(hotplug.WatchedCameras):
    """Lists the demo face cameras while they are connected.

    Parameters
    ----------
    attacks
        List those before a phone's screen and a print, too.
    faults
        Faults of all of them; none by default.
    """

    def __init__(self, attacks: bool = False, faults: CameraFaults | None = None) -> None:
        self.faults = faults or CameraFaults()
        self._watch = hotplug.ChangeNotifier()
        self.faults.watch(self._watch.notify)
        shown = SCENES if attacks else {"": SCENES[""]}
        self._cameras = tuple(
            camera for before, scene in shown.items() for camera in _pair(before, scene, self.faults)
        )

    def find(self) -> Sequence[DemoCamera]:
        """Return colour and infrared of each, or none while they are disconnected."""
        return self._cameras if self.faults.connected else ()


def _pair(
    before: str, scene: tuple[PainterFactory, PainterFactory], faults: CameraFaults
) -> tuple[DemoCamera, DemoCamera]:
    key = "-".join(("demo:face", *before.split()))
    ending = f" ({before})" if before else ""
    colour = CameraInfo(key, f"{NAME}{ending}", COLOUR, housing=key)
    infrared = CameraInfo(f"{key}-ir", f"{NAME} IR{ending}", INFRARED, housing=key, grey=True)
    return (
        DemoCamera(colour, lambda mode: FaceFrames(scene[0], mode), faults),
        DemoCamera(infrared, lambda mode: FaceFrames(scene[1], mode), faults),
    )
