"""Strokes that look written by hand, as ink masks (255 = ink): digits, and words of no language."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from synthetic.arrays import Image, Points, Random

Stroke = tuple[tuple[float, float], ...]
"""Points of one stroke in a box of 1 by 1, y downwards."""

DIGITS: dict[str, tuple[Stroke, ...]] = {
    "0": (((0.5, 0.05), (0.14, 0.35), (0.18, 0.8), (0.5, 0.97), (0.84, 0.72), (0.8, 0.25), (0.5, 0.05)),),
    "1": (((0.36, 0.2), (0.56, 0.05), (0.5, 0.97)),),
    "2": (((0.15, 0.25), (0.45, 0.05), (0.8, 0.25), (0.5, 0.62), (0.12, 0.95), (0.9, 0.92)),),
    "3": (((0.2, 0.12), (0.55, 0.05), (0.75, 0.25), (0.45, 0.46), (0.8, 0.7), (0.5, 0.97), (0.15, 0.85)),),
    "4": (((0.6, 0.05), (0.12, 0.65), (0.9, 0.62)), ((0.66, 0.35), (0.6, 0.98))),
    "5": (((0.8, 0.06), (0.32, 0.08), (0.22, 0.45), (0.6, 0.42), (0.8, 0.7), (0.5, 0.97), (0.15, 0.88)),),
    "6": (((0.7, 0.05), (0.25, 0.45), (0.2, 0.8), (0.5, 0.97), (0.78, 0.75), (0.55, 0.54), (0.22, 0.72)),),
    "7": (((0.12, 0.1), (0.85, 0.08), (0.4, 0.97)),),
    "8": (((0.75, 0.2), (0.5, 0.05), (0.25, 0.22), (0.72, 0.7), (0.5, 0.97), (0.24, 0.74), (0.75, 0.2)),),
    "9": (((0.78, 0.3), (0.5, 0.05), (0.2, 0.28), (0.45, 0.5), (0.78, 0.3), (0.66, 0.97)),),
    "-": (((0.15, 0.5), (0.8, 0.48)),),
}

_LONG = ((0.52, 0.04), (0.4, 0.5), (0.05, 0.95))
PARTS: tuple[tuple[Stroke, ...], ...] = (
    (((0.1, 0.2), (0.14, 0.9)), ((0.1, 0.2), (0.9, 0.16), (0.82, 0.88)), ((0.14, 0.86), (0.84, 0.84))),
    (((0.1, 0.3), (0.92, 0.24)), ((0.5, 0.02), (0.5, 0.98))),
    (((0.05, 0.36), (0.95, 0.3)), _LONG, ((0.48, 0.4), (0.7, 0.7), (1.0, 0.92))),
    (((0.2, 0.25), (0.82, 0.22)), ((0.5, 0.05), (0.5, 0.88)), ((0.05, 0.92), (0.97, 0.88))),
    (((0.5, 0.0), (0.3, 0.4), (0.05, 0.6)), ((0.34, 0.35), (0.36, 0.98)), ((0.45, 0.3), (0.95, 0.25))),
    (((0.1, 0.1), (0.3, 0.25)), ((0.05, 0.42), (0.25, 0.55)), ((0.05, 0.95), (0.4, 0.62), (0.95, 0.1))),
    (((0.08, 0.15), (0.9, 0.1), (0.55, 0.45), (0.5, 0.95), (0.3, 0.85)), ((0.05, 0.55), (0.97, 0.5))),
    (((0.1, 0.12), (0.88, 0.1)), ((0.15, 0.48), (0.8, 0.46)), ((0.04, 0.9), (0.98, 0.86))),
)
"""Strokes as characters are made of; put together by chance they are none."""
HALVES = (
    ((0.0, 0.08, 0.36, 0.95), (0.44, 0.05, 0.95, 0.95)),
    ((0.12, 0.0, 0.85, 0.44), (0.03, 0.52, 0.95, 1.0)),
)
"""Left, top, right and bottom of a character's two parts, beside or below one another."""

SLANT = 0.10
STEPS = 7
"""Points between two of a stroke."""


def handwriting(random: Random, words: str, em: float) -> Image:
    """Return digits and dashes of `words`, other letters as strokes of their width; `em` in pixels."""
    margin = em * 0.25
    x = margin
    strokes = []
    for letter in words:
        strokes += [_placed(points, x, margin, em, random) for points in _letter(letter, random)]
        wide = 0.62 if letter in DIGITS else 0.45 if letter == " " else 1.05
        x += em * wide * float(random.uniform(0.94, 1.06))
    mask = np.zeros((round(em * 1.5), round(x + margin)), np.uint8)
    for points in strokes:
        _draw(mask, _smooth(points), max(1.0, em * 0.055))
    return mask


def _letter(letter: str, random: Random) -> list[Points]:
    """Return the strokes of a letter in a box of 1 by 1."""
    if letter == " ":
        return []
    if letter in DIGITS:
        return [_within(stroke, (0.0, 0.1, 0.52, 0.95)) for stroke in DIGITS[letter]]
    parts = random.choice(len(PARTS), 2, replace=False)
    boxes = HALVES[int(random.integers(2))]
    return [_within(it, box) for part, box in zip(parts, boxes, strict=True) for it in PARTS[int(part)]]


def _within(stroke: Stroke, box: tuple[float, float, float, float]) -> Points:
    low = np.array(box[:2])
    high = np.array(box[2:])
    return np.asarray(low + np.array(stroke) * (high - low), np.float32)


def _placed(points: Points, x: float, y: float, em: float, random: Random) -> Points:
    """Return the way of the pen, in pixels: never twice the same."""
    points = points + random.normal(0.0, 0.022, points.shape).astype(np.float32)
    points[:, 0] += SLANT * (1.0 - points[:, 1])
    return np.asarray(points * em + np.array([x, y + em * random.normal(0.0, 0.02)]), np.float32)


def _smooth(points: Points) -> Points:
    """Return points of a Catmull-Rom spline through `points`."""
    padded = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0.0, 1.0, STEPS, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    return np.concatenate([*pieces, points[-1:]]).astype(np.float32)


def _draw(mask: Image, points: Points, width: float) -> None:
    """Draw a line that grows thinner towards its end, in sixteenths of a pixel."""
    ends = np.rint(points * 16).astype(int).tolist()
    for place, (start, end) in enumerate(pairwise(ends)):
        share = 1.15 - 0.5 * place / len(points)
        cv2.line(mask, start, end, 255, max(1, round(width * share)), cv2.LINE_AA, 4)
