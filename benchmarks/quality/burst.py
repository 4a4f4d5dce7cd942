"""Bursts of a shaking camera with a poor sensor before a real page, and how a merged picture is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.burst.merge import merge_burst
from imgcore.types import Image
from synthetic.scene.camera import lens

Floats = npt.NDArray[np.float32]
Random = np.random.Generator

FRAMES = 6
"""Frames of a burst."""
WIDTH = 1100
"""Pixels across of a poor camera that has a page before it."""
LEVELS = (10.0, 15.0, 20.0)
"""Standard deviations of the sensors' noise at middle grey, by turns."""
QUALITIES = (60, 70, 80)
"""Qualities of the sensors' JPEGs, by turns."""
WORSE = 1.02
"""Ratio of the error to one frame's from which the merged picture is worse."""


@dataclass(frozen=True)
class MadeBurst:
    """Frames of a made burst, and the one that each would be without noise and reflection."""

    frames: list[Image]
    clean: list[Floats]


def scores(burst: MadeBurst) -> tuple[dict[str, float], Image]:
    """Merge a burst; return its figures against the first frame, and the merged picture."""
    merged = merge_burst(burst.frames[0], burst.frames[1:])
    clean = burst.clean[merged.reference]
    # Another frame may have given the geometry: the first is measured against its own scene.
    before = _error(burst.frames[0], burst.clean[0])
    after = _error(merged.image, clean)
    figures = {
        "error, of one frame's": after / before,
        "worse": float(after > WORSE * before),
        "reflection, of one frame's": _reflected(merged.image, clean)
        / max(_reflected(burst.frames[0], burst.clean[0]), 1e-6),
    }
    return figures, merged.image


def _error(image: Image, clean: Floats) -> float:
    return float(np.sqrt(np.mean((image - clean) ** 2)))


def _reflected(image: Image, clean: Floats) -> float:
    """Return the share of a picture in which it is clipped, and the scene is not."""
    return float(((image.min(axis=2) >= 250) & (clean.min(axis=2) < 230)).mean())


Case = Callable[[Random, int, Image, Image], MadeBurst]
Change = Callable[[Random, int, Floats], Floats]


def _made(change: Change, before: Change | None = None) -> Case:
    """Return a scene whose frames are changed by their number; `before` changes what they show."""

    def case(random: Random, number: int, page: Image, other: Image) -> MadeBurst:
        noise = LEVELS[number % len(LEVELS)]
        quality = QUALITIES[number // len(LEVELS) % len(QUALITIES)]
        frames = []
        clean = []
        for frame in range(FRAMES):
            shown = page.astype(np.float32)
            scene = _seen(random, shown if before is None else before(random, frame, shown))
            lit = change(random, frame, scene.copy())
            frames.append(_exposed(random, lit, noise, quality))
            clean.append(scene if change is _reflection else lit)
        return MadeBurst(frames, clean)

    return case


def _swapped(random: Random, number: int, page: Image, other: Image) -> MadeBurst:
    """Return a page in the first frame, and in the others the page that lay there before."""
    after = _still(random, number, page, other)
    fitted = np.asarray(cv2.resize(other, page.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
    earlier = _still(random, number, fitted, page)
    return MadeBurst([after.frames[0], *earlier.frames[1:]], after.clean)


def _seen(random: Random, page: Floats) -> Floats:
    """Return a page as a shaking stand holds it before a lens, at the size of the sensor."""
    factor = min(1.0, WIDTH / page.shape[1])
    turn = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), random.normal(0, 0.01), 1)
    turn[:, 2] += random.normal(0, 0.7, 2) / factor
    size = page.shape[1], page.shape[0]
    moved = cv2.warpAffine(page, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    soft = lens(np.asarray(moved, np.float32), 0.6 / factor)
    small = cv2.resize(soft, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    rows = np.arange(small.shape[0], dtype=np.float32) / small.shape[0]
    flicker = 1 + 0.012 * np.sin(7 * rows + random.uniform(0, 6))
    return np.asarray((small * 0.85 + 12) * flicker[:, None, None], np.float32)


def _exposed(random: Random, scene: Floats, noise: float, quality: int) -> Image:
    """Return a frame: noise of light and sensor, partly shared by neighbours and colours, then a JPEG."""
    grain = random.standard_normal(scene.shape, np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.5), np.float32)
    grain = 0.7 * grain / grain.std() + 0.7 * random.standard_normal((*scene.shape[:2], 1), np.float32)
    levels = scene + noise * grain * np.sqrt(np.maximum(scene, 0) / 128 + 0.2)
    how = [cv2.IMWRITE_JPEG_QUALITY, quality]
    data = cv2.imencode(".jpg", np.clip(np.rint(levels), 0, 255).astype(np.uint8), how)[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _nothing(_: Random, __: int, scene: Floats) -> Floats:
    return scene


def _shaken(_: Random, frame: int, scene: Floats) -> Floats:
    return np.asarray(cv2.blur(scene, (1, 4)), np.float32) if frame == 0 else scene


def _shifted(_: Random, frame: int, page: Floats) -> Floats:
    return page if frame == 0 else np.roll(page, page.shape[0] // 60, axis=0)


def _dimmed(_: Random, frame: int, scene: Floats) -> Floats:
    return scene if frame == 0 else scene * np.float32(0.8)


def _hand(_: Random, frame: int, scene: Floats) -> Floats:
    """Lay an arm over the picture in all frames but the first, a little further in each."""
    if frame:
        rows, cols = scene.shape[:2]
        inner = round(cols * (0.95 - 0.06 * frame))
        cv2.rectangle(scene, (inner, rows // 2), (cols, rows * 6 // 10), (120, 150, 205), -1)
    return scene


def _reflection(_: Random, frame: int, scene: Floats) -> Floats:
    """Lay a lamp's reflection on the page, elsewhere in each frame."""
    rows, cols = scene.shape[:2]
    spot = np.zeros((rows, cols), np.float32)
    cv2.circle(spot, (round(cols * (0.3 + 0.08 * frame)), rows // 2), round(cols * 0.05), 1, -1)
    return scene + 300 * cv2.GaussianBlur(spot, (0, 0), cols * 0.006)[:, :, None]


_still = _made(_nothing)
REFLECTION = "a reflection that wanders"
"""Name of the scene whose reflection is to go."""
MERGED = ("a page at rest", "shaken while the first was taken", REFLECTION)
"""Names of the scenes whose frames show the same, so that noise is to go."""
SCENES: dict[str, Case] = {
    "a page at rest": _still,
    "shaken while the first was taken": _made(_shaken),
    REFLECTION: _made(_reflection),
    "the page before this one": _swapped,
    "the page was moved": _made(_nothing, _shifted),
    "the lamp was switched": _made(_dimmed),
    "an arm came in": _made(_hand),
}
"""Events while the frames are taken, by name."""
