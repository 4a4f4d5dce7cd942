"""Change of a desk since it was seen empty: light, exposure and a bump of the camera do not count."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.next_page.glance import Glance, glance, unlit
from imgcore.types import Image

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SIDE = 360
"""Long side in pixels at which desks are remembered and compared."""
_LEAST = 0.07
"""Change of a logarithm, in bright parts of the picture, from which something has come."""
_LEVELS = 5.0
"""Change in grey levels from which something has come to dark parts: noise and the JPEG stay below it."""
_FLOOR = 6.0
"""Grey levels added before a logarithm is taken: below them noise is all there is."""
_TINTED = 0.8
"""Change of a tint from which something has come, as a share of the change of luma."""
_SHIFTED = 0.7
"""Change, as a share of a step of the desk's own, that a camera makes which stands a fraction of a pixel
aside."""
_FARTHEST = 0.04
"""Share of the picture's long side by which a camera is bumped at most."""
_TURNED = 2.0
"""Largest angle in degrees by which a bumped camera is turned."""
_OTHER = 0.9
"""Share of the picture that has changed from which it is another scene."""


@dataclass(frozen=True, slots=True, eq=False)
class DeskChange:
    """Change of a desk.

    Attributes
    ----------
    strength
        float32 ``(rows, cols)``, 1 where something has come for certain, 0 where nothing has changed.
    layers
        float32 ``(rows, cols, 3)``: logarithms of luma and two tints against those of the desk, without what
        light does, in parts of what noise does.
    before, now
        Luma of the desk, where the camera sees it now, and of the picture, likewise.
    """

    strength: Floats
    layers: Floats
    before: Floats
    now: Floats

    @property
    def mask(self) -> Mask:
        """Places where something has come, bool ``(rows, cols)``."""
        return np.asarray(self.strength >= 1)


def change_of(desk: Image, picture: Image) -> DeskChange | None:
    """Compare a picture of a desk with one of it empty; None if it is another scene.

    Parameters
    ----------
    desk, picture
        BGR or grey, reduced to `SIDE`, of one shape.
    """
    side = max(picture.shape)
    after = glance(picture, side)
    best = _compared(glance(desk, side), after)
    for matrix in _moves(desk, picture, best):
        moved = cv2.warpAffine(desk, matrix, desk.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
        other = _compared(glance(np.asarray(moved, np.uint8), side), after)
        if _amount(other) < 0.9 * _amount(best):
            best = other
    return None if best.mask.mean() > _OTHER else best


def _amount(change: DeskChange) -> float:
    return float(np.minimum(change.strength, 1).mean())


def _compared(before: Glance, after: Glance) -> DeskChange:
    limit = np.maximum(_LEVELS / (np.minimum(before.grey, after.grey) + _FLOOR), _LEAST)
    steps = cv2.morphologyEx(before.luma, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    limit = limit + _SHIFTED * steps
    layers = np.stack(
        [
            unlit(before.luma, after.luma, rim=True) / limit,
            unlit(before.warm, after.warm, rim=True) / (limit * _TINTED),
            unlit(before.yellow, after.yellow, rim=True) / (limit * _TINTED),
        ],
        axis=2,
    ).astype(np.float32)
    # Soft by less than a pixel: single pixels are noise's.
    strength = cv2.GaussianBlur(np.abs(cv2.GaussianBlur(layers, (0, 0), 0.7)).max(axis=2), (0, 0), 0.7)
    return DeskChange(np.asarray(strength, np.float32), layers, before.luma, after.luma)


def _moves(desk: Image, picture: Image, still: DeskChange) -> list[npt.NDArray[np.float64]]:
    """Return how the camera may have been moved since, as matrices from the desk to the picture."""
    one, other = (_detail(each) for each in (desk, picture))
    unchanged = (still.strength < 3).astype(np.uint8)
    moves = []
    window = np.asarray(cv2.createHanningWindow(one.shape[::-1], cv2.CV_32F), np.float32)
    (x, y), _ = cv2.phaseCorrelate(one, other, window)
    most = _FARTHEST * max(one.shape)
    start = np.eye(2, 3, dtype=np.float32)
    if 0.3 < np.hypot(x, y) < most:
        start[:, 2] = x, y
        moves.append(start.astype(np.float64))
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)
    for first, seen in ((np.eye(2, 3, dtype=np.float32), unchanged), (start, np.ones_like(unchanged))):
        try:
            # From pixels of the picture to those of the desk, as `warpAffine` looks them up.
            inverse = np.asarray(cv2.invertAffineTransform(first), np.float32)
            _, found = cv2.findTransformECC(other, one, inverse, cv2.MOTION_EUCLIDEAN, criteria, seen, 5)
        except cv2.error:
            continue  # too little in common
        matrix = np.asarray(cv2.invertAffineTransform(found), np.float64)
        turned = np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))
        middle = matrix @ (one.shape[1] / 2, one.shape[0] / 2, 1) - (one.shape[1] / 2, one.shape[0] / 2)
        if abs(turned) < _TURNED and np.hypot(*middle) < most:
            moves.append(matrix)
    return moves


def _detail(picture: Image) -> Floats:
    """Return the logarithm of luma without what light makes."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    luma = np.log(grey.astype(np.float32) + _FLOOR)
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), 1.0) - cv2.GaussianBlur(luma, (0, 0), 8.0), np.float32)
