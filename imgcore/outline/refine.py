"""Refinement of quadrilaterals to the edges of the full picture, to a fraction of a pixel.

All sides of a quadrilateral go through each step together: one look-up of the picture and a
third of the time of four.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from imgcore.kernels import sample_bilinear
from imgcore.outline.propose.candidates import SIDE
from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_REACH = 2.5
"""Pixels of a reduced picture within which a side's edge is looked for."""
_PLACES = 48
"""Number of places along a side at which its edge is looked for; each averages as many samples as it is
pixels long, within limits."""
_FEWEST_SAMPLES = 2
"""Number of samples along a side that each place averages, at least."""
_MOST_SAMPLES = 6
"""Number of samples along a side that each place averages, at most."""
_ENDS = 0.04
"""Share of a side that is left out at either end, for the corner."""
_ACROSS = 12
"""Number of samples across a side, to either side of a place."""
_BASELINE = 1.5
"""Pixels over which the gradient across a side is taken."""
_NARROWEST = 1.5
"""Pixels to either side of a side within which its edge is looked for in the last step, at least."""
_TRUSTED = 0.35
"""Share of a side's places that must agree on a line."""
_MOST = 24
"""Number of quadrilaterals in one batch, whose samples take some megabytes."""
_FEWEST = 8
"""Number of a side's places that must lie in the picture."""
_ALONG = np.linspace(_ENDS, 1 - _ENDS, _PLACES)
"""Positions of the places along a side, as shares of its length."""


def reach_in(image: Image, side: int = SIDE) -> float:
    """Return the pixels of a picture within which the edge of a side is looked for.

    Parameters
    ----------
    side
        Long side of the reduced picture in which the quadrilateral was found.
    """
    return _REACH * max(1.0, float(max(image.shape[:2])) / side)


def refine_quad(image: Image, corners: Floats, fixed: Mask, reach: float) -> Floats:
    """Refine the corners ``(4, 2)`` of one quadrilateral; see `refine_quads`."""
    return np.asarray(refine_quads(image, corners[None], fixed[None], reach)[0])


def refine_quads(image: Image, corners: Floats, fixed: Mask, reach: float) -> Floats:
    """Move the sides of quadrilaterals onto the picture's edges.

    Parameters
    ----------
    corners
        ``(q, 4, 2)``; side ``k`` runs from corner ``k`` to the next.
    fixed
        bool ``(q, 4)``, sides that stay, such as those on the picture's border.
    reach
        Largest distance in pixels of an edge from its side. A side with no clear edge within
        stays.
    """
    if len(corners) > _MOST:
        parts = [slice(at, at + _MOST) for at in range(0, len(corners), _MOST)]
        return np.concatenate([refine_quads(image, corners[part], fixed[part], reach) for part in parts])
    starts = corners.reshape(-1, 2).copy()
    ends = np.roll(corners, -1, axis=1).reshape(-1, 2)
    moving = np.flatnonzero(~fixed.ravel())
    for width in (reach, max(reach / 3, _NARROWEST)):
        if not len(moving):
            break
        starts[moving], ends[moving], found = _fitted(image, starts[moving], ends[moving], width)
        moving = moving[found]
    lines = np.cross(_homogeneous(starts), _homogeneous(ends)).reshape(-1, 4, 3)
    moved = _meet(np.roll(lines, 1, axis=1), lines)
    # Lines that hardly cross throw a corner far away.
    near = np.linalg.norm(moved - corners, axis=2).max(axis=1) <= 3 * reach
    return np.where(near[:, None, None], moved, corners)


def _fitted(image: Image, starts: Floats, ends: Floats, width: float) -> tuple[Floats, Floats, Mask]:
    """Move the ends of sides to a clear edge; also returns a mask of the sides that have one."""
    along = ends - starts
    normals = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.linalg.norm(along, axis=1)[:, None]
    offsets = _edge_offsets(_gradients(image, starts, along, normals, width), width)
    inside = _in_picture(image, starts[:, None] + _ALONG[:, None] * along[:, None])
    first, last, found = _robust_lines(offsets, inside, width / 4)
    return starts + first[:, None] * normals, ends + last[:, None] * normals, found


