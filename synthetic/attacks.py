"""The same face where there is nobody: on a phone's screen, and printed on paper."""

from __future__ import annotations

import math

import cv2
import numpy as np

from synthetic.arrays import Image
from synthetic.faces import FAR, STEPS, WALL, Pose, Sitter, pose

BEZEL, PAPER, DARK = (24, 22, 22), (238, 242, 242), (26, 26, 26)


class Screen:
    """A phone that plays the person: a bezel, glare, moire of two grids, and nothing at all in infrared."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._sitter = Sitter(round(0.46 * height), round(0.80 * height))

    def colour(self, step: int) -> Image:
        """BGR ``(height, width, 3)``."""
        played = cv2.convertScaleAbs(self._sitter.colour(pose(step)), alpha=1.08, beta=6)
        rows, columns = np.indices(played.shape[:2], np.float32)
        beat = 7.0 * np.sin(0.55 * columns + 0.12 * rows + 0.2 * step) * np.sin(0.5 * rows)
        glare = 46.0 * np.exp(-(((columns + 0.8 * rows) / played.shape[1] - 1.3) ** 2) * 60.0)
        shown = np.clip(played + (beat + glare)[..., None] + np.array((10, 2, -6)), 0, 255)
        return _held(shown.astype(np.uint8), BEZEL, 0.03, WALL, self._size, step)

    def infrared(self, step: int) -> Image:
        """A screen gives no infrared: a black slab before a dark wall."""
        slab = np.full((*self._shape(), 3), 8, np.uint8)
        return _held(slab, (30, 30, 30), 0.03, FAR, self._size, step)

    def _shape(self) -> tuple[int, int]:
        height, width = self._sitter.colour(Pose()).shape[:2]
        return height, width


class Print:
    """A photograph on paper: it never moves but as a whole, and has no relief in infrared."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._photograph = Sitter(round(0.56 * height), round(0.76 * height)).colour(Pose())

    def colour(self, step: int) -> Image:
        """BGR ``(height, width, 3)``."""
        faded = np.asarray(cv2.convertScaleAbs(self._photograph, alpha=0.82, beta=34), np.uint8)
        return _held(faded, PAPER, 0.07, WALL, self._size, step)

    def infrared(self, step: int) -> Image:
        """Dyes hardly show: a pale sheet with the face's outline."""
        grey = cv2.convertScaleAbs(cv2.cvtColor(self._photograph, cv2.COLOR_BGR2GRAY), alpha=0.3, beta=120)
        return _held(
            np.repeat(np.asarray(grey, np.uint8)[..., None], 3, axis=2),
            (200, 200, 200),
            0.07,
            FAR,
            self._size,
            step,
        )


def _held(
    shown: Image,
    border: tuple[int, ...],
    share: float,
    wall: tuple[int, ...],
    size: tuple[int, int],
    step: int,
) -> Image:
    """A flat thing in a hand that is not quite still, before a wall."""
    edge = round(share * size[1])
    thing = cv2.copyMakeBorder(shown, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=border)
    height, width = thing.shape[:2]
    turn = 2 * math.pi * step / STEPS
    place = cv2.getRotationMatrix2D((width / 2, height / 2), 2.5 * math.sin(turn), 1.0)
    place[:, 2] += ((size[0] - width) / 2 + 0.02 * size[0] * math.sin(2 * turn), (size[1] - height) / 2)
    return np.asarray(cv2.warpAffine(thing, place, size, borderValue=wall), np.uint8)
