"""Laying flat documents into a picture of a desk, with their shadows."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Random, Size
from synthetic.documents.slips import Slip
from synthetic.noise import smooth_noise


class Shadow(NamedTuple):
    """Ranges of what a document darkens, in pixels of a picture 1600 long, and shares of the light.

    Attributes
    ----------
    away, soft, dark
        Reach of the shadow from light at one side, its blur, its depth.
    rest
        Depth of the narrow line along the edge that no light reaches.
    bent
        Share of documents that are unevenly lit since they do not lie flat, and by how much at most.
    """

    away: float
    soft: tuple[float, float]
    dark: float
    rest: tuple[float, float]
    bent: tuple[float, float]


def lay(random: Random, picture: Floats, slip: Slip, quad: Floats, shadow: Shadow) -> None:
    """Draw `slip` over what is there, its corners at `quad`; float32 BGR, changed in place."""
    unit = max(picture.shape[:2]) / 1600
    pad = int(8 + 24 * unit)
    low = np.maximum(np.floor(quad.min(axis=0)).astype(int) - pad, 0)
    high = np.minimum(np.ceil(quad.max(axis=0)).astype(int) + pad, picture.shape[1::-1])
    if (high - low).min() < 4:
        return
    part = picture[low[1] : high[1], low[0] : high[0]]
    cover, page = _warped(slip, quad - low, (part.shape[1], part.shape[0]))
    shift = random.normal(size=2) * random.uniform(0, shadow.away) * unit
    moved = cv2.warpAffine(cover, np.array([(1, 0, shift[0]), (0, 1, shift[1])]), cover.shape[::-1])
    soft = cv2.GaussianBlur(moved, (0, 0), max(0.4, random.uniform(*shadow.soft) * unit))
    rest = cv2.GaussianBlur(cover, (0, 0), max(0.4, random.uniform(0.8, 2) * unit))
    darkness = 1 - soft * np.float32(random.uniform(0, shadow.dark))
    part *= (darkness * (1 - rest * np.float32(random.uniform(*shadow.rest))))[:, :, None]
    if random.random() < shadow.bent[0]:
        bend = smooth_noise(random, (part.shape[1], part.shape[0]), tuple(random.uniform(2, 5, 2)))
        page = page * (1 + np.float32(random.uniform(0, shadow.bent[1])) * bend[:, :, None])
    part[:] = part * (1 - cover[:, :, None]) + page * cover[:, :, None]


def _warped(slip: Slip, quad: Floats, size: Size) -> tuple[Floats, Floats]:
    """Return cover and colours as the picture sees them; drawn finer than that they are averaged first."""
    height, width = slip.cover.shape
    sides = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[1])
    fine = max(1.0, min(width / sides[0], height / sides[1]) / 1.5)
    small = (max(2, round(width / fine)), max(2, round(height / fine)))
    cover, colour = (cv2.resize(it, small, interpolation=cv2.INTER_AREA) for it in (slip.cover, slip.colour))
    flat = np.array([(0, 0), (small[0], 0), small, (0, small[1])], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(flat, quad.astype(np.float32))
    shown = cv2.warpPerspective(cover, warp, size, flags=cv2.INTER_LINEAR)
    page = cv2.warpPerspective(colour, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shown, np.float32), np.asarray(page, np.float32)
