"""Pharmacode (Laetus, one track) from a strip across its bars.

Two to sixteen bars, narrow or wide, with equal gaps; it has no start, stop or check. Bar i counted
from the right adds 2^i if narrow and twice that if wide, so that n bars give 2^n - 1 to 2^(n + 1) - 2.
Read from its other end it gives a value as valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from itertools import chain, islice

import numpy as np

from imgcore.barcode.bar_groups import BarGroup, bar_groups
from imgcore.barcode.code import Reading, Symbology, ranked
from imgcore.barcode.pharmacode.fit import MOST_BARS, Bits, PharmacodeFit, best_pharmacode_fit, fit_pharmacode
from imgcore.barcode.pharmacode.trellis import likely_paths
from imgcore.barcode.runs import Lengths, Profile, Runs, find_runs

_SMOOTH = (0.0, 1.0, 2.0)
"""Standard deviations in samples by which the strip is smoothed in turn: groups read with one are not
searched with the next."""
_APART = 0.8
"""Ground beside a code over the widest gap, as edges at half height show them under blur."""
_UNLIKE = (0.4, 2.5)
"""Least and largest gap over the median gap, blur included."""
_GROUND = 2.5
"""Gaps of ground on each side that are used."""
_NEAR = 1.2
"""Gaps of ground on each side that are required at half height."""
_QUIET = 1.8
"""Gaps of ground on each side that are required by the fit."""
_CALM = 2.7
"""Gaps of ground on each side, by the fit, that are enough."""
_NEIGHBOUR = 6.0
"""Gaps beside a code within which nothing else may be as dark as bars, but for a frame's line."""
_LIKE = 0.5
"""Share of the bars' own contrast from which something else is as dark, as an inner part of another code has
that code beside it."""
_LINE = 0.7
"""Width in gaps, blur aside, up to which a frame's line may stand beside a code."""
_SPREAD = 1.2
"""Width that each standard deviation of the blur adds to a frame's line."""
_ALIKE = 0.02
"""Distance of the ends of groups of as many bars, over their length, up to which they have the same bars."""
_SURE = 0.5
"""Confidence of a reading from which no other is sought."""
_NARROW = (0.2, 0.88)
"""Least and largest width of narrow bars in gaps under ink spread, 0.5 as specified."""
_WIDE = (1.0, 2.3)
"""Least and largest width of wide bars in gaps under ink spread, 1.5 as specified."""
_RATIO = (1.7, 4.6)
"""Least and largest width of wide bars over narrow ones under ink spread, 3 as specified."""
_UNEVEN = 0.25
"""Largest coefficient of variation of gaps, as free edges have them."""
_LEAST = 2.2
"""Least samples of a gap: finer ones cannot be told from noise."""
_ROUGH = 0.25
"""Residual at which the confidence is 0, in shares of the contrast."""
_FAR = 0.2
"""Deviation of edges at which the confidence is 0, in gaps, unless it is noise."""
_EXCESS = 0.05
"""Residual beyond that of free edges, in shares of the contrast, from which a deviation of edges is no
noise."""
_FADED = 0.7
"""Ink at the fainter end over that at the other from which no bars are lost beyond it: glare washes them out.
100 right readings have 0.8 and more, of 6 wrong ones under glare none more than 0.65."""
_ONE_KIND = 0.5
"""Weight of bars of only one width: fences and rulers have them too."""
_ENOUGH = 6
"""Number of bars from which a fit is no accident."""
_SOFT = 0.1
"""Blur over the mean distance of edges from which bars may have merged."""
_TRUE = 0.85
"""Blur within a code over that measured at half height at its ends."""
_TRIED = (6, 2)
"""Most groups that are tried, the widest first, and of groups whose bars may have merged; they cost
milliseconds each."""

Search = Callable[[Profile, Runs, list[BarGroup]], Iterator[Reading]]


def read_pharmacode(profile: Profile, inverse: bool = False) -> tuple[Reading, ...]:
    """Read the Pharmacodes of a strip.

    Parameters
    ----------
    profile
        float32 ``(n,)``, grey levels averaged along the bars, with light ground of two gaps or more on
        both sides, one and a half samples a narrow bar or more.
    inverse
        True for light bars on a dark ground.

    Returns
    -------
    tuple of Reading
        Sorted by confidence, each as read from the profile's start, with the text from the end as the
        alternative. Fewer than six bars, or bars of one width, have half a confidence or less: much
        that is no code looks like them. Below 0.5 they are guesses.
    """
    levels = np.asarray(255 - profile if inverse else profile, np.float32)
    found: list[Reading] = []
    tried: dict[Search, list[BarGroup]] = {_separate: [], _merged: []}
    # Merged bars are searched only where separate ones give nothing.
    for smooth, search in chain(((s, _separate) for s in _SMOOTH), ((s, _merged) for s in _SMOOTH[1:])):
        found += search(levels, find_runs(levels, smooth=smooth), tried[search])
        if any(reading.confidence > _SURE for reading in found):
            break
    return ranked(found)


def value_of(wide: Bits) -> int:
    """Value of bars read from left to right."""
    return reduce(lambda value, bar: 2 * value + 1 + int(bar), wide.tolist(), 0)


def _separate(levels: Profile, runs: Runs, tried: list[BarGroup]) -> Iterator[Reading]:
    """Yield readings of bars that all have edges of their own, but for those of groups tried before."""
    for group, edges, gap in islice(_even(levels, runs), _TRIED[0]):
        if not _is_new(group, tried):
            continue
        segment, first = group.segment(levels, _NEAR * gap, _GROUND * gap)
        fit = fit_pharmacode(segment, edges - first, _TRUE * group.blur)
        if fit and _in_order(fit):
            yield _reading(fit, group, first)


