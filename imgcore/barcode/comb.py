"""Pharmacode's bars: of two widths, narrow or wide, with equal gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from imgcore.barcode.blur import Bars, Matrix, fit_bars
from imgcore.barcode.groups import Piece
from imgcore.barcode.runs import Lengths

Bits = npt.NDArray[np.bool_]

_JUMP = 1.45
"""Ratio of neighbouring widths, once sorted, from which they are two kinds."""
_UNEVEN = 0.5
"""Coefficient of variation of gaps from which these are no such bars."""
_THIN = 0.25
"""Samples of the thinnest bar or gap."""
_NARROW = 0.5
"""Narrow bars in gaps, as specified."""
MOST_BARS = 16
_UNLIKE = 0.12
"""What is left, in shares of the contrast, from which a path is given up."""
_BETTER = 0.85
"""What one more bar must leave of the error."""
_DOUBTS, _TURNS = 2, 3
"""Bars that are tried as the other kind, and how often."""


@dataclass(frozen=True, slots=True, eq=False)
class Comb:
    """Bars that a piece was taken for.

    Attributes
    ----------
    wide
        bool ``(n,)``.
    bars
        The fit with two widths and one gap.
    free
        The fit with any widths and gaps.
    rival
        What is left, in shares of the contrast, if the most doubtful bar is the other kind; infinite
        where all are of one kind.
    """

    wide: Bits
    bars: Bars
    free: Bars
    rival: float

    @property
    def gap(self) -> float:
        """Mean gap in samples."""
        return float(np.diff(self.bars.edges)[1::2].mean())

    @property
    def variation(self) -> float:
        """Coefficient of variation of the gaps when each is fitted by itself."""
        gaps = np.diff(self.free.edges)[1::2]
        return float(gaps.std() / abs(gaps.mean()))

    @property
    def excess(self) -> float:
        """What equal widths and gaps leave beyond what any would, in shares of the contrast."""
        seen = len(self.free.left)
        freedom = max(seen - len(self.free.edges), 1) / seen
        return float(np.sqrt(max(self.bars.error**2 - self.free.error**2 / freedom, 0.0)))

    @property
    def deviation(self) -> float:
        """Root mean square of how far edges by themselves are from those of the comb, in gaps."""
        return float(np.sqrt(np.square(self.bars.edges - self.free.edges).mean())) / self.gap

    def width(self, wide: bool) -> float:
        """Mean width of a kind, in gaps; 0 where there are none."""
        kind = self.wide == wide
        return float(np.diff(self.bars.edges)[::2][kind].mean()) / self.gap if kind.any() else 0.0


def find_comb(piece: Piece, edges: Lengths, blur: float) -> Comb | None:
    """The comb nearest to bars.

    Parameters
    ----------
    piece
        The bars with light ground on both sides.
    edges
        float64 ``(2 * n,)``, where bars begin and end in turn, in samples of the piece; under blur
        these need not be true.
    blur
        Standard deviation in samples, about.

    Returns
    -------
    Comb or None
        None where gaps are not alike.
    """
    free = fit_bars(piece.levels, np.eye(len(edges)), edges, blur)
    widths = np.diff(free.edges)
    if widths.min() < _THIN or widths[1::2].std() > _UNEVEN * widths[1::2].mean():
        return None
    wide = _kinds(widths[::2] / widths[1::2].mean())
    return _grown(piece, _settled(piece, wide, _fitted(piece, wide, free), free))


def best_comb(piece: Piece, paths: list[Bits], blur: float) -> Comb | None:
    """Of several sequences of bars the one that explains a piece, bars as specified to begin with.

    Parameters
    ----------
    piece
        The bars with light ground on both sides.
    paths
        Which bars are wide.
    blur
        Standard deviation in samples, about.

    Returns
    -------
    Comb or None
        None where none comes near. The second best counts as its rival.
    """
    fits = sorted(((_specified(piece, wide, blur), wide) for wide in paths), key=lambda fit: fit[0].error)
    if not fits or fits[0][0].error > _UNLIKE:
        return None
    bars, wide = fits[0]
    free = fit_bars(piece.levels, np.eye(len(bars.edges)), bars.edges, bars.blur)
    comb = _grown(piece, _settled(piece, wide, bars, free))
    others = [fit.error for fit, other in fits if not np.array_equal(other, comb.wide)]
    return replace(comb, rival=min([comb.rival, *others]))


def _specified(piece: Piece, wide: Bits, blur: float) -> Bars:
    """Fitted from gaps twice and wide bars three times the narrow."""
    steps = np.stack([np.where(wide, 3.0, 1.0), np.full(len(wide), 2.0)], axis=1).ravel()[:-1]
    places = np.concatenate([[0.0], np.cumsum(steps)])
    edges = piece.start + (piece.end - piece.start) * places / places[-1]
    matrix = design(wide)
    return fit_bars(piece.levels, matrix, _parameters(matrix, edges), blur)


def _grown(piece: Piece, comb: Comb) -> Comb:
    """With narrow bars at the ends that blur has merged with wide ones, if there are."""
    for at_end in (False, True):
        gap, narrow = comb.gap, comb.gap * (comb.width(False) or _NARROW)
        first, last = comb.bars.edges[[0, -1]]
        new = (last + gap, last + gap + narrow) if at_end else (first - gap - narrow, first - gap)
        if not (new[0] > 0 and new[1] < len(piece.levels) - 1) or len(comb.wide) >= MOST_BARS:
            continue
        place = len(comb.wide) if at_end else 0
        wide = np.insert(comb.wide, place, False)
        edges = np.insert(comb.bars.edges, 2 * place, new)
        bars = _fitted(piece, wide, replace(comb.bars, edges=edges))
        if bars.error < _BETTER * comb.bars.error:
            free = fit_bars(piece.levels, np.eye(len(edges)), bars.edges, bars.blur)
            comb = _settled(piece, wide, bars, free)
    return comb


def _settled(piece: Piece, wide: Bits, bars: Bars, free: Bars) -> Comb:
    """With the most doubtful bars as the other kind where that explains the samples better."""
    rival = np.inf
    doubtful = np.argsort(_doubts(np.diff(free.edges)[::2], wide))[:_DOUBTS]
    for _ in range(_TURNS):
        others = [(other, _fitted(piece, other, bars)) for other in _flipped(wide, doubtful)]
        rival = min((fit.error for _, fit in others), default=np.inf)
        if rival >= bars.error:
            break
        wide, bars = min(others, key=lambda other: other[1].error)
    return Comb(wide, bars, free, rival)


def _kinds(widths: Lengths) -> Bits:
    """Which are wide, of widths in gaps."""
    ordered = np.sort(widths)
    jumps = ordered[1:] / ordered[:-1]
    most = int(np.argmax(jumps))
    # All of one width are narrow if narrower than the gaps.
    limit = float(np.sqrt(ordered[most] * ordered[most + 1])) if jumps[most] > _JUMP else 1.0
    return widths > limit if jumps[most] > _JUMP else np.full(len(widths), ordered.mean() > limit)


def _doubts(widths: Lengths, wide: Bits) -> Lengths:
    """How near each bar is to the other kind; nothing to doubt where there is only one."""
    if wide.all() or not wide.any():
        return np.zeros(0)
    middle = float(np.sqrt(abs(widths[wide].mean() * widths[~wide].mean())))
    return np.abs(np.log(np.maximum(widths, 0.1) / max(middle, 0.1)))


def _flipped(wide: Bits, doubtful: npt.NDArray[np.intp]) -> list[Bits]:
    flipped = [wide ^ (np.arange(len(wide)) == bar) for bar in doubtful]
    return [bits for bits in flipped if bits.any() and not bits.all()]


def _fitted(piece: Piece, wide: Bits, near: Bars) -> Bars:
    matrix = design(wide)
    return fit_bars(piece.levels, matrix, _parameters(matrix, near.edges), near.blur)


def _parameters(matrix: Matrix, edges: Lengths) -> Lengths:
    return np.asarray(np.linalg.lstsq(matrix, edges, rcond=None)[0], np.float64)


def design(wide: Bits) -> Matrix:
    """What makes edges of a start, a gap, the widths there are, and from six bars on a bend."""
    count = len(wide)
    before = np.arange(count, dtype=np.float64)
    begins = [np.ones(count), before]
    ends = [np.ones(count), before]
    for kind in (~wide, wide):
        if kind.any():
            ends.append(np.cumsum(kind).astype(np.float64))
            begins.append(ends[-1] - kind)
    matrix = np.stack([np.column_stack(begins), np.column_stack(ends)], axis=1).reshape(2 * count, -1)
    share = np.arange(2 * count) / (2 * count - 1)
    return np.column_stack([matrix, 4 * share * (1 - share)]) if count > 5 else matrix
