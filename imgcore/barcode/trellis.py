"""Pharmacode's bars where blur has merged them: the likeliest path from the first to the last.

Narrow bars are one module, wide ones three and gaps two, so that each bar begins a whole number of
modules from the start. What a bar looks like depends on itself and on the nearer edges of its two
neighbours, which are two modules away whatever these are. The best sequence is therefore found
position by position.
"""

from __future__ import annotations

import numpy as np

from imgcore.barcode.blur import passed
from imgcore.barcode.comb import MOST_BARS, Bits
from imgcore.barcode.groups import Piece
from imgcore.barcode.runs import Lengths

_FINE = 4
"""Samples a module."""
_LEAST = 1.2
"""Samples of the profile a module."""
_SOFT = 1.4
"""Blur in modules up to which it is tried."""
_GAP, _NARROW, _WIDE = 2, 1, 3
_HIDDEN = 3
"""Bars that may look like one."""
_TRIED = 3
_UNLIKE = 0.04
"""Mean square in shares of the contrast from which it is another code; 98 of 100 have 0.032 or less."""


def likely_paths(piece: Piece, blur: float, least: int) -> list[Bits]:
    """Which bars are wide, for the few likeliest numbers of modules, the likeliest first.

    Parameters
    ----------
    piece
        With light ground on both sides; its ends true to half a module.
    blur
        Standard deviation in samples.
    least
        Bars that there are at least.
    """
    length = piece.end - piece.start
    shortest = 3 * max(least, 2) - _GAP
    longest = 5 * min(MOST_BARS, _HIDDEN * least) - _GAP
    longest = int(min(longest, length / _LEAST, _SOFT * length / blur))
    found = []
    for modules in range(shortest, longest + 1):
        cost, path = _best_path(_costs(piece, blur, modules), modules)
        if cost < _UNLIKE and least <= len(path) <= MOST_BARS:
            found.append((cost, path))
    return [np.array(path) for _, path in sorted(found)[:_TRIED]]


def _costs(piece: Piece, blur: float, modules: int) -> dict[int, Lengths]:
    """For each width, the squared error of a bar that begins at each module, float64 ``(modules,)``."""
    module = (piece.end - piece.start) / modules
    inner = (np.arange(-_FINE, (modules + 1) * _FINE) + 0.5) / _FINE
    ink = _ink(piece, piece.start + inner * module, blur / module)
    costs = {}
    for width in (_NARROW, _WIDE):
        windows = np.lib.stride_tricks.sliding_window_view(ink, (width + 2) * _FINE)[::_FINE]
        expected = _looks(width, blur / module)
        starts = np.arange(len(windows))
        # The first bar has no neighbour before it and the last one none after it.
        chosen = np.where(starts == 0, 1, np.where(starts + width == modules, 2, 0))
        costs[width] = np.square(windows - expected[chosen]).sum(axis=1)
    return costs


def _ink(piece: Piece, places: Lengths, blur: float) -> Lengths:
    """Share of ink, from the ground on both sides and the darkest place, which a wide bar makes."""
    levels = np.asarray(piece.levels, np.float64)
    at = np.arange(len(levels))
    before, after = levels[: max(1, int(piece.start))], levels[min(len(levels) - 1, int(piece.end) + 1) :]
    light = np.interp(at, [piece.start, piece.end], [float(np.percentile(g, 75)) for g in (before, after)])
    shown = _looks(_WIDE, blur)[0].max()
    inner = (light - levels)[max(0, int(piece.start)) : int(piece.end) + 2]
    contrast = max(float(np.percentile(inner, 98)) / shown, 1e-6)
    return np.asarray(np.interp(places, at, (light - levels) / contrast))


def _looks(width: int, blur: float) -> Lengths:
    """A blurred bar from a module before it to one after it: between others, first, last."""
    places = (np.arange(-_FINE, (width + 1) * _FINE) + 0.5) / _FINE

    def bar(start: float, end: float) -> Lengths:
        return passed((places - start) / blur) - passed((places - end) / blur)

    # Neighbours of mean width.
    before, itself, after = bar(-4, -2), bar(0, width), bar(width + 2, width + 4)
    return np.stack([before + itself + after, itself + after, before + itself])


def _best_path(costs: dict[int, Lengths], modules: int) -> tuple[float, tuple[bool, ...]]:
    """The cheapest bars that fill all modules, by mean square."""
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
