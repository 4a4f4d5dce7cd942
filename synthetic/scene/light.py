"""Light: lamps, what they tint and where they fall off, shadows, reflections."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Random, Size
from synthetic.noise import smooth_noise

UNITY = 160
"""The value of a lamp map that leaves a picture as it is."""

LIGHTS = {"neutral": (1.0, 1.0, 1.0), "warm": (0.72, 0.9, 1.0), "cold": (1.0, 0.96, 0.88)}
"""Shares of blue, green and red that a light has."""


def warm_lamp(size: Size) -> Image:
    """Return brightness over the picture, BGR, `UNITY` = 1: a warm lamp top left, darker corners."""
    y, x = np.mgrid[-1.0:1.0:64j, -1.0:1.0:64j].astype(np.float32)
    pool = 1.05 * np.exp(-(((x + 0.20) / 2.7) ** 2) - ((y + 0.30) / 2.6) ** 2)
    fall = 1.0 - 0.10 * (x * x + y * y) ** 2 / 4
    level = np.clip(pool * fall, 0.0, 253 / UNITY)
    warm = np.dstack([level * 0.975, level, level * 1.005]) * UNITY
    return np.asarray(cv2.resize(warm, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8))


def lit(picture: Image, lamp: Image) -> Image:
    """Return `picture` under `lamp`, a part of a lamp map of the same shape."""
    return np.asarray(cv2.multiply(picture, lamp, scale=1 / UNITY), np.uint8)


def lamplight(random: Random, size: Size) -> Floats:
    """Return light of any tint that falls off smoothly, float32 ``(rows, cols, 3)`` of 0.3..1."""
    name = str(random.choice(tuple(LIGHTS), p=[0.5, 0.3, 0.2]))
    level = random.uniform(0.7, 1.0)
    fall = 1 + random.uniform(0, 0.16) * smooth_noise(random, size, (2, 2))
    tint = np.array(LIGHTS[name], np.float32) ** np.float32(random.uniform(0.6, 1.0))
    return np.asarray(np.clip(fall * level, 0.3, 1.0)[:, :, None] * tint, np.float32)


def cast(random: Random, size: Size, soft: tuple[float, float]) -> Floats:
    """Return the shadow of an arm or a head, 0..1, its rim soft by a range of pixels."""
    low = np.array(size) * -0.3
    high = np.array(size) * 1.3
    return shadow(random, size, random.uniform(low, high, (4, 2)), soft)


def shadow(random: Random, size: Size, corners: Floats, soft: tuple[float, float]) -> Floats:
    """Return the shadow of what spans the corners, 0..1."""
    mask = np.zeros(size[::-1], np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(corners.astype(np.int32)), 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), random.uniform(*soft)), np.float32)


def uneven(random: Random, scene: Floats) -> Floats:
    """Return `scene` in the light of a room: dim at a side, of any tint, now and then in a shadow."""
    size = (scene.shape[1], scene.shape[0])
    fall = 1 + random.uniform(0, 0.3) * smooth_noise(random, size, (2, 2))
    light = fall[:, :, None] * np.float32(random.uniform(0.55, 1.02))
    if random.random() < 0.3:
        light = light * random.uniform(0.4, 1.0, 3).astype(np.float32)
    if random.random() < 0.35:
        depth = np.float32(random.uniform(0.1, 0.5))
        light = light * (1 - depth * cast(random, size, (3, 40)))[:, :, None]
    return np.asarray(scene * light, np.float32)


def glare(random: Random, scene: Floats) -> Floats:
    """Return `scene` with a lamp's reflection: a soft bright spot or two."""
    rows, cols = scene.shape[:2]
    y, x = np.mgrid[:rows, :cols].astype(np.float32) / max(rows, cols)
    for _ in range(int(random.integers(1, 3))):
        cx = random.uniform(0, cols / max(rows, cols))
        cy = random.uniform(0, rows / max(rows, cols))
        away = ((x - cx) ** 2 + (y - cy) ** 2) / random.uniform(0.03, 0.2) ** 2
        spot = np.exp(-(away ** random.uniform(0.7, 2)))
        scene = scene + np.float32(random.uniform(20, 160)) * spot[:, :, None]
    return scene
