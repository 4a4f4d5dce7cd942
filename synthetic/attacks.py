"""The drawn face where there is nobody: on a phone's screen, and printed on paper."""

from __future__ import annotations

import math

import cv2
import numpy as np

from synthetic.arrays import Image
from synthetic.faces import FAR, STEPS, WALL, Colour, Pose, Sitter, pose

BEZEL = (24, 22, 22)
PAPER = (238, 242, 242)


class Screen:
    """A phone that plays the person: a bezel, glare, moire of two grids, and nothing at all in infrared."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._sitter = Sitter(round(0.46 * height), round(0.80 * height))

    def colour(self, step: int) -> Image:
        """Return BGR ``(height, width, 3)``."""
        played = cv2.convertScaleAbs(self._sitter.colour(pose(step)), alpha=1.08, beta=6)
        rows, columns = np.indices(played.shape[:2], np.float32)
        beat = 7.0 * np.sin(0.55 * columns + 0.12 * rows + 0.2 * step) * np.sin(0.5 * rows)
        glare = 46.0 * np.exp(-(((columns + 0.8 * rows) / played.shape[1] - 1.3) ** 2) * 60.0)
        shown = np.clip(played + (beat + glare)[..., None] + np.array((10, 2, -6)), 0, 255).astype(np.uint8)
        return _held(_bordered(shown, BEZEL, 0.03 * self._size[1]), WALL, self._size, step)

    def infrared(self, step: int) -> Image:
        """Return a black slab before a dark wall: a screen gives no infrared."""
        slab = np.full_like(self._sitter.colour(Pose()), 8)
        return _held(_bordered(slab, (30, 30, 30), 0.03 * self._size[1]), FAR, self._size, step)


class Print:
    """A photograph on paper: it never moves but as a whole, and has no relief in infrared."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._photograph = Sitter(round(0.56 * height), round(0.76 * height)).colour(Pose())

    def colour(self, step: int) -> Image:
        """Return BGR ``(height, width, 3)``."""
        faded = np.asarray(cv2.convertScaleAbs(self._photograph, alpha=0.82, beta=34), np.uint8)
        return _held(_bordered(faded, PAPER, 0.07 * self._size[1]), WALL, self._size, step)

    def infrared(self, step: int) -> Image:
        """Return a pale sheet with the face's outline: dyes hardly show."""
        grey = cv2.convertScaleAbs(cv2.cvtColor(self._photograph, cv2.COLOR_BGR2GRAY), alpha=0.3, beta=120)
        pale = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
        return _held(_bordered(pale, (200, 200, 200), 0.07 * self._size[1]), FAR, self._size, step)


def _bordered(shown: Image, colour: Colour, width: float) -> Image:
    edges = (round(width),) * 4
    return np.asarray(cv2.copyMakeBorder(shown, *edges, cv2.BORDER_CONSTANT, value=colour), np.uint8)


def _held(thing: Image, wall: Colour, size: tuple[int, int], step: int) -> Image:
    """Return a flat thing in a hand that is not quite still, before a wall."""
    height, width = thing.shape[:2]
    turn = 2 * math.pi * step / STEPS
    place = cv2.getRotationMatrix2D((width / 2, height / 2), 2.5 * math.sin(turn), 1.0)
    place[:, 2] += ((size[0] - width) / 2 + 0.02 * size[0] * math.sin(2 * turn), (size[1] - height) / 2)
    return np.asarray(cv2.warpAffine(thing, place, size, borderValue=wall), np.uint8)
