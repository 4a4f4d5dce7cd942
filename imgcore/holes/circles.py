"""Detection of circular edges beside the left side of a picture, as of holes over any background."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.colour import Floats, Mask, Number
from imgcore.types import Image

Places = npt.NDArray[np.float64]
"""``(n, 3)``: x, y and radius in pixels."""
Shares = npt.NDArray[np.float64]

_ANGLES = np.arange(48) * (2 * np.pi / 48)
"""Directions in radians in which a circle is looked at, evenly all around."""
_ROUND = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
"""Unit vector of each direction, one a row, x and y."""
_AHEAD = _ROUND.T.astype(np.float32)
"""Unit vectors of the directions, x in the first row and y in the second, in the type of the gradients."""
_FAINT = 1.2
"""Least gradient of an edge in levels a pixel."""
_GRAINS = 3.0
"""Least gradient of an edge as a multiple of that of bare paper."""
_ALONG = 0.8
"""Least cosine between an edge's direction and the radius for the edge to belong to the circle."""
_OFF = (-1.5, -0.75, 0.0, 0.75, 1.5)
"""Offsets in pixels at which the edge is searched around the circle."""
_OUT = np.arange(-3.0, 6.0)
"""Distances in pixels from a circle's edge at which a further one is searched."""
_FITS = 2
"""Number of times that a circle is fitted, each time from the fit before."""
_AS_COMPLETE = 0.06
"""Share of its edge that a wider circle may lack more than a narrower one, and is still preferred."""
_THICK = 2.2
"""Width of an edge in pixels: a whole circle has so many votes a pixel of its length."""
_SEEN = 0.35
"""Least share of a circle's votes for a candidate; a hole torn to the side has 0.7."""
_INSET = (0.25, 6.0)
"""Least and greatest distance from the side in radii: ISO 838 has 4, and no punch reaches further than 5.5; a
crop cuts some."""
_MOUTH = 80.0
"""Degrees to either side of its direction over which a tear may open a hole."""
_MOUTHS = np.stack([np.cos(_ANGLES - np.radians(at)) > np.cos(np.radians(_MOUTH)) for at in (150, 180, 210)])
"""Masks of the directions to the side, to which a hole may be torn, straight or aslant."""
_SIDE = _MOUTHS[1]
"""Mask of the directions to the side, to which a hole may be torn straight."""
_VISIBLE = 0.5
"""Least share of a circle inside the picture for it to be found on its own."""
_PART = 0.3
"""Least share of a circle inside the picture where a pattern has a hole."""
_NEAR = np.array([(x, y, r) for x in range(-2, 3) for y in range(-2, 3) for r in (-0.5, 0, 0.5)], np.float64)
"""Offsets in pixels, of x, y and radius, at which an expected circle is searched."""
_CLOSED = 0.92
"""Least share of a hole's edge in the directions in which no tear opens it: all holes of made pages have
it."""
_OPEN = 0.8
"""Least share of the edge of a hole that print touches, in the directions in which no tear opens it."""
_TOUCHED = 0.7
"""Weight of the visible share of a hole's edge if print touches the hole."""
_LIKE = 0.35
"""Share of the gradient of the circle's edge from which another edge counts."""
_EMPTY = 0.55
"""Least share of a hole's inside without edges like its own; a rim's shadow may cross it."""
_CALM = 0.3
"""Least share of the ring around a hole without edges like its own. Print may touch it; in dense writing a
circle has 0.2 and less."""
_LINE = 4
"""Levels by which a drawn line is darker than what is around it."""
_DRAWN = 0.9
"""Least share of a circle along which it is darker like a line for it to be a drawn one."""
_AS_LIGHT = 0.8
"""Share of a line's depth in levels by which the inside of a drawn circle is lighter than its line: a hole
with its rim's shadow is darker inside, too."""
_MOST = 90
"""Most candidates that are looked at, those with most votes first."""
_APART = 9
"""Side in pixels of the window in which a candidate has the most votes."""


