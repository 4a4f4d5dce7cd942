"""MSI's bits from where bars are wide or are not.

The first part of a bit is ink and the last is paper whatever it is. Only the middle is unknown, and
middles stand two of their widths apart: ink there is told from paper at blurs that leave no edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from imgcore.barcode.blur import Bars, covered, fit_bars, passed
from imgcore.barcode.groups import Piece
from imgcore.barcode.lattice import Bits, Guess, Lattice, design, guessed, moved
from imgcore.barcode.runs import Lengths, Profile

_TURNS = 3
_WILD, _LEFT = 0.75, 0.2
"""Before the lattice is moved: how far middles are from ink and from paper on the average, and what is
left, in shares of the range; 99 of 100 of MSI's have less, three of four of other bars have more."""


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What the bars are, and how sure that is.

    Attributes
    ----------
    bits
        bool ``(pairs + 1,)``, wide bars, the narrow one after the last pair included.
    ink
        float64 ``(pairs,)``, share of ink in each middle by itself: about 0 or 1.
    lattice
        Where they are.
    bars
        The fit with these bits.
    """

    bits: Bits
    ink: Lengths
    lattice: Lattice
    bars: Bars

    @property
    def margin(self) -> float:
        """How far the worst middle is from half ink, 1 where all are as they should be; may be negative."""
        return 1 - 2 * float(np.abs(self.ink - self.bits[:-1]).max())


def decide(piece: Piece, guess: Guess, blur: float) -> Decision | None:
    """The bits that explain the samples, the lattice moved to where they explain them best.

    Parameters
    ----------
    piece
        Its ends true to about half a narrow bar.
    guess
        How many pairs, and how bent: true to a third of a pair.
    blur
        Standard deviation in samples.

    Returns
    -------
    Decision or None
        None where these are no such bars.
    """
    lattice, pairs = guessed(piece, guess, blur), guess.pairs
    ink, left = middles(piece.levels, lattice, pairs)
    if left > _LEFT or float(np.abs(ink - (ink > 0.5)).mean()) > _WILD:
        return None
    for _ in range(_TURNS):
        bits = _with_ends(ink > 0.5)
        bars = fit_bars(piece.levels, design(bits), lattice.parameters, lattice.blur)
        lattice = moved(bars)
        if not lattice.sound:
            return None
        ink, _ = middles(piece.levels, lattice, pairs)
        if (_with_ends(ink > 0.5) == bits).all():
            break
    return Decision(bits, ink, lattice, bars)


def _with_ends(bits: Bits) -> Bits:
    """The start is a wide bar, the stop two narrow ones."""
    return np.concatenate([[True], bits[1:-1], [False, False]])


def middles(profile: Profile, lattice: Lattice, pairs: int) -> tuple[Lengths, float]:
    """Share of ink in the middle of each pair, all solved at once.

    Returns
    -------
    tuple of ndarray and float
        float64 ``(pairs,)``, and the standard deviation of what is left, in shares of the range.
    """
    levels = np.asarray(profile, np.float64)
    narrow = lattice.edges(np.zeros(pairs + 1, bool))
    ends = [lattice.edges(np.full(pairs + 1, wide))[1:-1:2] for wide in (False, True)]
    places = np.arange(len(levels))[:, None]
    between = passed((places - ends[0]) / lattice.blur) - passed((places - ends[1]) / lattice.blur)
    along = np.linspace(-1, 1, len(levels))
    always = covered(len(levels), narrow, lattice.blur)
    full = np.column_stack([np.ones(len(levels)), along, along * along, -always, -along * always, -between])
    normal = full.T @ full
    normal[np.diag_indices_from(normal)] += 1e-6 * len(levels)
    solved = np.linalg.solve(normal, full.T @ levels)
    height = solved[3] + solved[4] * ((ends[0] + ends[1]) / (len(levels) - 1) - 1)
    left = float(np.std(levels - full @ solved)) / max(float(np.ptp(levels)), 1e-6)
    return solved[5:] / np.where(np.abs(height) < 1e-6, 1e-6, height), left
