"""Odds of a find by the picture itself: a small net sees it squared, and smaller with what is around it.

All other scores weigh measures. What tells a card on a form from a field of that form is none of them: paper
that lies on paper, an edge with a shadow, print that goes on beyond it. The net is trained by
``python -m models.training.document_verification``.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image, Net

Floats = npt.NDArray[np.float64]
Views = npt.NDArray[np.uint8]

SIDE = 96
"""Pixels of a view, across and down."""
RIM = 16
"""Pixels around the find at each side of the near view."""
WIDE_RIM = 36
"""Pixels around the find at each side of the wide view."""
CHANNELS = 9
"""Planes of the net's input: colours and a mask of the picture in two views, and the find's proportions."""
_LEVELS = 5
"""Number of sizes of the picture, each half of the one before: a view has no finer detail than its pixels."""
_LONGEST = 1.9
"""Largest proportions that the net is told, width over height or the reverse, as a logarithm to the base
2."""
_UNIT = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
"""Corners of a square of side 1, clockwise from the top left."""


def view_log_odds(net: Net, picture: Image, quads: Floats) -> Floats:
    """Logarithm of the odds ``(q,)`` that each quadrilateral is the outline of a document.

    Parameters
    ----------
    net
        Of the role ``document-verification``.
    picture
        BGR or grey, reduced to some 440 px on the long side.
    quads
        ``(q, 4, 2)`` in pixels of `picture`, corners clockwise.
    """
    if not len(quads):
        return np.empty(0)
    views = candidate_views(picture, quads)
    ratios = proportions(quads)
    # Mirrored at its diagonal a document is the same one: the mean errs less than either.
    both = np.concatenate([views, views.transpose(0, 2, 1, 3)])
    planes = as_planes(both, np.concatenate([ratios, -ratios]))
    (odds,) = net(np.ascontiguousarray(planes.transpose(0, 3, 1, 2)))
    return np.asarray(np.mean(np.asarray(odds, np.float64).reshape(2, -1), axis=0))


def candidate_views(picture: Image, quads: Floats) -> Views:
    """Warp the picture so that each quadrilateral becomes the middle square of a view.

    Returns
    -------
    uint8 ``(q, SIDE, SIDE, 8)``
        BGR, and 255 where the picture is, 0 in all of them beyond it: of the near view, in perspective; then
        of the wide one, without perspective, which has no far side there.
    """
    levels = _reductions(picture)
    return np.array([_views(levels, quad) for quad in quads], np.uint8).reshape(-1, SIDE, SIDE, 8)


def _reductions(picture: Image) -> list[Views]:
    colour = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR) if picture.ndim == 2 else picture
    shown = np.full((*colour.shape[:2], 1), 255, np.uint8)
    levels = [np.concatenate([np.asarray(colour, np.uint8), shown], axis=2)]
    while len(levels) < _LEVELS and min(levels[-1].shape[:2]) > 2:
        rows, cols = levels[-1].shape[:2]
        size = ((cols + 1) // 2, (rows + 1) // 2)
        levels.append(np.asarray(cv2.resize(levels[-1], size, interpolation=cv2.INTER_AREA), np.uint8))
    return levels


def _views(levels: Sequence[Views], quad: Floats) -> Views:
    across = (quad[1] + quad[2] - quad[0] - quad[3]) / 2
    down = (quad[3] + quad[2] - quad[0] - quad[1]) / 2
    level = quad.mean(axis=0) + np.outer(_UNIT[:, 0] - 0.5, across) + np.outer(_UNIT[:, 1] - 0.5, down)
    return np.concatenate([_view(levels, quad, RIM), _view(levels, level, WIDE_RIM)], axis=2)


def _view(levels: Sequence[Views], quad: Floats, rim: int) -> Views:
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    finer = np.log2(max(1e-6, float(sides.mean())) / (SIDE - 2 * rim))
    level = levels[int(np.clip(np.floor(finer + 0.5), 0, len(levels) - 1))]
    factor = np.array(levels[0].shape[1::-1]) / level.shape[1::-1]
    corners = ((quad + 0.5) / factor - 0.5).astype(np.float32)
    box = _UNIT * (SIDE - 2 * rim) + (rim - 0.5)
    matrix = cv2.getPerspectiveTransform(corners, box.astype(np.float32))
    return np.asarray(cv2.warpPerspective(level, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR), np.uint8)


def proportions(quads: Floats) -> Floats:
    """Logarithm to the base 2 ``(q,)`` of width over height, within limits."""
    lengths = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2) + 1e-6
    ratio = np.log2((lengths[:, 0] + lengths[:, 2]) / (lengths[:, 1] + lengths[:, 3]))
    return np.asarray(np.clip(ratio, -_LONGEST, _LONGEST))


def as_planes(
    views: npt.NDArray[np.uint8 | np.float32], ratios: npt.NDArray[np.floating]
) -> npt.NDArray[np.float32]:
    """Input of the net, float32 ``(q, SIDE, SIDE, CHANNELS)``.

    BGR about -2..2, and where the picture is, in both views; where the find is in the near one, with its
    proportions.
    """
    planes = np.zeros((len(views), SIDE, SIDE, CHANNELS), np.float32)
    for first in (0, 4):
        shown = views[..., first + 3 : first + 4].astype(np.float32) / 255
        planes[..., first : first + 3] = (views[..., first : first + 3].astype(np.float32) - 128 * shown) / 64
        planes[..., first + 3 : first + 4] = shown
    planes[:, RIM:-RIM, RIM:-RIM, 8] = (1 + ratios / 2)[:, None, None]
    return planes
