"""Removal of binder holes: found along the sides by circular edges and punch patterns, filled with paper."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from imgcore.holes.circles import EdgeField, edge_field, find_circles, find_expected
from imgcore.holes.punch_pattern import (
    RoundSpot,
    are_alike,
    belongs,
    expected_places,
    is_among,
    is_binding,
    is_known,
    is_printed,
    merit,
    placed,
    same_punch,
    select_punch_holes,
    select_row,
)
from imgcore.holes.squares import emptiness, find_squares
from imgcore.paper.border import off_paper, slivers
from imgcore.paper.colour import Floats, Mask, max_channel, scaled
from imgcore.paper.inpainting import PaperModel, inpaint, model_paper
from imgcore.types import Image

_SIDE = 1000
"""Long side of the picture on which holes are found; one in A4 has a radius of 10 pixels there."""
_STROKES = 15
"""Width in pixels that strokes of print are thinner than, on the picture on which holes are found."""
_BAND = 0.075
"""Width of the band along each side in which holes lie, as a share of the long side: 13 mm of A5 and some."""
_STRIP = 1.6
"""Width of the strip along a side that is looked at, in bands."""
_RADII = (0.0062, 0.0165)
"""Least and greatest radius as shares of the long side: 3 mm on A3, 3.5 mm on A5, and a margin."""
_OFF = 0.05
"""Least difference of a tear from paper, as a share of the paper's light."""
_GRAINS = 2.0
"""Multiple of the paper's grain by which a tear has to differ from paper in addition."""
_FLECK = 5
"""Width in pixels below which what differs from paper is grain, a line or print, and no tear."""
_SLIT = 3
"""Width in pixels below which what leads from a hole to the side is no slit."""
_BESIDE = 3.8
"""Largest distance of a tear from its hole's middle, along the side, in radii."""
_ROUND = 0.36
"""Least visible share of a hole's edge, if it is torn."""
_WHOLE = 0.93
"""Visible share of a hole's edge from which it is not torn."""
_EMPTY = 0.5
"""Least usual share of the inside of a row's squares without edges: holes have 0.6 and more, letters 0.3."""
_EXPECTED = 0.8
"""Least visible share of a hole's edge where a punch has one."""
_IN_ROW = 0.6
"""Least visible share of a hole's edge at a place beside the holes of a row."""
_BETWEEN = 0.35
"""Least visible share of a hole's edge at a place between the holes of a row."""
_FEWEST_IN_ROW = 5
"""Number of holes from which they are a row's."""
_RING = (1.35, 2.2)
"""Radii between which a hole's paper is looked at: most of it is bare, whatever the ground."""
_LABEL = (1.35, 1.75)
"""Radii between which the label that strengthens a hole is seen."""
_BEYOND = (2.6, 3.4)
"""Radii between which the paper around a hole's label is seen."""
_EVEN = 18.0
"""Levels from their median within which nine of ten pixels of a label are."""
_PAPER = 0.6
"""Least share of paper around the holes: punched pages have 0.9, desk 0.2."""
_PRINT = 0.28
"""Largest share of ink around the holes: punched pages have 0.22, letters 0.3."""
_DARK = 25
"""Levels by which ink is darker than the paper around it."""
_GROUND = 0.05
"""Least difference of the ground in the holes from paper, as a share: punched pages have 0.09, grids 0.02."""
_DRAWN = 0.6
"""Least share of a rim as dark as ink, around paper's own colour, that tells a letter: the shadow in a hole
over another sheet is on one side."""
_INKED = 0.6
"""Share of the paper's light below which a rim is as dark as ink: the shadow in a hole over another sheet is
paler."""
_LEAST_PAPER = 0.55
"""Least share of paper around each of a few holes: one of two may be desk beside the sheet, which has .3."""


@dataclass(frozen=True, slots=True)
class PunchHole:
    """Punch hole with centre and radius in pixels of the picture; `torn` if its edge is open."""

    x: float
    y: float
    radius: float
    torn: bool
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class HoleRemoval:
    """Picture without holes, and the holes removed.

    Attributes
    ----------
    image
        The input picture itself if none was found.
    holes
        By side: left, bottom, right, top; along it.
    confidence
        Confidence of the least certain hole; 0 without any.
    unsure
        Number of what may be holes, and stayed.
    """

    image: Image
    holes: tuple[PunchHole, ...]
    confidence: float
    unsure: int = 0


