"""Decoding of MSI's bits from the ink in their middles.

The first part of a bit is ink and the last is paper whatever it is. Only the middle is unknown, and
middles stand two of their widths apart: ink there is told from paper at blurs that leave no edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imgcore.barcode.bar_fit import BarFit, edge_response, fit_bars, ink_coverage
from imgcore.barcode.bar_groups import ProfileSegment
from imgcore.barcode.msi.lattice import (
    Bits,
    MsiHypothesis,
    MsiLattice,
    design,
    fitted_lattice,
    initial_lattice,
)
from imgcore.barcode.runs import Lengths, Profile
from imgcore.barcode.work import WorkLimit

_TURNS = 3
"""Most times that lattice and bits are fitted in turn."""
_WILD = 0.75
"""Mean distance of middles from ink and from paper, before the lattice is fitted, above which bars are not
MSI's: 99 of 100 of MSI's have less, three of four of other bars have more."""
_LEFT = 0.2
"""Residual before the lattice is fitted, in shares of the range, above which bars are not MSI's: 99 of 100 of
MSI's have less, three of four of other bars have more."""


@dataclass(frozen=True, slots=True, eq=False)
class MsiDecoding:
    """Decoded bits, with the fit they come from.

    Attributes
    ----------
    bits
        bool ``(pairs + 1,)``, wide bars, the narrow one after the last pair included.
    ink
        float64 ``(pairs,)``, share of ink in each middle by itself: about 0 or 1.
    lattice
        Fitted lattice of the bits.
    bars
        The fit with these bits.
    """

    bits: Bits
    ink: Lengths
    lattice: MsiLattice
    bars: BarFit

    @property
    def margin(self) -> float:
        """Distance of the worst middle from half ink, 1 for a perfect code; may be negative."""
        return 1 - 2 * float(np.abs(self.ink - self.bits[:-1]).max())


def decode_bits(
    segment: ProfileSegment, hypothesis: MsiHypothesis, blur: float, work: WorkLimit
) -> MsiDecoding | None:
    """Decode the bits that explain the samples best, refining the lattice.

    Parameters
    ----------
    segment
        Segment with ends true to about half a narrow bar.
    hypothesis
        Number of pairs, and bend true to a third of a pair.
    blur
        Standard deviation in samples.
    work
        Limit of the work, by which the steps are counted.

    Returns
    -------
    MsiDecoding or None
        None if these are no such bars, or the limit of the work is reached.
    """
    lattice = initial_lattice(segment, hypothesis, blur)
    pairs = hypothesis.pairs
    steps = len(segment.levels) * pairs * pairs
    work.take(steps)
    ink, residual = middle_ink(segment.levels, lattice, pairs)
    if residual > _LEFT or float(np.abs(ink - (ink > 0.5)).mean()) > _WILD:
        return None
    for _ in range(_TURNS):
        if work.reached:
            return None
        bits = _with_ends(ink > 0.5)
        work.take(steps)
        bars = fit_bars(segment.levels, design(bits), lattice.parameters, lattice.blur)
        lattice = fitted_lattice(bars)
        if not lattice.sound:
            return None
        ink, _ = middle_ink(segment.levels, lattice, pairs)
        if (_with_ends(ink > 0.5) == bits).all():
            break
    return MsiDecoding(bits, ink, lattice, bars)


def _with_ends(bits: Bits) -> Bits:
    """Set the start pattern, a wide bar, and the stop pattern, two narrow ones."""
    return np.concatenate([[True], bits[1:-1], [False, False]])


def middle_ink(profile: Profile, lattice: MsiLattice, pairs: int) -> tuple[Lengths, float]:
    """Solve for the share of ink in the middle of each pair, all at once.

    Returns
    -------
    tuple of ndarray and float
        float64 ``(pairs,)``, and the standard deviation of the residual, in shares of the range.
    """
    levels = np.asarray(profile, np.float64)
    narrow = lattice.edges(np.zeros(pairs + 1, bool))
    ends = [lattice.edges(np.full(pairs + 1, wide))[1:-1:2] for wide in (False, True)]
    places = np.arange(len(levels))[:, None]
    between = edge_response((places - ends[0]) / lattice.blur) - edge_response(
        (places - ends[1]) / lattice.blur
    )
    along = np.linspace(-1, 1, len(levels))
    always = ink_coverage(len(levels), narrow, lattice.blur)
    full = np.column_stack([np.ones(len(levels)), along, along * along, -always, -along * always, -between])
    normal = full.T @ full
    normal[np.diag_indices_from(normal)] += 1e-6 * len(levels)
    solved = np.linalg.solve(normal, full.T @ levels)
    height = solved[3] + solved[4] * ((ends[0] + ends[1]) / (len(levels) - 1) - 1)
    residual = float(np.std(levels - full @ solved)) / max(float(np.ptp(levels)), 1e-6)
    return solved[5:] / np.where(np.abs(height) < 1e-6, 1e-6, height), residual
