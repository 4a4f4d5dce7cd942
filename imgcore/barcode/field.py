"""What the bars of one field say: engines on its strips, look after look, then the readers of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum

import numpy as np

from imgcore.barcode.agreement import Vote, agreed, sure
from imgcore.barcode.bars import BarField
from imgcore.barcode.code import Reading, Symbology
from imgcore.barcode.engines import Engine
from imgcore.barcode.msi import read_msi
from imgcore.barcode.pharmacode import read_pharmacode
from imgcore.barcode.rhythm import main_part, regular, softness, stands_alone
from imgcore.barcode.strips import (
    EASY,
    FINE,
    FINE_COUNT,
    HARD,
    Floats,
    Look,
    Strips,
    looked_at,
    narrowings,
    take_strips,
)
from imgcore.types import Image

_GOOD, _GOOD_UNREAD = 0.65, 0.8
"""Of grey variance explained by bars: below, hard looks only find what is not there; and if nothing at all
was read before, of 240 codes that they read none had less than 0.82."""
_SWINGS = 16
_LOWEST = 0.1
"""Height of bars over the code's length: standards ask for 0.15, a line of print has less."""
_SAMPLES, _MOST_SAMPLES = 4.5, 12.0
"""An element, for the readers of our own: one sample a pixel, if that leaves so many."""
_GROUND = 3.0
"""Elements of ground that the quiet zones are continued by."""
_CHECKED_STRIPS, _UNCHECKED_STRIPS = 3, 4
_SURE = 0.3
_TILTS = (1.0, 0.75, 0.5, 0.0)
"""Powers of the narrowing seen: ends of bars are less exact than bars."""
_CURLS = (0.8, 1.2)
_CLEAN, _CLEAR = 0.7, 0.9
"""Of grey variance explained, from which readers of our own are asked, and asked again: they take long."""
_SOFT = 0.32
"""Width of edges over that of elements, from which bars are blurred too much to judge their rhythm."""
_LEAST_BARS = 6
"""Of a Pharmacode, which nothing else tells from stripes."""
_MOST_SWINGS = 48
"""Of a field with a Pharmacode, its label's borders included."""


class Depth(IntEnum):
    """How far to go with a field that says nothing at first."""

    EASY = 0
    HARD = 1
    FINE = 2


def read_field(
    grey: Image, bars: BarField, engine: Engine | None, given: Sequence[Vote], depth: Depth
) -> list[Vote]:
    """Everything read from a field's strips.

    Parameters
    ----------
    grey
        uint8 ``(rows, cols)``.
    bars
        The field.
    engine
        Reads rows; None leaves the readers of our own.
    given
        Votes from elsewhere.
    depth
        Hard looks take ten times as long as easy ones and find one code more in ten; finer strips, as
        long again, are taken anyway if something has been read, but not often enough.

    Returns
    -------
    list of Vote
        Those given included; `agreed` says which count.
    """
    votes = list(given)
    taken = [take_strips(grey, bars, narrowing) for narrowing in narrowings(bars)]
    if _looked(votes, taken, engine, EASY) or not _promising(bars, depth, bool(votes)):
        return votes
    if not votes and _looked(votes, [_inverse(taken[0])], engine, EASY[:1]):
        return votes
    return _read_hard(grey, bars, engine, votes, depth)


def _promising(bars: BarField, depth: Depth, read: bool) -> bool:
    """Whether hard looks are worth their time, given whether anything was read before."""
    if depth is Depth.EASY or bars.swings < _SWINGS:
        return False
    if read or depth is Depth.FINE:
        return bars.explained >= _GOOD
    return bars.explained >= _GOOD_UNREAD and bars.height >= _LOWEST * bars.length


def _read_hard(
    grey: Image, bars: BarField, engine: Engine | None, votes: list[Vote], depth: Depth
) -> list[Vote]:
    taken = [take_strips(grey, bars, narrowing) for narrowing in narrowings(bars)]
    may_be = _own_kinds(taken[0], bars, depth)
    if Symbology.MSI in may_be and (own := _own_all(grey, bars, read_msi)):
        return [*votes, *own]
    if _looked(votes, taken, engine, HARD):
        return votes
    if votes or depth is Depth.FINE:
        fine = [take_strips(grey, bars, narrowing, FINE_COUNT) for narrowing in narrowings(bars)]
        if _looked(votes, fine, engine, FINE):
            return votes
    if agreed(votes):
        return votes
    if Symbology.PHARMACODE in may_be and (own := _own_all(grey, bars, read_pharmacode)):
        return [*votes, *own] if _is_label(bars, own[0].text) else votes
    # Bars so clear that they must be a code, and blurred too much to tell which.
    clear = not votes and bars.explained > _CLEAR and softness(taken[0]) > _SOFT
    return _own(taken[0], read_msi) or _own(taken[0], read_pharmacode) if clear else votes


