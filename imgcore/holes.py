"""Binder holes: found along the sides by their round edges and their places, filled with paper."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from imgcore.border import slivers
from imgcore.mending import mend, survey_of
from imgcore.paper import Mask, highest, scaled
from imgcore.punches import Spot, punched
from imgcore.rings import rings
from imgcore.types import Image

_SIDE = 1000
"""Holes are found on a picture of this long side, where one in A4 has a radius of 10 pixels."""
_STROKES = 15
_BAND = 0.075
"""Share of the long side, from each side of the page inwards, where holes are: 13 mm of A5 and some."""
_RADII = (0.0062, 0.0165)
"""Of the long side: 3 mm on A3, 3.5 mm on A5, and a margin."""
_OFF = 0.05
"""What one sees through a tear differs from paper by this share."""
_GRAINS = 2.0
"""In grainy paper so many times its unevenness is needed besides."""
_FLECK = 5
"""Grain, lines and print smaller than this many pixels are no tear."""
_ROUND, _WHOLE = 0.52, 0.93
"""Share of its edge that a hole shows, a torn one as well; and one that is not torn."""


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
    """Fill binder holes with the paper around them; at 8 megapixels 50 ms, with holes 100.

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
    holes = [spot for turn in range(4) for spot in _side(small, turn)]
    if not holes:
        return HolesResult(image, (), 0.0)
    survey = survey_of(small, _STROKES)
    off = _off(small, survey.blank)
    covered = np.zeros(off.shape, bool)
    for spot in holes:
        covered |= _cover(off, spot)
    covered = cv2.dilate(covered.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    beside = slivers(small, survey.paper) & ~covered
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


def _side(small: Image, turn: int) -> list[Spot]:
    """The holes along one side; `turn` quarters counter-clockwise make it the left one."""
    seen = np.rot90(small, turn)
    side = max(small.shape[:2])
    strip = np.ascontiguousarray(seen[:, : round(_BAND * side * 1.6)])
    places, edge = rings(strip, (round(_RADII[0] * side), round(_RADII[1] * side)))
    spots = [
        _placed(Spot(x, y, radius, y, x, float(round_), round_ < _WHOLE), turn, small.shape)
        for (x, y, radius), round_ in zip(places.tolist(), edge, strict=True)
        if round_ >= _ROUND and x < _BAND * side
    ]
    return punched(spots, float(len(seen)))


def _placed(spot: Spot, turn: int, shape: tuple[int, ...]) -> Spot:
    """From the turned picture's pixels back to the picture's."""
    x, y = spot.x, spot.y
    rows, cols = shape[:2]
    for _ in range(turn):
        # One quarter back: what was turned counter-clockwise turns clockwise.
        x, y = (cols - 1 - y, x) if _ % 2 == (turn - 1) % 2 else (rows - 1 - y, x)
    return Spot(x, y, spot.radius, spot.along, spot.inset, spot.roundness, spot.torn)


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
