"""Curled pages and open books, in true perspective, with exact truth."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Random
from synthetic.documents.prose import page
from synthetic.noise import clouds
from synthetic.scene.camera import photograph
from synthetic.scene.curl import Leaf, View, cylinder, see

STRIPS = 48
"""Plane strips that a bent page is drawn in."""


class Scene(NamedTuple):
    """A picture and how it came about.

    Attributes
    ----------
    picture
        uint8 BGR.
    pages
        The flat pages, left to right.
    grids
        For each page float64 ``(2, STRIPS + 1, 2)``: its top and bottom edge in the picture, left to right.
    """

    picture: Image
    pages: tuple[Image, ...]
    grids: tuple[Floats, ...]

    @property
    def gutter(self) -> Floats | None:
        """Top and bottom of the gutter, ``(2, 2)``, or None for a single page."""
        return self.grids[0][:, -1] if len(self.grids) == 2 else None


def text_page(random: Random, width: int = 1000, height: int = 1414) -> Image:
    """Return a page of text in Latin, BGR."""
    ink = page(random, "latin", (width, height))
    grey = (250 - ink * np.float32(215 / 255)).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


def curled_page(random: Random, side: int = 1600) -> Scene:
    """Return one sheet that curls: a bow, a wave, or a lifted edge."""
    s = np.linspace(0, 1, STRIPS + 1)
    bend = random.uniform(0.3, 1.1) * random.choice([-1.0, 1.0])
    slopes = bend * (s - random.uniform(0.3, 0.7)) + random.uniform(-0.4, 0.4) * np.sin(2 * np.pi * s)
    return _scene(random, [Leaf(text_page(random), slopes, _light(random, slopes))], side)


def open_book(random: Random, side: int = 1600) -> Scene:
    """Return two pages that fall into the gutter between them."""
    s = np.linspace(0, 1, STRIPS + 1)
    fall = random.uniform(0.5, 1.3)
    reach = random.uniform(0.12, 0.4)
    level = random.uniform(-0.12, 0.25)
    right = fall * np.exp(-s / reach) - level * s
    left = -right[::-1] * random.uniform(0.7, 1.1)
    leaves = []
    for slopes, away in ((left, 1 - s), (right, s)):
        deep = 1 - random.uniform(0.15, 0.5) * np.exp(-away / random.uniform(0.02, 0.06))
        leaves.append(Leaf(text_page(random), slopes, np.maximum(_light(random, slopes) * deep, 0.3)))
    return _scene(random, leaves, side)


def _light(random: Random, slopes: Floats) -> Floats:
    """Return the light by the angle to the lamp."""
    light = np.cos(np.arctan(slopes) - random.uniform(-0.4, 0.4)) / np.cos(0.2)
    return np.asarray(np.clip(light, 0.3, 1.05))


def _scene(random: Random, leaves: list[Leaf], side: int) -> Scene:
    height = leaves[0].page.shape[0] / leaves[0].page.shape[1]
    view = _view(random, cylinder(leaves), height, side)
    cols, rows = view.size
    bent = see(leaves, height, view)
    colour = random.uniform((30, 50, 60), (110, 130, 150)).astype(np.float32)
    desk = colour + 6 * clouds(random, view.size, (cols / 40, rows / 8))[:, :, None]
    share = (bent.cover / np.float32(255))[:, :, None]
    fall = cv2.resize(random.normal(size=(2, 2)) * 0.08 + 0.9, view.size)[:, :, None]
    lit = np.asarray((desk * (1 - share) + bent.picture * share) * fall, np.float32)
    picture = photograph(random, lit, random.uniform(0.5, 0.9), (1, 4), (75, 95))
    return Scene(picture, tuple(leaf.page for leaf in leaves), bent.grids)


def _view(random: Random, profile: Floats, height: float, side: int) -> View:
    """Return a camera above the middle, tilted and turned a little, that just sees all of it."""
    tilt = random.normal() * 0.12
    turn = random.normal() * 0.05
    away = random.uniform(2.2, 3.5)
    rx = np.array([(1, 0, 0), (0, np.cos(tilt), -np.sin(tilt)), (0, np.sin(tilt), np.cos(tilt))])
    rz = np.array([(np.cos(turn), -np.sin(turn), 0), (np.sin(turn), np.cos(turn), 0), (0, 0, 1)])
    # The picture's y runs down as the page's does; height above the desk is nearer to the camera.
    outer = np.column_stack([np.diag([1.0, 1.0, -1.0]) @ rx @ rz, (0, 0, away)])
    seen = np.concatenate([View(outer, (0, 0)).of(profile, y) for y in (-height / 2, height / 2)])
    low = seen.min(axis=0)
    high = seen.max(axis=0)
    room = (high - low) * random.uniform(0.04, 0.1)
    scale = side / (high - low + 2 * room).max()
    inner = np.array([(scale, 0, 0), (0, scale, 0), (0, 0, 1.0)])
    inner[:2, 2] = -(low - room) * scale
    cols, rows = np.ceil((high - low + 2 * room) * scale).astype(int)
    return View(inner @ outer, (int(cols), int(rows)))
