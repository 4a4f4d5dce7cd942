"""Decoding of one field of bars: an engine on its strips, filter after filter, then the built-in decoders.

Digits of EAN and UPC are fitted before the filters that take long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from functools import partial

import numpy as np

from imgcore.barcode.bars import BarField
from imgcore.barcode.code import Reading, Symbology
from imgcore.barcode.consensus import Vote, clear_consensus, consensus
from imgcore.barcode.engines import Engine
from imgcore.barcode.msi.decoder import read_msi
from imgcore.barcode.pharmacode.decoder import read_pharmacode
from imgcore.barcode.regularity import edge_softness, is_isolated, is_regular, main_length, main_part
from imgcore.barcode.retail.decoder import read_retail
from imgcore.barcode.strips import (
    EASY,
    FINE,
    FINE_COUNT,
    HARD,
    Floats,
    Prefilter,
    Strips,
    filtered,
    keystones,
    sample_strips,
)
from imgcore.barcode.twins import told_from_twins
from imgcore.barcode.work import WorkLimit
from imgcore.types import Image

_GOOD = 0.65
"""Grey variance explained by bars, 0 to 1, below which hard filters only find false codes."""
_GOOD_UNREAD = 0.8
"""Grey variance explained by bars, 0 to 1, below which hard filters are not tried if nothing was read before:
none of 240 codes that they read had less than 0.82."""
_LEAST_TRANSITIONS = 16
"""Fewest sides of bars that filters are worth."""
_RETAIL_TRANSITIONS = 22
"""Fewest sides of bars that the fit of EAN and UPC is worth."""
_LOWEST = 0.08
"""Least height of bars over the code's length: standards ask for 0.15, a line of print has less."""
_SAMPLES = 4.5
"""Least samples of an element for the built-in decoders, which get one a pixel if that leaves so many."""
_MOST_SAMPLES = 12.0
"""Samples of an element that are enough for the built-in decoders."""
_FEW = 3
"""Number of strips by which something that an engine has read is confirmed."""
_COARSE = 8.0
"""Samples of an element by which something that an engine has read is confirmed."""
_GROUND = 3.0
"""Elements of ground that the quiet zones are continued by."""
_CHECKED_STRIPS = 3
"""Number of strips that have to give the same text where check digits tell wrong ones."""
_UNCHECKED_STRIPS = 4
"""Number of strips that have to give the same text where no check digits tell wrong ones."""
_SURE = 0.3
"""Confidence that a reading of a built-in decoder has to exceed."""
_TILTS = (1.0, 0.75, 0.5, 0.0)
"""Powers of the measured keystone that are tried: ends of bars are less exact than bars."""
_CURLS = (0.8, 1.2)
"""Half angles in radians, around something round, that are tried where clear bars give nothing on a plane."""
_CLEAN = 0.7
"""Grey variance explained, 0 to 1, from which built-in decoders are run: they take long."""
_CLEAR = 0.9
"""Grey variance explained, 0 to 1, from which built-in decoders are run again: they take long."""
_SOFT = 0.32
"""Width of edges over that of elements from which bars are blurred too much to measure their regularity."""
_LEAST_BARS = 6
"""Fewest bars of a Pharmacode, which nothing else tells from stripes."""
_MOST_TRANSITIONS = 48
"""Most transitions of a field with a Pharmacode, its label's borders included."""


class Depth(IntEnum):
    """Effort spent on a field that cannot be read at first."""

    EASY = 0
    HARD = 1
    FINE = 2


def read_field(
    grey: Image,
    bars: BarField,
    engine: Engine | None,
    given: Sequence[Vote],
    depth: Depth,
    work: WorkLimit,
) -> list[Vote]:
    """Read a field's strips.

    Parameters
    ----------
    grey
        uint8 ``(rows, cols)``.
    bars
        The field.
    engine
        Engine that reads rows; None leaves the built-in decoders.
    given
        Votes from elsewhere.
    depth
        Hard filters take ten times as long as easy ones and find one code more in ten; finer strips, as
        long again, are taken anyway if something has been read, but not often enough.
    work
        Limit of the built-in decoders' work, shared with the picture's other fields.

    Returns
    -------
    list of Vote
        All votes, those given included; `consensus` selects from them.
    """
    votes = list(given)
    if given and _read_with(votes, [sample_strips(grey, bars, count=_FEW, most=_COARSE)], engine, EASY[:1]):
        return votes
    votes = list(given)
    taken = [sample_strips(grey, bars, keystone) for keystone in keystones(bars)]
    if _read_with(votes, taken, engine, EASY) or depth is Depth.EASY or bars.transitions < _LEAST_TRANSITIONS:
        return votes
    if fitted := _fit_retail(grey, bars):
        return fitted
    if not _promising(bars, taken[0], depth, bool(votes)):
        return votes
    if not votes and _read_with(votes, [_inverse(taken[0])], engine, EASY[:1]):
        return votes
    return _read_hard(grey, bars, engine, votes, depth, work)


def _promising(bars: BarField, strips: Strips, depth: Depth, read: bool) -> bool:
    """Return whether hard filters are worth their time; `read` is true if anything was read before."""
    if read or depth is Depth.FINE:
        return bars.explained >= _GOOD
    return bars.explained >= _GOOD_UNREAD and bars.height >= _LOWEST * main_length(strips)


