"""MSI (Modified Plessey) from a strip across its bars.

A bit is a bar and a space, three modules together: narrow and wide for 0, wide and narrow for 1. A
code is a 1, four bits a digit, a 0 and a narrow bar. From its other end it is not one, so that the
direction is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from imgcore.barcode.bar_groups import BarGroup, bar_groups
from imgcore.barcode.code import Reading, Symbology, ranked
from imgcore.barcode.msi.bits import MsiDecoding, decode_bits
from imgcore.barcode.msi.check_digits import checks_of, is_reliable
from imgcore.barcode.msi.lattice import MsiHypothesis, hypotheses
from imgcore.barcode.runs import Profile, Runs, find_runs
from imgcore.barcode.work import WorkLimit

_MOST = 40
"""Most digits of a code, check digits included."""
_SMOOTH = (0.0, 1.0, 2.0)
"""Standard deviations in samples by which the strip is smoothed in turn: groups read with one are not
searched with the next."""
_APART = 0.8
"""Ground beside a code over the widest space within, as edges at half height show them under blur."""
_GROUND = 1.7
"""Pairs of ground on each side that are used."""
_QUIET = 1.15
"""Pairs of ground on each side that are required: 3.5 modules. No space within is so wide, even where pairs
grow; the standard asks for a quiet zone of twelve modules."""
_TRIED = 8
"""Most groups that are tried, the widest first: each costs milliseconds."""
_SURE = 0.5
"""Confidence of a reading from which no other is sought."""
_ROUGH = 0.25
"""Residual of a fit, in shares of the contrast, at which the confidence is 0."""
_SHORT = {1: 0.3, 2: 0.6, 3: 0.8}
"""Weight of readings by their number of digits, check digits included: other codes give one or two."""


def read_msi(profile: Profile, inverse: bool = False, work: WorkLimit | None = None) -> tuple[Reading, ...]:
    """Read the MSI codes of a strip.

    Bars and blur are fitted as a whole, with a lattice of constant pairs. At a blur of 0.9 modules and
    two samples a module all bits are still told; a print may have wide bars of two to three times the
    narrow ones.

    Parameters
    ----------
    profile
        float32 ``(n,)``, grey levels averaged along the bars, with 4 modules of light ground or more on
        both sides, one and a half samples a module or more.
    inverse
        True for light bars on a dark ground.
    work
        Limit of the work, shared with other strips; None for one of its own.

    Returns
    -------
    tuple of Reading
        Sorted by confidence; check digits stay in the text. Below a confidence of 0.3 they are guesses.
    """
    levels = np.asarray(-profile if inverse else profile, np.float32)
    work = work or WorkLimit()
    found: list[Reading] = []
    for smooth in _SMOOTH:
        for group, likely in islice(_likely(levels, find_runs(levels, smooth=smooth), work), _TRIED):
            if not any(_within(group, reading) for reading in found):
                found += _readings(levels, group, likely, work)
        if any(reading.confidence > _SURE for reading in found):
            break
    return ranked(found)


def _likely(levels: Profile, runs: Runs, work: WorkLimit) -> Iterator[tuple[BarGroup, list[MsiHypothesis]]]:
    """Yield groups in which bars may begin at equal distances, with the hypotheses of their pairs."""
    for group in bar_groups(runs, 5, 4 * _MOST + 30, _APART):
        if work.reached:
            return
        if likely := hypotheses(levels, group, _MOST, work):
            yield group, likely


def _within(group: BarGroup, reading: Reading) -> bool:
    return reading.confidence > _SURE and reading.start < (group.start + group.end) / 2 < reading.end


def _readings(
    levels: Profile, group: BarGroup, likely: list[MsiHypothesis], work: WorkLimit
) -> list[Reading]:
    found: list[Reading] = []
    for hypothesis in likely:
        pair = (group.end - group.start) / hypothesis.pairs
        segment, first = group.segment(levels, _QUIET * pair, _GROUND * pair)
        for backwards in (False, True):
            if work.reached:
                break
            seen = (segment.turned(), hypothesis.turned()) if backwards else (segment, hypothesis)
            decoding = decode_bits(*seen, group.blur, work)
            if decoding and _valid(decoding):
                edges = decoding.bars.edges[[0, -1]]
                start, end = first + (np.sort(len(segment.levels) - 1 - edges) if backwards else edges)
                quiet = min(start - group.start + group.before, group.end + group.after - end)
                if quiet > _QUIET * decoding.lattice.pair:
                    found.append(_reading(decoding, float(start), float(end), backwards))
        if any(reading.confidence > _SURE for reading in found):
            break
    return found


def _digits(decoding: MsiDecoding) -> list[int]:
    return [int(digit) for digit in decoding.bits[1:-2].reshape(-1, 4) @ (8, 4, 2, 1)]


def _valid(decoding: MsiDecoding) -> bool:
    """Return whether start and stop patterns are right, and digits no more than nine."""
    return max(_digits(decoding)) <= 9 and decoding.margin > 0


def _reading(decoding: MsiDecoding, start: float, end: float, backwards: bool) -> Reading:
    text = "".join(map(str, _digits(decoding)))
    checks = checks_of(text)
    bars = decoding.bars
    fit = max(0.0, 1 - max(bars.error, bars.ground_error) / _ROUGH)
    return Reading(
        text,
        Symbology.MSI,
        start,
        end,
        backwards,
        checked=is_reliable(checks),
        confidence=min(1.0, decoding.margin) * fit * _SHORT.get(len(text), 1.0),
        checks=checks,
        bars=len(decoding.bits),
        ratio=decoding.lattice.wide / decoding.lattice.narrow,
    )
