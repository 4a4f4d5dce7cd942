"""Drawn fingerprints: the phase of the ridges is a formula, so that every minutia is known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PERIOD = 9.0
SIZE = (330, 270)
"""Rows and columns."""


@dataclass(frozen=True)
class Finger:
    """A whorl, unevenly waved, with minutiae at `points` that wind the phase to one side or the other."""

    centre: Floats
    axes: Floats
    waves: Floats
    points: Floats
    senses: Floats

    def phase(self, x: Floats, y: Floats) -> Floats:
        """The ridges' phase: ridges are where its cosine is 1."""
        rest = self.smooth(x, y)
        for (px, py), sense in zip(self.points, self.senses, strict=True):
            rest = rest + sense * np.arctan2(y - py, x - px)
        return rest

    def smooth(self, x: Floats, y: Floats) -> Floats:
        """The phase without the minutiae."""
        u = (x - self.centre[0]) * self.axes[0]
        v = (y - self.centre[1]) * self.axes[1]
        phase = 2 * np.pi * np.sqrt(u * u + v * v + 30) / PERIOD
        for kx, ky, shift, height in self.waves:
            phase = phase + height * np.sin(kx * x + ky * y + shift)
        return phase

    def directions(self) -> Floats:
        """Radians, x right and y down, to the side where each minutia has a ridge more."""
        x, y = self.points.T
        step = 0.01
        across = np.arctan2(
            self.smooth(x, y + step) - self.smooth(x, y - step),
            self.smooth(x + step, y) - self.smooth(x - step, y),
        )
        return across + np.pi / 2 + np.where(self.senses > 0, np.pi, 0)


def finger(seed: int, count: int = 26) -> Finger:
    """A finger, always the same for a seed."""
    random = np.random.default_rng(seed)
    centre = random.uniform((110, 120), (160, 190))
    waves = np.stack(
        [
            random.normal(0, 0.02, 4),
            random.normal(0, 0.02, 4),
            random.uniform(0, 6.28, 4),
            random.uniform(1, 3, 4),
        ],
        1,
    )
    points: list[Floats] = []
    while len(points) < count:
        point = random.uniform((45, 55), (SIZE[1] - 45, SIZE[0] - 55))
        if (
            min((np.hypot(*(point - other)) for other in points), default=99) > 26
            and np.hypot(*(point - centre)) > 30
        ):
            points.append(point)
    senses = np.where(random.random(count) < 0.5, 1.0, -1.0)
    return Finger(centre, random.uniform(0.85, 1.15, 2), waves, np.array(points), senses)


@dataclass(frozen=True)
class Press:
    """How a finger was laid down: turned in degrees counter-clockwise as displayed, moved, stretched."""

    turn: float = 0.0
    move: tuple[float, float] = (0.0, 0.0)
    stretch: float = 1.0
    noise: float = 0.0
    contrast: float = 100.0
    seed: int = 0

    def to_finger(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Where pixels of the picture lie on the finger."""
        c = np.cos(np.radians(self.turn))
        s = np.sin(np.radians(self.turn))
        u = x - SIZE[1] / 2 - self.move[0]
        v = y - SIZE[0] / 2 - self.move[1]
        return SIZE[1] / 2 + c * u - s * v, SIZE[0] / 2 + (s * u + c * v) / self.stretch

    def to_picture(self, points: Floats) -> Floats:
        """Where points of the finger lie in the picture."""
        c = np.cos(np.radians(self.turn))
        s = np.sin(np.radians(self.turn))
        u = points[:, 0] - SIZE[1] / 2
        v = (points[:, 1] - SIZE[0] / 2) * self.stretch
        return np.stack(
            [SIZE[1] / 2 + self.move[0] + c * u + s * v, SIZE[0] / 2 + self.move[1] - s * u + c * v], 1
        )


def draw(one: Finger, press: Press = Press(), scale: float = 1.0) -> npt.NDArray[np.uint8]:
    """uint8 grey, ridges dark, white around an oval; `scale` pixels to one of 500 dpi."""
    rows, cols = (round(side * scale) for side in SIZE)
    y, x = (np.mgrid[:rows, :cols] + 0.5) / scale - 0.5
    wave = np.cos(one.phase(*press.to_finger(x, y)))
    grey = 150 - press.contrast * wave
    grey += np.random.default_rng(press.seed).normal(0, press.noise, grey.shape) if press.noise else 0
    oval = (
        np.square((x - SIZE[1] / 2) / (SIZE[1] / 2 - 6)) + np.square((y - SIZE[0] / 2) / (SIZE[0] / 2 - 6))
        < 1
    )
    return np.where(oval, np.clip(grey, 0, 250), 255).astype(np.uint8)
