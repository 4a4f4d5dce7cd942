"""Segmentation of a picture into documents by a small convolutional network, and what its maps tell.

The network is handed in. Trained on rendered pictures alone, it separates a document's boundary from print,
grain and folds, as no measure of single edges does, but only roughly. Quadrilaterals are measured on its
maps, and decoded from them: by watershed, and by the rectangles that it regresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.kernels import sample_bilinear
from imgcore.outline.propose.quads import areas
from imgcore.outline.propose.regions import box_corners, fit_sides
from imgcore.types import Image, Net

Floats = npt.NDArray[np.float64]
Plane = npt.NDArray[np.float32]

_SMALLEST = 400
"""Pixels of the long side below which a picture is enlarged for the net."""
_BLOCK = 32
"""Number that the rows and columns of the net's input are multiples of."""
_MIDDLE = 128.0
"""Grey level that is subtracted from the picture, as in training."""
_SPREAD = 64.0
"""Grey levels that the picture is divided by, as in training."""


def segment_documents(net: Net, small: Image, factor: Floats) -> DocumentMaps:
    """Segment a picture into documents. About 14 ms.

    Parameters
    ----------
    net
        Float32 ``(1, 3, rows, cols)`` in, `DocumentMaps.answer` out.
    small
        BGR or grey, some 400 to 700 px on its long side.
    factor
        Reduction of `small` in x and y; the maps are in pixels of the full-size picture.
    """
    scale = max(1.0, _SMALLEST / max(small.shape[:2]))
    size = (max(1, round(scale * small.shape[1])), max(1, round(scale * small.shape[0])))
    (answer,) = net(_network_input(small, size))
    return DocumentMaps(np.asarray(answer[0], np.float32), size, factor * small.shape[1::-1] / size)


