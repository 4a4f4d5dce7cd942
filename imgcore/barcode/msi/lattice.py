"""Lattice of MSI's bars: the bar and the space of each bit have a constant width together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.barcode.bar_fit import BarFit, Matrix
from imgcore.barcode.bar_groups import BarGroup, ProfileSegment
from imgcore.barcode.runs import Lengths, Profile
from imgcore.barcode.work import WorkLimit

Bits = npt.NDArray[np.bool_]

_NARROW = 0.31
"""Width of narrow bars in shares of a pair, between those of prints with wide bars of twice and three
times."""
_WIDE = 0.69
"""Width of wide bars in shares of a pair, between those of prints with wide bars of twice and three times."""
_LEAST = 3.0
"""Least samples of a pair."""
_SOFT = 0.42
"""Blur in shares of a pair up to which bits can be decoded, as measured at the ends, a fifth too large."""
_LIKELY = 0.2
"""Least Fourier magnitude of the pairs over the contrast, which is 0.25 and more in MSI."""
_RIVAL = 0.6
"""Share of the greatest Fourier magnitude from which another count of pairs is tried."""
_BENT = 0.1
"""Least bend, in pairs, that is tried. Bits alone bend the wave by as much, so that straight comes first."""
_SHOWN = ((0.12, 0.8, 1.15), (0.2, 0.55, 1.05), (0.3, 0.35, 1.02), (_SOFT, 0.2, 0.9))
"""Blur in pairs, and the least and largest share of bars with edges of their own up to it, as 98 of 100
profiles have them."""


_A_WAVE = 20
"""Steps of work for each sample of a wave."""
_BENDS = np.linspace(-0.03, 0.03, 9)
"""Bends that are tried, in shares of the length: up to a view in which pairs at one end are an eighth wider,
in steps of a third of a pair if there are many."""


@dataclass(frozen=True, slots=True)
class MsiHypothesis:
    """Number of pairs that a group may have, and shift of its middle as a share of its length."""

    pairs: int
    bend: float

    def turned(self) -> MsiHypothesis:
        """Reverse the hypothesis."""
        return MsiHypothesis(self.pairs, -self.bend)


@dataclass(frozen=True, slots=True, eq=False)
class MsiLattice:
    """Positions and widths of the pairs of bar and space.

    Attributes
    ----------
    start
        Begin of the first bar, in samples.
    pair
        Samples of a bar and its space.
    bend
        Shift of the middle in samples, against pairs of one width.
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
        """float64 ``(5,)``, the parameters of `design`."""
        return np.array([self.start, self.pair, self.bend, self.narrow, self.wide])

    @property
    def sound(self) -> bool:
        """True if bars and blur lie within their pairs, as printed ones do."""
        return (
            self.pair > 0.9 * _LEAST
            and 0.12 < self.narrow / self.pair < 0.48
            and 0.5 < self.wide / self.pair < 0.88
            and self.wide - self.narrow > 0.2 * self.pair
            and self.blur < 1.2 * _SOFT * self.pair
            and abs(self.bend) < 3 * self.pair
        )

    def edges(self, bits: Bits) -> Lengths:
        """Begin and end of each bar, float64 ``(2 * len(bits),)``, in samples."""
        return np.asarray(design(bits) @ self.parameters)


def design(bits: Bits) -> Matrix:
    """Design matrix from a lattice's parameters to edges, float64 ``(2 * len(bits), 5)``."""
    count = len(bits)
    place = np.arange(count, dtype=np.float64)
    share = place / max(count - 1, 1)
    begins = np.column_stack([np.ones(count), place, 4 * share * (1 - share), np.zeros((count, 2))])
    ends = begins.copy()
    ends[:, 3] = ~bits
    ends[:, 4] = bits
    return np.stack([begins, ends], axis=1).reshape(2 * count, 5)