@dataclass(frozen=True, eq=False)
class EdgeField:
    """Direction and magnitude of the steepest gradient over the channels, float32 ``(rows, cols)`` each.

    Attributes
    ----------
    across, down
        Unit vector; 0, 0 without an edge.
    height
        Levels a pixel.
    limit
        Magnitude from which a gradient is an edge.
    """

    across: Floats
    down: Floats
    height: Floats
    limit: float


def find_circles(strip: Image, edges: EdgeField, radii: tuple[int, int]) -> tuple[Places, Shares, Mask]:
    """Find circular edges along the left side, dark on light or light on dark.

    Parameters
    ----------
    strip
        The picture's left part, BGR or grey.
    edges
        Its `edge_field`.
    radii
        Least and greatest radius in pixels.

    Returns
    -------
    tuple of ndarray
        float64 ``(n, 3)``, x, y and radius; the present share of each circle's edge inside the picture, 0..1,
        less if print touches it; and True for each without print in it or all around.

    References
    ----------
    G. Loy, A. Zelinsky, "Fast Radial Symmetry for Detecting Points of Interest", 2003: edges vote
    for the centre that they turn to or away from.
    """
    places = _outermost(edges, _refined(edges, _peaks(_votes(edges, radii), radii[0])), radii[1])
    places = places[places[:, 0] < _INSET[1] * places[:, 2]]
    inside = _inside(places)
    places, inside = (rows[inside.mean(axis=1) >= _VISIBLE] for rows in (places, inside))
    if not len(places):
        return places, np.zeros(0), np.zeros(0, bool)
    there = _edge_present(edges, places) & inside
    closed = _closed(there, inside)
    sure = (closed >= _CLOSED) & _is_hollow(edges, places)
    share = np.where(sure, 1.0, _TOUCHED) * _share(there, inside)
    good = (closed >= _OPEN) & ~_is_drawn(strip, places)
    return places[good], share[good], sure[good]


def find_expected(edges: EdgeField, expected: Places) -> tuple[Places, Shares]:
    """Find circles near the places where a pattern has them, with less of their edge than those found alone.

    Parameters
    ----------
    expected
        float64 ``(n, 3)``, x, y and radius; x may be outside.

    Returns
    -------
    tuple of ndarray
        float64 ``(n, 3)``, the best place near each; and the present share of its edge inside the picture,
        a tear to the side aside, 0 with too little of it there.
    """
    tried = expected[:, None] + _NEAR
    inside = _inside(tried)
    steep, directed = _agreement(edges, tried, tried[..., 2])
    there = _share((directed > _ALONG) & inside, inside)
    best = (there + 1e-3 * np.sqrt(steep).mean(axis=2)).argmax(axis=1)
    places = tried[np.arange(len(tried)), best]
    seen = _inside(places)
    shares = _closed(_edge_present(edges, places) & seen, seen)
    return places, np.where(seen.mean(axis=1) >= _PART, shares, 0.0)


def _closed(there: Mask, inside: Mask) -> Shares:
    """Share of the edge that is there in the directions in which no tear opens a hole."""
    return np.asarray(np.max([_share(there, inside & ~mouth) for mouth in _MOUTHS], axis=0), np.float64)


def _share(there: Mask, among: Mask) -> Shares:
    """Share of the directions of each row of `among` that are in `there`."""
    return np.asarray((there & among).sum(axis=-1) / np.maximum(among.sum(axis=-1), 1), np.float64)


def edge_field(strip: Image) -> EdgeField:
    """Steepest gradient over the channels of a picture, BGR or grey."""
    planes = [cv2.GaussianBlur(plane, (0, 0), 1.0) for plane in cv2.split(strip)]
    rises = [[cv2.Sobel(p, cv2.CV_32F, *way, scale=0.125) for way in ((1, 0), (0, 1))] for p in planes]
    (x, y), *others = rises
    height = np.asarray(cv2.magnitude(x, y), np.float32)
    for across, down in others:
        steep = cv2.magnitude(across, down)
        steeper = steep > height
        for kept, other in ((x, across), (y, down), (height, steep)):
            np.copyto(kept, other, where=steeper)
    limit = max(_FAINT, _GRAINS * float(np.percentile(height[::3, ::3], 30)))
    there = np.where(height > limit, 1 / np.maximum(height, 1e-6), 0).astype(np.float32)
    return EdgeField(x * there, y * there, height, limit)


