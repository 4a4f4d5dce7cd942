"""Reader of all codes on a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice
from typing import Any, Protocol

import cv2
import numpy as np

from imgcore.barcode.bars import BarField, find_bars
from imgcore.barcode.cells import CellLevel, cell_levels, finer_level
from imgcore.barcode.code import GS1, IN_CELLS, IN_ROWS, MATRIX, USUAL, Code, Symbology
from imgcore.barcode.consensus import PICTURE, Vote, consensus, needs_consensus, overlap
from imgcore.barcode.engines import DecodedSymbol, Engine, Kinds, best_engine
from imgcore.barcode.field import Depth, read_field
from imgcore.barcode.locator import find_candidates
from imgcore.barcode.patches import contains, looks_like_code
from imgcore.barcode.qr.search import read_qr_codes
from imgcore.barcode.second_reading import read_level, read_patch
from imgcore.barcode.squares import Square, find_squares
from imgcore.barcode.work import WorkLimit
from imgcore.types import Image, ImageError, Points


class Effort(Enum):
    """Effort spent on a picture.

    ``LIVE`` is for camera frames, ``NORMAL`` for pages, ``THOROUGH`` for what a page would not give.
    """

    LIVE = "live"
    NORMAL = "normal"
    THOROUGH = "thorough"


class FutureLike(Protocol):
    """Protocol for the future that an executor's ``submit`` returns."""

    def cancel(self) -> bool:
        """Cancel it; True if it had not begun, and now will not."""
        ...

    def result(self) -> Any:
        """Wait for it and return its result."""
        ...


Run = Callable[..., FutureLike]
Box = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class _Budget:
    """Limits of the search.

    Attributes
    ----------
    pixels, candidates, fields
        Largest numbers that are searched.
    hard, depth
        Number of fields that are read harder, and the depth for them.
    squares
        Patches without a code that are searched for QR codes again.
    doubtful
        True to search also those that look little like one.
    small
        Pixels of a picture up to which they are sought at twice its size, too, and linear codes that run
        down whether bars were found or not.
    """

    pixels: float
    candidates: int
    fields: int
    hard: int
    depth: Depth
    squares: int
    doubtful: bool
    small: float


_BUDGETS = {
    Effort.LIVE: _Budget(2.5e6, 4, 2, 0, Depth.EASY, 0, False, 0),
    Effort.NORMAL: _Budget(13e6, 9, 6, 2, Depth.HARD, 16, False, 1e6),
    Effort.THOROUGH: _Budget(40e6, 40, 20, 20, Depth.FINE, 40, True, 4e6),
}
"""Limits of the search for each effort."""
_LEAST_EXPLAINED = 0.4
"""Least grey variance that is explained by the bars of a field, 0 to 1."""
_LEAST_TRANSITIONS = 8
"""Fewest transitions between dark and light across a field."""
_ENOUGH_TRANSITIONS = 40
"""Number of transitions above which more make a field no likelier."""
_CLARITY = 4
"""Weight of clear bars against many, as a power: blurred lines of print have as many."""
_SEVERAL = 2
"""Number of QR codes from which others are expected."""
_OTHERS = 3
"""Factor to the pixels up to which a picture is searched at twice its size, where other QR codes are
expected."""
_STEEP = 0.4
"""Sine of a code's direction, away from the rows, from which it is read turned, too."""
_PATCHES = 4
"""Most patches without a code that an engine reads again."""
_LINEAR = 10
"""Fewest transitions of a code that is read turned, too."""
_LONG = 8
"""Length of text from which a linear code without a strong check is surely one: no QR code is sought over
it."""
_AROUND = 40
"""Pixels of ground around a field that is read turned."""
_OBLIQUE = 0.25
"""Sine of twice the angle between a code's rows and the picture's, or its columns, from which an engine that
looks along these misses it: seven degrees."""
_SLENDER = 6.0
"""Height over length from which a candidate is the margin of a column of print."""
_TALLEST = 2.5
"""Largest height of bars over the code's length; lines of print, seen from afar, are taller."""


