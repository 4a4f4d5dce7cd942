"""Sheets as a scanner gives them: paper with fibres and grain, on which things are laid."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Mask = npt.NDArray[np.uint8]
A4 = 210.0, 297.0


class Sheet:
    """A sheet of A4; places and sizes are millimetres, colours BGR."""

    def __init__(self, dots: int, tint: tuple[int, int, int] = (245, 247, 248)) -> None:
        self._dots = dots
        self._random = np.random.default_rng(7)
        width, height = (self._pixels(side) for side in A4)
        self.light = np.full((height, width, 3), tint, np.float32)
        for size, how in ((3, cv2.INTER_LINEAR), (40, cv2.INTER_CUBIC)):
            fibres = self._random.normal(0, 1.2, (height // size + 2, width // size + 2)).astype(np.float32)
            self.light += cv2.resize(fibres, (width, height), interpolation=how)[..., None]

    def scanned(self, grain: float = 3.0) -> Image:
        """What a sensor with so much noise sees of it."""
        seen = self._random.standard_normal(self.light.shape, np.float32)
        seen *= grain
        seen += self.light
        return np.clip(seen, 0, 255, out=seen).astype(np.uint8)

    def lay(
        self, mask: Mask, ink: tuple[int, int, int] = (50, 50, 50), strength: float = 1.0, blur: float = 0.0
    ) -> Sheet:
        """Cover what `mask` has with ink, blurred by so much."""
        sigma = blur * self._dots / 25.4
        rows = self._reached(mask, sigma)
        cover = mask[rows].astype(np.float32) / 255
        if blur:
            cover = cv2.GaussianBlur(cover, (0, 0), sigma)
        cover = (cover * strength)[..., None]
        light = self.light[rows]
        light *= 1 - cover
        light += np.float32(ink) * cover
        return self

    def _reached(self, mask: Mask, sigma: float) -> slice:
        """The rows that a blurred mask covers anything of: it is a small part of most sheets."""
        covered = np.flatnonzero(mask.any(axis=1))
        reach = math.ceil(5 * sigma)
        return slice(max(0, covered[0] - reach), covered[-1] + reach + 1)

    def shade(self, across: float, down: float) -> Sheet:
        """Light that falls off to those shares."""
        rows, cols = self.light.shape[:2]
        fall = np.outer(np.linspace(1, down, rows), np.linspace(1, across, cols))
        self.light *= fall[..., None].astype(np.float32)
        return self

    def box(self, left: float, top: float, width: float, height: float) -> Mask:
        mask = self._empty()
        first = self._point(left, top)
        last = self._point(left + width, top + height)
        return np.asarray(cv2.rectangle(mask, first, last, 255, cv2.FILLED), np.uint8)

    def disc(self, x: float, y: float, radius: float, line: float = 0.0) -> Mask:
        thickness = self._pixels(line) if line else cv2.FILLED
        mask = self._empty()
        cv2.circle(mask, self._point(x, y), max(1, self._pixels(radius)), 255, thickness, cv2.LINE_AA)
        return mask

    def line(self, *points: tuple[float, float], width: float) -> Mask:
        mask = self._empty()
        fine = 16 * self._dots / 25.4
        path = [np.round(np.array(points) * fine).astype(np.int32)]
        cv2.polylines(mask, path, False, 255, max(1, self._pixels(width)), cv2.LINE_AA, 4)
        return mask

    def words(
        self, text: str, x: float, y: float, height: float = 2.4, face: int = 3, onto: Mask | None = None
    ) -> Mask:
        mask = self._empty() if onto is None else onto
        scale = height * self._dots / 25.4 / 21
        stroke = max(1, self._pixels(height / 8))
        cv2.putText(mask, text, self._point(x, y), face, scale, 255, stroke, cv2.LINE_AA)
        return mask

    def text(self, height: float = 3.0, step: int = 8) -> Mask:
        """A page full of it."""
        said = "The quick brown fox jumps over the lazy dog again"
        mask = self._empty()
        for y in range(30, 270, step):
            self.words(said, 20, y, height, onto=mask)
        return mask

    def dust(self, count: int) -> Mask:
        mask = self._empty()
        for _ in range(count):
            x, y, radius = self._random.uniform((5, 5, 0.05), (205, 292, 0.35))
            cv2.circle(mask, self._point(x, y), self._pixels(radius), 255, cv2.FILLED, cv2.LINE_AA)
        return mask

    def _empty(self) -> Mask:
        return np.zeros(self.light.shape[:2], np.uint8)

    def _pixels(self, millimetres: float) -> int:
        return round(millimetres * self._dots / 25.4)

    def _point(self, x: float, y: float) -> tuple[int, int]:
        return self._pixels(x), self._pixels(y)
