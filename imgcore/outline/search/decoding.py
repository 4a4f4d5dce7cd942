"""Decoding of the desk net's maps into quadrilaterals: by watershed, and by its regressed rectangles."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.search.document_maps import CELL, UNIT, DocumentMaps
from imgcore.outline.search.regions import box_corners, fit_sides
from imgcore.types import Image

Floats = npt.NDArray[np.float64]

_FINER = 2
"""Factor by which cells are upsampled for the watershed."""
_BOUNDARY_LIMITS = (0.5, 0.2)
"""Boundary probabilities that separate documents: a low one separates touching ones, but splits at print."""
_SMALLEST = 24
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
    small = boxes[:, cv2.CC_STAT_AREA] < _SMALLEST
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
