"""Bars drawn on pages, seen from anywhere."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Corners = npt.NDArray[np.float64]


def random_bars(seed: int, count: int = 30, module: int = 3, height: int = 70) -> Image:
    """Bars and spaces of one to four modules, without quiet zones."""
    widths = np.random.default_rng(seed).integers(1, 5, 2 * count - 1)
    levels = np.where(np.arange(len(widths)) % 2, 255, 20).astype(np.uint8)
    return np.tile(np.repeat(levels, widths * module), (height, 1))


def placed(code: Image, degrees: float, size: int = 900, shear: float = 0.0) -> tuple[Image, Corners]:
    """A page with the code in its middle, turned clockwise, and the code's corners."""
    rows, cols = code.shape
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn = turn @ np.array([[1, shear], [0, 1]])
    middle = np.array([(cols - 1) / 2, (rows - 1) / 2])
    fitted_lattice = np.column_stack([turn, (size - 1) / 2 - turn @ middle])
    page = cv2.warpAffine(code, fitted_lattice, (size, size), flags=cv2.INTER_CUBIC, borderValue=(255,))
    box = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)]) - 0.5
    return np.asarray(page, np.uint8), box @ turn.T + fitted_lattice[:, 2]


def printed_page(size: int = 900) -> Image:
    """Lines of print."""
    page = np.full((size, size), 245, np.uint8)
    for row in range(30, size, 30):
        text = f"Illinois will fill all {row} mills till Lilli's {row * 7} bills are nil"
        cv2.putText(page, text, (20, row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (30,), 1, cv2.LINE_AA)
    return page
