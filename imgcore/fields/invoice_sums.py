"""Sums of an invoice: amount, tax and total, by the columns they stand in and the amount in capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from imgcore.checks.capital_amount import capitals_in
from imgcore.checks.invoice_code import cents_of, figures_of
from imgcore.fields.document import Value
from imgcore.fields.rows import GAP, Cell, Row

_FIGURES = re.compile(r"(?<![\d.])([¥￥]?)[YXxy]?\s{0,4}(\d[\d,，]{0,20}[.．]\d{2})(?![\d%.])")
"""Amount of money with two decimals, and the sign before it."""
_UNTAXED = re.compile(r"免税|不征税|\*{2,3}")
"""Mark of goods that are free of tax."""
_LEVEL = 1.5
"""Greatest difference in level between amount and tax, in heights of their line: an invoice may be tilted or
curled."""


class _Figure(NamedTuple):
    """Figures of money and what they may say: as read, or with a leading 1 that is the sign ¥."""

    cell: Cell
    value: Value
    readings: tuple[int, ...]

    def saying(self, cents: int) -> Value:
        """Return the figures as the value that one of its readings is."""
        return Value(figures_of(cents), self.value.score, self.value.places)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sums:
    """The sums that were found.

    Attributes
    ----------
    untaxed
        True if the invoice is of goods free of tax.
    broken
        Problems of sums that contradict each other.
    """

    amount: Value | None = None
    tax: Value | None = None
    total: Value | None = None
    untaxed: bool = False
    broken: tuple[str, ...] = ()

    def cents(self, name: str) -> int:
        """Return a sum that there is."""
        return cents_of(getattr(self, name).text) or 0


def sums(rows: Sequence[Row]) -> Sums:
    """Return the sums of an invoice.

    The amount in capitals, which is written against forgery, decides between the readings of the figures:
    amount and tax are the lowest two on one level above it that add up to it.
    """
    figures = [figure for row in rows for cell in row.cells for figure in _figures(cell)]
    written = next(
        ((cents, row) for row in rows if (cents := capitals_in(row.text.replace(GAP, ""))) is not None), None
    )
    labelled = _total(rows, figures)
    untaxed = any(_UNTAXED.search(row.text) for row in rows)
    if written is None:
        cents = labelled.readings[0] if labelled else None
        return _added_up(figures, cents, labelled, untaxed, ("total.capitals",))
    cents, row = written
    low = [
        one for one in figures if cents in one.readings and one.cell.middle > row.top - (row.bottom - row.top)
    ]
    said = labelled if labelled and cents in labelled.readings else None
    total = said or max(low, key=lambda one: one.cell.left, default=None)
    if total is None:
        # Figures and capitals differ: what is printed, and that it does not hold.
        first = labelled.readings[0] if labelled else None
        return _added_up(figures, first, labelled, untaxed, ("total.capitals",))
    return _added_up(figures, cents, total, untaxed, ())


def _figures(cell: Cell) -> Iterator[_Figure]:
    for match in _FIGURES.finditer(cell.text):
        cents = cents_of(match[2].replace("．", "."))
        if cents is None:
            continue
        value = Value(figures_of(cents), cell.line.score, (cell.place(*match.span(2)),))
        shorter = cents_of(match[2][1:].lstrip(",，")) if match[2][0] == "1" and not match[1] else None
        yield _Figure(cell, value, (cents,) if shorter is None else (cents, shorter))


def _total(rows: Sequence[Row], figures: Sequence[_Figure]) -> _Figure | None:
    """Return the figures to the right of the label 小写, on its level, or of the total."""
    for form in (r"小写|[(（]小", r"价税合计"):
        for cell in (cell for row in rows for cell in row.cells if re.search(form, cell.text)):
            beside = [
                one
                for one in figures
                if one.cell is cell or (one.cell.left > cell.left and _level(one.cell, cell) < 1)
            ]
            if beside:
                return min(beside, key=lambda one: _level(one.cell, cell))
    return None


def _level(one: Cell, other: Cell) -> float:
    """Return the distance of two cells' middles in heights."""
    return abs(one.middle - other.middle) / max(one.height, other.height)


def _added_up(
    figures: Sequence[_Figure],
    cents: int | None,
    total: _Figure | None,
    untaxed: bool,
    broken: tuple[str, ...],
) -> Sums:
    """Return the sums whose total is known to be so many cents."""
    if cents is None or total is None:
        return Sums(broken=broken)
    said = total.saying(cents)
    above = [one for one in figures if one is not total and one.cell.middle < total.cell.middle]
    pairs = [
        (first, second, amount)
        for first, second in product(above, above)
        if first.cell.right < second.cell.left and _level(first.cell, second.cell) < _LEVEL
        for amount in first.readings
        if cents - amount in second.readings
    ]
    if pairs:
        # The goods in one row add up, too, where they are one; the sums stand below them.
        first, second, amount = max(pairs, key=lambda pair: pair[0].cell.middle)
        return Sums(first.saying(amount), second.saying(cents - amount), said, broken=broken)
    whole = [one for one in above if cents in one.readings]
    if untaxed and whole:
        return Sums(max(whole, key=lambda one: one.cell.middle).saying(cents), None, said, True, broken)
    lowest = sorted((one for one in above if "." in one.value.text), key=lambda one: one.cell.middle)[-2:]
    lowest.sort(key=lambda one: one.cell.left)
    if len(lowest) == 2 and _level(lowest[0].cell, lowest[1].cell) < _LEVEL:
        net, tax = (one.saying(one.readings[0]) for one in lowest)
        return Sums(net, tax, said, broken=(*broken, "total.sum"))
    return Sums(None, None, said, broken=broken)
