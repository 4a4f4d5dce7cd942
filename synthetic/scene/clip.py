"""Clips of a desk: sheets and hands that move, light that changes, a lens that finds its focus."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.arrays import Floats, Image, Random, Size
from synthetic.geometry import Matrix, Pose, bounds, warped
from synthetic.scene.light import UNITY
from synthetic.scene.sheet import Sheet, lay

_NOISE_MARGIN = 64
LIGHT_SIZE = (48, 36)
"""Size at which light is made."""
_SEEN = 40
"""Cover from which a hand is in the picture."""


class Key(NamedTuple):
    """Place of a thing at one time; `fold` is its width in parts of its own, as a leaf that is turned."""

    time: float
    pose: Pose
    fold: float = 1.0
    grown: float = 1.0


@dataclass(frozen=True, eq=False)
class Actor:
    """A thing that is seen from its first key to its last."""

    sheet: Sheet
    keys: tuple[Key, ...]
    hand: bool = False

    def at(self, time: float) -> Key | None:
        """Return its place; None while it is not there."""
        number = bisect_right([key.time for key in self.keys], time)
        if number == 0 or time > self.keys[-1].time:
            return None
        before = self.keys[number - 1]
        after = self.keys[min(number, len(self.keys) - 1)]
        if before[1:] == after[1:]:
            return before
        part = (time - before.time) / max(after.time - before.time, 1e-9)
        share = part * part * (3 - 2 * part)
        fold, grown = (a + share * (b - a) for a, b in zip(before[2:], after[2:], strict=True))
        return Key(time, before.pose.towards(after.pose, share), fold, grown)


class Curve(NamedTuple):
    """A value over time, by straight lines between points."""

    times: Sequence[float]
    values: Sequence[float]

    def at(self, time: float) -> float:
        """Return the value at a time."""
        return float(np.interp(time, self.times, self.values))


class Lamp(NamedTuple):
    """Light over time.

    Attributes
    ----------
    field
        float32 ``(rows, cols, 3)`` around 1: what falls where, small.
    gain
        Level over time.
    warmth
        Logarithm of red over blue over time: the camera's white balance, or the sun.
    ripple, pitch, speed
        Depth of the bands that lamps on mains leave, their height in parts of the picture, heights a second.
    shade
        float32 ``(rows, cols)`` 0..1 of somebody's shadow, small, and its depth over time.
    """

    field: Floats
    gain: Curve
    warmth: Curve
    ripple: float
    pitch: float
    speed: float
    shade: tuple[Floats, Curve]

    def at(self, time: float) -> Floats:
        """Return the light at a time, small."""
        rows = np.arange(LIGHT_SIZE[1], dtype=np.float32)[:, None, None] / LIGHT_SIZE[1]
        bands = 1 + self.ripple * np.sin(2 * np.pi * (rows + self.speed * time) / self.pitch)
        shade, depth = self.shade
        dark = 1 - depth.at(time) * shade[:, :, None]
        tint = np.exp(np.array([-0.5, 0.0, 0.5]) * self.warmth.at(time))
        return np.asarray(self.field * bands * dark * tint * self.gain.at(time), np.float32)


@dataclass(eq=False)
class Clip:
    """A clip as one camera sees it. Not for several threads at once.

    Attributes
    ----------
    ground
        The desk.
    view
        From millimetres of the desk to pixels.
    actors
        The lowest first.
    blur
        Standard deviation of the lens's blur over time, in pixels.
    noise
        Standard deviation of the sensor's noise in levels.
    """

    ground: Image
    view: Matrix
    actors: Sequence[Actor]
    lamp: Lamp
    blur: Curve
    noise: float
    random: Random
    _kept: tuple[list[Key | None], int, Image] | None = field(default=None, init=False)
    _grain: npt.NDArray[np.int8] | None = field(default=None, init=False)

    @property
    def size(self) -> Size:
        """Columns and rows."""
        return self.ground.shape[1], self.ground.shape[0]

    def picture(self, time: float) -> Image:
        """Return BGR, as the sensor sees this moment; its noise is another each time."""
        canvas = self._lit(self._arranged(time), time)
        sigma = self.blur.at(time)
        if sigma > 0.2:
            canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), sigma), np.uint8)
        return self._exposed(canvas)

    def shows_hand(self, time: float) -> bool:
        """Return whether any part of a hand is in the picture."""
        return any(self._is_seen(actor, time) for actor in self.actors if actor.hand)

    def _is_seen(self, actor: Actor, time: float) -> bool:
        key = actor.at(time)
        if key is None:
            return False
        matrix = self._place(key) @ actor.sheet.matrix
        part = bounds(actor.sheet.cover, matrix, self.ground)
        if not self.ground[part].size:
            return False
        return bool(warped(actor.sheet.cover, matrix, part).max() > _SEEN)

    def _arranged(self, time: float) -> Image:
        keys = [None if (key := actor.at(time)) is None else key._replace(time=0.0) for actor in self.actors]
        before, count, canvas = self._kept or ([], 0, self.ground)
        same = _alike(before, keys)
        if same < count:
            count = 0
            canvas = self.ground
        canvas = canvas.copy()
        self._draw(canvas, keys[count:same], count)
        self._kept = (keys, same, canvas.copy())
        self._draw(canvas, keys[same:], same)
        return canvas

    def _draw(self, canvas: Image, keys: Sequence[Key | None], first: int) -> None:
        for key, actor in zip(keys, self.actors[first:], strict=False):
            if key is not None:
                place = self._place(key)
                lay(canvas, actor.sheet, place, place @ Pose(1.6, 2.2).matrix)

    def _place(self, key: Key) -> Matrix:
        bent = np.diag([key.fold * key.grown, key.grown, 1.0])
        return np.asarray(self.view @ key.pose.matrix @ bent)

    def _lit(self, canvas: Image, time: float) -> Image:
        light = (self.lamp.at(time) * UNITY).clip(0, 255).astype(np.uint8)
        grown = cv2.resize(light, self.size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.multiply(canvas, grown, scale=1 / UNITY), np.uint8)

    def _exposed(self, canvas: Image) -> Image:
        rows, cols = canvas.shape[:2]
        if self._grain is None:
            shape = (rows + _NOISE_MARGIN, cols + _NOISE_MARGIN, 3)
            drawn = self.random.standard_normal(shape, np.float32) * np.float32(self.noise)
            self._grain = np.asarray(drawn.round().clip(-100, 100).astype(np.int8))
        assert self._grain is not None
        top, left = self.random.integers(_NOISE_MARGIN, size=2)
        grain = self._grain[top : top + rows, left : left + cols]
        return np.asarray(cv2.add(canvas, grain, dtype=cv2.CV_8U), np.uint8)


def _alike(before: Sequence[Key | None], keys: Sequence[Key | None]) -> int:
    """Return the number of things, from the lowest on, that are where they were."""
    pairs = enumerate(zip(before, keys, strict=False))
    return next((number for number, (old, new) in pairs if old != new), min(len(before), len(keys)))
