"""Quality of punch hole removal: rendered pages, beside Hough circles with inpainting."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.holes.removal import remove_holes
from imgcore.types import Image
from synthetic.datasets.punched import BINDINGS, PunchedPage

Circles = npt.NDArray[np.float64]
"""``(n, 3)``: x, y and radius."""
Remover = Callable[[Image], tuple[Image, Circles]]

FIRST = 63_000
PUNCHED = 80
FREE = 60
OTHER = 12
BOUND = 8
"""Pages with timing marks, pages cut through their print, and pages of each binding."""
GONE = 16
"""Levels: a hole pixel within so many of paper is gone."""


@dataclass(frozen=True, slots=True)
class HoleRemovalScore:
    """Scores of one page: holes present, found and false; shares and levels as in the table."""

    pattern: str
    torn: int
    there: int
    found: int
    false: int
    gone: float
    touched: float
    colour: float
    seconds: float


def patterns() -> list[tuple[int, str | None]]:
    """Pages that are measured, by number and pattern."""
    kinds: list[str | None] = [None] * PUNCHED + ["none"] * FREE + ["marks"] * OTHER + ["cut"] * OTHER
    kinds += [name for name in BINDINGS for _ in range(BOUND)]
    return list(enumerate(kinds))


def score(page: PunchedPage, remover: Remover) -> HoleRemovalScore:
    """Score a remover on one page."""
    begun = time.thread_time()
    result, circles = remover(page.picture)
    seconds = time.thread_time() - begun
    gaps = np.linalg.norm(circles[:, None, :2] - page.centres[None], axis=2)
    found = int((gaps.min(axis=0, initial=np.inf) < page.radius / 2).sum())
    false = int((gaps.min(axis=1, initial=np.inf) >= page.radius / 2).sum())
    filled = result.astype(np.float32)
    touched = float((np.abs(filled - page.picture).max(axis=2)[page.ink] > GONE).mean())
    there = len(page.centres)
    if not there:
        return HoleRemovalScore(page.pattern, 0, 0, 0, false, float("nan"), touched, float("nan"), seconds)
    gone = np.abs(cv2.blur(filled, (5, 5)) - page.bare).max(axis=2)[page.holes] < GONE
    error = (filled - page.bare)[page.holes][gone]
    colour = float(np.abs(error.mean(axis=0)).max()) if gone.any() else float("nan")
    return HoleRemovalScore(
        page.pattern, page.torn, there, found, false, float(gone.mean()), touched, colour, seconds
    )


def remove(image: Image) -> tuple[Image, Circles]:
    result = remove_holes(image)
    circles = [(hole.x, hole.y, hole.radius) for hole in result.holes]
    return result.image, np.array(circles, np.float64).reshape(-1, 3)
