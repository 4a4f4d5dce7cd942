"""MSI's bars on their lattice: each bit has a bar and a space that are together always the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.barcode.blur import Bars, Matrix
from imgcore.barcode.groups import Group, Piece
from imgcore.barcode.runs import Lengths, Profile

Bits = npt.NDArray[np.bool_]

_NARROW, _WIDE = 0.31, 0.69
"""Bars in shares of a pair, between the prints with wide bars of twice and of three times the narrow."""
_LEAST = 3.0
"""Samples of a pair."""
_SOFT = 0.42
"""Blur in shares of a pair up to which bits are told apart, as measured at the ends, a fifth too large."""
_LIKELY, _RIVAL = 0.2, 0.6
"""Height of a pair's wave over the contrast, which is 0.25 and more in MSI, and the share of the greatest
from which another count of pairs is tried."""
_BENT = 0.1
"""Pairs by which the middle is off from which that is tried. Bits alone bend the wave by as much, so that
straight comes first."""
_SHOWN = ((0.12, 0.8, 1.15), (0.2, 0.55, 1.05), (0.3, 0.35, 1.02), (_SOFT, 0.2, 0.9))
"""Up to a blur in pairs, the shares of bars that have edges of their own in 98 of 100 profiles, and noise."""


_BENDS = np.linspace(-0.03, 0.03, 9)
"""Shares of the length by which the middle may be off: a view in which pairs at one end are an eighth wider.
In steps of a third of a pair where there are many."""


@dataclass(frozen=True, slots=True)
class Guess:
    """How many pairs a group may be, and by what share of its length its middle is further on."""

    pairs: int
    bend: float

    def turned(self) -> Guess:
        """The same from the other end."""
        return Guess(self.pairs, -self.bend)


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Where the pairs of bar and space are.

    Attributes
    ----------
    start
        Where the first bar begins, in samples.
    pair
        Samples of a bar and its space.
    bend
        By how many samples the middle is further on than if all pairs were of one width.
    narrow, wide
        Samples of a bar.
    blur
        Standard deviation in samples.
    """

    start: float
    pair: float
    bend: float
    narrow: float
    wide: float
    blur: float

    @property
    def parameters(self) -> Lengths:
        """float64 ``(5,)``, what `design` takes."""
        return np.array([self.start, self.pair, self.bend, self.narrow, self.wide])

    @property
    def sound(self) -> bool:
        """Whether it may have been printed: bars and blur within their pairs."""
        return (
            self.pair > 0.9 * _LEAST
            and 0.12 < self.narrow / self.pair < 0.48
            and 0.5 < self.wide / self.pair < 0.88
            and self.wide - self.narrow > 0.2 * self.pair
            and self.blur < 1.2 * _SOFT * self.pair
            and abs(self.bend) < 3 * self.pair
        )

    def edges(self, bits: Bits) -> Lengths:
        """float64 ``(2 * len(bits),)``, where bars begin and end, in samples."""
        return np.asarray(design(bits) @ self.parameters)


def design(bits: Bits) -> Matrix:
    """What makes edges of a lattice's parameters, float64 ``(2 * len(bits), 5)``."""
    count = len(bits)
    place = np.arange(count, dtype=np.float64)
    share = place / max(count - 1, 1)
    begins = np.column_stack([np.ones(count), place, 4 * share * (1 - share), np.zeros((count, 2))])
    ends = begins.copy()
    ends[:, 3], ends[:, 4] = ~bits, bits
    return np.stack([begins, ends], axis=1).reshape(2 * count, 5)


def guessed(piece: Piece, guess: Guess, blur: float) -> Lattice:
    """So many pairs and a narrow bar from a piece's start to its end."""
    pair = (piece.end - piece.start) / (guess.pairs + _NARROW)
    bend = guess.bend * (piece.end - piece.start)
    return Lattice(piece.start, pair, bend, _NARROW * pair, _WIDE * pair, blur)


def moved(bars: Bars) -> Lattice:
    """The lattice of bars that were fitted by its design."""
    start, pair, bend, narrow, wide = bars.parameters.tolist()
    return Lattice(start, pair, bend, narrow, wide, bars.blur)


def guesses(profile: Profile, group: Group, most: int) -> list[Guess]:
    """What a group may be: those pairs whose wave is in the samples, the strongest first.

    Whatever the bits are, bars begin once a pair. Blur weakens that wave by a known factor.

    Parameters
    ----------
    profile
        float32 ``(n,)``.
    group
        Bars of it.
    most
        Digits.

    Returns
    -------
    list of Guess
        At most two that are straight, and one that is bent.
    """
    counts = 4 * np.arange(1, most + 1) + 2
    counts = counts[[_may_be(group, count) for count in counts.tolist()]]
    if not len(counts):
        return []
    cycles = np.asarray(counts + _NARROW, np.float64)
    blurred = np.square(np.pi * group.blur * cycles / (group.end - group.start))
    waves = _waves(profile, group, cycles) / np.exp(-np.minimum(2 * blurred, 3.0))
    straight = waves[len(_BENDS) // 2]
    limit = max(_LIKELY, _RIVAL * float(straight.max()))
    found = [Guess(int(counts[k]), 0.0) for k in np.argsort(-straight)[:2] if straight[k] >= limit]
    k = int(waves.max(axis=0).argmax())
    bend = _summit(waves[:, k])
    if waves[:, k].max() > _LIKELY and abs(bend) * cycles[k] > _BENT:
        found.append(Guess(int(counts[k]), bend))
    return found


def _summit(heights: Lengths) -> float:
    """The bend at which a parabola through the highest and its neighbours is highest."""
    top = int(np.clip(heights.argmax(), 1, len(heights) - 2))
    before, at, after = heights[top - 1 : top + 2].tolist()
    curved = before - 2 * at + after
    off = 0.5 * (before - after) / curved if curved < 0 else 0.0
    return float(_BENDS[top] + np.clip(off, -1, 1) * (_BENDS[1] - _BENDS[0]))


def _may_be(group: Group, pairs: int) -> bool:
    """Whether so many pairs have room, and would show so many bars under so much blur."""
    pair = (group.end - group.start) / (pairs + _NARROW)
    if pair < _LEAST or min(group.before, group.after) < 0.8 * pair:
        return False
    shown = group.bars / (pairs + 1)
    return next((low <= shown <= high for blur, low, high in _SHOWN if group.blur < blur * pair), False)


def _waves(profile: Profile, group: Group, cycles: Lengths) -> Matrix:
    """Heights of waves that have so many cycles, ``(bends, cycles)``, in shares of the contrast."""
    places = np.arange(max(0, int(group.start)), min(len(profile), int(group.end) + 2))
    levels = profile[places]
    contrast = max(float(np.ptp(np.percentile(levels, (5, 95)))), 1e-6)
    along = (places - group.start) / (group.end - group.start)
    along = along - _BENDS[:, None] * 4 * along * (1 - along)
    waves = np.exp(np.asarray(-2j * np.pi * along[:, None] * cycles[:, None], np.complex64))
    return np.asarray(2 * np.abs(waves @ (levels - levels.mean())) / (len(levels) * contrast), np.float64)
