"""Binder holes: found along the sides by their shape and their places, filled with paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.border import off_paper, slivers
from imgcore.mending import Survey, mend
from imgcore.paper import Floats, Mask, highest, paper_colour, scaled, without_strokes
from imgcore.punches import Spot, punched
from imgcore.types import Image

_SIDE = 1000
"""Holes are found on a picture of this long side, where one in A4 has a radius of 10 pixels."""
_STROKES = 15
_BAND = 0.075
"""Share of the long side, from each side of the page inwards, where holes are: 13 mm of A5 and some."""
_RADII = (0.0062, 0.0165)
"""Of the long side: 3 mm on A3, 3.5 mm on A5, and a margin."""
_OFF = 0.05
"""What one sees through a hole differs from paper by this share, be it but a sheet in shadow."""
_GRAINS = 2.0
"""In grainy paper so many times its unevenness is needed besides."""
_FLECK = 5
"""Grain, lines and print smaller than this many pixels are no hole's edge."""
_NECKS = (9, 15)
"""Lines and tears thinner than so many pixels do not belong to the round of a hole; nor does dense print."""
_ROUND = 0.62
"""Share of its edge that a spot keeps within `_WAVE` of its radius, a torn hole as well."""
_WAVE = 0.2
_ANGLES = 48


@dataclass(frozen=True, slots=True)
class Hole:
    """A hole: centre and radius in pixels of the picture, and whether it is torn."""

    x: float
    y: float
    radius: float
    torn: bool
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class HolesResult:
    """A picture without holes, and where they were.

    Attributes
    ----------
    image
        The very picture that was handed in where none was found.
    holes
        By side: left, bottom, right, top; along it.
    confidence
        Of the least sure hole; 0 without any.
    """

    image: Image
    holes: tuple[Hole, ...]
    confidence: float


def remove_holes(image: Image) -> HolesResult:
    """Fill binder holes with the paper around them; about 40 ms at 8 megapixels.

    A hole is never believed alone: two, three, four or a row are, alike and where a punch
    makes them. A torn hole is filled with its tear.

    Parameters
    ----------
    image
        A page, cropped and upright, BGR or grey.
    """
    if min(image.shape[:2]) < 64:
        return HolesResult(image, (), 0.0)
    small = scaled(image, _SIDE)
    blank = without_strokes(small, _STROKES)
    off = _off(small, blank)
    holes = [spot for turn in range(4) for spot in _side(off, turn)]
    if not holes:
        return HolesResult(image, (), 0.0)
    covered = np.zeros(off.shape, bool)
    for spot in holes:
        covered |= _cover(off, spot)
    covered = cv2.dilate(covered.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    survey = Survey(small, blank, paper_colour(blank))
    beside = slivers(off_paper(blank, survey.paper)) & ~covered
    mended = mend(image, survey, covered, np.zeros_like(covered), beside)
    scale = (image.shape[1] / small.shape[1], image.shape[0] / small.shape[0])
    found = tuple(_hole(spot, scale) for spot in holes)
    return HolesResult(mended, found, min(hole.score for hole in found))


def _hole(spot: Spot, scale: tuple[float, float]) -> Hole:
    x, y = ((place + 0.5) * factor - 0.5 for place, factor in zip((spot.x, spot.y), scale, strict=True))
    return Hole(float(x), float(y), float(spot.radius * scale[0]), spot.torn, float(spot.roundness))


def _off(small: Image, blank: Image) -> Mask:
    """Where the picture differs from the paper within a hole's breadth, darker or, print aside, lighter."""
    window = np.ones((2 * round(_RADII[1] * _SIDE) + 3,) * 2, np.uint8)
    above = np.asarray(cv2.morphologyEx(blank, cv2.MORPH_CLOSE, window), np.uint8)
    paper = np.maximum(np.asarray(cv2.morphologyEx(above, cv2.MORPH_OPEN, window), np.uint8), 24)
    limit = paper * np.float32(_OFF + _GRAINS * _grain(small, blank))
    darker = cv2.subtract(paper, cv2.medianBlur(small, 3)) > limit
    lighter = cv2.subtract(blank, paper) > limit
    off = darker | lighter
    flat = highest(off.astype(np.uint8))
    return np.asarray(cv2.morphologyEx(flat, cv2.MORPH_OPEN, _disc(_FLECK)) > 0)


def _grain(small: Image, blank: Image) -> float:
    """How uneven bare paper is, as a share of its brightness: the usual height of its peaks over itself."""
    some = np.s_[::4, ::4]
    level = max(24.0, float(np.median(blank[some])))
    return float(np.percentile(cv2.subtract(blank[some], small[some]), 30)) / level


def _disc(width: int) -> Image:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)), np.uint8)


def _side(off: Mask, turn: int) -> list[Spot]:
    """The holes along one side; `turn` quarters counter-clockwise make it the left one."""
    seen = np.rot90(off, turn)
    deep = round(_BAND * max(off.shape) * 1.6)
    strip = np.ascontiguousarray(seen[:, :deep]).astype(np.uint8)
    spots = [_placed(spot, turn, off.shape) for spot in _spots(strip, max(off.shape))]
    return punched(spots, float(len(seen)))


