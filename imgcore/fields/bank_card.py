"""Fronts of bank cards."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imgcore.checks.bank_number import digits_in, is_bank_number
from imgcore.fields.document import Draft, Value
from imgcore.fields.rows import Row, search, searches

_EXPIRY = re.compile(r"(?<!\d)(0[1-9]|1[0-2])\t?[/／]\t?(\d{2})(?!\d)")
_MOST = 250
"""Characters on a card, at most: papers name accounts, too, and have long numbers of other kinds."""
_EXPIRY_LABEL = re.compile("VALID|THRU|MONTH|EXPIR|有效期|月.?年", re.IGNORECASE)


def read_bank_card(rows: Sequence[Row]) -> Draft | None:
    """Return number and expiry; None where no row is a card's number, or a page tells more than a card."""
    if sum(len(row.text) for row in rows) > _MOST:
        return None
    numbers = [value for row in rows if (value := _number(row)) is not None]
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
        digits = digits_in(" ".join(cell.line.text for cell in cells))
        if digits:
            score = min(cell.line.score for cell in cells)
            return Value(digits, score, tuple(cell.place(0, len(cell.text)) for cell in cells))
    return None


def _mostly_digits(text: str) -> bool:
    return 2 * sum(character.isdigit() for character in text) > len(text)
