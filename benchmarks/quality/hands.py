"""Real hands on real pages: fingers that are gone, and ink that is lost where no finger lies."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image
from lab.held_pages import LONG, HeldPhotograph, Mask

HAND = 0.05
"""Share of the page from which it is a hand, and covers text that nobody can know: it is to stay."""
GONE = 40
"""Levels from the paper around up to which a pixel is gone, as light changes within a finger's width."""
MOST = 0.9
"""Share of a finger's pixels from which the finger is gone."""
INK = 30
"""Levels by which ink is darker than the paper around."""
NEAR = 9
"""Pixels beside a finger that do not count: there lies its shadow."""
RIM = 0.015
"""Share of the long side along the page's edge that does not count: there lies desk."""


def ink_lost(held: HeldPhotograph, cleaned: Image) -> int:
    """Pixels of print that are paler by half, away from fingers and from the page's edge."""
    before = _contrast(held.page)
    after = _contrast(cleaned)
    covered = np.logical_or.reduce(held.fingers).astype(np.uint8)
    near = cv2.dilate(covered, np.ones((2 * NEAR + 1,) * 2, np.uint8)) > 0
    rim = round(RIM * LONG)
    inside = np.zeros(near.shape, np.bool_)
    inside[rim:-rim, rim:-rim] = True
    return int(((before > INK) & (after < before // 2) & inside & ~near).sum())


def _contrast(page: Image) -> Image:
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    return np.asarray(cv2.subtract(paper, grey), np.uint8)


def gone(held: HeldPhotograph, finger: Mask, cleaned: Image) -> float:
    """Share of a finger's pixels that changed, to what the bare paper around it looks like."""
    part = finger.astype(np.uint8)
    core = cv2.erode(np.pad(part, 4, mode="edge"), np.ones((7, 7), np.uint8))[4:-4, 4:-4] > 0
    ring = cv2.dilate(part, np.ones((51, 51), np.uint8)) > cv2.dilate(part, np.ones((17, 17), np.uint8))
    ring &= ~np.logical_or.reduce(held.fingers) & (_contrast(held.page) < INK // 2)
    if not core.any() or not ring.any():
        return float("nan")
    paper = np.median(cleaned[ring], axis=0)
    near = np.abs(cv2.blur(cleaned, (5, 5)) - paper).max(axis=2) < GONE
    changed = np.abs(cleaned.astype(np.int16) - held.page).max(axis=2) > INK // 4
    return float((near & changed)[core].mean())
