"""What a net draws of a desk, and what that says about given quadrilaterals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.quads import areas

Floats = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]

CELL, UNIT = 4, 32.0
"""Pixels of what the net saw that a cell is wide, and in which it tells places and sizes."""
COUNT = 14
"""Columns of `Sketch.measure`."""
_ALONG = (np.arange(16) + 0.5) / 16
"""Places on a side."""
_RINGS = (0.3, 0.7)
"""Where the inside is looked at, from the middle to the sides."""
_EDGES = (0.85, 1.2)
"""Where it is asked, just inside and just outside each side, which document a place belongs to."""
_FEW = (np.arange(8) + 0.5) / 8
_OWN = 8.0
"""How fast a place that points to another middle stops belonging, by the square of the way over the size."""
_RIM = 0.05
"""Chance of a rim from which an edge counts in full."""
_CHUNK = 500
"""Quadrilaterals measured at once: OpenCV looks up no more than 32767 rows."""


@dataclass(frozen=True, eq=False)
class Sketch:
    """The net's answer.

    Attributes
    ----------
    answer
        float32 ``(10, rows, cols)``, a cell for each `CELL` pixels: logarithm of the odds to be a middle;
        x and y of the way to the document's middle; its half sides as a matrix ``a uu' + b vv'`` (xx, xy,
        yy); cosine and sine of four times its angle; logarithms of the odds to be document and rim.
    size
        Columns and rows in pixels of what it saw.
    factor
        By how much that was reduced in x and y.
    """

    answer: Plane
    size: tuple[int, int]
    factor: Floats

    @cached_property
    def document(self) -> Plane:
        """0..1: whether a document lies there."""
        return _chance(self.answer[8])

    @cached_property
    def rim(self) -> Plane:
        """0..1: whether a document ends there."""
        return _chance(self.answer[9])

    def gate(self, shape: tuple[int, ...]) -> Plane:
        """0..1 for each pixel of the picture in another size: whether an edge there may be a document's."""
        rim = cv2.resize(self.rim, None, fx=CELL, fy=CELL, interpolation=cv2.INTER_LINEAR)
        seen = rim[: self.size[1], : self.size[0]]
        whole = cv2.resize(seen, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.minimum(whole / _RIM, 1), np.float32)

    def inwards(self, points: Floats) -> Floats:
        """From pixels of the full-size picture to those of what the net saw."""
        return np.asarray((points + 0.5) / self.factor - 0.5)

    def outwards(self, points: Floats) -> Floats:
        """The way back."""
        return np.asarray((points + 0.5) * self.factor - 0.5)

    def measure(self, corners: Floats) -> Floats:
        """``(q, COUNT)`` for quadrilaterals ``(q, 4, 2)`` in pixels of the full-size picture.

        Rim on each side, the least first; rim and document inside; chance of the middle; how far the
        inside points to another middle, its size to another size and its shape to another shape, as parts
        of the size; how much belongs to it within its sides, the least side first, and beyond them, the most.
        """
        inner = self.inwards(corners)
        parts = [self._measure(inner[at : at + _CHUNK]) for at in range(0, len(inner), _CHUNK)]
        return np.concatenate(parts) if parts else np.empty((0, COUNT))

    def _measure(self, quads: Floats) -> Floats:
        sides = _on_sides(quads, _ALONG)
        middle = quads.mean(axis=1)
        centre = middle[:, None, None]
        inside = np.concatenate([centre + ring * (sides - centre) for ring in _RINGS], axis=2)
        inside = inside.reshape(len(quads), -1, 2)
        support = np.sort(
            _look_up(self.rim, sides.reshape(len(quads), -1, 2)).reshape(*sides.shape[:3]).mean(axis=2)
        )
        x, y = (_look_up(plane, inside) * UNIT for plane in self.answer[1:3])
        size = np.sqrt(areas(quads)) + 1e-6
        away = np.hypot(inside[:, :, 0] + x - middle[:, :1], inside[:, :, 1] + y - middle[:, 1:]).mean(axis=1)
        half = np.stack([_look_up(plane, inside[:, ::2]) * UNIT for plane in self.answer[3:6]], axis=2)
        told = 2 * np.sqrt(np.maximum(half[:, :, 0] * half[:, :, 2] - half[:, :, 1] ** 2, 1.0))
        within, beyond = (np.sort(self._own(quads, ring, size), axis=1) for ring in _EDGES)
        return np.column_stack(
            [
                support,
                _look_up(self.rim, inside).mean(axis=1),
                _look_up(self.document, inside).mean(axis=1),
                _look_up(_chance(self.answer[0]), middle[:, None])[:, 0],
                away / size,
                np.abs(np.log(told / size[:, None])).mean(axis=1),
                np.linalg.norm(half - _half_sides(quads)[:, None], axis=2).mean(axis=1) / size,
                *(within[:, 0], within.mean(axis=1), beyond[:, -1], beyond.mean(axis=1)),
            ]
        )

    def _own(self, quads: Floats, ring: float, size: Floats) -> Floats:
        """``(q, 4)``: how much along each side of a smaller or larger quadrilateral belongs to this one."""
        middle = quads.mean(axis=1, keepdims=True)
        places = _on_sides(middle + ring * (quads - middle), _FEW).reshape(len(quads), -1, 2)
        x, y = (_look_up(plane, places) * UNIT for plane in self.answer[1:3])
        away = (places[:, :, 0] + x - middle[:, :, 0]) ** 2 + (places[:, :, 1] + y - middle[:, :, 1]) ** 2
        own = _look_up(self.document, places) * np.exp(-_OWN * away / size[:, None] ** 2)
        return np.asarray(own.reshape(len(quads), 4, -1).mean(axis=2))


def _on_sides(quads: Floats, along: Floats) -> Floats:
    """``(q, 4, places, 2)``."""
    edges = np.roll(quads, -1, axis=1) - quads
    return np.asarray(quads[:, :, None] + along[:, None] * edges[:, :, None])


def _half_sides(quads: Floats) -> Floats:
    """The square root of the corners' second moments ``(q, 3)``: xx, xy, yy, as the net tells them."""
    away = quads - quads.mean(axis=1, keepdims=True)
    xx, xy, yy = ((away[:, :, i] * away[:, :, j]).mean(axis=1) for i, j in ((0, 0), (0, 1), (1, 1)))
    root = np.sqrt(np.maximum(xx * yy - xy * xy, 0.0))
    length = np.sqrt(xx + yy + 2 * root) + 1e-9
    return np.asarray(np.stack([xx + root, xy, yy + root], axis=1) / length[:, None])


def _chance(odds: Plane) -> Plane:
    return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


def _look_up(plane: Plane, points: Floats) -> Floats:
    """Values ``(q, n)`` of a plane of cells at ``(q, n, 2)`` in pixels; nothing beyond it."""
    cells = ((points - (CELL - 1) / 2) / CELL).astype(np.float32)
    seen = cv2.remap(plane, cells[:, :, 0], cells[:, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(seen, np.float64).reshape(points.shape[:2])
