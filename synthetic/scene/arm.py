"""An arm that reaches into the picture: a hand of any skin, bare or sleeved to the wrist."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Floats, Points, Random, Size
from synthetic.geometry import Pose
from synthetic.scene.hand import SCALE, SIZE, SKINS, TONE, hand
from synthetic.scene.sheet import Sheet
from synthetic.scene.surfaces import any_colour, axes, full

LENGTH = 560.0
"""Millimetres from the finger tips to the end, which no picture shows."""
TIP = (30.0, 88.0)
"""Place that holds a page, in millimetres from the hand's top left."""
_CUFF = (150.0, 250.0)
"""Ends of sleeves: over the back of the hand, or well behind the wrist."""
_SLEEVED = 0.65
_SHIRT = 0.25
_STRIPED = 0.3
"""Shares of sleeved arms, and among them of white shirts, and of striped ones."""


def arm(random: Random) -> Sheet:
    """Return an arm that reaches in from the right."""
    drawn = hand(random)
    skin = np.array(SKINS[int(random.integers(len(SKINS)))][::-1], np.float32)
    picture = drawn.picture * (skin / TONE)
    beyond = round((LENGTH - SIZE[0]) * SCALE)
    picture = np.pad(picture, ((0, 0), (0, beyond), (0, 0)), mode="edge")
    cover = np.pad(drawn.cover, ((0, 0), (0, beyond)), mode="edge")
    if random.random() < _SLEEVED:
        cuff = round(random.uniform(*_CUFF) * SCALE)
        shade = 0.6 + 0.4 * picture[:, cuff:].max(axis=2, keepdims=True) / max(1.0, float(skin.max()))
        picture[:, cuff:] = _cloth(random, (picture.shape[1] - cuff, picture.shape[0])) * shade
    scale = SCALE / 2
    size = (cover.shape[1] // 2, cover.shape[0] // 2)
    small = cv2.resize(picture.clip(0, 255).astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    thin = cv2.resize(cover, size, interpolation=cv2.INTER_AREA)
    return Sheet(np.asarray(small, np.uint8), np.asarray(thin, np.uint8), scale, None, lift=6.0)


def _cloth(random: Random, size: Size) -> Floats:
    colour = random.uniform(225, 252) * np.ones(3) if random.random() < _SHIRT else any_colour(random)
    cloth = full(size, np.asarray(colour, np.float32))
    if random.random() < _STRIPED:
        along, across = axes(size, float(random.uniform(0, np.pi)))
        pitch = random.uniform(3, 25) * SCALE
        other = any_colour(random)
        cloth[(across % pitch) < random.uniform(0.15, 0.5) * pitch] = other
        if random.random() < 0.5:
            cloth[(along % pitch) < random.uniform(0.15, 0.5) * pitch] = other
    return cloth


def reaching(point: Points, angle: float, away: float = 0.0) -> Pose:
    """Return the pose of an arm whose tip is at a point of the desk, or so many millimetres drawn back.

    Parameters
    ----------
    angle
        Degrees, 0 for an arm that comes from the right, counter-clockwise.
    """
    turned = Pose(0.0, 0.0, angle).matrix[:2, :2]
    tip = turned @ np.array([TIP[0] - LENGTH / 2, TIP[1] - SIZE[1] / 2])
    back = turned @ np.array([away, 0.0])
    x, y = np.asarray(point, np.float64) - tip + back
    return Pose(float(x), float(y), angle)
