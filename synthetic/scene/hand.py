"""Fingers and a hand that lie on paper: shape, nails, skin of any tone, rounded by shading."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Random
from synthetic.noise import smooth_noise
from synthetic.scene.camera import lens
from synthetic.scene.sheet import Sheet

SKINS = ((255, 224, 196), (238, 190, 155), (200, 145, 105), (150, 98, 68), (98, 62, 46), (62, 42, 34))
"""RGB reflectance of skin from very light to very dark, in display levels."""

SCALE = 4.0
"""Pixels per millimetre of the hand; skin has no fine print."""
SIZE = (260.0, 170.0)
"""Its millimetres; it enters from the right."""
TONE = np.array((150.0, 180.0, 230.0), np.float32)
"""BGR."""


class Finger(NamedTuple):
    """A finger's tip (x, y), direction to the hand, half width and bend, in pixels."""

    tip: tuple[float, float]
    towards: tuple[float, float]
    half: float
    bend: float


FINGERS = ((52, 125, -9, 7.2), (34, 54, 22, 8.2), (20, 78, 7, 8.6), (30, 102, 0, 8.2))
"""Little, index, middle and ring finger: tip, degrees down to the hand, half width; in millimetres."""

PALM = ((112, 78, 150, 86, 22), (114, 104, 150, 98, 22), (150, 92, 190, 96, 29), (190, 96, 270, 104, 27))
"""Bones from x, y to x, y, and half the width of what is around them, in millimetres."""


def hand(random: Random) -> Sheet:
    """Return a hand that holds a page's right edge with four fingers."""
    shape = (round(SIZE[1] * SCALE), round(SIZE[0] * SCALE))
    skin = np.zeros((*shape, 3), np.float32)
    cover = np.zeros(shape, np.float32)
    part = (skin[:, : round(130 * SCALE)], cover[:, : round(130 * SCALE)])  # beyond it the palm hides them
    for x, y, degrees, half in FINGERS:
        way = (float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees))))
        finger = Finger((x * SCALE, y * SCALE), way, half * SCALE, 0.0)
        lay_finger(random, part, finger, TONE, nailed=1.0)
    _lay_palm(random, skin, cover)
    picture = cv2.GaussianBlur(skin, (0, 0), 0.8).clip(0, 255).astype(np.uint8)
    soft = cv2.GaussianBlur(255 * cover, (0, 0), 1.0).astype(np.uint8)
    return Sheet(picture, soft, SCALE, None, lift=6.0)


def _lay_palm(random: Random, skin: Floats, cover: Floats) -> None:
    """Paint palm and wrist, into which the fingers run."""
    rows, cols = cover.shape
    mask = np.zeros((rows, cols), np.uint8)
    for *ends, half in PALM:
        x0, y0, x1, y1 = (round(end * SCALE) for end in ends)
        cv2.line(mask, (x0, y0), (x1, y1), 255, round(2 * half * SCALE), cv2.LINE_AA)
    depth = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 5) / (24 * SCALE)
    lit = 0.56 + 0.42 * np.sqrt(1 - (1 - depth.clip(0, 1)) ** 2)
    lit *= 1 + 0.03 * smooth_noise(random, (cols, rows), (9, 6))
    away = (np.arange(cols, dtype=np.float32) / SCALE)[None, :, None]
    palm = mask / np.float32(255)
    share = palm[:, :, None] * np.maximum(((away - 96) / 30).clip(0, 1), 1 - cover[:, :, None])
    skin[:] = skin * (1 - share) + _toned(TONE, lit) * share
    np.maximum(cover, palm, out=cover)
    soft = lens(skin * cover[:, :, None], 4 * SCALE) / np.maximum(lens(cover, 4 * SCALE), 1e-3)[:, :, None]
    skin += (soft - skin) * ((away - 70) / 40).clip(0, 0.8)


def lay_finger(
    random: Random, canvas: tuple[Floats, Floats], finger: Finger, colour: Floats, nailed: float = 0.8
) -> None:
    """Paint one finger over those before it.

    Parameters
    ----------
    canvas
        float32 BGR of the skin, and its cover, 0..1.
    nailed
        Chance that its nail is seen.
    """
    skin, cover = canvas
    y, x = np.mgrid[: cover.shape[0], : cover.shape[1]].astype(np.float32)
    x = x - np.float32(finger.tip[0])
    y = y - np.float32(finger.tip[1])
    dx, dy = (np.float32(part) for part in finger.towards)
    along = x * dx + y * dy
    across = y * dx - x * dy - np.float32(finger.bend) * along**2
    half = _half_width(along, finger.half)
    weight = (np.clip(half - np.abs(across) + 0.5, 0, 1) * (along > 0)).astype(np.float32)
    bulge = np.clip(1 - (across / np.maximum(half, 1e-3)) ** 2, 0, 1)
    end = np.clip(along / (1.2 * finger.half), 0, 1)
    height = np.sqrt(bulge * (1 - (1 - end) ** 2))
    slope = random.uniform(-0.25, 0.25) * across / np.maximum(half, 1e-3)
    lit = (0.45 + 0.55 * height + slope * 0.8).astype(np.float32)
    lit *= 1 + 0.03 * smooth_noise(random, cover.shape[::-1], (60, 80))
    painted = _toned(_patches(along, across, finger.half, colour, random.random() < nailed), lit)
    skin[:] = skin * (1 - weight[:, :, None]) + np.clip(painted, 0, 255) * weight[:, :, None]
    np.maximum(cover, weight, out=cover)


def _toned(colour: Floats, lit: Floats) -> Floats:
    return np.asarray(colour * lit[:, :, None], np.float32)


def _half_width(along: Floats, half: float) -> Floats:
    """Return half the width: a round tip, a waist before the joint, wider at it and towards the hand."""
    reach = np.clip(along / (1.25 * half), 0, 1)
    joint = 1 + 0.06 * np.exp(-(((along / half) - 3.2) ** 2) / 0.6) + 0.02 * np.clip(along / half - 2, 0, 6)
    return np.asarray(half * np.sqrt(np.clip(1 - (1 - reach) ** 2, 0, 1)) * joint, np.float32)


def _patches(along: Floats, across: Floats, half: float, colour: Floats, nailed: bool) -> Floats:
    """Return the skin's colour: nail, red tip, dark creases over the joint."""
    red = np.exp(-((along / half) ** 2) / 2.5)[:, :, None]
    plane = colour * (1 - red * np.array([0.14, 0.12, 0.0], np.float32))
    for crease in (3.0, 3.25, 3.5):
        line = np.exp(-(((along + 0.06 * across) / half - crease) ** 2) / 0.004)
        plane = plane * (1 - 0.14 * line[:, :, None])
    if nailed:
        nail = ((along / half - 1.15) / 0.75) ** 2 + (across / (0.62 * half)) ** 2
        shine = np.array([190, 195, 235], np.float32) * max(0.45, float(colour[2]) / 255)
        pale = (0.55 * colour + 0.45 * shine) * (1 + 0.12 * (across / half > 0.2))[:, :, None]
        plane = np.where((nail < 1)[:, :, None], pale, plane)
        plane = plane * (1 - 0.2 * np.exp(-((nail - 1) ** 2) / 0.01))[:, :, None]
    return np.asarray(plane, np.float32)
