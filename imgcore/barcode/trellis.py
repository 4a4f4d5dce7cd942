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
from imgcore.barcode.pharmacode_fit import MOST_BARS, Bits
from imgcore.barcode.runs import Lengths

_FINE = 4
"""Samples a module."""
_LEAST = 1.2
"""Least samples of the profile a module."""
_SOFT = 1.4
"""Blur in modules up to which the search is tried."""
_GAP, _NARROW, _WIDE = 2, 1, 3
_HIDDEN = 3
"""Most bars that the blur merges to one."""
_TRIED = 3
_UNLIKE = 0.04
"""Mean square error in shares of the contrast of another code; 98 of 100 Pharmacodes have 0.032 or less."""


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
    for modules in range(shortest, longest + 1):
        cost, path = _best_path(_costs(segment, blur, modules), modules)
        if cost < _UNLIKE and least <= len(path) <= MOST_BARS:
            found.append((cost, path))
    return [np.array(path) for _, path in sorted(found)[:_TRIED]]


def _costs(segment: ProfileSegment, blur: float, modules: int) -> dict[int, Lengths]:
    """Squared error of a bar of each width that begins at each module, float64 ``(modules,)``."""
    module = (segment.end - segment.start) / modules
    inner = (np.arange(-_FINE, (modules + 1) * _FINE) + 0.5) / _FINE
    ink = _ink(segment, segment.start + inner * module, blur / module)
    costs = {}
    for width in (_NARROW, _WIDE):
        windows = np.lib.stride_tricks.sliding_window_view(ink, (width + 2) * _FINE)[::_FINE]
        expected = _templates(width, blur / module)
        starts = np.arange(len(windows))
        # The first bar has no neighbour before it and the last one none after it.
        chosen = np.where(starts == 0, 1, np.where(starts + width == modules, 2, 0))
        costs[width] = np.square(windows - expected[chosen]).sum(axis=1)
    return costs


def _ink(segment: ProfileSegment, places: Lengths, blur: float) -> Lengths:
    """Share of ink, scaled from the ground on both sides to the darkest place, that of a wide bar."""
    levels = np.asarray(segment.levels, np.float64)
    at = np.arange(len(levels))
    before, after = levels[: max(1, int(segment.start))], levels[min(len(levels) - 1, int(segment.end) + 1) :]
    light = np.interp(
        at, [segment.start, segment.end], [float(np.percentile(g, 75)) for g in (before, after)]
    )
    shown = _templates(_WIDE, blur)[0].max()
    inner = (light - levels)[max(0, int(segment.start)) : int(segment.end) + 2]
    contrast = max(float(np.percentile(inner, 98)) / shown, 1e-6)
    return np.asarray(np.interp(places, at, (light - levels) / contrast))


def _templates(width: int, blur: float) -> Lengths:
    """Profiles of a blurred bar from a module before it to one after it: between others, first, last."""
    places = (np.arange(-_FINE, (width + 1) * _FINE) + 0.5) / _FINE

    def bar(start: float, end: float) -> Lengths:
        return edge_response((places - start) / blur) - edge_response((places - end) / blur)

    # Neighbours of mean width.
    before, itself, after = bar(-4, -2), bar(0, width), bar(width + 2, width + 4)
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
