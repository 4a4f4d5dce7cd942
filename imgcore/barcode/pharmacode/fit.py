"""Model of Pharmacode's bars, of two widths with equal gaps, fitted to a profile."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from imgcore.barcode.bar_fit import BarFit, Matrix, fit_bars
from imgcore.barcode.bar_groups import ProfileSegment
from imgcore.barcode.runs import Lengths

Bits = npt.NDArray[np.bool_]

_JUMP = 1.45
"""Ratio of neighbouring widths, once sorted, from which they are of two classes."""
_UNEVEN = 0.35
"""Coefficient of variation of gaps above which bars are no Pharmacode."""
_ROUGH = 0.25
"""Residual over the contrast above which bars are no Pharmacode."""
_THIN = 0.25
"""Least samples of a bar or gap."""
_NARROW = 0.5
"""Width of narrow bars in gaps, as specified."""
MOST_BARS = 16
"""Most bars of a Pharmacode."""
_UNLIKE = 0.12
"""Residual, in shares of the contrast, from which a path is given up."""
_BETTER = 0.85
"""Ratio to which one more bar must reduce the error."""
_DOUBTS = 2
"""Number of the most doubtful bars that are tried as the other class."""
_TURNS = 3
"""Most times that doubtful bars are tried as the other class."""


@dataclass(frozen=True, slots=True, eq=False)
class PharmacodeFit:
    """Bars of two widths fitted to a segment.

    Attributes
    ----------
    wide
        bool ``(n,)``, True for wide bars.
    bars
        The fit with two widths and one gap.
    free
        The fit with any widths and gaps.
    runner_up
        Residual, in shares of the contrast, with the most doubtful bar as the other class; infinite
        if all are of one class.
    """

    wide: Bits
    bars: BarFit
    free: BarFit
    runner_up: float

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
        """Residual of equal widths and gaps beyond that of free ones, in shares of the contrast."""
        seen = len(self.free.residual)
        freedom = max(seen - len(self.free.edges), 1) / seen
        return float(np.sqrt(max(self.bars.error**2 - self.free.error**2 / freedom, 0.0)))

    @property
    def deviation(self) -> float:
        """Root mean square distance between the free edges and those of equal widths, in gaps."""
        return float(np.sqrt(np.square(self.bars.edges - self.free.edges).mean())) / self.gap

    @property
    def fading(self) -> float:
        """Darkness of ink, in shares of the light, at the end where it is fainter over that at the other."""
        ends = np.clip(self.bars.edges[[0, -1]].round().astype(int), 0, len(self.bars.white) - 1)
        dark = 1 - self.bars.black[ends] / np.maximum(self.bars.white[ends], 1.0)
        return float(max(dark.min(), 0.0) / max(dark.max(), 1e-6))

    def width(self, wide: bool) -> float:
        """Mean width of wide or narrow bars, in gaps; 0 if there are none."""
        kind = self.wide == wide
        return float(np.diff(self.bars.edges)[::2][kind].mean()) / self.gap if kind.any() else 0.0


def fit_pharmacode(segment: ProfileSegment, edges: Lengths, blur: float) -> PharmacodeFit | None:
    """Fit bars of two widths to given edges.

    Parameters
    ----------
    segment
        The bars with light ground on both sides.
    edges
        float64 ``(2 * n,)``, begin and end of each bar in turn, in samples of the segment; under blur
        these need not be true.
    blur
        Standard deviation in samples, about.

    Returns
    -------
    PharmacodeFit or None
        None if gaps are not alike.
    """
    free = fit_bars(segment.levels, np.eye(len(edges)), edges, blur)
    widths = np.diff(free.edges)
    uneven = widths[1::2].std() > _UNEVEN * widths[1::2].mean()
    if widths.min() < _THIN or uneven or free.error > _ROUGH:
        return None
    wide = _classified(widths[::2] / widths[1::2].mean())
    return _with_end_bars(segment, _with_best_kinds(segment, wide, _fitted(segment, wide, free), free))


def best_pharmacode_fit(segment: ProfileSegment, paths: list[Bits], blur: float) -> PharmacodeFit | None:
    """Choose the sequence of bars that explains a segment best, starting from bars as specified.

    Parameters
    ----------
    segment
        The bars with light ground on both sides.
    paths
        Sequences of bars, True for wide.
    blur
        Standard deviation in samples, about.

    Returns
    -------
    PharmacodeFit or None
        None if none comes near. The second best counts as its runner-up.
    """
    fits = sorted(
        ((_fitted_as_specified(segment, wide, blur), wide) for wide in paths), key=lambda fit: fit[0].error
    )
    if not fits or fits[0][0].error > _UNLIKE:
        return None
    bars, wide = fits[0]
    free = fit_bars(segment.levels, np.eye(len(bars.edges)), bars.edges, bars.blur)
    fit = _with_end_bars(segment, _with_best_kinds(segment, wide, bars, free))
    others = [other.error for other, kinds in fits if not np.array_equal(kinds, fit.wide)]
    return replace(fit, runner_up=min([fit.runner_up, *others]))


def _fitted_as_specified(segment: ProfileSegment, wide: Bits, blur: float) -> BarFit:
    """Fit from initial gaps of twice and wide bars of three times the narrow."""
    steps = np.stack([np.where(wide, 3.0, 1.0), np.full(len(wide), 2.0)], axis=1).ravel()[:-1]
    places = np.concatenate([[0.0], np.cumsum(steps)])
    edges = segment.start + (segment.end - segment.start) * places / places[-1]
    matrix = design(wide)
    return fit_bars(segment.levels, matrix, _parameters(matrix, edges), blur)


def _with_end_bars(segment: ProfileSegment, fit: PharmacodeFit) -> PharmacodeFit:
    """Add narrow bars at the ends that the blur has merged with wide ones, if there are."""
    for at_end in (False, True):
        gap = fit.gap
        narrow = fit.gap * (fit.width(False) or _NARROW)
        first, last = fit.bars.edges[[0, -1]]
        new = (last + gap, last + gap + narrow) if at_end else (first - gap - narrow, first - gap)
        if not (new[0] > 0 and new[1] < len(segment.levels) - 1) or len(fit.wide) >= MOST_BARS:
            continue
        place = len(fit.wide) if at_end else 0
        wide = np.insert(fit.wide, place, False)
        edges = np.insert(fit.bars.edges, 2 * place, new)
        bars = _fitted(segment, wide, replace(fit.bars, edges=edges))
        if bars.error < _BETTER * fit.bars.error:
            free = fit_bars(segment.levels, np.eye(len(edges)), bars.edges, bars.blur)
            fit = _with_best_kinds(segment, wide, bars, free)
    return fit


def _with_best_kinds(segment: ProfileSegment, wide: Bits, bars: BarFit, free: BarFit) -> PharmacodeFit:
    """Change the class of the most doubtful bars if that explains the samples better."""
    runner_up = np.inf
    doubtful = np.argsort(_margins(np.diff(free.edges)[::2], wide))[:_DOUBTS]
    for _ in range(_TURNS):
        others = [(other, _fitted(segment, other, bars)) for other in _flipped(wide, doubtful)]
        runner_up = min((fit.error for _, fit in others), default=np.inf)
        if runner_up >= bars.error:
            break
        wide, bars = min(others, key=lambda other: other[1].error)
    return PharmacodeFit(wide, bars, free, runner_up)


def _classified(widths: Lengths) -> Bits:
    """Classify widths in gaps: True for wide bars."""
    ordered = np.sort(widths)
    jumps = ordered[1:] / ordered[:-1]
    most = int(np.argmax(jumps))
    # All of one width are narrow if narrower than the gaps.
    limit = float(np.sqrt(ordered[most] * ordered[most + 1])) if jumps[most] > _JUMP else 1.0
    return widths > limit if jumps[most] > _JUMP else np.full(len(widths), ordered.mean() > limit)


def _margins(widths: Lengths, wide: Bits) -> Lengths:
    """Distance of each bar from the other class, as a logarithm; empty if there is only one class."""
    if wide.all() or not wide.any():
        return np.zeros(0)
    middle = float(np.sqrt(abs(widths[wide].mean() * widths[~wide].mean())))
    return np.abs(np.log(np.maximum(widths, 0.1) / max(middle, 0.1)))


def _flipped(wide: Bits, doubtful: npt.NDArray[np.intp]) -> list[Bits]:
    flipped = [wide ^ (np.arange(len(wide)) == bar) for bar in doubtful]
    return [bits for bits in flipped if bits.any() and not bits.all()]


def _fitted(segment: ProfileSegment, wide: Bits, near: BarFit) -> BarFit:
    matrix = design(wide)
    return fit_bars(segment.levels, matrix, _parameters(matrix, near.edges), near.blur)


def _parameters(matrix: Matrix, edges: Lengths) -> Lengths:
    return np.asarray(np.linalg.lstsq(matrix, edges, rcond=None)[0], np.float64)


def design(wide: Bits) -> Matrix:
    """Design matrix of the edges from a start, a gap, the widths in use, and from six bars on a bend."""
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
