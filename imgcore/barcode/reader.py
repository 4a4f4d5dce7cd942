"""All codes on a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

import cv2
import numpy as np

from imgcore.barcode.agreement import PICTURE, Vote, agreed, needs_agreement, overlap
from imgcore.barcode.bars import BarField, find_bars
from imgcore.barcode.code import Code, Symbology
from imgcore.barcode.engines import Engine, Hit, find_engines
from imgcore.barcode.field import Depth, read_field
from imgcore.barcode.finders import find_finders, may_be_code
from imgcore.barcode.locator import find_candidates
from imgcore.barcode.squares import holds, near, read_squares
from imgcore.types import Image, ImageError, Points


class Effort(Enum):
    """How long to look.

    ``LIVE`` is for camera frames, ``NORMAL`` for pages, ``THOROUGH`` for what a page would not give.
    """

    LIVE = "live"
    NORMAL = "normal"
    THOROUGH = "thorough"


class Started(Protocol):
    """What an executor's ``submit`` returns."""

    def cancel(self) -> bool:
        """Whether it had not begun, and now will not."""
        ...

    def result(self) -> Any:
        """Wait for it."""
        ...


Run = Callable[..., Started]


class _Finders(Enum):
    """Finder patterns that are worth a second look at QR codes: none, those placed as in a code, any."""

    NONE = 0
    PLACED = 1
    ANY = 2


@dataclass(frozen=True, slots=True)
class _Budget:
    """How far to go.

    Attributes
    ----------
    pixels, candidates, fields
        No more of these are looked at.
    hard, depth
        So many fields are looked at harder, and how much.
    finders
        What finder patterns of no code there must be for a second look at QR codes.
    small
        Pixels of a picture up to which one is taken anyway, if nothing was read.
    """

    pixels: float
    candidates: int
    fields: int
    hard: int
    depth: Depth
    finders: _Finders
    small: float


_BUDGETS = {
    Effort.LIVE: _Budget(2.5e6, 4, 2, 0, Depth.EASY, _Finders.NONE, 0),
    Effort.NORMAL: _Budget(13e6, 9, 6, 2, Depth.HARD, _Finders.PLACED, 2e5),
    Effort.THOROUGH: _Budget(40e6, 40, 20, 20, Depth.FINE, _Finders.ANY, 1e6),
}
_LEAST_EXPLAINED, _LEAST_SWINGS, _ENOUGH_SWINGS = 0.4, 8, 40
_CLARITY = 4
"""How much more clear bars count than many: blurred lines of print have as many."""
_TALLEST = 2.5
"""Bars over the code's length; lines of print, seen from afar, are taller."""


def read_codes(image: Image, *, run: Run | None = None, effort: Effort = Effort.NORMAL) -> tuple[Code, ...]:
    """All codes on a picture, in reading order.

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
        How long to look.

    Returns
    -------
    tuple of Code
        The same text in two places is two codes.
    """
    budget = _BUDGETS[effort]
    grey, factor = _prepared(image, budget.pixels)
    engine = next(iter(find_engines()), None)
    search = None if run is None else run(find_fields, grey, budget.candidates)
    hits = () if engine is None else engine.read_picture(grey, effort is Effort.LIVE)
    squares = [] if engine is None else list(_squares(grey, hits, engine, budget))
    begun = None if search is None or search.cancel() else search
    fields = find_fields(grey, budget.candidates) if begun is None else begun.result()
    codes = [*squares, *_linear(grey, fields, hits, squares, engine, budget)]
    return tuple(_placed(code, factor) for code in _in_order(_distinct(codes)))


def _prepared(image: Image, most: float) -> tuple[Image, float]:
    """Grey and not larger than that, and by how much it was reduced."""
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.size == 0:
        raise ImageError(
            f"a picture is uint8, grey or BGR, and not empty; this is {image.dtype} {image.shape}"
        )
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    factor = min(1.0, float(np.sqrt(most / grey.size)))
    if factor < 1.0:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(grey), factor


def _squares(grey: Image, hits: Sequence[Hit], engine: Engine, budget: _Budget) -> Iterator[Code]:
    """QR codes, by a second look where finder patterns are left over or a small picture says nothing."""
    for hit in hits:
        if hit.symbology is Symbology.QR:
            yield Code(hit.text, hit.symbology, hit.corners)
    if budget.finders is _Finders.NONE:
        return
    sight = find_finders(grey)
    left = [finder for finder in sight.finders if not any(near(hit.corners, finder) for hit in hits)]
    any_does = budget.finders is _Finders.ANY and bool(left)
    if any_does or may_be_code(sight, left) or (not hits and grey.size <= budget.small):
        for hit in read_squares(grey, left, engine):
            if not any(holds(other.corners, *hit.corners.mean(axis=0)) for other in hits):
                yield Code(hit.text, hit.symbology, hit.corners)


def _linear(
    grey: Image,
    fields: Sequence[BarField],
    hits: Sequence[Hit],
    squares: Sequence[Code],
    engine: Engine | None,
    budget: _Budget,
) -> Iterator[Code]:
    left = [hit for hit in hits if hit.symbology is not Symbology.QR]
    free = [bars for bars in fields if not any(holds(code.corners, bars.x, bars.y) for code in squares)]
    for number, bars in enumerate(free[: budget.fields]):
        depth = budget.depth if number < budget.hard else Depth.EASY
        here = [hit for hit in left if holds(_grown(bars), *hit.corners.mean(axis=0))]
        left = [hit for hit in left if not any(hit is other for other in here)]
        yield from _of_field(grey, bars, [_vote(bars, hit) for hit in here], engine, depth)
    yield from (Code(hit.text, hit.symbology, hit.corners) for hit in left)