def read_codes(
    image: Image, *, run: Run | None = None, effort: Effort = Effort.NORMAL, kinds: Kinds = USUAL
) -> tuple[Code, ...]:
    """Read all codes on a picture, in reading order.

    An engine reads the whole picture while the locator looks for bars; what the engine has not read is
    straightened, averaged along its bars and read strip by strip.

    Parameters
    ----------
    image
        uint8, grey or BGR.
    run
        Starts a function on another thread, as ``Executor.submit`` does; None for one thread. What has
        not begun when it is wanted is done here, so that a busy executor cannot lock up.
    effort
        Effort spent on it.
    kinds
        Kinds of codes that are read.

    Returns
    -------
    tuple of Code
        The same text in two places is two codes.
    """
    budget = _BUDGETS[effort]
    grey, factor = _prepared(image, budget.pixels)
    engine = best_engine(kinds)
    levels = _with_finer(cell_levels(grey), budget)
    search = None if run is None else run(find_fields, grey, levels, budget.candidates)
    symbols = () if engine is None else engine.read_picture(grey, effort is Effort.LIVE, turned=False)
    begun = None if search is None or search.cancel() else search
    fields = find_fields(grey, levels, budget.candidates) if begun is None else begun.result()
    if engine is not None and (turned := _part_to_turn(grey, fields, budget)):
        symbols = (*symbols, *_read_turned(grey, turned, engine))
    if engine is not None and budget.hard:
        symbols = (*symbols, *_read_oblique(grey, fields, symbols, engine, budget))
    squares = [] if engine is None else list(_matrix_codes(grey, levels, fields, symbols, engine, budget))
    codes = [*squares, *_linear(grey, fields, symbols, squares, engine, budget)]
    asked = [code for code in _distinct(codes) if code.symbology in kinds]
    return tuple(_in_input_pixels(code, factor) for code in _in_order(asked))


def _with_finer(levels: Sequence[CellLevel], budget: _Budget) -> Sequence[CellLevel]:
    """Add twice the size of a small picture, where codes have few cells, if it is missing."""
    missing = levels and levels[0].factor == 1.0 and levels[0].grey.size <= budget.small
    return (finer_level(levels[0].grey), *levels) if missing else levels


def _part_to_turn(grey: Image, fields: Sequence[BarField], budget: _Budget) -> Box | None:
    """Return rows and columns where linear codes may run down, all of a small picture; None for nowhere."""
    if grey.size <= budget.small:
        return slice(0, grey.shape[0]), slice(0, grey.shape[1])
    down = [_with_margin(bars) for bars in fields if _runs_down(bars)] if budget.hard else []
    if not down:
        return None
    corners = np.concatenate(down)
    last = np.array(grey.shape[::-1]) - 1
    left, top = np.clip(corners.min(axis=0) - _AROUND, 0, last).astype(int).tolist()
    right, bottom = np.clip(corners.max(axis=0) + _AROUND, 0, last).astype(int).tolist()
    return slice(top, bottom + 1), slice(left, right + 1)


def _read_turned(grey: Image, box: Box, engine: Engine) -> Iterator[DecodedSymbol]:
    """Yield the codes that run down in some rows and columns."""
    first = np.array([box[1].start, box[0].start], np.float32)
    for symbol in engine.read_turned(np.ascontiguousarray(grey[box])):
        yield replace(symbol, corners=symbol.corners + first)


def _read_oblique(
    grey: Image, fields: Sequence[BarField], symbols: Sequence[DecodedSymbol], engine: Engine, budget: _Budget
) -> Iterator[DecodedSymbol]:
    """Yield codes of oblique rows, read in squares around fields of bars that are laid level."""
    if not engine.kinds & IN_ROWS:
        return
    read = _read_areas(fields, symbols)
    left = budget.hard
    # The largest first: others are parts of it.
    for bars in sorted(fields, key=lambda one: -one.length):
        oblique = abs(np.sin(2 * bars.angle)) > _OBLIQUE
        if not left or not oblique or any(contains(area, *bars.corners.mean(axis=0)) for area in read):
            continue
        left -= 1
        for symbol in read_level(grey, bars, engine):
            read.append(symbol.corners)
            yield symbol


def _runs_down(bars: BarField) -> bool:
    """Return whether an engine that looks along rows would miss a code."""
    return bars.transitions >= _LINEAR and abs(float(np.sin(bars.angle))) > _STEEP


def _prepared(image: Image, most: float) -> tuple[Image, float]:
    """Convert to grey and reduce to `most` pixels; also returns the scale."""
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.size == 0:
        raise ImageError(
            f"a picture is uint8, grey or BGR, and not empty; this is {image.dtype} {image.shape}"
        )
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    factor = min(1.0, float(np.sqrt(most / grey.size)))
    if factor < 1.0:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(grey), factor


def _matrix_codes(
    grey: Image,
    levels: Sequence[CellLevel],
    fields: Sequence[BarField],
    symbols: Sequence[DecodedSymbol],
    engine: Engine,
    budget: _Budget,
) -> Iterator[Code]:
    """Yield the codes of two dimensions that were read, and those that a second search reads."""
    known = list(symbols)
    if Symbology.QR in engine.kinds:
        known += _further_qr_codes(levels, fields, symbols, engine, budget)
    if engine.kinds & IN_CELLS and budget.squares:
        for square in islice(_unread_squares(levels, fields, known, budget), _PATCHES):
            again = read_patch(grey, levels, square, engine)
            # Patches of one code lie upon each other.
            known += [one for one in again if not _has_any(one.corners, known)]
    yield from (_as_code(symbol) for symbol in known if symbol.symbology in MATRIX)