def _fit_retail(grey: Image, bars: BarField) -> list[Vote]:
    """Votes for the EAN or UPC symbol whose digits fit best, if any does."""
    if bars.explained < _GOOD or bars.transitions < _RETAIL_TRANSITIONS:
        return []
    for keystone in keystones(bars):
        strips = sample_strips(grey, bars, keystone, FINE_COUNT)
        start, end = np.interp([bars.start, bars.end], strips.u, np.arange(len(strips.u)))
        if bars.height >= _LOWEST * main_length(strips) and (found := read_retail(strips, start, end)):
            span = _along(strips, [found.start + 0.5, found.end + 0.5])
            strips_read = range(_CHECKED_STRIPS)
            return [Vote(found.text, found.symbology, *span, strip, "fit") for strip in strips_read]
    return []


def _read_hard(
    grey: Image,
    bars: BarField,
    engine: Engine | None,
    votes: list[Vote],
    depth: Depth,
    work: WorkLimit,
) -> list[Vote]:
    read_as_msi = partial(read_msi, work=work)
    taken = [sample_strips(grey, bars, keystone) for keystone in keystones(bars)]
    may_be = _own_symbologies(taken[0], bars, depth)
    if Symbology.MSI in may_be and (own := _decode_own_tilted(grey, bars, read_as_msi)):
        return [*votes, *own]
    if _read_with(votes, taken, engine, HARD):
        return votes
    if votes or depth is Depth.FINE:
        fine = [sample_strips(grey, bars, keystone, FINE_COUNT) for keystone in keystones(bars)]
        if _read_with(votes, fine, engine, FINE):
            return votes
    if consensus(votes):
        return votes
    if Symbology.PHARMACODE in may_be and (own := _decode_own_tilted(grey, bars, read_pharmacode)):
        return [*votes, *own] if _is_label(bars, own[0].text) else votes
    # Bars so clear that they must be a code, and blurred too much to tell its symbology.
    clear = not votes and bars.explained > _CLEAR and edge_softness(taken[0]) > _SOFT
    return _decode_own(taken[0], read_as_msi) or _decode_own(taken[0], read_pharmacode) if clear else votes


def _own_symbologies(strips: Strips, bars: BarField, depth: Depth) -> set[Symbology]:
    """Symbologies of the built-in decoders that are worth their time here."""
    kinds = (
        {Symbology.MSI, Symbology.PHARMACODE} if bars.transitions <= _MOST_TRANSITIONS else {Symbology.MSI}
    )
    if depth is Depth.FINE:
        return kinds
    return {kind for kind in kinds if bars.explained > _CLEAN and is_regular(strips, kind)}


def _is_label(bars: BarField, value: str) -> bool:
    """Return False for bars of one width that are taller than the code is long, as lines of print are."""
    all_thin = int(value) + 1
    all_thick = (int(value) + 2) // 2
    uniform = all_thin.bit_count() == 1 or (int(value) % 2 == 0 and all_thick.bit_count() == 1)
    return not uniform or bars.height <= bars.length


def _decode_own_tilted(
    grey: Image, bars: BarField, read: Callable[[Floats], tuple[Reading, ...]]
) -> list[Vote]:
    """Decode by the rectification that gives the longest text; even widths are all that these codes have."""
    powers = _TILTS if keystones(bars) != (1.0,) else (0.0,)
    found = [_decode_own(sample_strips(grey, bars, bars.keystone**power), read) for power in powers]
    if not any(found) and len(powers) == 1 and bars.explained > _CLEAR:
        found = [_decode_own(sample_strips(grey, bars, curl=curl), read) for curl in _CURLS]
    return max(found, key=lambda votes: len(votes[0].text) if votes else 0)


def _read_with(
    votes: list[Vote], taken: Sequence[Strips], engine: Engine | None, prefilters: Sequence[Prefilter]
) -> bool:
    """Add what is read to the votes; return whether that is enough."""
    if engine is None:
        return False
    for strips in taken:
        for prefilter in prefilters:
            votes += _votes(strips, prefilter, engine)
            if clear_consensus(votes):
                return True
    return False


def _votes(strips: Strips, prefilter: Prefilter, engine: Engine) -> Iterator[Vote]:
    for number, row in enumerate(filtered(strips, prefilter)):
        for symbol in engine.read_row(row, prefilter.binarized):
            start, end = symbol.corners[:2, 0]
            places = (start, end + 1) if start < end else (start + 1, end)
            ends = places[0] - 0.5, places[1] - 0.5
            text = told_from_twins(symbol.text, symbol.symbology, strips.levels[number], *ends)
            yield Vote(text, symbol.symbology, *_along(strips, places), number, prefilter.name)


def _along(strips: Strips, places: Sequence[float]) -> tuple[float, float]:
    start, end = np.interp(np.array(places) - 0.5, np.arange(len(strips.u)), strips.u)
    return float(start), float(end)


def _inverse(strips: Strips) -> Strips:
    return Strips(255 - strips.levels, strips.u, strips.element, strips.scale)


def _decode_own(strips: Strips, read: Callable[[Floats], tuple[Reading, ...]]) -> list[Vote]:
    """Votes of one built-in decoder, if enough strips give the same text."""
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
    if first is None or not is_isolated(strips, *_samples(first, every, offset)):
        return []
    readings = [(0, first)]
    for number, row in enumerate(rows[1:], 1):
        readings += [(number, reading) for reading in read(row)[:1] if reading.text == first.text]
        if len(readings) == (_CHECKED_STRIPS if first.checked else _UNCHECKED_STRIPS):
            return [_vote(strips, one, number, every, offset) for number, one in readings]
    return []


def _samples(reading: Reading, every: int, offset: int) -> tuple[int, int]:
    """First and last sample of a reading in the strips."""
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
