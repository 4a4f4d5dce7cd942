"""Sides moved onto the edge they mean, in the full picture, to a fraction of a pixel."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float64]

_PLACES, _SAMPLES = 48, 6
"""Places along a side, and samples averaged for each."""
_ENDS = 0.04
"""Left out at either end of a side, where the corner is."""
_ACROSS = 12
"""Samples to either side of it."""
_TRUSTED = 0.35
"""Share of the places that must agree on a line."""


def refit(image: Image, corners: Floats, fixed: npt.NDArray[np.bool_], reach: float) -> Floats:
    """Corners of a quadrilateral whose sides lie on the picture's edges.

    Parameters
    ----------
    corners
        ``(4, 2)``; side ``k`` runs from corner ``k`` to the next.
    fixed
        bool ``(4,)``, sides that stay, such as those on the picture's border.
    reach
        How far in pixels an edge may lie from its side. A side with no clear edge within
        stays.
    """
    lines = [
        _line(corners[side], corners[(side + 1) % 4])
        if fixed[side]
        else _fitted(image, corners[side], corners[(side + 1) % 4], reach)
        for side in range(4)
    ]
    moved = np.array([_meet(lines[side - 1], lines[side]) for side in range(4)])
    # Lines that hardly cross throw a corner far away.
    near = np.linalg.norm(moved - corners, axis=1).max() <= 3 * reach
    return moved if near else corners


def _fitted(image: Image, start: Floats, end: Floats, reach: float) -> Floats:
    for width in (reach, reach / 3):
        direction = (end - start) / np.linalg.norm(end - start)
        normal = np.array([-direction[1], direction[0]])
        along = np.linspace(_ENDS, 1 - _ENDS, _PLACES)
        offsets = _edge_offsets(_gradients(image, start, end, width), width)
        inside = _in_picture(image, start + along[:, None] * (end - start))
        line = _robust_line(along[inside], offsets[inside], width / 4)
        if line is None:
            break
        start, end = start + line[0] * normal, end + (line[0] + line[1]) * normal
    return _line(start, end)


def _gradients(image: Image, start: Floats, end: Floats, width: float) -> Floats:
    """``(places, 2 * _ACROSS - 1, c)``: the change across the side, place by place."""
    along = np.linspace(_ENDS, 1 - _ENDS, _PLACES * _SAMPLES)[:, None]
    direction = (end - start) / np.linalg.norm(end - start)
    across = np.linspace(-width, width, 2 * _ACROSS + 1)[None, :]
    x = (start[0] + along * (end - start)[0] - across * direction[1]).astype(np.float32)
    y = (start[1] + along * (end - start)[1] + across * direction[0]).astype(np.float32)
    strip = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    means = strip.reshape(_PLACES, _SAMPLES, 2 * _ACROSS + 1, -1).mean(axis=1)
    return np.asarray(means[:, 2:] - means[:, :-2])


def _edge_offsets(gradients: Floats, width: float) -> Floats:
    """Where each place has its edge, in pixels from the side."""
    # The edge's colour and sign come from the whole side; so a place that print or a
    # crease disturbs still looks for the same kind of edge.
    mean = gradients.mean(axis=0)
    strongest = mean[np.linalg.norm(mean, axis=1).argmax()]
    change = gradients @ (strongest / max(1e-9, float(np.linalg.norm(strongest))))
    peak = np.clip(change.argmax(axis=1), 1, change.shape[1] - 2)
    rows = np.arange(len(change))
    before, top, after = change[rows, peak - 1], change[rows, peak], change[rows, peak + 1]
    bend = np.minimum(before - 2 * top + after, -1e-9)
    shift = np.clip(0.5 * (before - after) / bend, -1, 1)
    return np.asarray((peak + shift - (change.shape[1] - 1) / 2) * width / _ACROSS)


def _robust_line(along: Floats, offsets: Floats, tolerance: float) -> Floats | None:
    """Offset and slope most places agree on, or None."""
    if len(along) < 8:
        return None
    # All pairs of places far apart propose a line; the one with most followers wins.
    first, second = np.triu_indices(len(along), len(along) // 3)
    slopes = (offsets[second] - offsets[first]) / (along[second] - along[first])
    starts = offsets[first] - slopes * along[first]
    errors = np.abs(starts[:, None] + slopes[:, None] * along[None] - offsets[None])
    best = int((errors < tolerance).sum(axis=1).argmax())
    followers = errors[best] < tolerance
    if followers.mean() < _TRUSTED:
        return None
    design = np.column_stack([np.ones(int(followers.sum())), along[followers]])
    fit: Floats = np.linalg.lstsq(design, offsets[followers], rcond=None)[0]
    return fit


def _in_picture(image: Image, points: Floats) -> npt.NDArray[np.bool_]:
    rows, cols = image.shape[:2]
    return np.asarray((points >= 1).all(axis=1) & (points[:, 0] < cols - 2) & (points[:, 1] < rows - 2))


def _line(start: Floats, end: Floats) -> Floats:
    """Homogeneous."""
    return np.cross([*start, 1.0], [*end, 1.0])


def _meet(one: Floats, other: Floats) -> Floats:
    x, y, w = np.cross(one, other)
    return np.array([x, y]) / (w if abs(w) > 1e-12 else 1e-12)