def remove_holes(image: Image) -> HoleRemoval:
    """Fill binder holes with the paper around them; at 8 megapixels 80 ms, with holes 130, with a row 220.

    A single hole is never removed: two, three, four or a row are, alike and at the places of a
    punch. A torn hole is filled with its tear.

    Parameters
    ----------
    image
        A page, cropped and upright, BGR or grey.
    """
    if min(image.shape[:2]) < 64:
        return HoleRemoval(image, (), 0.0)
    small = scaled(image, _SIDE)
    holes = _holes(small)
    if not holes:
        return HoleRemoval(image, (), 0.0)
    model = model_paper(small, _STROKES)
    banded = _in_bands(holes, model, max(small.shape[:2]))
    holes = [spot for spot in holes if spot not in banded]
    labelled = 2 * sum(_is_labelled(spot, model) for spot in holes) >= len(holes)
    if not _are_in_paper(holes, model, _BEYOND if labelled else _RING):
        return HoleRemoval(image, (), 0.0, len(holes) + len(banded))
    off, fine = _off_paper(small, model.blank)
    # A tear broader than a hole is no dark spot on paper: there the page's colour tells.
    wide = fine | off_paper(model.blank, model.paper)
    covered = np.zeros(off.shape, bool)
    for number, spot in enumerate(holes):
        if labelled:
            covered |= _disc_of(spot, off.shape)
            continue
        slit = _slit(wide, spot)
        holes[number] = replace(spot, torn=spot.torn or bool(slit.any()))
        covered |= _cover(off, spot) | slit
    covered = cv2.dilate(covered.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    beside = slivers(small, model.paper) & ~covered
    inpainted = inpaint(image, model, covered, np.zeros_like(covered), beside)
    scale = (image.shape[1] / small.shape[1], image.shape[0] / small.shape[0])
    for spot in banded:
        _fill_evenly(inpainted, image, _hole(spot, scale))
    found = tuple(_hole(spot, scale) for spot in [*holes, *banded])
    return HoleRemoval(inpainted, found, min(hole.score for hole in found))


def _are_in_paper(holes: list[RoundSpot], model: PaperModel, radii: tuple[float, float]) -> bool:
    """Return whether most spots lie in bare paper, and those of a row show another ground than paper.

    What passes for a punch's holes else is desk, letters of a line at the border, or the cells of a grid.
    """
    off = off_paper(model.blank, model.paper)
    inked = max_channel(np.asarray(cv2.subtract(model.blank, model.small), np.uint8)) > _DARK
    usual = [_surroundings(spot, radii, off, inked, model.paper) for spot in holes]
    paper, ink, other = np.median(usual, axis=0).tolist()
    # Letters make no row, but print may touch one. The rim's shadow tells a few holes over another sheet;
    # the cells of a grid have rims, too.
    if len(holes) >= _FEWEST_IN_ROW:
        return bool(paper >= _PAPER and other >= _GROUND)
    printed = other < _GROUND and min(_dark_rim(spot, model) for spot in holes) >= _DRAWN
    bare = paper >= _PAPER and min(each[0] for each in usual) >= _LEAST_PAPER
    return bool(bare and ink <= _PRINT and not printed)


def _dark_rim(spot: RoundSpot, model: PaperModel) -> float:
    """Share of a spot's rim that is as dark as ink: all of it in a letter or a drawn circle."""
    turns = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    away = spot.radius * np.linspace(0.75, 1.25, 9)[:, None]
    rows, cols = model.small.shape[:2]
    down = np.clip(np.rint(spot.y + away * np.sin(turns)), 0, rows - 1).astype(int)
    across = np.clip(np.rint(spot.x + away * np.cos(turns)), 0, cols - 1).astype(int)
    seen, paper = (max_channel(np.asarray(each))[down, across] for each in (model.small, model.blank))
    return float(np.mean((seen < _INKED * paper).any(axis=0)))


def _is_labelled(spot: RoundSpot, model: PaperModel, radii: tuple[float, float] = _LABEL) -> bool:
    """Return whether a label strengthens a hole: a ring that is even, and of another colour than paper."""
    box, ring = _ring(spot, radii, model.small.shape)
    label = model.small[box][ring].reshape(-1, model.paper.shape[2]).astype(np.float32)
    if not len(label):
        return False
    usual = np.median(label, axis=0)
    even = np.percentile(np.abs(label - usual), 90) <= _EVEN
    return bool(even and np.abs(usual / np.median(model.paper[box][ring], axis=0) - 1).max() > _GROUND)


def _in_bands(holes: list[RoundSpot], model: PaperModel, longest: float) -> list[RoundSpot]:
    """Holes in an even printed band: whole ones that make a known punch with others that lie in paper."""
    wide = (_LABEL[0], _BEYOND[1])
    banded = [spot for spot in holes if _is_labelled(spot, model, wide)]
    others = [spot for spot in holes if spot not in banded]
    if not others or not all(spot.clear and spot.roundness >= _WHOLE for spot in holes):
        return []
    return banded if are_alike(holes) and is_known(holes, longest) else []


def _fill_evenly(filled: Image, image: Image, hole: PunchHole) -> None:
    """Fill a hole with the usual colour around it."""
    spot = RoundSpot(hole.x, hole.y, hole.radius, 0, 0, 1, False)
    box, ring = _ring(spot, _LABEL, image.shape)
    disc = cv2.GaussianBlur(_disc_of(spot, image.shape)[box].astype(np.float32), (0, 0), 1)
    share = disc.reshape(disc.shape + (1,) * (image.ndim - 2))
    usual = np.median(image[box][ring], axis=0)
    filled[box] = np.rint(filled[box] + share * (usual - filled[box])).astype(np.uint8)


def _surroundings(
    spot: RoundSpot, radii: tuple[float, float], off: Mask, inked: Mask, paper: Floats
) -> tuple[float, float, float]:
    """Shares of the ring around a spot that are paper and ink, and difference of its inside from paper."""
    box, ring = _ring(spot, radii, off.shape)
    if not ring.any():
        return 0.0, 1.0, 0.0
    share = np.array(spot.ground) / np.median(paper[box][ring], axis=0)
    return 1 - float(off[box][ring].mean()), float(inked[box][ring].mean()), float(np.abs(share - 1).max())


def _ring(
    spot: RoundSpot, radii: tuple[float, float], shape: tuple[int, ...]
) -> tuple[tuple[slice, slice], Mask]:
    """Box around a spot, and the mask in it of the ring between two multiples of its radius."""
    reach = round(radii[1] * spot.radius) + 1
    x = round(spot.x)
    y = round(spot.y)
    last_row = min(shape[0], y + reach + 1)
    last_col = min(shape[1], x + reach + 1)
    box = np.s_[max(0, y - reach) : max(0, last_row), max(0, x - reach) : max(0, last_col)]
    down, across = np.ogrid[box]
    away = np.hypot(across - spot.x, down - spot.y)
    return box, (away > radii[0] * spot.radius) & (away < radii[1] * spot.radius)


def _hole(spot: RoundSpot, scale: tuple[float, float]) -> PunchHole:
    x, y = ((place + 0.5) * factor - 0.5 for place, factor in zip((spot.x, spot.y), scale, strict=True))
    return PunchHole(float(x), float(y), float(spot.radius * scale[0]), spot.torn, float(spot.roundness))


def _off_paper(small: Image, blank: Image) -> tuple[Mask, Mask]:
    """Masks of pixels that differ from paper within a hole's breadth, darker or, print aside, lighter.

    The second one has lines down to a slit's width.
    """
    window = np.ones((2 * round(_RADII[1] * _SIDE) + 3,) * 2, np.uint8)
    above = np.asarray(cv2.morphologyEx(blank, cv2.MORPH_CLOSE, window), np.uint8)
    paper = np.maximum(np.asarray(cv2.morphologyEx(above, cv2.MORPH_OPEN, window), np.uint8), 24)
    limit = paper * np.float32(_OFF + _GRAINS * _grain(small, blank))
    darker = cv2.subtract(paper, cv2.medianBlur(small, 3)) > limit
    lighter = cv2.subtract(blank, paper) > limit
    off = darker | lighter
    flat = max_channel(off.astype(np.uint8))
    broad, fine = (cv2.morphologyEx(flat, cv2.MORPH_OPEN, _disc(width)) > 0 for width in (_FLECK, _SLIT))
    return np.asarray(broad), np.asarray(fine)


def _grain(small: Image, blank: Image) -> float:
    """Grain of bare paper, as a share of its brightness: the usual height of its peaks."""
    some = np.s_[::4, ::4]
    level = max(24.0, float(np.median(blank[some])))
    return float(np.percentile(cv2.subtract(blank[some], small[some]), 30)) / level


def _disc(width: int) -> Image:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)), np.uint8)


