"""Pictures drawn to make a finder work: few bytes as a file, as many candidates as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from imgcore.types import Image

PAPER = 235


def finder_patterns(side: int, module: int = 2, gap: int = 1) -> Image:
    """Finder patterns of QR codes side by side, `gap` modules apart."""
    pattern = np.full((7 + gap, 7 + gap), 255, np.uint8)
    for depth, level in ((0, 0), (1, 255), (2, 0)):
        pattern[depth : 7 - depth, depth : 7 - depth] = level
    return _tiled(np.kron(pattern, np.ones((module, module), np.uint8)), side)


def sparse_finder_patterns(side: int, module: int = 2) -> Image:
    """Finder patterns so far apart that the ground between them is light: no two are of one code."""
    return finder_patterns(side, module, 12)


def checkerboard(side: int, field: int = 2) -> Image:
    """A checkerboard."""
    return _tiled(np.kron([[0, 255], [255, 0]], np.ones((field, field))).astype(np.uint8), side)


def noise(side: int, seed: int = 1) -> Image:
    """Black and white pixels at random."""
    return np.asarray(np.random.default_rng(seed).integers(0, 2, (side, side)) * 255, np.uint8)


def blotches(side: int, seed: int = 1) -> Image:
    """Smoothed noise, which is ridges and loops everywhere."""
    grey = np.random.default_rng(seed).normal(size=(side, side)).astype(np.float32)
    smooth = cv2.GaussianBlur(grey, (0, 0), 3.0)
    return np.asarray((smooth > 0) * 255, np.uint8)


def fan(side: int, lines: int = 180) -> Image:
    """Lines through the middle."""
    image = np.full((side, side), PAPER, np.uint8)
    for angle in np.arange(lines) * np.pi / lines:
        step = np.array([np.cos(angle), np.sin(angle)]) * side
        ends = [tuple(int(v) for v in side / 2 + sign * step) for sign in (-1, 1)]
        cv2.line(image, ends[0], ends[1], 0, 1, cv2.LINE_AA)
    return image


def comb(side: int, period: int = 4) -> Image:
    """Upright lines."""
    row = np.where(np.arange(side) % period < period // 2, 0, 255).astype(np.uint8)
    return np.tile(row, (side, 1))


def lattice(side: int, period: int = 9) -> Image:
    """Lines both ways."""
    line = np.arange(side) % period == 0
    return np.asarray(np.where(line[:, None] | line, 0, 255), np.uint8)


def rectangles(side: int, period: int = 40) -> Image:
    """Cards side by side on a dark desk."""
    cell = np.full((period, period), 60, np.uint8)
    cell[3:-3, 3:-3] = PAPER
    return _tiled(cell, side)


def nested_squares(side: int, period: int = 4) -> Image:
    """Squares within squares."""
    from_edge = np.minimum(np.arange(side), np.arange(side)[::-1])
    depth = np.minimum.outer(from_edge, from_edge)
    return np.asarray(np.where(depth % period < period // 2, 0, 255), np.uint8)


def spiral(side: int, period: float = 8.0) -> Image:
    """One line around the middle, again and again."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    phase = np.hypot(x, y) / period - np.arctan2(y, x) / (2 * np.pi)
    return np.asarray(np.where(phase % 1.0 < 0.5, 0, 255), np.uint8)


def discs(side: int, period: int = 24) -> Image:
    """Discs side by side, of the size of punched holes in a page of some 1000 pixels."""
    cell = np.full((period, period), PAPER, np.uint8)
    cv2.circle(cell, (period // 2, period // 2), period // 3, 20, -1, cv2.LINE_AA)
    return _tiled(cell, side)


def fingertips(side: int, period: int = 24) -> Image:
    """Discs of skin's colour on paper, BGR, along the whole border and all over."""
    image = np.full((side, side, 3), (PAPER, PAPER, PAPER), np.uint8)
    for y in range(0, side + period, period):
        for x in range(0, side + period, period):
            cv2.circle(image, (x, y), 10, (120, 150, 205), -1, cv2.LINE_AA)
    return image


def specks(side: int, period: int = 5) -> Image:
    """Dots of two pixels."""
    cell = np.full((period, period), 255, np.uint8)
    cell[:2, :2] = 0
    return _tiled(cell, side)


def bars(side: int, seed: int = 1) -> Image:
    """Bars of random widths in bands, as linear codes have them, all over the picture."""
    rng = np.random.default_rng(seed)
    image = np.full((side, side), 255, np.uint8)
    for top in range(0, side, 24):
        widths = rng.integers(1, 5, side)
        level = (np.arange(side) % 2 * 255).astype(np.uint8)
        image[top : top + 20] = np.repeat(level, widths)[:side]
    return image


PICTURES: Mapping[str, Callable[[int], Image]] = {
    "finder patterns": finder_patterns,
    "sparse finder patterns": sparse_finder_patterns,
    "checkerboard": checkerboard,
    "noise": noise,
    "blotches": blotches,
    "fan": fan,
    "comb": comb,
    "lattice": lattice,
    "rectangles": rectangles,
    "nested squares": nested_squares,
    "spiral": spiral,
    "discs": discs,
    "specks": specks,
    "bars": bars,
}
"""Each takes the side in pixels."""


def _tiled(cell: Image, side: int) -> Image:
    times = -(-side // len(cell))
    return np.ascontiguousarray(np.tile(cell, (times, times))[:side, :side])
