"""Alignment of faces to a model's template by their five landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.face.net import colour
from imgcore.types import Image, Points


@dataclass(frozen=True, slots=True)
class AlignmentTemplate:
    """Positions of the five landmarks of an aligned face.

    Attributes
    ----------
    side
        Pixels of the square picture.
    points
        x and y of each, in pixels of it, in the order of `imgcore.face.detect.Face.points`.
    """

    side: int
    points: tuple[tuple[float, float], ...]


def align(image: Image, points: Points, template: AlignmentTemplate) -> Image:
    """Align a face to `template`, uint8 BGR ``(side, side, 3)``.

    A similarity transform is fitted to all five points, so that a face keeps its proportions. Beyond the
    picture its border is repeated.

    Raises
    ------
    ImageError
        No picture.
    """
    size = (template.side, template.side)
    warped = cv2.warpAffine(
        colour(image), similarity_transform(points, np.array(template.points, np.float32)), size,
        flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(warped, np.uint8)


def similarity_transform(source: Points, target: Points) -> npt.NDArray[np.float64]:
    """Fit the rotation, scale and shift, ``(2, 3)``, from `source` to `target` in least squares.

    In complex numbers a similarity is ``z -> a z + b``, and the best `a` a quotient of sums. Points that all
    coincide give a shift alone. A mirrored face is not mirrored back.
    """
    from_, to = (np.asarray(points, np.float64) @ (1, 1j) for points in (source, target))
    away = from_ - from_.mean()
    wanted = to - to.mean()
    spread = float((np.abs(away) ** 2).sum())
    turn = (wanted * away.conj()).sum() / spread if spread > 0 else 1 + 0j
    shift = to.mean() - turn * from_.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