def _is_new(group: BarGroup, tried: list[BarGroup]) -> bool:
    """Return whether no group tried before has the same bars, and add it: a fit to either ends alike."""
    if any(
        group.bars == other.bars
        and max(abs(group.start - other.start), abs(group.end - other.end))
        < _ALIKE * (group.end - group.start)
        for other in tried
    ):
        return False
    tried.append(group)
    return True


def _even(levels: Profile, runs: Runs) -> Iterator[tuple[BarGroup, Lengths, float]]:
    """Yield groups with gaps about alike, their edges, and their median gap."""
    for group in bar_groups(runs, 2, MOST_BARS, _APART):
        edges = runs.edges[2 * group.first : 2 * (group.first + group.bars)]
        gaps = np.diff(edges)[1::2]
        gap = float(np.median(gaps))
        alike = _UNLIKE[0] * gap < gaps.min() and gaps.max() < _UNLIKE[1] * gap
        if alike and _alone(levels, group, gap):
            yield group, edges, gap


def _merged(levels: Profile, runs: Runs, tried: list[BarGroup]) -> Iterator[Reading]:
    """Yield readings of bars some of which the blur has merged, but for those of groups tried before."""
    for group, spacing in islice(_soft(levels, runs), _TRIED[1]):
        if not _is_new(group, tried):
            continue
        segment, first = group.segment(levels, _NEAR * spacing, _GROUND * spacing)
        blur = _TRUE * group.blur
        fit = best_pharmacode_fit(segment, likely_paths(segment, blur, group.bars), blur)
        if fit and _in_order(fit):
            yield _reading(fit, group, first)


def _soft(levels: Profile, runs: Runs) -> Iterator[tuple[BarGroup, float]]:
    """Yield groups with enough blur, and the mean distance of their edges."""
    for group in bar_groups(runs, 3, MOST_BARS, _APART):
        spacing = (group.end - group.start) / (2 * group.bars - 1)
        if group.blur > _SOFT * spacing and _alone(levels, group, spacing):
            yield group, spacing


def _alone(levels: Profile, group: BarGroup, gap: float) -> bool:
    """Return whether a group has ground on both sides, and nothing near as dark as its bars but a frame."""
    if min(group.before, group.after) < _NEAR * gap:
        return False
    start = max(0, int(group.start))
    end = int(group.end) + 1
    dark, light = np.percentile(levels[start : end + 1], (10, 90))
    reach = int(_NEIGHBOUR * gap)
    clear = int(_NEAR * gap)
    around = levels[max(0, start - reach) : max(0, start - clear)], levels[end + clear : end + reach]
    limit = light - _LIKE * (light - dark)
    thin = _LINE * gap + _SPREAD * group.blur
    return all(_framed(side < limit, thin) for side in around)


def _framed(dark: Bits, thin: float) -> bool:
    """Return whether all dark samples, if any, are one thin line."""
    places = np.flatnonzero(dark)
    return not len(places) or len(places) == places[-1] - places[0] + 1 <= thin


def _in_order(fit: PharmacodeFit) -> bool:
    """Return whether each edge lies behind the one before: a fit to noise may cross them."""
    return bool(np.all(np.diff(fit.bars.edges) > 0))


def _reading(fit: PharmacodeFit, group: BarGroup, first: int) -> Reading:
    start, end = (first + fit.bars.edges[[0, -1]]).tolist()
    quiet = min(start - group.start + group.before, group.end + group.after - end) / fit.gap
    narrow = fit.width(False)
    wide = fit.width(True)
    return Reading(
        str(value_of(fit.wide)),
        Symbology.PHARMACODE,
        start,
        end,
        reversed=False,
        checked=False,
        confidence=_confidence(fit, quiet) if _regular(fit) else 0.0,
        alternatives=(str(value_of(fit.wide[::-1])),),
        bars=len(fit.wide),
        variation=fit.variation,
        ratio=wide / narrow if wide and narrow else 0.0,
    )


def _regular(fit: PharmacodeFit) -> bool:
    """Return whether gaps are alike and widths as specified, ink spread allowed for."""
    narrow = fit.width(False)
    wide = fit.width(True)
    within = [low < width < high for width, (low, high) in ((narrow, _NARROW), (wide, _WIDE)) if width]
    ratio = not (narrow and wide) or _RATIO[0] < wide / narrow < _RATIO[1]
    return all(within) and ratio and fit.variation < _UNEVEN and fit.gap > _LEAST and fit.fading > _FADED


def _confidence(fit: PharmacodeFit, quiet: float) -> float:
    parts = (
        1 - min(fit.deviation / _FAR, fit.excess / _EXCESS),
        1 - max(fit.bars.error, fit.bars.ground_error) / _ROUGH,
        _certainty(fit),
        ((len(fit.wide) - 1) / (_ENOUGH - 1)) ** 3,
        (quiet - _QUIET) / (_CALM - _QUIET),
    )
    both = fit.wide.any() and not fit.wide.all()
    return float(np.prod(np.clip(parts, 0, 1))) * (1.0 if both else _ONE_KIND)


def _certainty(fit: PharmacodeFit) -> float:
    """Certainty by the likelihood ratio to the next best reading, samples within the blur counted once."""
    seen = len(fit.bars.residual) / max(fit.bars.blur, 0.5)
    ratio = min(fit.runner_up / max(fit.bars.error, 1e-4), 1e3)
    return (float(np.sqrt(2 * seen * np.log(max(ratio, 1.0)))) - 1) / 3