def _placed(spot: Spot, turn: int, shape: tuple[int, ...]) -> Spot:
    """From the turned picture's pixels back to the picture's."""
    x, y = spot.x, spot.y
    rows, cols = shape
    for _ in range(turn):
        # One quarter back: what was turned counter-clockwise turns clockwise.
        x, y = (cols - 1 - y, x) if _ % 2 == (turn - 1) % 2 else (rows - 1 - y, x)
    return Spot(x, y, spot.radius, spot.along, spot.inset, spot.roundness, spot.torn)


def _spots(strip: Image, side: int) -> list[Spot]:
    """Round things in a strip along the left side, each once."""
    spots: list[Spot] = []
    for spot in (spot for neck in _NECKS for spot in _cut(strip, neck, side)):
        # Cut off from print beside it, the same spot is rounder.
        twins = [other for other in spots if abs(other.x - spot.x) + abs(other.y - spot.y) < spot.radius]
        if all(other.roundness < spot.roundness for other in twins):
            spots = [other for other in spots if other not in twins] + [spot]
    return spots


def _cut(strip: Image, neck: int, side: int) -> Iterator[Spot]:
    """Round pieces, when what is thinner than a neck is cut."""
    thick = cv2.morphologyEx(np.pad(strip, 1), cv2.MORPH_OPEN, _disc(neck))[1:-1, 1:-1]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(thick), connectivity=4)
    low, high = _RADII[0] * side, _RADII[1] * side
    for number in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[number])
        if not (2 * low <= height <= 2.6 * high and 1.6 * low <= width and area > 2.2 * low**2):
            continue
        piece = labels[top : top + height, left : left + width] == number
        spot = _spot(strip, piece, (left, top))
        if spot is not None and low <= spot.radius <= high and spot.inset < _BAND * side:
            yield spot


def _spot(strip: Image, piece: Mask, corner: tuple[int, int]) -> Spot | None:
    """The largest disc that fits into a piece, or of those nearly as large the innermost, if it is round."""
    inner = np.asarray(cv2.distanceTransform(np.pad(piece, 1).astype(np.uint8), cv2.DIST_L2, 5), np.float32)
    inner = inner[1:-1, 1:-1]
    widest = inner >= inner.max() - 0.7
    # A tear may be as wide as its hole, which is at its inner end.
    wide = inner >= 0.85 * inner.max()
    innermost = wide & (inner >= inner[:, np.nonzero(wide)[1].max() - 2 :].max(initial=0.0) - 0.3)
    innermost[:, : np.nonzero(wide)[1].max() - 2] = False
    spots = [_judged(strip, inner, peak, corner) for peak in (widest, innermost) if peak.any()]
    best = max(spots, key=lambda spot: spot.roundness)
    return best if best.roundness >= _ROUND else None


def _judged(strip: Image, inner: Floats, peak: Mask, corner: tuple[int, int]) -> Spot:
    """The disc about the middle of a peak of the distance to the piece's edge."""
    y, x = (float(axis.mean()) for axis in np.nonzero(peak))
    radius = float(inner[peak].max()) - 0.3
    x, y = x + corner[0], y + corner[1]
    edge = _edge(strip, (x, y), radius)
    kept = np.abs(edge - radius) < _WAVE * radius + 0.7
    roundness = float(kept.mean())
    return Spot(x, y, radius, y, x, roundness, roundness < 0.9)


def _edge(strip: Image, centre: tuple[float, float], radius: float) -> npt.NDArray[np.float64]:
    """How far the piece reaches from the centre, for each of `_ANGLES` directions, in pixels."""
    reach = np.arange(0.0, 2.2 * radius, 0.5)
    angle = np.arange(_ANGLES) * (2 * np.pi / _ANGLES)
    x = centre[0] + np.cos(angle)[:, None] * reach
    y = centre[1] + np.sin(angle)[:, None] * reach
    at = (
        np.clip(np.rint(y), 0, strip.shape[0] - 1).astype(int),
        np.clip(np.rint(x), 0, strip.shape[1] - 1).astype(int),
    )
    ends = strip[at] == 0
    first = np.where(ends.any(axis=1), ends.argmax(axis=1), ends.shape[1])
    return np.asarray(first * 0.5)


def _cover(off: Mask, spot: Spot) -> Mask:
    """The hole with its rim, and its tear towards the side."""
    covered = np.zeros(off.shape, np.uint8)
    middle = (round(spot.x), round(spot.y))
    cv2.circle(covered, middle, round(1.12 * spot.radius + 1), 1, -1)
    near = np.zeros(off.shape, np.uint8)
    reach = round(1.9 * spot.radius)
    rows, cols = off.shape
    left, right = max(0, middle[0] - reach), middle[0] + reach + 1
    top, bottom = max(0, middle[1] - reach), middle[1] + reach + 1
    sides = (spot.x, spot.y, cols - 1 - spot.x, rows - 1 - spot.y)
    if spot.torn:
        left, top, right, bottom = (
            0 if sides.index(min(sides)) == 0 else left,
            0 if sides.index(min(sides)) == 1 else top,
            cols if sides.index(min(sides)) == 2 else right,
            rows if sides.index(min(sides)) == 3 else bottom,
        )
    near[top:bottom, left:right] = off[top:bottom, left:right]
    thick = cv2.morphologyEx(np.pad(near, 4, mode="edge"), cv2.MORPH_OPEN, np.ones((4, 4), np.uint8))[
        4:-4, 4:-4
    ]
    joined = np.maximum(np.asarray(thick, np.uint8), covered)
    _, labels = cv2.connectedComponents(joined)
    return np.asarray(labels == labels[middle[1], middle[0]])