def _holes(small: Image) -> list[RoundSpot]:
    """Find the holes of the side that has them most clearly, and of others that the same punch made."""
    sides = [group for turn in range(4) if (group := _side(small, turn))]
    best = max(sides, key=lambda group: merit(group, _SIDE), default=[])
    return [spot for group in sides if group is best or same_punch(best, group) for spot in group]


def _side(small: Image, turn: int) -> list[RoundSpot]:
    """Find the holes along one side; `turn` quarters counter-clockwise make it the left one."""
    seen = np.rot90(small, turn)
    side = max(small.shape[:2])
    strip = np.ascontiguousarray(seen[:, : round(_STRIP * _BAND * side)])
    edges = edge_field(strip)
    squares = _square_row(strip, edges, (round(_RADII[0] * side) - 1, round(_RADII[1] * side)))
    printed = squares if squares and is_printed(strip, squares) else []
    group = squares if squares and not printed and is_binding(squares, float(len(strip))) else []
    if not group:
        spots = [spot for spot in _round_spots(strip, edges, side) if not is_among(spot, printed)]
        group = select_punch_holes(spots, float(len(strip)), side)
    group = group and _completed(strip, edges, group)
    return [placed(spot, turn, small.shape) for spot in group]


def _round_spots(strip: Image, edges: EdgeField, side: int) -> list[RoundSpot]:
    """Round spots in the band along a side of a page whose long side is `side` pixels."""
    places, edge, sure = find_circles(strip, edges, (round(_RADII[0] * side), round(_RADII[1] * side)))
    return [
        _spot(strip, place, float(share), bool(clear))
        for place, share, clear in zip(places.tolist(), edge, sure, strict=True)
        if share >= _ROUND and place[0] < _BAND * side
    ]


