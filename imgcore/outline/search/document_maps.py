"""Output maps of the desk net, and the features of quadrilaterals on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.kernels import sample_bilinear
from imgcore.outline.search.quads import areas

Floats = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]

CELL = 4
"""Width of a cell in pixels of the net's input."""
UNIT = 32.0
"""Unit of a cell's offsets and sizes, in pixels of the net's input."""
COUNT = 14
"""Number of columns of `DocumentMaps.quad_features`."""
_ALONG = (np.arange(16) + 0.5) / 16
"""Positions of the samples on a side, as shares of its length."""
_RINGS = (0.3, 0.7)
"""Rings on which the inside is sampled, as shares of the way from the centre to the sides."""
_EDGES = (0.85, 1.2)
"""Rings just inside and just outside each side, on which the ownership of places is sampled."""
_FEW = (np.arange(8) + 0.5) / 8
"""Positions on a side at which the ownership of places is sampled, as shares of its length."""
_OWN = 8.0
"""Decay of the ownership of a place with the squared distance from the centre to the one it points to, over
the squared size."""
_FULL_BOUNDARY = 0.05
"""Boundary probability from which an edge counts in full."""
_COARSER = 2
"""Step in cells, across and down, between those that are compared when sets are chosen."""
_FEWEST_CELLS = 6.0
"""Number of compared cells that a document has, at least."""
_CHUNK = 500
"""Number of quadrilaterals measured at once: OpenCV remaps no more than 32767 rows."""


@dataclass(frozen=True, eq=False)
class DocumentMaps:
    """Output of the desk net.

    Attributes
    ----------
    answer
        float32 ``(10, rows, cols)``, a cell for each `CELL` pixels: logarithm of the odds to be a centre;
        x and y offset to the document's centre; its half sides as a matrix ``a uu' + b vv'`` (xx, xy,
        yy); cosine and sine of four times its angle; logarithms of the odds of document and boundary.
    size
        Columns and rows of the net's input in pixels.
    factor
        Scale of its reduction in x and y.
    """

    output: Plane
    size: tuple[int, int]
    factor: Floats

    @cached_property
    def document(self) -> Plane:
        """Probability 0..1 that a cell lies on a document."""
        return _sigmoid(self.output[8])

    @cached_property
    def boundary(self) -> Plane:
        """Probability 0..1 that a cell lies on the boundary of a document."""
        return _sigmoid(self.output[9])

    def edge_weight(self, shape: tuple[int, ...]) -> Plane:
        """Weight 0..1 of edges at each pixel of the picture in another size, by the boundary probability."""
        boundary = cv2.resize(self.boundary, None, fx=CELL, fy=CELL, interpolation=cv2.INTER_LINEAR)
        cropped = boundary[: self.size[1], : self.size[0]]
        whole = cv2.resize(cropped, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.minimum(whole / _FULL_BOUNDARY, 1), np.float32)

    def to_net(self, points: Floats) -> Floats:
        """Map pixels of the full-size picture to those of the net's input."""
        return np.asarray((points + 0.5) / self.factor - 0.5)

    def to_picture(self, points: Floats) -> Floats:
        """Map pixels of the net's input to those of the full-size picture."""
        return np.asarray((points + 0.5) * self.factor - 0.5)

    def coverage(self, corners: Floats) -> tuple[Plane, Plane]:
        """Return the cells of quadrilaterals ``(q, 4, 2)`` and what there is to be covered.

        Returns
        -------
        covered
            float32 ``(q, cells)``: 1 within.
        mass
            float32 ``(cells,)``: expected number of documents of which a cell is a part. Each document has
            one in all, however large.
        """
        half = self.output[3:6, ::_COARSER, ::_COARSER]
        cells = 4 * (half[0] * half[2] - half[1] ** 2) * (UNIT / (CELL * _COARSER)) ** 2
        mass = self.document[::_COARSER, ::_COARSER] / np.maximum(cells, _FEWEST_CELLS)
        covered = np.zeros((len(corners), *mass.shape), np.float32)
        places = (self.to_net(corners) - (CELL - 1) / 2) / (CELL * _COARSER)
        for plane, quad in zip(covered, np.rint(places * 16).astype(np.int32), strict=True):
            cv2.fillConvexPoly(plane, quad, 1.0, shift=4)
        return covered.reshape(len(covered), mass.size), np.asarray(mass.ravel(), np.float32)

    def agreement(self, corners: Floats) -> Floats:
        """Intersection over union ``(q,)`` of quadrilaterals ``(q, 4, 2)`` with all that is document."""
        covered, _ = self.coverage(corners)
        document = self.document[::_COARSER, ::_COARSER].ravel()
        held = covered @ document
        return np.asarray(held / np.maximum(covered.sum(axis=1) + document.sum() - held, 1e-6), np.float64)

    def quad_features(self, corners: Floats) -> Floats:
        """Compute features ``(q, COUNT)`` of quadrilaterals ``(q, 4, 2)`` in pixels of the full-size picture.

        Boundary on each side, the least first; boundary and document inside; probability of the centre;
        distance of the regressed centre, of the size and of the shape from its own, as parts of the size;
        ownership just within its sides, least and mean, and just beyond them, most and mean.
        """
        inner = self.to_net(corners)
        parts = [self._quad_features(inner[at : at + _CHUNK]) for at in range(0, len(inner), _CHUNK)]
        return np.concatenate(parts) if parts else np.empty((0, COUNT))

    def _quad_features(self, quads: Floats) -> Floats:
        sides = _side_points(quads, _ALONG)
        middle = quads.mean(axis=1)
        centre = middle[:, None, None]
        inside = np.concatenate([centre + ring * (sides - centre) for ring in _RINGS], axis=2)
        inside = inside.reshape(len(quads), -1, 2)
        support = np.sort(
            _sample(self.boundary, sides.reshape(len(quads), -1, 2)).reshape(*sides.shape[:3]).mean(axis=2)
        )
        x, y = (_sample(plane, inside) * UNIT for plane in self.output[1:3])
        size = np.sqrt(areas(quads)) + 1e-6
        away = np.hypot(inside[:, :, 0] + x - middle[:, :1], inside[:, :, 1] + y - middle[:, 1:]).mean(axis=1)
        half = np.stack([_sample(plane, inside[:, ::2]) * UNIT for plane in self.output[3:6]], axis=2)
        regressed_size = 2 * np.sqrt(np.maximum(half[:, :, 0] * half[:, :, 2] - half[:, :, 1] ** 2, 1.0))
        within, beyond = (np.sort(self._ownership(quads, ring, size), axis=1) for ring in _EDGES)
        return np.column_stack(
            [
                support,
                _sample(self.boundary, inside).mean(axis=1),
                _sample(self.document, inside).mean(axis=1),
                _sample(_sigmoid(self.output[0]), middle[:, None])[:, 0],
                away / size,
                np.abs(np.log(regressed_size / size[:, None])).mean(axis=1),
                np.linalg.norm(half - _half_sides(quads)[:, None], axis=2).mean(axis=1) / size,
                *(within[:, 0], within.mean(axis=1), beyond[:, -1], beyond.mean(axis=1)),
            ]
        )

    def _ownership(self, quads: Floats, ring: float, size: Floats) -> Floats:
        """Ownership ``(q, 4)`` of the places along each side of a concentric quadrilateral."""
        middle = quads.mean(axis=1, keepdims=True)
        places = _side_points(middle + ring * (quads - middle), _FEW).reshape(len(quads), -1, 2)
        x, y = (_sample(plane, places) * UNIT for plane in self.output[1:3])
        away = (places[:, :, 0] + x - middle[:, :, 0]) ** 2 + (places[:, :, 1] + y - middle[:, :, 1]) ** 2
        own = _sample(self.document, places) * np.exp(-_OWN * away / size[:, None] ** 2)
        return np.asarray(own.reshape(len(quads), 4, -1).mean(axis=2))


