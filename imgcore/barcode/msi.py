"""MSI (Modified Plessey) from a strip across its bars.

A bit is a bar and a space, three modules together: narrow and wide for 0, wide and narrow for 1. A
code is a 1, four bits a digit, a 0 and a narrow bar. From its other end it is not one, so that the
direction is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from imgcore.barcode.code import Reading, Symbology, ranked
from imgcore.barcode.groups import Group, groups
from imgcore.barcode.lattice import Guess, guesses
from imgcore.barcode.middles import Decision, decide
from imgcore.barcode.msi_checks import checks_of, surely_checked
from imgcore.barcode.runs import Profile, Runs, find_runs

_MOST = 40
"""Digits."""
_SMOOTH = (0.0, 1.0, 2.0)
"""Samples. What is read from one is not searched with the next."""
_APART = 0.8
"""Ground beside a code over the widest space within, as edges at half height show them under blur."""
_GROUND, _QUIET = 1.7, 1.15
"""Pairs of ground on each side that are looked at, and that there must be: 3.5 modules. No space within is
so wide, even where pairs grow; the standard asks for twelve modules."""
_TRIED = 8
"""Groups that are looked at, the widest first: each costs milliseconds."""
_SURE = 0.5
_ROUGH = 0.25
"""What a fit leaves, in shares of the contrast, from which nothing is believed."""
_SHORT = {1: 0.3, 2: 0.6, 3: 0.8}
"""How much readings of so many digits count, check digits included: others' bars come out as one or two."""


def read_msi(profile: Profile, inverse: bool = False) -> tuple[Reading, ...]:
    """What MSI codes a strip shows.

    Bars and blur are fitted as a whole, with a lattice of constant pairs. At a blur of 0.9 modules and
    two samples a module all bits are still told; a print may have wide bars of two to three times the
    narrow ones.

    Parameters
    ----------
    profile
        float32 ``(n,)``, grey levels averaged along the bars, with 4 modules of light ground or more on
        both sides, one and a half samples a module or more.
    inverse
        Whether bars are light on a dark ground.

    Returns
    -------
    tuple of Reading
        The surest first; check digits stay in the text. Below a confidence of 0.3 they are guesses.
    """
    levels = np.asarray(-profile if inverse else profile, np.float32)
    found: list[Reading] = []
    for smooth in _SMOOTH:
        for group, likely in islice(_likely(levels, find_runs(levels, smooth=smooth)), _TRIED):
            if not any(_within(group, reading) for reading in found):
                found += _readings(levels, group, likely)
        if any(reading.confidence > _SURE for reading in found):
            break
    return ranked(found)


def _likely(levels: Profile, runs: Runs) -> Iterator[tuple[Group, list[Guess]]]:
    """Groups in which bars may begin at equal distances, and what that may be."""
    for group in groups(runs, 5, 4 * _MOST + 30, _APART):
        if likely := guesses(levels, group, _MOST):
            yield group, likely


def _within(group: Group, reading: Reading) -> bool:
    return reading.confidence > _SURE and reading.start < (group.start + group.end) / 2 < reading.end


def _readings(levels: Profile, group: Group, likely: list[Guess]) -> list[Reading]:
    found: list[Reading] = []
    for guess in likely:
        pair = (group.end - group.start) / guess.pairs
        piece, first = group.piece(levels, _QUIET * pair, _GROUND * pair)
        for backwards in (False, True):
            seen = (piece.turned(), guess.turned()) if backwards else (piece, guess)
            decision = decide(*seen, group.blur)
            if decision and _valid(decision):
                edges = decision.bars.edges[[0, -1]]
                start, end = first + (np.sort(len(piece.levels) - 1 - edges) if backwards else edges)
                quiet = min(start - group.start + group.before, group.end + group.after - end)
                if quiet > _QUIET * decision.lattice.pair:
                    found.append(_reading(decision, float(start), float(end), backwards))
        if any(reading.confidence > _SURE for reading in found):
            break
    return found


def _digits(decision: Decision) -> list[int]:
    return [int(digit) for digit in decision.bits[1:-2].reshape(-1, 4) @ (8, 4, 2, 1)]


def _valid(decision: Decision) -> bool:
    """Start and stop are what they must be, and digits no more than nine."""
    return max(_digits(decision)) <= 9 and decision.margin > 0


def _reading(decision: Decision, start: float, end: float, backwards: bool) -> Reading:
    text = "".join(map(str, _digits(decision)))
    checks = checks_of(text)
    bars = decision.bars
    fit = max(0.0, 1 - max(bars.error, bars.ground_error) / _ROUGH)
    return Reading(
        text,
        Symbology.MSI,
        start,
        end,
        backwards,
        checked=surely_checked(checks),
        confidence=min(1.0, decision.margin) * fit * _SHORT.get(len(text), 1.0),
        checks=checks,
        bars=len(decision.bits),
        ratio=decision.lattice.wide / decision.lattice.narrow,
    )
