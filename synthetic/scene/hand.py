"""A hand that holds the page's right edge: four fingers, rounded by shading."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Image
from synthetic.scene.sheet import Sheet
from synthetic.scene.texture import clouds

SCALE = 4.0
"""Pixels per millimetre; skin has no fine print."""

SIZE = (260.0, 170.0)
"""Millimetres; the hand enters from the right."""

SKIN = (142.0, 172.0, 222.0)
"""BGR."""

Bone = tuple[tuple[float, float], tuple[float, float], float]
"""From, to, and half the width, millimetres from the sheet's top left."""

FINGERS: tuple[tuple[Bone, ...], ...] = (
    (((112, 118), (84, 124), 8.6), ((84, 124), (52, 125), 7.4)),
    (((104, 68), (72, 52), 9.2), ((72, 52), (34, 54), 8.2)),
    (((104, 86), (64, 76), 9.4), ((64, 76), (20, 78), 8.6)),
    (((106, 104), (68, 101), 9.2), ((68, 101), (30, 102), 8.2)),
)
"""Little, index, middle and ring finger, from knuckle over joint to tip; the lowest first."""

PALM: tuple[Bone, ...] = (
    ((112, 78), (150, 86), 22.0),
    ((114, 104), (150, 98), 22.0),
    ((150, 92), (190, 96), 29.0),
    ((190, 96), (270, 104), 27.0),
)
TIPS = ((51.0, 125.0, 6.2), (33.0, 54.0, 7.0), (19.0, 78.0, 7.4), (29.0, 102.0, 7.0))
"""Middle and half the width of each nail."""


def hand(rng: np.random.Generator) -> Sheet:
    """The hand, no document."""
    size = (round(SIZE[0] * SCALE), round(SIZE[1] * SCALE))
    tone = np.zeros((size[1], size[0]), np.float32)
    cover = np.zeros((size[1], size[0]), np.uint8)
    for part in (*FINGERS, PALM):
        _add(tone, cover, part)
    tone[:] = _joined(tone, cover)
    tone[:] = np.maximum(tone, 0.3)
    tone += 0.012 * clouds(rng, size, (60, 40)) + 0.02 * clouds(rng, size, (9, 6))
    picture = _coloured(cv2.GaussianBlur(tone, (0, 0), 1.5))
    _nails(picture)
    soft = np.asarray(cv2.GaussianBlur(cover, (0, 0), 1.0), np.uint8)
    return Sheet(picture, soft, SCALE, None, lift=6.0)


def _add(tone: np.ndarray, cover: Image, bones: tuple[Bone, ...]) -> None:
    """Lay one limb over what is there: bright along its middle, dark at its rims."""
    limb = np.zeros_like(cover)
    widest = max(half for _, _, half in bones)
    for start, end, half in bones:
        cv2.line(limb, _pixel(start), _pixel(end), 255, round(2 * half * SCALE), cv2.LINE_AA)
    depth = cv2.distanceTransform((limb > 127).astype(np.uint8), cv2.DIST_L2, 5) / (widest * SCALE)
    round_ = np.sqrt(np.clip(1.0 - (1.0 - np.minimum(depth, 1.0)) ** 2, 0.0, 1.0))
    inside = limb > 127
    tone[inside] = np.maximum(tone[inside] * 0.72, 0.62 + 0.38 * round_[inside])
    np.maximum(cover, limb, out=cover)


def _joined(tone: np.ndarray, cover: Image) -> np.ndarray:
    """Soften the seams where fingers meet the palm, and keep the fingers crisp."""
    weight = (cover > 127).astype(np.float32)
    spread = cv2.GaussianBlur(tone * weight, (0, 0), 14.0) / np.maximum(
        cv2.GaussianBlur(weight, (0, 0), 14.0), 1e-3
    )
    share = np.clip((np.arange(tone.shape[1]) / SCALE - 70.0) / 40.0, 0.0, 0.8).astype(np.float32)[None, :]
    return np.asarray(tone * (1.0 - share) + spread * share)


def _coloured(tone: np.ndarray) -> Image:
    """Darker skin is redder."""
    planes = [base * tone**power for base, power in zip(SKIN, (1.25, 1.12, 0.82), strict=True)]
    return np.ascontiguousarray(np.dstack(planes).clip(0, 255).astype(np.uint8))


def _nails(picture: Image) -> None:
    for x, y, half in TIPS:
        middle, axes = _pixel((x - 0.6, y)), (round(6.0 * SCALE), round(half * 0.68 * SCALE))
        layer = picture.copy()
        cv2.ellipse(layer, middle, axes, -4.0, 0, 360, (178, 190, 236), -1, cv2.LINE_AA)
        cv2.ellipse(layer, middle, axes, -4.0, 0, 360, (120, 140, 196), 2, cv2.LINE_AA)
        picture[:] = cv2.addWeighted(cv2.GaussianBlur(layer, (0, 0), 1.2), 0.75, picture, 0.25, 0)


def _pixel(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0] * SCALE), round(point[1] * SCALE)