def _own_kinds(strips: Strips, bars: BarField, depth: Depth) -> set[Symbology]:
    """Kinds that only readers of our own read, and that are worth their time here."""
    kinds = {Symbology.MSI, Symbology.PHARMACODE} if bars.swings <= _MOST_SWINGS else {Symbology.MSI}
    if depth is Depth.FINE:
        return kinds
    return {kind for kind in kinds if bars.explained > _CLEAN and regular(strips, kind)}


def _is_label(bars: BarField, value: str) -> bool:
    """Whether bars of one width, which lines of print have too, are at least not longer than the code."""
    all_thin, all_thick = int(value) + 1, (int(value) + 2) // 2
    uniform = all_thin.bit_count() == 1 or (int(value) % 2 == 0 and all_thick.bit_count() == 1)
    return not uniform or bars.height <= bars.length


def _own_all(grey: Image, bars: BarField, read: Callable[[Floats], tuple[Reading, ...]]) -> list[Vote]:
    """By the view that shows most; even widths are all that these codes have."""
    powers = _TILTS if narrowings(bars) != (1.0,) else (0.0,)
    found = [_own(take_strips(grey, bars, bars.narrowing**power), read) for power in powers]
    if not any(found) and len(powers) == 1 and bars.explained > _CLEAR:
        found = [_own(take_strips(grey, bars, curl=curl), read) for curl in _CURLS]
    return max(found, key=lambda votes: len(votes[0].text) if votes else 0)


def _looked(votes: list[Vote], taken: Sequence[Strips], engine: Engine | None, looks: Sequence[Look]) -> bool:
    """Add what is read; whether that is enough."""
    if engine is None:
        return False
    for strips in taken:
        for look in looks:
            votes += _votes(strips, look, engine)
            if sure(votes):
                return True
    return False


def _votes(strips: Strips, look: Look, engine: Engine) -> Iterator[Vote]:
    for number, row in enumerate(looked_at(strips, look)):
        for hit in engine.read_row(row, look.decided):
            start, end = hit.corners[:2, 0]
            places = (start, end + 1) if start < end else (start + 1, end)
            yield Vote(hit.text, hit.symbology, *_along(strips, places), number, look.name)


def _along(strips: Strips, places: Sequence[float]) -> tuple[float, float]:
    start, end = np.interp(np.array(places) - 0.5, np.arange(len(strips.u)), strips.u)
    return float(start), float(end)


def _inverse(strips: Strips) -> Strips:
    return Strips(255 - strips.levels, strips.u, strips.element, strips.scale)


def _own(strips: Strips, read: Callable[[Floats], tuple[Reading, ...]]) -> list[Vote]:
    """What one of our readers reads from enough strips alike."""
    first_sample, end = main_part(strips)
    every = max(
        1,
        min(
            round(strips.element / _SAMPLES), max(round(strips.scale), round(strips.element / _MOST_SAMPLES))
        ),
    )
    around = int(_GROUND * strips.element)
    levels = np.pad(strips.levels[:, first_sample:end], ((0, 0), (around, around)), mode="edge")
    count = levels.shape[1] // every
    rows = levels[:, : count * every].reshape(len(levels), count, every).mean(axis=2)
    offset = first_sample - around
    first = next((reading for reading in read(rows[0])[:1] if _believable(reading)), None)
    if first is None or not stands_alone(strips, *_samples(first, every, offset)):
        return []
    readings = [(0, first)]
    for number, row in enumerate(rows[1:], 1):
        readings += [(number, reading) for reading in read(row)[:1] if reading.text == first.text]
        if len(readings) == (_CHECKED_STRIPS if first.checked else _UNCHECKED_STRIPS):
            return [_vote(strips, one, number, every, offset) for number, one in readings]
    return []


def _samples(reading: Reading, every: int, offset: int) -> tuple[int, int]:
    """First and last sample of the strips where it was read."""
    return int((reading.start + 0.5) * every + offset), int((reading.end + 0.5) * every + offset)


def _believable(reading: Reading) -> bool:
    enough = reading.symbology is not Symbology.PHARMACODE or reading.bars >= _LEAST_BARS
    return enough and reading.confidence > _SURE


def _vote(strips: Strips, reading: Reading, number: int, every: int, offset: int) -> Vote:
    places = (reading.end, reading.start) if reading.reversed else (reading.start, reading.end)
    start, end = _along(strips, [(place + 0.5) * every + offset for place in places])
    return Vote(
        reading.text, reading.symbology, start, end, number, "own", reading.alternatives, reading.checks
    )
