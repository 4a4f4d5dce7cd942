"""Which bars may be one code: those with more space about them than between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from imgcore.barcode.runs import Profile, Runs

_STEEP = 2.5066
"""Samples an edge takes at its steepest, for each of its blur's standard deviation."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A stretch of a profile that holds one code.

    Attributes
    ----------
    levels
        float32 ``(n,)``, the code and the light ground on both sides of it.
    start, end
        Where its first bar begins and its last one ends, in samples of the piece.
    """

    levels: Profile
    start: float
    end: float

    def turned(self) -> Piece:
        """The same from its other end."""
        last = len(self.levels) - 1
        return Piece(self.levels[::-1], last - self.end, last - self.start)


@dataclass(frozen=True, slots=True)
class Group:
    """Bars set apart from others.

    Attributes
    ----------
    first, bars
        The first bar's number among all, and how many there are.
    start, end
        Where they begin and end, in samples of the profile.
    before, after
        The spaces on both sides, in samples.
    blur
        Standard deviation at the outer edges, in samples, a little too large.
    """

    first: int
    bars: int
    start: float
    end: float
    before: float
    after: float
    blur: float

    def piece(self, profile: Profile, least: float, most: float) -> tuple[Piece, int]:
        """The bars with ground on both sides, and the piece's first sample.

        Parameters
        ----------
        profile
            float32 ``(n,)``.
        least, most
            Samples of ground: so many even if something seems to be there, and no more than so many.
        """
        before, after = (
            # What lies beyond a space is blurred into it.
            min(most, max(space - 2 * self.blur, 0.6 * space, least))
            for space in (self.before, self.after)
        )
        first = max(0, int(np.ceil(self.start - before)))
        last = min(len(profile) - 1, int(np.floor(self.end + after)))
        return Piece(profile[first : last + 1], self.start - first, self.end - first), first


def groups(runs: Runs, least: int, most: int, quiet: float) -> Iterator[Group]:
    """Runs of bars set apart from the others, those that hold others before these.

    Parameters
    ----------
    runs
        All bars of a profile.
    least, most
        How many bars a group has.
    quiet
        How many times the widest space within a group the spaces on both sides are, at least.
    """
    spaces = runs.spaces.tolist()
    waiting = [(0, runs.bars)] if runs.bars else []
    while waiting:
        first, end = waiting.pop(0)
        widest = max(spaces[first + 1 : end], default=0.0)
        if least <= end - first <= most and min(spaces[first], spaces[end]) >= quiet * widest:
            yield _group(runs, first, end)
        if end - first > least:
            cut = spaces.index(widest, first + 1)
            waiting += [(first, cut), (cut, end)]


def _group(runs: Runs, first: int, end: int) -> Group:
    start, stop = runs.edges[[2 * first, 2 * end - 1]].tolist()
    before, after = runs.spaces[[first, end]].tolist()
    blur = float(runs.slopes[[2 * first, 2 * end - 1]].max()) / _STEEP
    return Group(first, end - first, start, stop, before, after, blur)