def _as_code(symbol: DecodedSymbol) -> Code:
    return Code(symbol.text, symbol.symbology, symbol.corners, gs1=symbol.gs1)


def _further_qr_codes(
    levels: Sequence[CellLevel],
    fields: Sequence[BarField],
    symbols: Sequence[DecodedSymbol],
    engine: Engine,
    budget: _Budget,
) -> list[DecodedSymbol]:
    """Read QR codes in patches where none was read.

    Where there are several codes there are others: then doubtful patches are searched, too.
    """
    known = list(symbols)
    for limits in (budget, replace(budget, doubtful=True, small=budget.small * _OTHERS)):
        if limits.squares:
            squares = _unread_squares(levels, fields, known, limits)
            known += tuple(read_qr_codes(levels, squares, engine, known))
        if sum(symbol.symbology is Symbology.QR for symbol in known) < _SEVERAL:
            break
    return known[len(symbols) :]


def _unread_squares(
    levels: Sequence[CellLevel],
    fields: Sequence[BarField],
    symbols: Sequence[DecodedSymbol],
    budget: _Budget,
) -> list[Square]:
    levels = _with_finer(levels, budget)
    read = _read_areas(fields, symbols)
    linear = [symbol.corners for symbol in symbols if _is_surely_linear(symbol)]
    squares = (
        one
        for one in find_squares(levels)
        if not any(contains(area, one.x, one.y) for area in read) and not _reaches(one.corners(0), linear)
    )
    return list(
        islice((one for one in squares if budget.doubtful or looks_like_code(levels, one)), budget.squares)
    )


def _read_areas(fields: Sequence[BarField], symbols: Sequence[DecodedSymbol]) -> list[Points]:
    """Return the areas of codes that were read, of linear ones with all of their bars."""
    whole = (area for bars in fields if _has_any(area := _with_margin(bars), symbols))
    return [*(symbol.corners for symbol in symbols), *whole]


def _is_surely_linear(symbol: DecodedSymbol) -> bool:
    """Return whether a symbol is linear, and no text that cells of a QR code could give."""
    long = len(symbol.text) >= _LONG or not needs_consensus(symbol.symbology)
    return long and symbol.symbology not in MATRIX


def _reaches(area: Points, others: Sequence[Points]) -> bool:
    """Return whether an area reaches into one of others."""
    return any(contains(area, *point) for other in others for point in (other.mean(axis=0), *other))


def _has_any(area: Points, symbols: Sequence[DecodedSymbol]) -> bool:
    return any(contains(area, *symbol.corners.mean(axis=0)) for symbol in symbols)


def _linear(
    grey: Image,
    fields: Sequence[BarField],
    symbols: Sequence[DecodedSymbol],
    squares: Sequence[Code],
    engine: Engine | None,
    budget: _Budget,
) -> Iterator[Code]:
    left = [symbol for symbol in symbols if symbol.symbology not in MATRIX]
    work = WorkLimit()
    free = [bars for bars in fields if not any(contains(code.corners, bars.x, bars.y) for code in squares)]
    hard = budget.hard
    for bars in free[: budget.fields]:
        here = [symbol for symbol in left if contains(_with_margin(bars), *symbol.corners.mean(axis=0))]
        left = [symbol for symbol in left if not any(symbol is other for other in here)]
        depth = budget.depth if hard > 0 else Depth.EASY
        codes = list(_of_field(grey, bars, [_vote(bars, symbol) for symbol in here], engine, depth, work))
        yield from codes
        # No engine reads such codes, and they come several at a time: one leaves the hard searches to others.
        hard -= not any(code.symbology in (Symbology.PHARMACODE, Symbology.MSI) for code in codes)
    yield from map(_as_code, left)


def find_fields(grey: Image, levels: Sequence[CellLevel], most: int) -> list[BarField]:
    """Find fields of bars, the likeliest codes first, among `most` candidates."""
    candidates = [one for one in find_candidates(levels, most) if one.height < _SLENDER * one.length]
    found = [bars for bars in (find_bars(grey, candidate) for candidate in candidates) if bars is not None]
    good = [bars for bars in found if _may_be_code(bars)]
    kept: list[BarField] = []
    for bars in sorted(
        good, key=lambda bars: -(bars.explained**_CLARITY) * min(bars.transitions, _ENOUGH_TRANSITIONS)
    ):
        if not any(_same(bars, other) for other in kept):
            kept.append(bars)
    return kept


def _may_be_code(bars: BarField) -> bool:
    shaped = bars.height < _TALLEST * bars.length
    return shaped and bars.explained > _LEAST_EXPLAINED and bars.transitions >= _LEAST_TRANSITIONS


