"""Nets that need no weights, for tests of what is around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.face import Face

STRIDES = (8, 16, 32)
POINTS = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
"""Of a made face, in fractions of its box."""


def face(left: float, top: float, width: float, height: float, score: float = 0.9) -> Face:
    """A face with its points where they usually are."""
    points = np.array([(left + x * width, top + y * height) for x, y in POINTS], np.float32)
    return Face((left, top, width, height), points, score)


@dataclass
class FakeDetector:
    """Answers as YuNet does, with the given faces in pixels of the picture it is shown.

    Attributes
    ----------
    faces
        What it sees, whatever the picture.
    least
        Pixels of the long side below which it sees nothing.
    most
        Pixels of the long side above which it sees nothing.
    twice
        Whether a neighbouring cell answers as well, a little less sure and 1.4 times as large.
    """

    faces: Sequence[Face]
    stride: int = 16
    least: int = 0
    most: int = 9999
    twice: bool = False
    shape: tuple[int, ...] = ()

    def __call__(self, values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        self.shape = values.shape
        rows, cols = values.shape[2:]
        answer: list[npt.NDArray[np.float32]] = []
        for depth in (1, 1, 4, 10):
            answer += [np.zeros((1, (rows // s) * (cols // s), depth), np.float32) for s in STRIDES]
        if self.least <= max(rows, cols) <= self.most:
            for one in self.faces:
                self._put(answer, one, cols)
        return answer

    def _put(self, answer: list[npt.NDArray[np.float32]], one: Face, cols: int) -> None:
        level = STRIDES.index(self.stride)
        is_face, is_there, boxes, points = answer[level::3]
        left, top, width, height = one.box
        middle = np.array([left + width / 2, top + height / 2]) / self.stride
        for aside in (0, 1) if self.twice else (0,):
            cell = np.floor(middle) + np.array([aside, 0])
            at = int(cell[1] * (cols // self.stride) + cell[0])
            is_face[0, at] = one.score
            is_there[0, at] = one.score - 0.05 * aside
            boxes[0, at, :2] = middle - cell
            boxes[0, at, 2:] = np.log(np.array([width, height]) * (1 + 0.4 * aside) / self.stride)
            points[0, at] = (one.points / self.stride - cell).ravel()
