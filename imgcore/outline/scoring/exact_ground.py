"""Pictures that a program made: most of them is exactly one colour, as no camera's and few scanners' is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_STEP = 4
"""Distance in pixels, across and down, from one pixel that is looked at to the next."""
_BLOCK = 9
"""Distance in pixels at which a pixel is compared with another one, of another block of a JPEG."""
_MADE = 0.5
"""Share of a picture with exactly the colour of what is near from which a program made it. In 209 real
pictures of desks it is below .4; in a scanner's, with a card on white glass, it may be more."""
_PAPER = 225
"""Level from which a ground is a page's: a drawn desk is darker."""
_FIGURE = 0.5
"""Share of a part with exactly the colour of what is near from which a program drew it: on a scanner's glass,
paper has grain."""
_DARKEST = 2
"""Level up to which a camera's colours may be clipped, and exactly equal for that reason."""
_BRIGHTEST = 253
"""Level from which a camera's colours may be clipped, and exactly equal for that reason."""
_SAME = 2
"""Difference in levels up to which two colours are one."""
_AWAY = 0.015
"""Share of the picture's long side that is left out around each part, for its shadow."""
_INK = 60
"""Levels by which print differs from its ground: dust on a black desk differs less."""
_ALONG = np.linspace(0.05, 0.95, 48)
"""Places along a side at which the ground beside it is looked at, as shares of its length."""
_BESIDE = np.arange(2.0, 6.0)[:, None]
"""Distances in pixels from a side, outwards, at which the ground is looked at."""
_SHARP = 0.95
"""Share of the places beside a side with exactly the ground's colour, from which the side is sharp."""
_PIECE = 0.005
"""Share of the picture below which a piece of ink may be print."""
_PRINT = 0.01
"""Share of the picture that all pieces of print take, above which there is some."""


def are_drawn(image: Image, quads: Sequence[Floats]) -> list[bool]:
    """Return for each find whether it is part of a page that a program made.

    Parameters
    ----------
    image
        BGR or grey, not reduced. Some 1 ms at 8 megapixels of a camera.
    quads
        ``(4, 2)`` each, in pixels of `image`: all that was found.
    """
    exact, colours = _exact(image)
    if not quads or not exact.size or exact.mean() < _MADE:
        return [False] * len(quads)
    covers = [cv2.fillPoly(np.zeros(exact.shape, np.uint8), [_cells(quad)], 1) for quad in quads]
    around = _around(np.max(covers, axis=0))
    ground = np.median(colours[around & exact], axis=0) if (around & exact).any() else colours[0, 0]
    if ground.min() < _PAPER:
        return [False] * len(quads)
    distance = np.abs(colours.astype(np.float32) - ground).max(axis=2)
    printed = _is_printed(around & ~exact & (distance > _INK))
    clipped = (colours <= _DARKEST).all(axis=2) | (colours >= _BRIGHTEST).all(axis=2)
    drawn = exact & (~clipped | (distance <= _SAME))
    return [
        printed or bool(drawn[cover > 0].mean() >= _FIGURE) or _is_sharp(image, quad, ground)
        for cover, quad in zip(covers, quads, strict=True)
    ]


def _exact(image: Image) -> tuple[Mask, Image]:
    """Mask of pixels, one of each few, that equal those one further and a block further; their colours.

    Where fewer than `_MADE` do, of more pixels than do.
    """
    planes = image.reshape(*image.shape[:2], -1)
    rows, cols = (max(0, side - _BLOCK) for side in planes.shape[:2])
    own, near, far = (planes[at : at + rows : _STEP, at : at + cols : _STEP] for at in (0, 1, _BLOCK))
    exact = np.ones(own.shape[:2], bool)
    # Channel by channel: NumPy takes four times as long over a short axis.
    for other, channel in product((near, far), range(own.shape[2])):
        exact &= own[:, :, channel] == other[:, :, channel]
        if not exact.size or exact.mean() < _MADE:
            # No other channel makes them more.
            break
    return exact, own


def _cells(quad: Floats) -> npt.NDArray[np.int32]:
    return np.rint(quad / _STEP).astype(np.int32)


def _around(covered: npt.NDArray[np.uint8]) -> Mask:
    size = 2 * max(1, round(_AWAY * max(covered.shape))) + 1
    return np.asarray(cv2.dilate(covered, np.ones((size, size), np.uint8)) == 0)


def _is_sharp(image: Image, quad: Floats, ground: Floats) -> bool:
    """Return whether the ground is exact up to each side; on glass a lens and a shadow soften some."""
    planes = image.reshape(*image.shape[:2], -1)
    edges = np.roll(quad, -1, axis=0) - quad
    outward = np.column_stack([edges[:, 1], -edges[:, 0]])
    outward /= np.maximum(1e-9, np.linalg.norm(edges, axis=1))[:, None]
    outward *= np.where(((quad - quad.mean(axis=0)) * outward).sum(axis=1, keepdims=True) < 0, -1, 1)
    places = (
        quad[:, None, None] + _ALONG[:, None, None] * edges[:, None, None] + _BESIDE * outward[:, None, None]
    )
    x, y = np.moveaxis(np.rint(places).astype(np.int64), -1, 0)
    seen = (x >= 0) & (y >= 0) & (x < planes.shape[1]) & (y < planes.shape[0])
    alike = (planes[y.clip(0, planes.shape[0] - 1), x.clip(0, planes.shape[1] - 1)] == ground).all(axis=-1)
    shares = (alike & seen).sum(axis=(1, 2)) / np.maximum(1, seen.sum(axis=(1, 2)))
    return bool((shares >= _SHARP).all())


def _is_printed(ink: Mask) -> bool:
    """Return whether what is left consists of many small pieces."""
    pieces = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)[2][1:, cv2.CC_STAT_AREA]
    return bool(pieces[pieces < _PIECE * ink.size].sum() > _PRINT * ink.size)
