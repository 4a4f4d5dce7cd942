"""Viterbi search for Pharmacode's bars that the blur has merged.

Narrow bars are one module, wide ones three and gaps two, so that each bar begins a whole number of
modules from the start. The profile of a bar depends on itself and on the nearer edges of its two
neighbours, which are two modules away whatever these are. The best sequence is therefore found
position by position.
"""

from __future__ import annotations

import numpy as np

from imgcore.barcode.bar_fit import edge_response
from imgcore.barcode.bar_groups import ProfileSegment
from imgcore.barcode.pharmacode.fit import MOST_BARS, Bits
from imgcore.barcode.runs import Lengths

_FINE = 4
"""Samples of a module in the templates."""
_LEAST = 1.2
"""Least samples of the profile for a module."""
_SOFT = 1.4
"""Blur in modules up to which the search is tried."""
_GAP = 2
"""Width of a gap in modules."""
_NARROW = 1
"""Width of a narrow bar in modules."""
_WIDE = 3
"""Width of a wide bar in modules."""
_HIDDEN = 3
"""Most bars that the blur merges to one."""
_TRIED = 3
"""Number of sequences of bars that are tried, the likeliest first."""
_UNLIKE = 0.04
"""Mean square error, in shares of the contrast, from which a code is another one; 98 of 100 Pharmacodes have
0.032 or less."""


def likely_paths(segment: ProfileSegment, blur: float, least: int) -> list[Bits]:
    """Find the likeliest sequences of bars, True for wide, for the few likeliest numbers of modules.

    Parameters
    ----------
    segment
        Segment with light ground on both sides; its ends true to half a module.
    blur
        Standard deviation in samples.
    least
        Fewest bars.
    """
    length = segment.end - segment.start
    shortest = 3 * max(least, 2) - _GAP
    longest = 5 * min(MOST_BARS, _HIDDEN * least) - _GAP
    longest = int(min(longest, length / _LEAST, _SOFT * length / blur))
    found = []
    ink, darkest = _ink(segment)
    for modules in range(shortest, longest + 1):
        cost, path = _best_path(_costs(segment, ink, darkest, blur, modules), modules)
        if cost < _UNLIKE and least <= len(path) <= MOST_BARS:
            found.append((cost, path))
    return [np.array(path) for _, path in sorted(found)[:_TRIED]]


def _costs(
    segment: ProfileSegment, ink: Lengths, darkest: float, blur: float, modules: int
) -> dict[int, Lengths]:
    """Squared error of a bar of each width that begins at each module, float64 ``(modules,)``."""
    module = (segment.end - segment.start) / modules
    templates = {width: _templates(width, blur / module) for width in (_NARROW, _WIDE)}
    # The darkest place is that of a wide bar.
    scale = float(templates[_WIDE][0].max()) / darkest
    inner = (np.arange(-_FINE, (modules + 1) * _FINE) + 0.5) / _FINE
    shares = np.interp(segment.start + inner * module, np.arange(len(ink)), ink) * scale
    costs = {}
    for width, expected in templates.items():
        windows = np.lib.stride_tricks.sliding_window_view(shares, (width + 2) * _FINE)[::_FINE]
        costs[width] = np.square(windows - expected[0]).sum(axis=1)
        # The first bar has no neighbour before it and the last one none after it.
        for place, of in ((0, 1), (modules - width, 2)):
            costs[width][place] = np.square(windows[place] - expected[of]).sum()
    return costs


def _ink(segment: ProfileSegment) -> tuple[Lengths, float]:
    """Grey levels below the ground on both sides, along the segment and at its darkest place."""
    levels = np.asarray(segment.levels, np.float64)
    before = levels[: max(1, int(segment.start))]
    after = levels[min(len(levels) - 1, int(segment.end) + 1) :]
    ends = [float(np.percentile(ground, 75)) for ground in (before, after)]
    ink = np.interp(np.arange(len(levels)), [segment.start, segment.end], ends) - levels
    inner = ink[max(0, int(segment.start)) : int(segment.end) + 2]
    return ink, max(float(np.percentile(inner, 98)), 1e-6)


def _templates(width: int, blur: float) -> Lengths:
    """Profiles of a blurred bar from a module before it to one after it: between others, first, last."""
    places = (np.arange(-_FINE, (width + 1) * _FINE) + 0.5) / _FINE
    # Neighbours of mean width.
    edges = np.array([-4, -2, 0, width, width + 2, width + 4])[:, None]
    response = edge_response((places - edges) / blur)
    before, itself, after = response[::2] - response[1::2]
    return np.stack([before + itself + after, itself + after, before + itself])


def _best_path(costs: dict[int, Lengths], modules: int) -> tuple[float, tuple[bool, ...]]:
    """Find the sequence of bars that fills all modules at the least cost, and its mean square error."""
    best: list[tuple[float, tuple[bool, ...]]] = [(np.inf, ())] * (modules + _GAP + 1)
    best[0] = (0.0, ())
    for place in range(modules):
        cost, path = best[place]
        if cost == np.inf:
            continue
        for width in (_NARROW, _WIDE):
            after = place + width + _GAP
            if after <= modules + _GAP and cost + costs[width][place] < best[after][0]:
                best[after] = (cost + float(costs[width][place]), (*path, width == _WIDE))
    cost, path = best[modules + _GAP]
    return cost / ((modules + 2) * _FINE), path
