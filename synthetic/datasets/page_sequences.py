"""A clerk's minute under a document camera, with the truth: when a new page lies ready to be taken.

Pages are laid down by hand, pushed in, taken off a stack and turned over; they are lifted and put back,
moved, pointed at; hands pass, light flickers, dims and is shaded, the lens looks for its focus.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Image, Random, Size
from synthetic.geometry import Matrix
from synthetic.scene import texture
from synthetic.scene.clerk import Clerk, Rest
from synthetic.scene.clip import Clip, Curve
from synthetic.scene.surfaces import plain_desk, worktop

SIZES: tuple[Size, ...] = ((1920, 1080), (1600, 1200), (1280, 960), (1280, 720), (1024, 768), (640, 480))


class PageSequence(NamedTuple):
    """Attributes
    ----------
    due
        Pages to be taken, each at its first rest of at least `ENOUGH`.
    rests
        All rests, also of pages that were there before.
    glimpsed
        Pages that rest too shortly to be due.
    """

    clip: Clip
    fps: float
    quality: int
    seconds: float
    due: tuple[Rest, ...]
    rests: tuple[Rest, ...]
    glimpsed: tuple[int, ...]

    def jpeg(self, time: float) -> bytes:
        """Return the frame of the camera that is newest at a time."""
        taken = int(time * self.fps) / self.fps
        options = (cv2.IMWRITE_JPEG_QUALITY, self.quality)
        sampling = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422)
        return cv2.imencode(".jpg", self.clip.picture(taken), (*options, *sampling))[1].tobytes()


def make_sequence(seed: int, size: Size | None = None) -> PageSequence:
    """Return a sequence of some half a minute; the same for the same seed, on one machine's fonts."""
    random = np.random.default_rng([seed, 2078])
    size = size or SIZES[int(random.choice(len(SIZES), p=[0.1, 0.08, 0.2, 0.25, 0.22, 0.15]))]
    clerk = Clerk(random)
    if random.random() < 0.35:
        clerk.stack(int(random.integers(2, 6)))
    else:
        clerk.wait(random.uniform(0.8, 2.5))
    while clerk.time < 26:
        clerk.act()
    clerk.wait(1.0)
    view = _view(random, size)
    desk = (_wood, _plain, _any)[int(random.choice(3, p=[0.2, 0.35, 0.45]))](random, size)
    clip = Clip(
        *(desk, view, clerk.actors(), clerk.lamp(), Curve(*clerk.blur)),
        *(float(random.uniform(0.6, 3.5)), random),
    )
    due, glimpsed = clerk.due()
    fps = float(random.choice([5, 10, 15, 25, 30]))
    return PageSequence(
        clip, fps, int(random.integers(60, 94)), clerk.time, due, tuple(clerk.rests), glimpsed
    )


def _wood(random: Random, size: Size) -> Image:
    return texture.wood(random, size)


def _plain(random: Random, size: Size) -> Image:
    return np.asarray(plain_desk(random, size).clip(0, 255), np.uint8)


def _any(random: Random, size: Size) -> Image:
    return np.asarray(worktop(random, size).clip(0, 255), np.uint8)


def _view(random: Random, size: Size) -> Matrix:
    height = float(random.choice([random.uniform(315, 400), random.uniform(220, 300)], p=[0.85, 0.15]))
    scale = size[1] / height
    turn = np.deg2rad(random.normal() * 1.5)
    centre = np.array([[1.0, 0.0, (size[0] - 1) / 2], [0.0, 1.0, (size[1] - 1) / 2], [0.0, 0.0, 1.0]])
    cos = scale * np.cos(turn)
    sin = scale * np.sin(turn)
    tilt = random.normal(size=2) * 5e-5
    return np.asarray(centre @ np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [*tilt, 1.0]]))
