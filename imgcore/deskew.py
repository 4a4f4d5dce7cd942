"""Skew of text lines, and turning it back.

Ink points are projected along candidate directions; the direction whose profile is the
sharpest is the lines'. Three stages: coarse over the whole range, fine around the best,
a parabola through the last three.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.kernels import profile_scores
from imgcore.types import Image

RANGE = 15.0
"""Degrees searched to either side."""

_SIDE = 1200
"""Long side in pixels of the picture that is searched: 10-point text is 10 px high."""
_COARSE_STEP, _FINE_STEP = 0.5, 0.05
_COARSE_POINTS, _FINE_POINTS = 12_000, 60_000
_MIN_POINTS = 60
_SURE = 0.25
"""Below this confidence no angle is given."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Skew:
    """How text lies.

    Attributes
    ----------
    degrees
        Positive: the text is turned counter-clockwise.
    confidence
        0..1: by how much the best direction stands out from all others.
    """

    degrees: float
    confidence: float


def find_skew(image: Image) -> Skew | None:
    """The skew of a page's text lines, or None where it is not certain.

    Parameters
    ----------
    image
        BGR or grey; text about level, within 15 degrees. About 20 ms.
    """
    points = _ink_points(image)
    if len(points) < _MIN_POINTS:
        return None
    coarse_angles = np.arange(-RANGE, RANGE + _COARSE_STEP / 2, _COARSE_STEP)
    coarse = _scores(_sample(points, _COARSE_POINTS), coarse_angles, 2.0)
    best = float(coarse_angles[coarse.argmax()])
    fine_angles = best + np.arange(-0.75, 0.75 + _FINE_STEP / 2, _FINE_STEP)
    fine = _scores(_sample(points, _FINE_POINTS), fine_angles, 1.0)
    degrees = _peak(fine_angles, fine)
    confidence = _confidence(coarse)
    if confidence < _SURE or abs(degrees) > RANGE:
        return None
    return Skew(degrees, confidence)


def deskew(image: Image, degrees: float) -> Image:
    """Turn a picture back by its skew, about its centre; the size stays.

    Parameters
    ----------
    degrees
        As in `Skew`: a positive angle turns the picture clockwise.
    """
    rows, cols = image.shape[:2]
    turn = cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), -degrees, 1.0)
    return cv2.warpAffine(  # type: ignore[return-value]
        image, turn, (cols, rows), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def _ink_points(image: Image) -> npt.NDArray[np.float32]:
    """Pixels darker than their neighbourhood, ``(n, 2)``, of a reduced picture."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    scale = _SIDE / max(grey.shape)
    if scale < 1:
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    local = cv2.blur(grey, (31, 31)).astype(np.int16)
    contrast = local - grey
    ink = contrast > max(12.0, 0.35 * float(np.percentile(contrast, 99)))
    rows, cols = np.nonzero(ink)
    return np.column_stack([cols, rows]).astype(np.float32)


def _sample(points: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
    """At most `count` of the points, the same ones each time."""
    if len(points) <= count:
        return points
    # A fixed seed: the same picture gives the same angle, and no stride hits a raster.
    chosen = np.random.default_rng(1).choice(len(points), count, replace=False)
    return points[np.sort(chosen)]


def _scores(points: npt.NDArray[np.float32], degrees: Floats, bin_size: float) -> Floats:
    """Sharpness of the profile for each angle."""
    centred = points - points.mean(axis=0)
    reach = float(np.abs(centred).max()) * 2.0 + 2.0
    x = np.ascontiguousarray(centred[:, 0] / bin_size, np.float32)
    y = np.ascontiguousarray((centred[:, 1] + reach) / bin_size, np.float32)
    # Text turned counter-clockwise rises to the right: y falls with x, so y + tan * x is level.
    return profile_scores(x, y, np.tan(np.radians(degrees)), int(2 * reach / bin_size) + 2)


def _peak(angles: Floats, scores: Floats) -> float:
    """The maximum, refined by the parabola through it and its neighbours."""
    at = int(np.clip(scores.argmax(), 1, len(scores) - 2))
    before, middle, after = scores[at - 1 : at + 2]
    bend = before - 2 * middle + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(angles[at] + np.clip(shift, -1, 1) * (angles[1] - angles[0]))


def _confidence(scores: Floats) -> float:
    """How far the best angle stands out, from 0 (not at all) towards 1."""
    at = int(scores.argmax())
    others = np.delete(scores, np.arange(max(0, at - 4), min(len(scores), at + 5)))
    if at in (0, len(scores) - 1) or scores[at] <= 0:
        return 0.0
    return float(1.0 - others.max() / scores[at])