def _votes(edges: EdgeField, radii: tuple[int, int]) -> Floats:
    """Votes for each circle as a share of its edge, ``(radii, rows, cols)``."""
    rows, cols = edges.height.shape
    at = np.nonzero(edges.height > edges.limit)
    across = edges.across[at]
    down = edges.down[at]
    # With half a pixel, cutting off rounds.
    y, x = (place.astype(np.float32) + np.float32(0.5) for place in at)
    planes = []
    for radius in range(radii[0], radii[1] + 1):
        cx = np.concatenate([x - radius * across, x + radius * across])
        cy = np.concatenate([y - radius * down, y + radius * down])
        near = (cx >= _INSET[0] * radius) & (cx < min(cols, _INSET[1] * radius)) & (cy >= 0) & (cy < rows)
        # Of those left, which are half as many: converting costs more than comparing.
        places = cy[near].astype(np.intp) * cols + cx[near].astype(np.intp)
        counts = np.bincount(places, minlength=rows * cols).astype(np.float32)
        around = cv2.blur(counts.reshape(rows, cols), (3, 3))
        planes.append(np.asarray(around * (9 / (2 * np.pi * radius * _THICK)), np.float32))
    return np.stack(planes)


def _peaks(votes: Floats, least: int) -> Places:
    """Find the local maxima of the votes, highest first."""
    best = votes.max(axis=0)
    peak = (best >= cv2.dilate(best, np.ones((_APART, _APART), np.uint8))) & (best > _SEEN)
    y, x = np.nonzero(peak)
    first = np.argsort(-best[y, x], kind="stable")[:_MOST]
    y = y[first]
    x = x[first]
    return np.column_stack([x, y, least + votes[:, y, x].argmax(axis=0)]).astype(np.float64)