def _same(one: BarField, other: BarField) -> bool:
    """Return whether one lies in the other, with its direction and a similar size, unlike print around it."""
    turned = abs((one.angle - other.angle + np.pi / 2) % np.pi - np.pi / 2)
    alike = 0.25 < one.length * one.height / (other.length * other.height) < 4
    return (
        turned < 0.2
        and alike
        and (contains(other.corners, one.x, one.y) or contains(one.corners, other.x, other.y))
    )


def _of_field(
    grey: Image,
    bars: BarField,
    given: Sequence[Vote],
    engine: Engine | None,
    depth: Depth,
    work: WorkLimit,
) -> Iterator[Code]:
    checked = [vote for vote in given if not needs_consensus(vote.symbology)]
    if checked:
        yield from (_code(bars, vote) for vote in checked)
        return
    bars = _extended(bars, given)
    votes = read_field(grey, bars, engine, given, depth, work)
    believed = consensus(votes)
    yield from (_code(bars, vote) for vote in believed)
    for vote in given:
        others = {other.text for other in votes if overlap(other.span, vote.span)} - {vote.text}
        if not others and not any(overlap(vote.span, other.span) for other in believed):
            yield _code(bars, vote)


def _extended(bars: BarField, given: Sequence[Vote]) -> BarField:
    """Extend a field to the spans read there: the locator may miss its first or last bars."""
    ends = [end for vote in given for end in vote.span]
    return replace(bars, start=min(bars.start, *ends), end=max(bars.end, *ends)) if ends else bars


def _vote(bars: BarField, symbol: DecodedSymbol) -> Vote:
    left = bars.along(symbol.corners[[0, 3]]).mean()
    right = bars.along(symbol.corners[[1, 2]]).mean()
    return Vote(symbol.text, symbol.symbology, float(left), float(right), PICTURE, "picture")


def _code(bars: BarField, vote: Vote) -> Code:
    corners = bars.between(*vote.span)
    if vote.end < vote.start:
        corners = np.roll(corners, -2, axis=0)
    gs1 = vote.symbology in GS1
    return Code(vote.text, vote.symbology, corners, vote.alternatives, vote.checks, gs1)


def _with_margin(bars: BarField) -> Points:
    """Corners of a field with some ground around: engines' boxes reach to the first and last line read."""
    middle = bars.corners.mean(axis=0)
    return np.asarray(middle + (bars.corners - middle) * np.float32(1.1), np.float32)


def _distinct(codes: Sequence[Code]) -> list[Code]:
    """Keep one of each physical code: one that lies upon an earlier one is the same, or a part of it."""
    kept: list[Code] = []
    for code in codes:
        if _is_row_of(code, codes) or _is_part(code, codes):
            continue
        x, y = code.corners.mean(axis=0)
        below = (other for other in kept if other.symbology is not Symbology.QR or other.text == code.text)
        if not any(contains(other.corners, x, y) for other in below):
            kept.append(code)
    return kept


def _is_row_of(code: Code, codes: Sequence[Code]) -> bool:
    """Return whether a code is several equal codes whose bars are in line and were read as one."""
    equal = (one for one in codes if one is not code and one.text == code.text)
    return sum(contains(code.corners, *one.corners.mean(axis=0)) for one in equal) > 1


def _is_part(code: Code, codes: Sequence[Code]) -> bool:
    """Return whether a code was read from only some bars of a longer one, as ITF allows."""
    return code.symbology is Symbology.ITF and any(
        one.symbology is code.symbology
        and len(one.text) > len(code.text)
        and code.text in one.text
        and np.hypot(*(one.corners.mean(axis=0) - code.corners.mean(axis=0))) < _extent(one) / 2
        for one in codes
    )


def _extent(code: Code) -> float:
    return float(np.linalg.norm(np.ptp(code.corners, axis=0)))


def _in_order(codes: Sequence[Code]) -> list[Code]:
    """Sort codes from top to bottom, and from left to right those side by side."""
    rest = sorted(codes, key=lambda code: float(code.corners[:, 1].mean()))
    ordered: list[Code] = []
    while rest:
        lowest = float(rest[0].corners[:, 1].max() + rest[0].corners[:, 1].mean()) / 2
        line = [code for code in rest if float(code.corners[:, 1].mean()) <= lowest]
        ordered += sorted(line, key=lambda code: float(code.corners[:, 0].mean()))
        rest = rest[len(line) :] if line else []
    return ordered


def _in_input_pixels(code: Code, factor: float) -> Code:
    """Scale a code's corners to pixels of the input."""
    if factor == 1.0:
        return code
    corners = ((code.corners + np.float32(0.5)) / np.float32(factor) - np.float32(0.5)).astype(np.float32)
    return replace(code, corners=corners)