def initial_lattice(segment: ProfileSegment, hypothesis: MsiHypothesis, blur: float) -> MsiLattice:
    """Lay the pairs of a hypothesis and a narrow bar from a segment's start to its end."""
    pair = (segment.end - segment.start) / (hypothesis.pairs + _NARROW)
    bend = hypothesis.bend * (segment.end - segment.start)
    return MsiLattice(segment.start, pair, bend, _NARROW * pair, _WIDE * pair, blur)


def fitted_lattice(bars: BarFit) -> MsiLattice:
    """Lattice of bars that were fitted by its design matrix."""
    start, pair, bend, narrow, wide = bars.parameters.tolist()
    return MsiLattice(start, pair, bend, narrow, wide, bars.blur)


def hypotheses(profile: Profile, group: BarGroup, most: int, work: WorkLimit) -> list[MsiHypothesis]:
    """Find the numbers of pairs whose frequency is in the samples, the strongest first.

    Whatever the bits are, bars begin once a pair. Blur weakens that wave by a known factor.

    Parameters
    ----------
    profile
        float32 ``(n,)``.
    group
        Bars of it.
    most
        Digits.
    work
        Counts the steps.

    Returns
    -------
    list of MsiHypothesis
        At most two that are straight, and one that is bent.
    """
    counts = 4 * np.arange(1, most + 1) + 2
    counts = counts[[_is_plausible(group, count) for count in counts.tolist()]]
    if not len(counts):
        return []
    cycles = np.asarray(counts + _NARROW, np.float64)
    blurred = np.square(np.pi * group.blur * cycles / (group.end - group.start))
    work.take(_A_WAVE * len(_BENDS) * len(cycles) * (group.end - group.start))
    waves = _fourier_magnitudes(profile, group, cycles) / np.exp(-np.minimum(2 * blurred, 3.0))
    straight = waves[len(_BENDS) // 2]
    limit = max(_LIKELY, _RIVAL * float(straight.max()))
    found = [MsiHypothesis(int(counts[k]), 0.0) for k in np.argsort(-straight)[:2] if straight[k] >= limit]
    k = int(waves.max(axis=0).argmax())
    bend = _parabola_peak(waves[:, k])
    if waves[:, k].max() > _LIKELY and abs(bend) * cycles[k] > _BENT:
        found.append(MsiHypothesis(int(counts[k]), bend))
    return found


def _parabola_peak(heights: Lengths) -> float:
    """Bend at the peak of the parabola through the highest value and its neighbours."""
    top = int(np.clip(heights.argmax(), 1, len(heights) - 2))
    before, at, after = heights[top - 1 : top + 2].tolist()
    curved = before - 2 * at + after
    off = 0.5 * (before - after) / curved if curved < 0 else 0.0
    return float(_BENDS[top] + np.clip(off, -1, 1) * (_BENDS[1] - _BENDS[0]))


def _is_plausible(group: BarGroup, pairs: int) -> bool:
    """Return whether so many pairs have room, and would show so many bars under so much blur."""
    pair = (group.end - group.start) / (pairs + _NARROW)
    if pair < _LEAST or min(group.before, group.after) < 0.8 * pair:
        return False
    shown = group.bars / (pairs + 1)
    return next((low <= shown <= high for blur, low, high in _SHOWN if group.blur < blur * pair), False)


def _fourier_magnitudes(profile: Profile, group: BarGroup, cycles: Lengths) -> Matrix:
    """Fourier magnitudes ``(bends, cycles)`` at given numbers of cycles, in shares of the contrast."""
    places = np.arange(max(0, int(group.start)), min(len(profile), int(group.end) + 2))
    levels = profile[places]
    contrast = max(float(np.ptp(np.percentile(levels, (5, 95)))), 1e-6)
    along = (places - group.start) / (group.end - group.start)
    along = along - _BENDS[:, None] * 4 * along * (1 - along)
    waves = np.exp(np.asarray(-2j * np.pi * along[:, None] * cycles[:, None], np.complex64))
    return np.asarray(2 * np.abs(waves @ (levels - levels.mean())) / (len(levels) * contrast), np.float64)