def _square_row(strip: Image, edges: EdgeField, radii: tuple[int, int]) -> list[RoundSpot]:
    """Row of squares along a side: holes for a wire, or the marks by which a reader finds a form's lines."""
    places, edge = find_squares(edges, radii)
    near = places[:, 0] < strip.shape[1] / _STRIP
    found = zip(places[near].tolist(), edge[near], strict=True)
    row = select_row([_spot(strip, place, float(share), True) for place, share in found])
    # A line of Chinese is a row of squares, too.
    empty = [emptiness(edges, (spot.x, spot.y, spot.radius)) for spot in row]
    return row if row and float(np.median(empty)) >= _EMPTY else []


def _completed(strip: Image, edges: EdgeField, group: list[RoundSpot]) -> list[RoundSpot]:
    """Add the holes that print touches, or of which the picture shows a rest, at the punch's places."""
    row = len(group) >= _FEWEST_IN_ROW
    more = _more(strip, edges, group, _IN_ROW if row else _EXPECTED)
    # A punch of two is half of one of four, never of three.
    if not more or (len(group) == 2 and len(more) != 2):
        return group
    completed = sorted([*group, *more], key=lambda spot: spot.along)
    return _completed(strip, edges, completed) if row else completed


def _more(strip: Image, edges: EdgeField, group: list[RoundSpot], least: float) -> list[RoundSpot]:
    """Find a punch's holes beside and between those of a group, with at `least` that share of their edge."""
    expected = expected_places(group, float(len(strip)))
    if not len(expected):
        return []
    places, edge = find_expected(edges, expected[:, [1, 0, 2]])
    # Between the holes of a row there is another one, however little of it print and ground let be seen.
    between = (expected[:, 0] > group[0].along) & (expected[:, 0] < group[-1].along)
    limit = np.where(between & (least < _EXPECTED), _BETWEEN, least)
    there = [
        _spot(strip, place, float(share), False)
        for place, share in zip(places[edge >= limit].tolist(), edge[edge >= limit], strict=True)
    ]
    return [spot for spot in there if belongs(spot, group)]


