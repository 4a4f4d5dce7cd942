"""A person at the counter, made of an egg and paint: nobody who lives. It turns its head and blinks.

The head is an ellipsoid seen from the front. Each pixel on it has a direction, the direction turned by
the head's pose is a place in a painted map of the skin, and the direction itself gives the light.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from synthetic.arrays import Image

Floats = NDArray[np.float32]
Colour = tuple[int, int, int]

STEPS = 120
"""Distinct moments of a round: 8 s at 15 frames a second."""

WIDEST = math.radians(24)
"""The head turns so far to either side."""

MAP = 640
"""Side of the painted skin, which spans all directions: column = around, row = from crown to chin."""

SKIN = (150, 178, 222)
SHADE = (112, 140, 190)
LIPS = (108, 104, 186)
HAIR = (38, 42, 52)
IRIS = (58, 74, 92)
WHITE = (232, 236, 238)
WALL = (196, 200, 192)
SHIRT = (120, 92, 64)
FAR = (34, 34, 34)
NECK = (118, 118, 118)
CLOTH = (96, 96, 96)
"""Wall, neck and shirt by the light of the infrared emitter: what is thrice as far gets a ninth of it."""

VERGENCE = math.radians(3.4)
"""The infrared lens is so far around the head: 36 mm beside the other, 600 mm away."""
AMBIENT = 0.12
"""Share of infrared light that comes from everywhere."""
NEAR = 0.5
RADIUS = 0.1
"""Metres from the emitter to the tip of the head, and how far its rim lies behind that."""


class Pose(NamedTuple):
    """A turn of the head to its left and down, in radians, and of its eyelids, 0 open to 1 closed."""

    yaw: float = 0.0
    nod: float = 0.0
    shut: float = 0.0


def pose(step: int) -> Pose:
    """Return the pose at moment `step` of `STEPS`, round and round, with two blinks of five frames."""
    turn = 2 * math.pi * step / STEPS
    shut = max(0.0, 1.0 - min(abs(step - at) for at in (2, 74)) / 3.0)
    return Pose(WIDEST * math.sin(turn) ** 3, math.radians(5) * math.sin(2 * turn), shut)


class Sitter:
    """The person as a camera of one size sees it."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._half = (round(0.185 * height), round(0.255 * height))
        self._centre = (width // 2, round(0.44 * height))
        self._daylight = self._scene(WALL, SHIRT, SHADE)

    def colour(self, held: Pose) -> Image:
        """Return the person in daylight: BGR ``(height, width, 3)``."""
        x, y, z = self._normals
        light = np.clip(-0.35 * x - 0.45 * y + 0.82 * z, 0.0, 1.0)
        picture = self._daylight.copy()
        self._set(picture, self._skin(held) * (0.45 + 0.6 * light)[..., None])
        return picture

    def infrared(self, held: Pose) -> Image:
        """Return the person by an emitter beside the second lens, which sees a little more of one cheek; BGR.

        Lambert's law, light that falls with the square of the distance, and skin that is much more even than
        in daylight.
        """
        skin = self._skin(Pose(held.yaw + VERGENCE, held.nod, held.shut)).astype(np.uint8)
        grey = cv2.cvtColor(skin, cv2.COLOR_BGR2GRAY).astype(np.float32)
        front = self._normals[2]
        light = (AMBIENT + (1.0 - AMBIENT) * front) * (NEAR / (NEAR + RADIUS * (1.0 - front))) ** 2
        picture = self._scene(FAR, CLOTH, NECK)
        self._set(picture, np.repeat(((0.6 * grey + 66.0) * light)[..., None], 3, axis=2))
        return picture

    def _scene(self, back: Colour, shirt: Colour, neck: Colour) -> Image:
        """Return all but the head: a wall, neck and shoulders."""
        wall = np.linspace(1.05, 0.8, self._height, dtype=np.float32)[:, None, None]
        picture = np.clip(np.array(back, np.float32) * wall, 0, 255).repeat(self._width, 1).astype(np.uint8)
        (x, y) = self._centre
        (across, down) = self._half
        shoulders = (x, y + round(2.25 * down))
        cv2.ellipse(picture, shoulders, (round(2.3 * across), down), 0, 0, 360, shirt, -1, cv2.LINE_AA)
        cv2.ellipse(picture, (x, y + down), (across // 2, down // 2), 0, 0, 360, neck, -1, cv2.LINE_AA)
        return np.asarray(picture, np.uint8)

    @cached_property
    def _normals(self) -> tuple[Floats, Floats, Floats]:
        """The direction of each pixel of the head's box: right, down, towards the camera."""
        across, down = self._half
        x, y = np.meshgrid(np.linspace(-1, 1, 2 * across), np.linspace(-1, 1, 2 * down))
        # A chin is narrower than a forehead.
        x = x / np.where(y > 0, 1.0 - 0.2 * y**2, 1.0)
        z = np.sqrt(np.clip(1.0 - x**2 - y**2, 0.0, None))
        return x.astype(np.float32), y.astype(np.float32), z.astype(np.float32)

    @cached_property
    def _cover(self) -> Floats:
        """The share of each pixel of the box that is head, soft at the rim."""
        x, y, _ = self._normals
        rim = (1.0 - np.hypot(x, y)) * self._half[0]
        return np.clip(rim, 0.0, 1.0).astype(np.float32)[..., None]

    def _skin(self, held: Pose) -> Floats:
        """Return the painted map at the place each pixel points to when the head is turned back."""
        x, y, z = self._normals
        sin = math.sin(held.nod)
        cos = math.cos(held.nod)
        y, z = y * cos - z * sin, y * sin + z * cos
        around = np.arctan2(x, z) - np.float32(held.yaw)
        column = (around / (2 * math.pi) + 0.5) * MAP
        row = (y * 0.5 + 0.5) * MAP
        painted = _painted(round(held.shut, 2), round(held.yaw, 2))
        found = cv2.remap(painted, column.astype(np.float32), row.astype(np.float32), cv2.INTER_LINEAR)
        return found.astype(np.float32)

    def _set(self, picture: Image, head: Floats) -> None:
        (x, y) = self._centre
        (across, down) = self._half
        box = picture[y - down : y + down, x - across : x + across]
        box[:] = np.clip(box * (1.0 - self._cover) + head * self._cover, 0, 255)


@lru_cache(maxsize=8)
def _painted(shut: float, yaw: float) -> Image:
    """Return the skin of the whole head, flat; the nose stands out, so it goes ahead on a turn."""
    face = np.full((MAP, MAP, 3), SKIN, np.uint8)
    middle = MAP // 2
    nose = middle + round(26 * math.sin(yaw))
    for side in (-1, 1):
        eye = (middle + side * 45, 298)
        _blob(face, (middle + side * 58, 392), (34, 30), (138, 158, 222))
        _blob(face, eye, (27, 22), SHADE)
        _eye(face, eye, shut)
        cv2.ellipse(face, (eye[0], 270), (28, 9), 0, 190, 350, HAIR, 6, cv2.LINE_AA)
        cv2.ellipse(face, (nose + side * 9, 384), (5, 4), 0, 0, 360, (70, 84, 122), -1, cv2.LINE_AA)
    _blob(face, (nose - 9, 350), (8, 40), SHADE)
    _blob(face, (nose + 2, 372), (11, 14), (176, 200, 236))
    cv2.ellipse(face, (middle, 386), (19, 10), 0, 20, 160, SHADE, 2, cv2.LINE_AA)
    cv2.ellipse(face, (middle, 444), (32, 12), 0, 0, 360, LIPS, -1, cv2.LINE_AA)
    cv2.line(face, (middle - 31, 443), (middle + 31, 443), (66, 62, 118), 2, cv2.LINE_AA)
    _blob(face, (middle, 476), (24, 8), SHADE)
    cv2.GaussianBlur(face, (0, 0), 0.8, dst=face)
    cv2.rectangle(face, (0, 0), (MAP, 150), HAIR, -1)
    cv2.ellipse(face, (middle, 168), (108, 34), 0, 180, 360, SKIN, -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.rectangle(face, (middle + side * 125, 0), (middle + side * middle, 360), HAIR, -1)
    return np.asarray(cv2.GaussianBlur(face, (0, 0), 0.8), np.uint8)


def _eye(face: Image, eye: tuple[int, int], shut: float) -> None:
    x, y = eye
    lid = round(13 * (1.0 - shut))
    if lid > 1:
        box = face[y - 16 : y + 17, x - 25 : x + 26]
        middle = (25, 16)
        opening = np.zeros(box.shape[:2], np.uint8)
        cv2.ellipse(opening, middle, (22, lid), 0, 0, 360, 255, -1, cv2.LINE_AA)
        inside = np.full_like(box, WHITE)
        cv2.circle(inside, middle, 11, IRIS, -1, cv2.LINE_AA)
        cv2.circle(inside, middle, 5, (20, 20, 20), -1, cv2.LINE_AA)
        cv2.circle(inside, (22, 13), 2, (250, 250, 250), -1, cv2.LINE_AA)
        share = opening[..., None] / np.float32(255)
        box[:] = box * (1.0 - share) + inside * share
    cv2.ellipse(face, eye, (23, max(lid, 2)), 0, 180, 360, (50, 56, 70), 3, cv2.LINE_AA)


def _blob(face: Image, centre: tuple[int, int], axes: tuple[int, int], colour: Colour) -> None:
    """Soft paint."""
    (x, y) = centre
    (across, down) = axes
    box = face[y - 2 * down : y + 2 * down, x - 2 * across : x + 2 * across]
    rows, columns = np.mgrid[-2 : 2 : 4 * down * 1j, -2 : 2 : 4 * across * 1j]
    share = 0.55 * np.exp(-(rows**2 + columns**2) * 1.2)[..., None]
    box[:] = box * (1.0 - share) + np.array(colour) * share
