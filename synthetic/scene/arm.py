"""An arm that reaches into the picture: a hand of any skin, bare or sleeved to the wrist."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Points, Random
from synthetic.geometry import Pose
from synthetic.scene.hand import SCALE, SIZE, SKINS, TONE, hand
from synthetic.scene.sheet import Sheet
from synthetic.scene.surfaces import any_colour

LENGTH = 560.0
"""Millimetres from the finger tips to the end, which no picture shows."""
TIP = (30.0, 88.0)
"""Place that holds a page, in millimetres from the hand's top left."""
_WRIST = 205.0


def arm(random: Random) -> Sheet:
    """Return an arm that reaches in from the right."""
    drawn = hand(random)
    skin = np.array(SKINS[int(random.integers(len(SKINS)))][::-1], np.float32)
    picture = drawn.picture * (skin / TONE)
    beyond = round((LENGTH - SIZE[0]) * SCALE)
    picture = np.pad(picture, ((0, 0), (0, beyond), (0, 0)), mode="edge")
    cover = np.pad(drawn.cover, ((0, 0), (0, beyond)), mode="edge")
    if random.random() < 0.6:
        wrist = round(_WRIST * SCALE)
        shade = 0.6 + 0.4 * picture[:, wrist:].max(axis=2, keepdims=True) / max(1.0, float(skin.max()))
        picture[:, wrist:] = any_colour(random) * shade
    scale = SCALE / 2
    size = (cover.shape[1] // 2, cover.shape[0] // 2)
    small = cv2.resize(picture.clip(0, 255).astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    thin = cv2.resize(cover, size, interpolation=cv2.INTER_AREA)
    return Sheet(np.asarray(small, np.uint8), np.asarray(thin, np.uint8), scale, None, lift=6.0)


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