def _gradients(image: Image, starts: Floats, along: Floats, normals: Floats, width: float) -> Floats:
    """Gradient across each side, ``(sides, places, 2 * _ACROSS - 1, c)``."""
    step = width / _ACROSS
    # Over less than a pixel the change is mostly the rounding of grey levels.
    half = min(max(1, round(_BASELINE / (2 * step))), _ACROSS)
    across = np.arange(1 - _ACROSS - half, _ACROSS + half) * step
    longest = np.linalg.norm(along, axis=1).max()
    samples = int(np.clip(np.ceil(longest / _PLACES), _FEWEST_SAMPLES, _MOST_SAMPLES))
    fine = np.linspace(_ENDS, 1 - _ENDS, _PLACES * samples)
    on = (starts[:, None] + fine[:, None] * along[:, None]).reshape(-1, 2)
    off = np.repeat(normals, len(fine), axis=0)
    x = (on[:, :1] + across * off[:, :1]).astype(np.float32)
    y = (on[:, 1:] + across * off[:, 1:]).astype(np.float32)
    strip = sample_bilinear(np.ascontiguousarray(image).reshape(*image.shape[:2], -1), x, y)
    sums = strip.reshape(len(starts), _PLACES, samples, len(across), -1).sum(axis=2, dtype=np.int32)
    return np.asarray((sums[:, :, 2 * half :] - sums[:, :, : -2 * half]) / samples)


def _edge_offsets(gradients: Floats, width: float) -> Floats:
    """Offset of the edge at each place, ``(sides, places)``, in pixels from the side."""
    # The edge's colour and sign come from the whole side; so a place that print or a
    # crease disturbs is still searched for the same kind of edge.
    mean = gradients.mean(axis=1)
    lengths = np.linalg.norm(mean, axis=2)
    strongest = lengths.argmax(axis=1)
    sides = np.arange(len(mean))
    edge = mean[sides, strongest] / np.maximum(lengths[sides, strongest], 1e-9)[:, None]
    change = np.einsum("spac,sc->spa", gradients, edge)
    peak = np.clip(change.argmax(axis=2), 1, change.shape[2] - 2)
    before, top, after = (
        np.take_along_axis(change, (peak + shift)[:, :, None], axis=2)[:, :, 0] for shift in (-1, 0, 1)
    )
    bend = np.minimum(before - 2 * top + after, -1e-9)
    shift = np.clip(0.5 * (before - after) / bend, -1, 1)
    return np.asarray((peak + shift - (change.shape[2] - 1) / 2) * width / _ACROSS)


def _robust_lines(offsets: Floats, inside: Mask, tolerance: float) -> tuple[Floats, Floats, Mask]:
    """Fit each side's offsets robustly: offsets at its two ends, and a mask of the sides with a consensus."""
    # Nothing is near a place outside of the picture.
    offsets = np.where(inside, offsets, np.nan).astype(np.float32)
    # All pairs of places far apart propose a line; the one with most inliers wins.
    first, second = _pairs(_PLACES)
    along = _ALONG.astype(np.float32)
    slopes = (offsets[:, second] - offsets[:, first]) / (along[second] - along[first])
    starts = offsets[:, first] - slopes * along[first]
    errors = np.abs(starts[:, :, None] + slopes[:, :, None] * along - offsets[:, None])
    inliers = errors < tolerance
    best = np.count_nonzero(inliers, axis=2).argmax(axis=1)
    agree = inliers[np.arange(len(best)), best]
    counts = inside.sum(axis=1)
    found = (counts >= _FEWEST) & (agree.sum(axis=1) >= _TRUSTED * counts) & (agree.sum(axis=1) > 1)
    slope, start = _least_squares(np.where(agree, offsets, 0.0).astype(np.float64), agree)
    return np.where(found, start, 0.0), np.where(found, start + slope, 0.0), found


@lru_cache(maxsize=1)
def _pairs(count: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Every other pair of places far apart; all of them find the same line in twice the time."""
    first, second = np.triu_indices(count, count // 3)
    return first[::2], second[::2]


def _least_squares(offsets: Floats, agree: Mask) -> tuple[Floats, Floats]:
    """Fit slope and intercept of each side's line to its inliers."""
    counts = np.maximum(agree.sum(axis=1), 1)
    away = np.where(agree, _ALONG - ((agree @ _ALONG) / counts)[:, None], 0.0)
    slopes = (away * offsets).sum(axis=1) / np.maximum((away**2).sum(axis=1), 1e-12)
    return slopes, (offsets.sum(axis=1) - slopes * (agree @ _ALONG)) / counts


def _in_picture(image: Image, points: Floats) -> Mask:
    rows, cols = image.shape[:2]
    x = points[..., 0]
    y = points[..., 1]
    return np.asarray((x >= 1) & (y >= 1) & (x < cols - 2) & (y < rows - 2))


def _homogeneous(points: Floats) -> Floats:
    return np.column_stack([points, np.ones(len(points))])


def _meet(one: Floats, other: Floats) -> Floats:
    """Intersections of lines, pair by pair."""
    crossings = np.cross(one, other)
    weight = np.where(np.abs(crossings[..., 2:]) > 1e-12, crossings[..., 2:], 1e-12)
    return np.asarray(crossings[..., :2] / weight)