def find_fields(grey: Image, most: int) -> list[BarField]:
    """Fields of bars, the likeliest codes first, among `most` candidates."""
    candidates = find_candidates(grey, most)
    found = [bars for bars in (find_bars(grey, candidate) for candidate in candidates) if bars is not None]
    good = [bars for bars in found if _may_be_code(bars)]
    kept: list[BarField] = []
    for bars in sorted(good, key=lambda bars: -(bars.explained**_CLARITY) * min(bars.swings, _ENOUGH_SWINGS)):
        if not any(_same(bars, other) for other in kept):
            kept.append(bars)
    return kept


def _may_be_code(bars: BarField) -> bool:
    shaped = bars.height < _TALLEST * bars.length
    return shaped and bars.explained > _LEAST_EXPLAINED and bars.swings >= _LEAST_SWINGS


def _same(one: BarField, other: BarField) -> bool:
    """Whether one lies in the other, runs the same way and is not much smaller, as print around it is not."""
    turned = abs((one.angle - other.angle + np.pi / 2) % np.pi - np.pi / 2)
    alike = 0.25 < one.length * one.height / (other.length * other.height) < 4
    return (
        turned < 0.2
        and alike
        and (holds(other.corners, one.x, one.y) or holds(one.corners, other.x, other.y))
    )


def _of_field(
    grey: Image, bars: BarField, given: Sequence[Vote], engine: Engine | None, depth: Depth
) -> Iterator[Code]:
    checked = [vote for vote in given if not needs_agreement(vote.symbology)]
    if checked:
        yield from (_code(bars, vote) for vote in checked)
        return
    bars = _reaching(bars, given)
    votes = read_field(grey, bars, engine, given, depth)
    believed = agreed(votes)
    yield from (_code(bars, vote) for vote in believed)
    for vote in given:
        others = {other.text for other in votes if overlap(other.span, vote.span)} - {vote.text}
        if not others and not any(overlap(vote.span, other.span) for other in believed):
            yield _code(bars, vote)


def _reaching(bars: BarField, given: Sequence[Vote]) -> BarField:
    """As far as what was read there: the first or last bars may look like something else from afar."""
    ends = [end for vote in given for end in vote.span]
    return replace(bars, start=min(bars.start, *ends), end=max(bars.end, *ends)) if ends else bars


def _vote(bars: BarField, hit: Hit) -> Vote:
    left, right = bars.along(hit.corners[[0, 3]]).mean(), bars.along(hit.corners[[1, 2]]).mean()
    return Vote(hit.text, hit.symbology, float(left), float(right), PICTURE, "picture")


def _code(bars: BarField, vote: Vote) -> Code:
    corners = bars.between(*vote.span)
    if vote.end < vote.start:
        corners = np.roll(corners, -2, axis=0)
    return Code(vote.text, vote.symbology, corners, vote.alternatives, vote.checks)


def _grown(bars: BarField) -> Points:
    """Its corners with some ground around: engines' boxes reach to where the first and last line are."""
    middle = bars.corners.mean(axis=0)
    return np.asarray(middle + (bars.corners - middle) * np.float32(1.1), np.float32)


def _distinct(codes: Sequence[Code]) -> list[Code]:
    """One of each physical code: what lies upon an earlier one is that one again, or a part of it."""
    kept: list[Code] = []
    for code in codes:
        if _is_row_of(code, codes) or _is_part(code, codes):
            continue
        x, y = code.corners.mean(axis=0)
        below = (other for other in kept if other.symbology is not Symbology.QR or other.text == code.text)
        if not any(holds(other.corners, x, y) for other in below):
            kept.append(code)
    return kept


def _is_row_of(code: Code, codes: Sequence[Code]) -> bool:
    """Whether it is several equal codes, whose bars are in line and were taken for those of one."""
    equal = (one for one in codes if one is not code and one.text == code.text)
    return sum(holds(code.corners, *one.corners.mean(axis=0)) for one in equal) > 1


def _is_part(code: Code, codes: Sequence[Code]) -> bool:
    """Whether a line across only some of another code's bars gave a part of its text: its ends look alike."""
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
    """From top to bottom, and from left to right what stands side by side."""
    rest = sorted(codes, key=lambda code: float(code.corners[:, 1].mean()))
    ordered: list[Code] = []
    while rest:
        lowest = float(rest[0].corners[:, 1].max() + rest[0].corners[:, 1].mean()) / 2
        line = [code for code in rest if float(code.corners[:, 1].mean()) <= lowest]
        ordered += sorted(line, key=lambda code: float(code.corners[:, 0].mean()))
        rest = rest[len(line) :] if line else []
    return ordered


def _placed(code: Code, factor: float) -> Code:
    """In pixels of the picture that was handed in."""
    if factor == 1.0:
        return code
    corners = ((code.corners + np.float32(0.5)) / np.float32(factor) - np.float32(0.5)).astype(np.float32)
    return Code(code.text, code.symbology, corners, code.alternatives, code.checks)
