"""Views of pictures from nearer, from aside, turned, in other light: more to learn from one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]
Random = np.random.Generator

_TRIES = 6
_LONG = (360.0, 540.0)
"""Pixels on the long side of a view."""
_BEYOND = 0.02
"""Share of a view by which what it shows may lie outside of it."""


class View(NamedTuple):
    """A view, and sets of quadrilaterals as it shows them; None for those that it does not."""

    picture: Picture
    sets: list[list[Floats] | None]


def seen_anew(random: Random, picture: Picture, sets: Sequence[Sequence[Floats]], page: bool) -> View | None:
    """Return another view of a picture; None where none is found that shows anything.

    Parameters
    ----------
    page
        True if the picture is one page, which is hardly seen from aside.
    """
    for _ in range(_TRIES):
        corners = _corners(random, picture, sets, page)
        extent = [float(np.linalg.norm(corners[end] - corners[0])) for end in (1, 3)]
        if min(extent) < 60:
            continue
        factor = min(2.0, random.uniform(*_LONG) / max(extent))
        size = (max(40, round(extent[0] * factor)), max(40, round(extent[1] * factor)))
        frame = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32) - 0.5
        matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), frame)
        shown = [_shown(quads, np.asarray(matrix, np.float64), size) for quads in sets]
        if any(shown):
            seen = cv2.warpPerspective(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE)
            return View(_in_other_light(random, np.asarray(seen, np.uint8)), shown)
    return None


def _corners(random: Random, picture: Picture, sets: Sequence[Sequence[Floats]], page: bool) -> Floats:
    """Choose the part of a picture that is shown."""
    size = np.array(picture.shape[1::-1], np.float64)
    if page:
        low = random.uniform(0, 0.12, 2) * size
        high = (1 - random.uniform(0, 0.12, 2)) * size
        aside = random.choice([0, 0, 0.03])
        degrees = random.normal() * random.choice([0, 0.5, 2])
    else:
        points = np.concatenate([np.asarray(quad) for quad in sets[int(random.integers(len(sets)))]])
        around = random.uniform(0.01, random.choice([0.1, 0.5]), (2, 2)) * np.ptp(points, axis=0)
        low = np.maximum(points.min(axis=0) - around[0], 0)
        high = np.minimum(points.max(axis=0) + around[1], size)
        aside = random.choice([0, 0.06, 0.15, 0.25])
        degrees = random.normal() * random.choice([0, 4, 20])
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * (high - low) + low
    middle = corners.mean(axis=0)
    corners += random.uniform(0, aside, (4, 2)) * 2 * (middle - corners) * random.choice([1, 1, -0.6])
    cos = np.cos(np.radians(degrees))
    sin = np.sin(np.radians(degrees))
    turned = middle + (corners - middle) @ np.array([(cos, sin), (-sin, cos)])
    return np.asarray(np.clip(turned, -0.5, size - 0.5), np.float64)


def _shown(quads: Sequence[Floats], matrix: Floats, size: tuple[int, int]) -> list[Floats] | None:
    moved = [cv2.perspectiveTransform(np.asarray(quad, np.float64)[None], matrix)[0] for quad in quads]
    points = np.concatenate(moved)
    extent = np.array(size)
    inside = (points > -_BEYOND * extent).all() and (points < (1 + _BEYOND) * extent).all()
    large = min(cv2.contourArea(quad.astype(np.float32)) for quad in moved) > 0.01 * extent.prod()
    return [np.asarray(quad, np.float64) for quad in moved] if inside and large else None


def _in_other_light(random: Random, picture: Picture) -> Picture:
    """Change blur, light, colour, noise and compression, each now and then."""
    view: npt.NDArray[Any] = picture.astype(np.float32)
    if random.random() < 0.4:
        view = cv2.GaussianBlur(view, (0, 0), random.uniform(0.3, 1))
    if random.random() < 0.5:
        view = 255 * (view / 255) ** np.float32(random.uniform(0.7, 1.4))
    if random.random() < 0.5:
        view = view * (random.uniform(0.6, 1.1) * random.uniform(0.9, 1.1, 3)).astype(np.float32)
    if random.random() < 0.5:
        view = view + random.standard_normal(view.shape, np.float32) * np.float32(random.uniform(0.3, 4))
    if random.random() < 0.1:
        view = np.repeat(view.mean(axis=2, keepdims=True), 3, axis=2)
    levels = np.clip(view, 0, 255).astype(np.uint8)
    if random.random() > 0.3:
        return np.asarray(levels, np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(40, 90))]
    packed = cv2.imencode(".jpg", np.asarray(levels, np.uint8), quality)[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
