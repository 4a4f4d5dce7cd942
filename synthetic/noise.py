"""Random fields: clouds of any size of blob, as float32."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Floats, Random, Size


def clouds(random: Random, size: Size, cells: tuple[float, float]) -> Floats:
    """Smooth noise of unit deviation, ``(rows, cols)``, with about `cells` (across, down) blobs."""
    return _grown(random.standard_normal(_coarse(cells)).astype(np.float32), size)


def smooth_noise(random: Random, size: Size, cells: tuple[float, float]) -> Floats:
    """The same between -1 and 1."""
    noise = _grown(random.standard_normal(_coarse(cells), np.float32), size)
    return np.asarray(noise / max(1e-6, float(np.abs(noise).max())), np.float32)


def blurred_noise(random: Random, size: Size, sigma: float) -> Floats:
    """Noise of unit deviation with features of `sigma` pixels."""
    soft = cv2.GaussianBlur(random.standard_normal(size[::-1], np.float32), (0, 0), sigma)
    return np.asarray(soft / soft.std(), np.float32)


def _coarse(cells: tuple[float, float]) -> tuple[int, int]:
    return max(2, int(cells[1])), max(2, int(cells[0]))


def _grown(coarse: Floats, size: Size) -> Floats:
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.float32)