def _refined(edges: EdgeField, places: Places) -> Places:
    """Refine each circle to the one near by with the steepest edge, all around rather than in part."""
    moves = [(x, y, r) for r in (3, 2, 1, 0, -1, -2) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    tried = places[:, None] + np.array(moves, np.float64)
    steep = np.sqrt(_agreement(edges, tried, tried[..., 2])[0]).mean(axis=2)
    return np.asarray(tried[np.arange(len(places)), steep.argmax(axis=1)], np.float64)


def _outermost(edges: EdgeField, places: Places, most: int) -> Places:
    """Move each circle to the outermost one near by that is as complete.

    A rim throws its shadow into a hole: the edge of what is lit there is a circle, too, smaller and aside.
    """
    fitted = places
    for _ in range(_FITS):
        fitted = _fitted(edges, fitted)
    complete = [_share(_edge_present(edges, found), _inside(found)) for found in (places, fitted)]
    wider = fitted[:, 2] > places[:, 2] + 0.5
    better = wider & (fitted[:, 2] <= most + 1) & (complete[1] >= complete[0] - _AS_COMPLETE)
    return np.where(better[:, None], fitted, places)


def _fitted(edges: EdgeField, places: Places) -> Places:
    """Fit a circle to the outermost edge in each direction, the less the further an edge is off it."""
    reach = places[:, 2, None] + _OUT
    rise, directed = _agreement(edges, np.repeat(places[:, None], len(_OUT), axis=1), reach)
    rise = np.where(directed > _ALONG, rise, 0)
    crest = (rise[:, 1:-1] > 0) & (rise[:, 1:-1] >= rise[:, :-2]) & (rise[:, 1:-1] >= rise[:, 2:])
    last = len(_OUT) - 2 - np.argmax(crest[:, ::-1], axis=1)
    distance = places[:, 2, None] + _OUT[last]
    x = distance * _ROUND[:, 0]
    y = distance * _ROUND[:, 1]
    weight = (crest.any(axis=1) & (places[:, :1] + x >= 1)) * 1.0
    terms = np.stack([x, y, np.ones_like(x)], axis=2)
    wanted = x**2 + y**2
    moved = np.zeros((len(places), 3))
    moved[:, 2] = places[:, 2]
    for _ in range(4):
        off = np.hypot(x - moved[:, :1], y - moved[:, 1:2]) - moved[:, 2:]
        loaded = terms * (weight / (1 + off**2))[:, :, None]
        normal = np.einsum("ndi,ndj->nij", loaded, terms) + 1e-3 * np.eye(3)
        a, b, c = np.linalg.solve(normal, np.einsum("ndi,nd->ni", loaded, wanted)[:, :, None])[:, :, 0].T
        moved = np.column_stack([a / 2, b / 2, np.sqrt(np.maximum(c + (a**2 + b**2) / 4, 1))])
    return np.column_stack([places[:, :2] + moved[:, :2], moved[:, 2]])


def _inside(places: Places) -> Mask:
    """Mask of the directions in which each circle lies inside the picture."""
    return np.asarray(places[..., :1] + places[..., 2:] * _ROUND[:, 0] >= 0, bool)


def _edge_present(edges: EdgeField, places: Places) -> Mask:
    """Mask of the directions in which each circle has its edge."""
    found = np.zeros((len(places), len(_ROUND)), bool)
    for off in _OFF:
        found |= _agreement(edges, places, places[:, 2] + off)[1] > _ALONG
    return found


def _is_hollow(edges: EdgeField, places: Places) -> Mask:
    """Mask of the circles without an edge like their own within, and not all around them either."""
    rims = [_agreement(edges, places, places[:, 2] + off)[0] for off in _OFF]
    rim = np.median(np.max(rims, axis=0), axis=1, keepdims=True)
    limit = np.maximum(edges.limit, _LIKE * rim)
    within = [
        _sampled(edges.height, places, places[:, 2] * k) < limit for k in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    ]
    around = [
        _sampled(edges.height, places, places[:, 2] * k) < limit for k in (1.35, 1.45, 1.55, 1.65, 1.75)
    ]
    calm = np.min(around, axis=0)[:, ~_SIDE].mean(axis=1)
    return np.asarray((np.mean(within, axis=(0, 2)) >= _EMPTY) & (calm >= _CALM), bool)


def _is_drawn(strip: Image, places: Places) -> Mask:
    """Mask of the circles that are drawn lines, darker than both their inside and their surroundings."""
    dark = np.min(np.atleast_3d(strip), axis=2)
    inside = np.median([_sampled(dark, places, places[:, 2] * k) for k in (0.15, 0.3, 0.45)], axis=(0, 2))
    outside = _sampled(dark, places, places[:, 2] * 1.55).astype(np.float64)
    line = np.min([_sampled(dark, places, places[:, 2] * k) for k in (0.7, 0.85, 1.0, 1.15)], axis=0)
    darker = outside - line
    drawn = (inside[:, None] - line > _AS_LIGHT * darker) & (darker > _LINE)
    return np.asarray(drawn.mean(axis=1) >= _DRAWN, bool)


def _agreement(edges: EdgeField, places: Places, reach: npt.NDArray[np.float64]) -> tuple[Floats, Floats]:
    """Gradient along each direction from each place, and the cosine of its direction."""
    at = _pixels(edges.height.shape, places, reach)
    across, down, height = (plane.ravel()[at] for plane in (edges.across, edges.down, edges.height))
    directed = np.abs(across * _AHEAD[0] + down * _AHEAD[1])
    return height * directed, directed


def _sampled(
    plane: npt.NDArray[Number], places: Places, reach: npt.NDArray[np.float64]
) -> npt.NDArray[Number]:
    """Sample a plane at `reach` from each place in each direction, ``(..., directions)``."""
    return plane.ravel()[_pixels(plane.shape, places, reach)]


def _pixels(shape: tuple[int, ...], places: Places, reach: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Numbers of the pixels at `reach` from each place in each direction."""
    far = reach[..., None]
    x = np.clip(np.rint(places[..., 0, None] + _ROUND[:, 0] * far), 0, shape[1] - 1)
    y = np.clip(np.rint(places[..., 1, None] + _ROUND[:, 1] * far), 0, shape[0] - 1)
    return np.asarray(y * shape[1] + x, np.intp)
