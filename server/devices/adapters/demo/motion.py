"""The way of the page: it lies still, is shifted and turned, lies still, and is put back.

The way back shows the same moments in reverse, so that a whole round needs few pictures.
"""

from __future__ import annotations

from typing import NamedTuple

from synthetic.scene.camera import GRAINS

STEPS = 20
"""Moments of one shift: 1.3 s at 15 frames a second."""

STILL = 60
"""Frames at rest between two shifts."""


class Moment(NamedTuple):
    """One distinct picture of a round: `step` of `STEPS` on the way, and which noise."""

    step: int
    grain: int

    @property
    def share(self) -> float:
        """The part of the way that is done, 0..1, starting and ending gently."""
        part = self.step / STEPS
        return part * part * (3.0 - 2.0 * part)


def moment(index: int) -> Moment:
    """Return the moment that frame number `index` (from 0, endless) shows."""
    half = STILL + STEPS
    turn, place = divmod(index % (2 * half), half)
    step = max(0, place - STILL + 1)
    return Moment(step if turn == 0 else STEPS - step, index % GRAINS)
