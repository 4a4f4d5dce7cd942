"""Pharmacode (Laetus, one track) from a strip across its bars.

Two to sixteen bars, narrow or wide, with equal gaps; nothing starts, ends or checks it. Bar i counted
from the right adds 2^i if narrow and twice that if wide, so that n bars say 2^n - 1 to 2^(n + 1) - 2.
From its other end it says something as valid.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import chain, islice

import numpy as np

from imgcore.barcode.code import Reading, Symbology, ranked
from imgcore.barcode.comb import MOST_BARS, Bits, Comb, best_comb, find_comb
from imgcore.barcode.groups import Group, groups
from imgcore.barcode.runs import Lengths, Profile, Runs, find_runs
from imgcore.barcode.trellis import likely_paths

_SMOOTH = (0.0, 1.0, 2.0)
"""Samples. What is read from one is not searched with the next."""
_APART = 0.8
"""Ground beside a code over the widest gap, as edges at half height show them under blur."""
_UNLIKE = (0.4, 2.5)
"""Gaps over their median that blur does not account for."""
_GROUND, _NEAR, _QUIET, _CALM = 2.5, 1.2, 1.8, 2.7
"""Gaps of ground that are looked at, that there must be as half height and as the fit shows them, and
those from which there are enough."""
_NEIGHBOUR, _LIKE, _LINE = 6.0, 0.5, 0.7
"""Gaps within which nothing else may reach this share of the bars' own contrast, as an inner part of
another code has that code beside it; but a frame's line of less than so many gaps, blur aside, may."""
_SPREAD = 1.2
"""What blur's standard deviation adds to such a line."""
_SURE = 0.5
_NARROW, _WIDE, _RATIO = (0.2, 0.88), (1.0, 2.3), (1.7, 4.6)
"""Widths in gaps, 0.5 and 1.5 as specified, and one over the other, under ink spread."""
_UNEVEN = 0.25
"""Coefficient of variation of gaps, as free edges have them."""
_LEAST = 2.2
"""Samples of a gap: finer ones are told from noise by nothing."""
_ROUGH, _FAR, _EXCESS = 0.25, 0.2, 0.05
"""What takes all belief: what is left, in shares of the contrast; how far edges are off, in gaps, unless
that is noise, which leaves no more than this share of the contrast beyond what free edges do."""
_ONE_KIND = 0.5
"""How much bars of only one width count: fences and rulers have them too."""
_ENOUGH = 6
"""Bars from which a comb is no accident."""
_SOFT, _TRUE = 0.1, 0.85
"""Blur over the mean distance of edges from which bars may have merged; and the blur within over that
which half height shows at the ends."""
_TRIED = (6, 2)
"""Groups that are looked at, the widest first, and those whose bars may have merged; they cost
milliseconds each."""


def read_pharmacode(profile: Profile, inverse: bool = False) -> tuple[Reading, ...]:
    """What Pharmacodes a strip shows.

    Parameters
    ----------
    profile
        float32 ``(n,)``, grey levels averaged along the bars, with light ground of two gaps or more on
        both sides, one and a half samples a narrow bar or more.
    inverse
        Whether bars are light on a dark ground.

    Returns
    -------
    tuple of Reading
        The surest first, each as read from the profile's start, with what it says from the end as the
        alternative. Fewer than six bars, or bars of one width, have half a confidence or less: much
        that is no code looks like them. Below 0.5 they are guesses.
    """
    levels = np.asarray(-profile if inverse else profile, np.float32)
    found: list[Reading] = []
    # Merged bars are looked for only where separate ones say nothing.
    for smooth, readings in chain(((s, _separate) for s in _SMOOTH), ((s, _merged) for s in _SMOOTH[1:])):
        found += readings(levels, find_runs(levels, smooth=smooth))
        if any(reading.confidence > _SURE for reading in found):
            break
    return ranked(found)


def value_of(wide: Bits) -> int:
    """The number that bars say, from left to right."""
    return reduce(lambda value, bar: 2 * value + 1 + int(bar), wide.tolist(), 0)


def _separate(levels: Profile, runs: Runs) -> Iterator[Reading]:
    """From bars that all have edges of their own."""
    for group, edges, gap in islice(_even(levels, runs), _TRIED[0]):
        piece, first = group.piece(levels, _NEAR * gap, _GROUND * gap)
        comb = find_comb(piece, edges - first, _TRUE * group.blur)
        if comb and _in_order(comb):
            yield _reading(comb, group, first)