def _side_points(quads: Floats, along: Floats) -> Floats:
    """Points ``(q, 4, places, 2)`` along the sides."""
    edges = np.roll(quads, -1, axis=1) - quads
    return np.asarray(quads[:, :, None] + along[:, None] * edges[:, :, None])


def _half_sides(quads: Floats) -> Floats:
    """Square root of the corners' second moments ``(q, 3)``: xx, xy, yy, as the net regresses them."""
    away = quads - quads.mean(axis=1, keepdims=True)
    xx, xy, yy = ((away[:, :, i] * away[:, :, j]).mean(axis=1) for i, j in ((0, 0), (0, 1), (1, 1)))
    root = np.sqrt(np.maximum(xx * yy - xy * xy, 0.0))
    length = np.sqrt(xx + yy + 2 * root) + 1e-9
    return np.asarray(np.stack([xx + root, xy, yy + root], axis=1) / length[:, None])


def _sigmoid(odds: Plane) -> Plane:
    return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


def _sample(plane: Plane, points: Floats) -> Floats:
    """Sample a plane of cells at ``(q, n, 2)`` in pixels, giving ``(q, n)``; 0 beyond it."""
    x, y = np.moveaxis(((points - (CELL - 1) / 2) / CELL + 1).astype(np.float32), 2, 0)
    bordered = np.pad(plane, 1)[:, :, None]
    values = sample_bilinear(bordered, np.ascontiguousarray(x), np.ascontiguousarray(y))
    return np.asarray(values, np.float64).reshape(points.shape[:2])
