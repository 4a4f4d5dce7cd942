"""Detection and correction of the skew of text lines.

Ink is projected along candidate directions; the direction with the sharpest profile is the
lines'. Three stages: coarse over the whole range, fine around the best, finest around that, with a
parabola fitted to the peak.

Ink is weighed by its darkness and its profile averaged over a pixel, twice. Dark pixels, counted whole
in bins of a pixel, would favour exactly no skew: there each row falls into one bin, and a line
that climbs by a pixel across the page is a stair of two level steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.kernels import projection_scores
from imgcore.paper.ink import ink, reduced
from imgcore.types import Image


@dataclass(frozen=True, slots=True)
class _Stage:
    """One search: step in degrees, most points, bin size in pixels, bins averaged over, slips halved."""

    step: float
    points: int
    bin: float
    window: int
    apart: bool


RANGE = 15.0
"""Degrees searched to either side of level."""

_BEYOND = 1.5
"""Degrees searched beyond the range, so that an angle at its end is a peak."""
_STAGES = (
    _Stage(0.5, 12_000, 1.0, 2, False),
    _Stage(0.1, 25_000, 0.25, 4, True),
    _Stage(0.025, 60_000, 0.25, 4, True),
)
"""Searches, each finer than the one before and around its best angle."""
_STEPS = (6, 8)
"""Numbers of steps to either side of the best angle before, in the second and the third search."""
_PEAK = 3
"""Number of steps to either side of the best angle that a parabola is fitted to."""
_SLIP = 2.0
"""Height over width from which each half is searched by itself. Names at the left of a slip and prices
at its right, in scripts of different height, have different base lines: together they gave slopes from
one's base line to the other's, wrong by 0.11 degree on average instead of 0.05."""
_BESIDE = (4, 8)
"""Numbers of steps to either side of the best, on pages and on slips, that are part of its peak: the shorter
the lines, the wider. With 4, 5 of 78 made slips were uncertain; with 8, 2."""
_MIN_POINTS = 60
"""Pixels of ink below which there is no result."""
_SURE = 0.25
"""Least confidence for a result."""
_STANDS_OUT = 9.0
"""Least height of the peak in standard deviations of other directions' scores: 98 % of pages reach 12,
98 % of portraits less than 8."""

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Coordinates = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Skew:
    """Skew of text lines.

    Attributes
    ----------
    degrees
        Positive: the text is turned counter-clockwise.
    confidence
        0..1, prominence of the best direction over all others.
    """

    degrees: float
    confidence: float


def find_skew(image: Image) -> Skew | None:
    """Find the skew of a page's text lines; None if it is uncertain.

    Parameters
    ----------
    image
        BGR or grey; text about level, within 15 degrees. About 18 ms at 8 megapixels.
    """
    return skew_of(ink(reduced(image)))


def skew_of(dark: Image) -> Skew | None:
    """Find the skew in an ink map of `imgcore.paper.ink`; about 9 ms a megapixel."""
    points = _points(dark)
    rough = _rough(points)
    if rough is None:
        return None
    degrees = rough.degrees
    for stage, steps in zip(_STAGES[1:], _STEPS, strict=True):
        near: Floats = np.asarray(degrees + np.arange(-steps, steps + 1) * stage.step, np.float64)
        degrees = _peak(near, _scores(points, near, stage))
    return Skew(degrees, rough.confidence) if abs(degrees) <= RANGE else None


def rough_skew_of(dark: Image) -> Skew | None:
    """Find the skew to half a degree; about 3 ms a megapixel."""
    return _rough(_points(dark))


def _rough(points: _Points) -> Skew | None:
    if len(points.at) < _MIN_POINTS:
        return None
    reach = RANGE + _BEYOND
    angles = np.arange(-reach, reach + _STAGES[0].step / 2, _STAGES[0].step)
    scores = _scores(points, angles, _STAGES[0])
    confidence = _confidence(scores, _BESIDE[_is_slip(points.dark)])
    return Skew(float(angles[scores.argmax()]), confidence) if confidence >= _SURE else None


def deskew(image: Image, degrees: float) -> Image:
    """Rotate a picture back by its skew, about its centre; the size stays.

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


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """Ink map, and the raveled positions of its ink."""

    dark: Image
    at: Places


def _points(dark: Image) -> _Points:
    return _Points(dark, np.flatnonzero(dark))


def _scores(points: _Points, degrees: Floats, stage: _Stage) -> Floats:
    """Score the sharpness of the profile at each angle."""
    height, width = points.dark.shape
    at = _sample(points.at, stage.points)
    rows, cols = np.divmod(at, width)
    reach = height / 2 + np.tan(np.radians(RANGE + 2 * _BEYOND)) * width / 2 + 2
    x = ((cols - width / 2) / stage.bin).astype(np.float32)
    y = ((rows - height / 2 + reach) / stage.bin).astype(np.float32)
    weight = points.dark.ravel()[at].astype(np.int32)
    # Text turned counter-clockwise rises to the right: y falls with x, so y + tan * x is level.
    slopes = np.tan(np.radians(degrees))
    length = int(2 * reach / stage.bin) + 2
    total = np.zeros(len(degrees))
    apart = stage.apart and _is_slip(points.dark)
    for part in _halves(x, y, float(slopes.mean())) if apart else (slice(None),):
        total += projection_scores(x[part], y[part], weight[part], slopes, length, stage.window)
    return total


def _halves(x: Coordinates, y: Coordinates, slope: float) -> tuple[Places, Places]:
    """Split points left and right of the middle of the lines, however the slip is turned."""
    along = x - np.float32(slope) * y
    left = along < (along.min() + along.max()) / 2
    return np.flatnonzero(left), np.flatnonzero(~left)


def _sample(at: Places, count: int) -> Places:
    """Sample at most `count` of the points, the same ones each time."""
    if len(at) <= count:
        return at
    # By chance, with a fixed seed: the same picture gives the same angle, and no stride hits a raster.
    random = np.random.default_rng(1)
    return at[np.flatnonzero(random.random(len(at), np.float32) < count / len(at))]


def _peak(angles: Floats, scores: Floats) -> float:
    """Angle of the maximum, refined by a parabola through its neighbours."""
    at = int(np.clip(scores.argmax(), _PEAK, len(scores) - 1 - _PEAK))
    steps = np.arange(-_PEAK, _PEAK + 1)
    bend, slope, _ = np.polyfit(steps, scores[at - _PEAK : at + _PEAK + 1], 2)
    shift = float(np.clip(-0.5 * slope / bend, -_PEAK, _PEAK)) if bend < 0 else 0.0
    return float(angles[at] + shift * (angles[1] - angles[0]))


def _is_slip(dark: Image) -> bool:
    return bool(dark.shape[0] > _SLIP * dark.shape[1])


def _confidence(scores: Floats, beside: int) -> float:
    """Prominence of the best angle over all but `beside` neighbours, from 0 (none) towards 1."""
    at = int(scores.argmax())
    others = np.delete(scores, np.arange(max(0, at - beside), min(len(scores), at + beside + 1)))
    if at in (0, len(scores) - 1) or scores[at] <= 0:
        return 0.0
    if scores[at] - np.median(others) < _STANDS_OUT * others.std():
        return 0.0
    return float(1.0 - others.max() / scores[at])