def _spot(strip: Image, circle: list[float], share: float, clear: bool) -> RoundSpot:
    """Spot on the left side, with the usual colour inside its circle."""
    x, y, radius = circle
    half = 0.6 * radius
    top, bottom, left, right = (max(0, round(place)) for place in (y - half, y + half, x - half, x + half))
    inside = np.atleast_3d(strip[top : bottom + 1, left : right + 1])
    ground = tuple(np.median(inside, axis=(0, 1)).tolist())
    return RoundSpot(x, y, radius, y, x, share, share < _WHOLE, clear, ground)


def _cover(off: Mask, spot: RoundSpot) -> Mask:
    """Mask of a hole with its rim, and its tear towards the side."""
    covered = _disc_of(spot, off.shape).astype(np.uint8)
    middle = (round(spot.x), round(spot.y))
    near = np.zeros(off.shape, np.uint8)
    reach = round(1.9 * spot.radius)
    rows, cols = off.shape
    left = max(0, middle[0] - reach)
    right = middle[0] + reach + 1
    top = max(0, middle[1] - reach)
    bottom = middle[1] + reach + 1
    sides = (spot.x, spot.y, cols - 1 - spot.x, rows - 1 - spot.y)
    if spot.torn:
        left = 0 if sides.index(min(sides)) == 0 else left
        top = 0 if sides.index(min(sides)) == 1 else top
        right = cols if sides.index(min(sides)) == 2 else right
        bottom = rows if sides.index(min(sides)) == 3 else bottom
    near[top:bottom, left:right] = off[top:bottom, left:right]
    thick = cv2.morphologyEx(np.pad(near, 4, mode="edge"), cv2.MORPH_OPEN, np.ones((4, 4), np.uint8))[
        4:-4, 4:-4
    ]
    joined = np.maximum(np.asarray(thick, np.uint8), covered)
    _, labels = cv2.connectedComponents(joined)
    # The picture may cut a hole beyond its middle.
    at = (min(max(0, middle[1]), rows - 1), min(max(0, middle[0]), cols - 1))
    return np.asarray(labels == labels[at])


def _disc_of(spot: RoundSpot, shape: tuple[int, ...]) -> Mask:
    """Mask of a hole with its rim."""
    disc = np.zeros(shape[:2], np.uint8)
    cv2.circle(disc, (round(spot.x), round(spot.y)), round(1.12 * spot.radius + 1), 1, -1)
    return disc > 0


def _slit(fine: Mask, spot: RoundSpot) -> Mask:
    """Mask of what leads from a hole to its side, however narrow; empty if nothing does."""
    rows, cols = fine.shape
    side = int(np.argmin((spot.x, spot.y, cols - 1 - spot.x, rows - 1 - spot.y)))
    disc = np.zeros(fine.shape, np.uint8)
    cv2.circle(disc, (round(spot.x), round(spot.y)), round(spot.radius), 1, -1)
    slit = np.zeros(fine.shape, bool)
    # The side's turn makes it the left one.
    turn = (0, 1, 2, 3)[side]
    x, y = ((spot.x, spot.y), (spot.y, cols - 1 - spot.x), (cols - 1 - spot.x, rows - 1 - spot.y),
            (rows - 1 - spot.y, spot.x))[side]  # fmt: skip
    near = np.s_[
        max(0, round(y - _BESIDE * spot.radius)) : round(y + _BESIDE * spot.radius) + 1,
        : max(2, round(x) + 1),
    ]
    seen = np.rot90(fine, turn)[near]
    hole = np.rot90(disc, turn)[near] > 0
    _, labels = cv2.connectedComponents((seen | hole).astype(np.uint8))
    own = set(np.unique(labels[hole]).tolist()) & set(np.unique(labels[:, :2]).tolist()) - {0}
    np.rot90(slit, turn)[near] = np.isin(labels, list(own))
    return slit
