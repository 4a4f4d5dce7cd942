"""Colours within quadrilaterals, and outside of all: paper with print on a desk, or parts of a picture."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_Level = TypeVar("_Level", np.uint8, np.int16, np.float32)

_ALIKE = 16.0
"""Grey levels up to which a pixel has the commonest colour."""
_TONES = 32
"""Bins of grey among which the commonest is looked for."""
_FAINT = 6.0
"""Grey levels, or differences between channels, that are next to nothing."""
_STRONG = 40
"""Sum of Sobel's gradients from which there is an edge."""
_RING = 0.06
"""Width of the ring along the sides, as a share of their lengths."""
_CORNER = 0.13
"""Width of the squares in the corners, as a share of the sides' lengths."""
_PLACES = (np.arange(24) + 0.5) / 24
"""Places of a grid's rows, or columns, as shares of the side."""
_U, _V = (axis.ravel()[:, None] for axis in np.meshgrid(_PLACES, _PLACES))
"""Places of all points of the grid across and down, as shares of the sides."""
_TO_SIDE = (np.minimum(_U, 1 - _U).ravel(), np.minimum(_V, 1 - _V).ravel())
"""Distances of the grid's points from the nearest side, across and down, as shares of the sides."""
_IN_RING = np.minimum(*_TO_SIDE) < _RING
"""Mask of the grid's points in the ring along the sides."""
_IN_CORNERS = np.maximum(*_TO_SIDE) < _CORNER
"""Mask of the grid's points in the corners."""


def sampled_inside(plane: npt.NDArray[_Level], quads: Floats) -> npt.NDArray[_Level]:
    """Return the nearest pixels ``(q, 24 * 24, ...)`` to a grid in each of ``(q, 4, 2)``."""
    a, b, c, d = (quads[:, None, corner] for corner in range(4))
    points = a * (1 - _U) * (1 - _V) + b * _U * (1 - _V) + c * _U * _V + d * (1 - _U) * _V
    limit = np.array(plane.shape[1::-1]) - 1
    x, y = np.moveaxis(np.clip(np.rint(points), 0, limit).astype(np.int64), -1, 0)
    return np.asarray(plane[y, x])


def measure_inside(picture: Image, slope: npt.NDArray[np.int16], quads: Floats) -> Floats:
    """Measure the colours within each: ``(q, 8)``, as `INSIDE_NAMES`.

    Parameters
    ----------
    picture
        BGR.
    slope
        Sum of Sobel's gradients at each pixel.
    """
    colours = sampled_inside(picture, quads)
    slopes = sampled_inside(slope, quads)
    return np.array([_inside(own, steep) for own, steep in zip(colours, slopes, strict=True)])


INSIDE_NAMES = (
    "paper",
    "saturation",
    "lightest",
    "variety",
    "ring",
    "corners",
    "edges_inside",
    "flat_inside",
)
"""Measures of the inside: share of it that has its commonest colour; median difference between channels;
level of its lightest tenth; deviation of its levels; shares of a ring along the sides, and of the corners,
that have the ring's colour; density of edges, and share without any gradient."""
OUTSIDE_NAMES = ("out_paper", "out_saturation", "out_lightest", "out_variety")
"""Measures of all that lies outside: share of it that has its commonest colour; median difference between
channels; level of its lightest tenth; deviation of its levels."""


def _inside(colours: Levels, slopes: npt.NDArray[np.int16]) -> tuple[float, ...]:
    ring = np.median(colours[_IN_RING], axis=0)
    return (
        *_tones(colours),
        *(_like(colours[part], ring) for part in (_IN_RING, _IN_CORNERS)),
        float(np.log1p(100 * (slopes > _STRONG).mean())),
        float((slopes == 0).mean()),
    )


def measure_outside(picture: Image, outside: Mask) -> tuple[float, float, float, float]:
    """Measure the colours outside of all, as `OUTSIDE_NAMES`."""
    every_third = (slice(None, None, 3), slice(None, None, 3))
    colours = picture[every_third][outside[every_third]]
    return _tones(colours) if len(colours) >= _TONES else (0.5, 1.0, 0.5, 1.0)


def _tones(colours: Levels) -> tuple[float, float, float, float]:
    # Medians of bytes take a quarter of the time that those of floats do, and sums are as exact as means.
    sums = colours.sum(axis=1, dtype=np.int32)
    width = 3 * 256 // _TONES
    most = int(np.bincount(sums // width, minlength=_TONES).argmax())
    common = colours[(sums >= (most - 1) * width) & (sums < (most + 2) * width)]
    return (
        _like(colours, np.median(common, axis=0)),
        float(np.log1p(np.median(colours.max(axis=1) - colours.min(axis=1)) / _FAINT)),
        float(np.percentile(sums, 90)) / 3 / 255,
        float(np.log1p(sums.std() / 3 / _FAINT)),
    )


def _like(colours: Levels, colour: Floats) -> float:
    away = np.abs(colours - colour.astype(np.float32))
    return float((away.max(axis=1) < _ALIKE).mean())