def _even(levels: Profile, runs: Runs) -> Iterator[tuple[Group, Lengths, float]]:
    """Groups with gaps about alike, their edges, and a gap."""
    for group in groups(runs, 2, MOST_BARS, _APART):
        edges = runs.edges[2 * group.first : 2 * (group.first + group.bars)]
        gaps = np.diff(edges)[1::2]
        gap = float(np.median(gaps))
        alike = _UNLIKE[0] * gap < gaps.min() and gaps.max() < _UNLIKE[1] * gap
        if alike and _alone(levels, group, gap):
            yield group, edges, gap


def _merged(levels: Profile, runs: Runs) -> Iterator[Reading]:
    """From bars of which blur has merged some."""
    for group, spacing in islice(_soft(levels, runs), _TRIED[1]):
        piece, first = group.piece(levels, _NEAR * spacing, _GROUND * spacing)
        blur = _TRUE * group.blur
        comb = best_comb(piece, likely_paths(piece, blur, group.bars), blur)
        if comb and _in_order(comb):
            yield _reading(comb, group, first)


def _soft(levels: Profile, runs: Runs) -> Iterator[tuple[Group, float]]:
    """Groups with enough blur, and the mean distance of their edges."""
    for group in groups(runs, 3, MOST_BARS, _APART):
        spacing = (group.end - group.start) / (2 * group.bars - 1)
        if group.blur > _SOFT * spacing and _alone(levels, group, spacing):
            yield group, spacing


def _alone(levels: Profile, group: Group, gap: float) -> bool:
    """Whether there is ground on both sides, and near it nothing as dark as the bars but a frame."""
    if min(group.before, group.after) < _NEAR * gap:
        return False
    start, end = max(0, int(group.start)), int(group.end) + 1
    dark, light = np.percentile(levels[start : end + 1], (10, 90))
    reach, clear = int(_NEIGHBOUR * gap), int(_NEAR * gap)
    around = levels[max(0, start - reach) : max(0, start - clear)], levels[end + clear : end + reach]
    limit = light - _LIKE * (light - dark)
    thin = _LINE * gap + _SPREAD * group.blur
    return all(_framed(side < limit, thin) for side in around)


def _framed(dark: Bits, thin: float) -> bool:
    """Whether what is dark, if anything, is one thin line."""
    places = np.flatnonzero(dark)
    return not len(places) or len(places) == places[-1] - places[0] + 1 <= thin


def _in_order(comb: Comb) -> bool:
    """Whether each edge lies behind the one before: a fit to noise may cross them."""
    return bool(np.all(np.diff(comb.bars.edges) > 0))


def _reading(comb: Comb, group: Group, first: int) -> Reading:
    start, end = (first + comb.bars.edges[[0, -1]]).tolist()
    quiet = min(start - group.start + group.before, group.end + group.after - end) / comb.gap
    narrow, wide = comb.width(False), comb.width(True)
    return Reading(
        str(value_of(comb.wide)),
        Symbology.PHARMACODE,
        start,
        end,
        reversed=False,
        checked=False,
        confidence=_confidence(comb, quiet) if _regular(comb) else 0.0,
        alternatives=(str(value_of(comb.wide[::-1])),),
        bars=len(comb.wide),
        variation=comb.variation,
        ratio=wide / narrow if wide and narrow else 0.0,
    )


def _regular(comb: Comb) -> bool:
    """Whether gaps are alike and widths what ink spread makes of those specified."""
    narrow, wide = comb.width(False), comb.width(True)
    within = [low < width < high for width, (low, high) in ((narrow, _NARROW), (wide, _WIDE)) if width]
    ratio = not (narrow and wide) or _RATIO[0] < wide / narrow < _RATIO[1]
    return all(within) and ratio and comb.variation < _UNEVEN and comb.gap > _LEAST


def _confidence(comb: Comb, quiet: float) -> float:
    parts = (
        1 - min(comb.deviation / _FAR, comb.excess / _EXCESS),
        1 - max(comb.bars.error, comb.bars.ground_error) / _ROUGH,
        _certainty(comb),
        ((len(comb.wide) - 1) / (_ENOUGH - 1)) ** 3,
        (quiet - _QUIET) / (_CALM - _QUIET),
    )
    both = comb.wide.any() and not comb.wide.all()
    return float(np.prod(np.clip(parts, 0, 1))) * (1.0 if both else _ONE_KIND)


def _certainty(comb: Comb) -> float:
    """From the likelihood ratio to the nearest other reading, samples within the blur counted once."""
    seen = len(comb.bars.left) / max(comb.bars.blur, 0.5)
    ratio = min(comb.rival / max(comb.bars.error, 1e-4), 1e3)
    return (float(np.sqrt(2 * seen * np.log(max(ratio, 1.0)))) - 1) / 3
