"""Groups of bars that may be one code: those with more space around them than between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from imgcore.barcode.runs import Profile, Runs

_STEEP = 2.5066
"""Samples of an edge at its steepest slope, for each standard deviation of its blur."""


@dataclass(frozen=True, slots=True, eq=False)
class ProfileSegment:
    """Segment of a profile with one code.

    Attributes
    ----------
    levels
        float32 ``(n,)``, the code and the light ground on both sides of it.
    start, end
        Begin of its first bar and end of its last one, in samples of the segment.
    """

    levels: Profile
    start: float
    end: float

    def turned(self) -> ProfileSegment:
        """Reverse the segment."""
        last = len(self.levels) - 1
        return ProfileSegment(self.levels[::-1], last - self.end, last - self.start)


@dataclass(frozen=True, slots=True)
class BarGroup:
    """Bars set apart from others.

    Attributes
    ----------
    first, bars
        Number of the first bar among all, and number of bars.
    start, end
        Begin of the first bar and end of the last one, in samples of the profile.
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

    def segment(self, profile: Profile, least: float, most: float) -> tuple[ProfileSegment, int]:
        """Cut out the bars with ground on both sides; also returns the segment's first sample.

        Parameters
        ----------
        profile
            float32 ``(n,)``.
        least, most
            Samples of ground: so many even if something seems to be there, and no more than so many.
        """
        before, after = (
            # The bars beyond a space are blurred into it.
            min(most, max(space - 2 * self.blur, 0.6 * space, least))
            for space in (self.before, self.after)
        )
        first = max(0, int(np.ceil(self.start - before)))
        last = min(len(profile) - 1, int(np.floor(self.end + after)))
        return ProfileSegment(profile[first : last + 1], self.start - first, self.end - first), first


def bar_groups(runs: Runs, least: int, most: int, quiet: float) -> Iterator[BarGroup]:
    """Yield groups of bars set apart from the others, each before the ones within it.

    Parameters
    ----------
    runs
        All bars of a profile.
    least, most
        Fewest and most bars of a group.
    quiet
        Least ratio of the spaces on both sides to the widest space within a group.
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


def _group(runs: Runs, first: int, end: int) -> BarGroup:
    start, stop = runs.edges[[2 * first, 2 * end - 1]].tolist()
    before, after = runs.spaces[[first, end]].tolist()
    blur = float(runs.slopes[[2 * first, 2 * end - 1]].max()) / _STEEP
    return BarGroup(first, end - first, start, stop, before, after, blur)