def _network_input(image: Image, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Prepare the net's input, ``(1, 3, rows, cols)``."""
    small = image if size == image.shape[1::-1] else cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    cols, rows = (-(-side // _BLOCK) * _BLOCK for side in size)
    whole = np.zeros((3, rows, cols), np.float32)
    for channel, plane in enumerate(cv2.split(small) if small.ndim == 3 else [small] * 3):
        whole[channel, : size[1], : size[0]] = plane
    whole -= _MIDDLE
    whole /= _SPREAD
    return whole[None]


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


_FINER = 2
"""Factor by which cells are upsampled for the watershed."""
_BOUNDARY_LIMITS = (0.5, 0.2)
"""Boundary probabilities that separate documents: a low one separates touching ones, but splits at print."""
_SMALLEST_SEGMENT = 24
"""Area in upsampled cells below which a segment is no document."""
_NARROWEST = 6.0
"""Width in upsampled cells below which a segment is no document."""
_FILLED = 0.65
"""Share of its tightest rectangle that a document's segment fills, at least."""
_MARGIN = 8
"""Number of upsampled cells around a segment's first box within which it may grow by the watershed."""
_SAME = 5.0
"""Pixels of the net's input below which two quadrilaterals' extents are one."""
_SHORTEST = 6.0
"""Least length of a document's side, in pixels of the net's input."""
_BEYOND = 0.3
"""Share of the longer side of the net's input by which corners may lie outside."""
_LIKELY = -1.5
"""Logarithm of the odds above which a cell may be a document's centre."""
_MOST = 100
"""Number of centres, the likeliest first, whose rectangles are decoded."""


def decode_quads(net_maps: DocumentMaps) -> Floats:
    """Decode the maps into quadrilaterals ``(n, 4, 2)`` in pixels of the full-size picture, none twice."""
    separated = [quad for limit in _BOUNDARY_LIMITS for quad in _watershed_quads(net_maps, limit)]
    quads = np.concatenate([np.reshape(separated, (-1, 4, 2)), _regressed_quads(net_maps.output)])
    extents = np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1)
    # Sides that hardly cross throw a corner far away.
    room = _BEYOND * max(net_maps.size)
    fit = (extents > -room).all(axis=1) & (extents < room + np.tile(net_maps.size, 2)).all(axis=1)
    fit &= np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2).min(axis=1, initial=np.inf) > _SHORTEST
    kept: list[int] = []
    for number, extent in enumerate(extents):
        if not fit[number]:
            continue
        if not kept or np.abs(extents[kept] - extent).max(axis=1).min() > _SAME:
            kept.append(number)
    return net_maps.to_picture(quads[kept])


def _watershed_quads(net_maps: DocumentMaps, limit: float) -> Iterator[Floats]:
    document, boundary = (
        cv2.resize(plane, None, fx=_FINER, fy=_FINER, interpolation=cv2.INTER_LINEAR)
        for plane in (net_maps.document, net_maps.boundary)
    )
    inner = ((document > 0.5) & (boundary < limit)).astype(np.uint8)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(inner, connectivity=4)
    small = boxes[:, cv2.CC_STAT_AREA] < _SMALLEST_SEGMENT
    labels[small[labels]] = 0
    labels[(document < 0.5) & (boundary < 0.3) | (document < 0.3)] = count + 1
    height = np.repeat((255 * boundary).astype(np.uint8)[:, :, None], 3, axis=2)
    # Each grows until it meets another at the ridge of the boundary.
    cv2.watershed(np.ascontiguousarray(height), labels)
    for number in np.flatnonzero(~small[1:]) + 1:
        left, top, width, depth = (int(value) for value in boxes[number, :4])
        left = max(0, left - _MARGIN)
        top = max(0, top - _MARGIN)
        part = labels[top : top + depth + 2 * _MARGIN, left : left + width + 2 * _MARGIN] == number
        for quad in _fitted_quad(part.astype(np.uint8)):
            yield (quad + (left, top) + 0.5) * (CELL / _FINER) - 0.5


def _fitted_quad(part: Image) -> Iterator[Floats]:
    """Yield the tightest rectangle around a segment, with its sides fitted to the contour."""
    # The ridge belongs to neither side.
    grown = cv2.dilate(cv2.copyMakeBorder(part, 1, 1, 1, 1, cv2.BORDER_CONSTANT), np.ones((3, 3), np.uint8))
    contours = cv2.findContours(grown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    contour = max(contours, key=len, default=None)
    if contour is None or len(contour) < 16:
        return
    tightest = cv2.minAreaRect(contour)
    width, height = tightest[1]
    if min(width, height) < _NARROWEST or cv2.contourArea(contour) < _FILLED * width * height:
        return
    box = box_corners(tightest)
    laid = fit_sides(np.asarray(contour, np.float64).reshape(-1, 2), box)
    yield (box if laid is None else laid) - 1


def _regressed_quads(output: npt.NDArray[np.float32]) -> Floats:
    """Decode the rectangle of each cell that is a local maximum of the centre map, in pixels of the net."""
    heat = output[0]
    y, x = np.nonzero((heat >= cv2.dilate(heat, np.ones((3, 3), np.uint8))) & (heat > _LIKELY))
    best = np.argsort(-heat[y, x], kind="stable")[:_MOST]
    y = y[best]
    x = x[best]
    middle = CELL * np.column_stack([x, y]) + (CELL - 1) / 2 + UNIT * output[1:3, y, x].T
    xx, xy, yy, cosine, sine = output[3:8, y, x].astype(np.float64)
    # The longer a document, the better its half sides give its angle; a square's do not.
    long = 2 * np.hypot(xx - yy, 2 * xy) / np.maximum(xx + yy, 1e-6)
    turn = cosine + 1j * sine + np.minimum(long, 2) * np.exp(2j * np.arctan2(2 * xy, xx - yy))
    angle = np.angle(turn) / 4
    u = np.column_stack([np.cos(angle), np.sin(angle)])
    v = np.column_stack([-u[:, 1], u[:, 0]])
    one, other = (
        (d[:, 0] ** 2 * xx + 2 * d[:, 0] * d[:, 1] * xy + d[:, 1] ** 2 * yy)[:, None] * d * UNIT
        for d in (u, v)
    )
    return np.stack(
        [middle - one - other, middle + one - other, middle + one + other, middle - one + other], axis=1
    )
