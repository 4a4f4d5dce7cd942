"""Fronts of bank cards."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imgcore.checks.bank_number import digits_in, is_bank_number
from imgcore.fields.document import Draft, Value
from imgcore.fields.rows import Cell, Row, search, searches

_EXPIRY = re.compile(r"(?<!\d)(0[1-9]|1[0-2])\t?[/／]\t?(\d{2})(?!\d)")
"""Month and year in which a card ends."""
MOST_CHARACTERS = 250
"""Largest number of characters on a card: papers name accounts, too, and have long numbers of other kinds."""
_PRINTED = re.compile(r"[0-9A-Za-z|][0-9A-Za-z|.\-· ]{12,}")
"""Number of a card in one line, which may have words of other letters beside it."""
_GROUPS = re.compile(r"\d{3,4}|\d{8}")
"""Group of figures of a card's number that is set in several lines."""
_ALIGNED = 0.04
"""Share of the card's width within which the groups of a number below each other begin."""
_EXPIRY_LABEL = re.compile("VALID|THRU|MONTH|EXPIR|有效期|月.?年", re.IGNORECASE)
"""Label of the month in which a card ends."""


def read_bank_card(rows: Sequence[Row]) -> Draft | None:
    """Return number and expiry; None where no row is a card's number, or a page tells more than a card."""
    if sum(len(row.text) for row in rows) > MOST_CHARACTERS:
        return None
    numbers = [value for row in rows if (value := _number(row)) is not None] or _stacked(rows)
    if not numbers:
        return None
    number = next((value for value in numbers if is_bank_number(value.text)), numbers[0])
    values = {"number": number}
    dates = [row.value(*match.span(), f"{match[1]}/{match[2]}") for row, match in searches(rows, _EXPIRY)]
    if dates:
        # A card may say since when it is valid, too.
        values["expiry"] = max(dates, key=lambda value: (value.text[3:], value.text[:2]))
    broken = () if is_bank_number(number.text) else ("number.check",)
    # A last digit alone passes one of ten wrong numbers.
    labelled = search(rows, _EXPIRY_LABEL) is not None
    doubts = ("expiry.missing",) if labelled and not dates else ()
    return Draft("bank-card", values, broken, ("number", "expiry"), doubts)


def _number(row: Row) -> Value | None:
    """Return the number that the cells of a row are, those without digits left out."""
    numeric = [cell for cell in row.cells if _mostly_digits(cell.text)]
    for cells in (numeric, *([cell] for cell in numeric)):
        printed = _PRINTED.findall(" ".join(cell.line.text for cell in cells))
        if printed and (digits := digits_in(max(printed, key=len))):
            return _value(digits, cells)
    return None


def _stacked(rows: Sequence[Row]) -> list[Value]:
    """Return the number whose groups stand below each other, if the last digit fits."""
    groups = [cell for row in rows for cell in row.cells if _GROUPS.fullmatch(cell.text)]
    for first in groups:
        column = [cell for cell in groups if abs(cell.left - first.left) < _ALIGNED]
        if is_bank_number(digits := "".join(cell.text for cell in column)):
            return [_value(digits, column)]
    return []


def _value(digits: str, cells: Sequence[Cell]) -> Value:
    score = min(cell.line.score for cell in cells)
    return Value(digits, score, tuple(cell.place(0, len(cell.text)) for cell in cells))


def _mostly_digits(text: str) -> bool:
    return 2 * sum(character.isdigit() for character in text) > len(text)
