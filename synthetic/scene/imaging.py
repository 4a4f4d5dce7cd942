"""Light, desk and camera for made pages. SYNTHETIC, seeded."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Random = np.random.Generator

LIGHTS = {"neutral": (1.0, 1.0, 1.0), "warm": (0.72, 0.9, 1.0), "cold": (1.0, 0.96, 0.88)}
"""What the light does to blue, green and red."""


def smooth_noise(random: Random, size: tuple[int, int], cells: tuple[int, int]) -> Floats:
    """float32 ``(rows, cols)`` between -1 and 1; `size` and `cells` are columns and rows."""
    small = random.standard_normal((max(2, cells[1]), max(2, cells[0])), np.float32)
    large = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large / max(1e-6, float(np.abs(large).max())), np.float32)


def lamp(random: Random, size: tuple[int, int]) -> Floats:
    """Light on the desk, float32 ``(rows, cols, 3)`` of 0.4..1, falling off smoothly."""
    name = str(random.choice(tuple(LIGHTS), p=[0.5, 0.3, 0.2]))
    level = random.uniform(0.7, 1.0)
    fall = 1 + random.uniform(0, 0.16) * smooth_noise(random, size, (2, 2))
    tint = np.array(LIGHTS[name], np.float32) ** np.float32(random.uniform(0.6, 1.0))
    light = np.clip(fall * level, 0.3, 1.0)[:, :, None] * tint
    return np.asarray(light, np.float32)


def desk(random: Random, size: tuple[int, int]) -> Floats:
    """Wood, grey, dark or white: reflectance in display levels, float32 BGR."""
    kind = int(random.integers(4))
    base = ((60, 105, 160), (128, 128, 128), (38, 36, 36), (232, 232, 232))[kind]
    plane = np.full((size[1], size[0], 3), base, np.float32) * np.float32(random.uniform(0.8, 1.15))
    grain = smooth_noise(random, size, (6, max(8, size[1] // 12))) if kind == 0 else 0.0
    return np.asarray(plane + 12 * np.float32(1) * np.asarray(grain, np.float32)[..., None], np.float32)


def photograph(random: Random, scene: Floats, sigma: float) -> Picture:
    """Lens blur, noise and a JPEG."""
    blurred = lens(scene, sigma)
    noise = random.standard_normal(scene.shape, np.float32) * np.float32(random.uniform(0.5, 3.0))
    picture = np.clip(blurred + noise, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(75, 96))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def lens(scene: Floats, sigma: float) -> Floats:
    """Blurred by so many pixels."""
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), sigma), np.float32)


def slivers(
    random: Random, size: tuple[int, int], unit: float, deepest: float = 4.0
) -> npt.NDArray[np.bool_]:
    """bool ``(rows, cols)``: what an inexact crop shows beside the sheet, up to `deepest` millimetres."""
    cols, rows = size
    beside = np.zeros((rows, cols), bool)
    y, x = np.mgrid[:rows, :cols].astype(np.float32)
    for side in random.permutation(4)[: int(random.integers(1, 3))]:
        ends = random.uniform(0, deepest, 2) * unit * (random.random(2) < 0.7)
        along = (x / cols if side % 2 else y / rows).astype(np.float32)
        depth = ends[0] + (ends[1] - ends[0]) * along
        distance = (x, y, cols - 1 - x, rows - 1 - y)[side]
        beside |= distance < depth
    return beside
