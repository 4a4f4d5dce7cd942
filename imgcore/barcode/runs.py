"""Runs of bars and spaces along an edge profile."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

Profile = npt.NDArray[np.float32]
"""float32 ``(n,)``, grey levels averaged along the bars, integers at sample centres."""
Lengths = npt.NDArray[np.float64]

_FAINT = 0.06
"""Least rise of an edge, as a share of the profile's own range."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Bars and the spaces between them.

    Attributes
    ----------
    edges
        float64 ``(2 * bars,)``, begin and end of each bar in turn, in samples, ascending.
    size
        Samples of the profile.
    slopes
        float64 ``(2 * bars,)``, samples that each edge would take at its steepest slope from the
        level on one side to that on the other.
    """

    edges: Lengths
    size: int
    slopes: Lengths

    @property
    def bars(self) -> int:
        """Number of bars."""
        return len(self.edges) // 2

    @property
    def widths(self) -> Lengths:
        """Widths of the bars, float64 ``(bars,)``, in samples."""
        return np.asarray(self.edges[1::2] - self.edges[::2])

    @property
    def spaces(self) -> Lengths:
        """Widths of the spaces before, between and after the bars, float64 ``(bars + 1,)``, in samples."""
        inner = np.concatenate([[-0.5], self.edges, [self.size - 0.5]])
        return np.asarray(inner[1::2] - inner[::2])


def find_runs(profile: Profile, inverse: bool = False, smooth: float = 0.0) -> Runs:
    """Find the edges of bars, at half the height between neighbouring extremes.

    Taking each edge's height from its own two sides, it needs no even light, and a narrow element
    that blur leaves a fifth of the contrast is still one.

    Parameters
    ----------
    profile
        float32 ``(n,)``, grey levels. Swings of less than 6 % of their range are taken for noise.
    inverse
        True for light bars on a dark ground.
    smooth
        Standard deviation, in samples, of a Gaussian that takes noise away first. At half a module
        it costs a third of a narrow bar's height.

    Returns
    -------
    Runs
        Empty if there are no bars; a bar cut off by either end of the profile is left out.
    """
    levels = np.asarray(-profile if inverse else profile, np.float64)
    if len(levels) < 5:
        return Runs(np.zeros(0), len(levels), np.zeros(0))
    limit = max(_FAINT * float(np.ptp(levels)), 1e-6)
    if smooth:
        soft = cv2.GaussianBlur(levels[None], (0, 0), smooth, borderType=cv2.BORDER_REPLICATE)[0]
        levels = np.asarray(soft, np.float64)
    turns = _prominent(levels, limit)
    # From a light extreme to a light extreme.
    turns = turns[int(levels[turns[0]] < levels[turns[1]]) :] if len(turns) > 1 else turns[:0]
    turns = turns[: len(turns) - (len(turns) + 1) % 2]
    crossings = [_crossing(levels, *pair) for pair in pairwise(turns.tolist())]
    edges, slopes = np.array(crossings, np.float64).reshape(-1, 2).T
    return Runs(edges, len(levels), slopes)


def _prominent(levels: Lengths, limit: float) -> npt.NDArray[np.intp]:
    """Alternating minima and maxima that differ by `limit` from the next, smallest swings removed first."""
    rising = np.diff(levels) > 0
    turns = [0, *(np.flatnonzero(rising[1:] != rising[:-1]) + 1).tolist(), len(levels) - 1]
    swings = np.abs(np.diff(levels[turns])).tolist()
    while swings and (least := min(swings)) < limit:
        at = swings.index(least)
        if at == 0 or at == len(swings) - 1:
            # At an end the swing is no more than unevenness: the inner turn becomes the end.
            del turns[0 if at == 0 else -1], swings[at]
            continue
        swings[at - 1 : at + 2] = [swings[at - 1] - least + swings[at + 1]]
        del turns[at : at + 2]
    return np.array(turns if swings else [], np.intp)


def _crossing(levels: Lengths, left: int, right: int) -> tuple[float, float]:
    """Position of the half height between two extremes, and the samples of the edge at its steepest slope."""
    way = levels[left : right + 1] - (levels[left] + levels[right]) / 2
    height = levels[right] - levels[left]
    # Where noise crosses several times, the one in the middle.
    passed = np.flatnonzero((way[:-1] > 0) != (way[1:] > 0))
    at = passed[len(passed) // 2]
    crossed = left + at + way[at] / (way[at] - way[at + 1])
    return float(crossed), abs(float(height)) / float(np.abs(np.diff(way)).max())
