"""Machine-readable zones of travel documents: ICAO 9303, parts 4 to 7."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import NamedTuple

from imgcore.checks.confusions import DIGITS, LETTERS, in_alphabet, repaired
from imgcore.checks.dates import full_year, is_date
from imgcore.checks.states import STATES

FILLER = "<"
"""Character of a place that holds nothing."""

_NAME = LETTERS + FILLER
"""Characters of a name, and of a state's code."""
_ANY = DIGITS + LETTERS + FILLER
"""All characters of a zone."""
_CHECK = DIGITS + FILLER
"""Characters of a check digit that may be missing, and of a date that is not all known."""
_SEX = "MFX" + FILLER
"""Characters of the sex: male, female or unspecified."""
_DIGIT_IN_KIND = "USA"
"""Issuer whose cards have a digit for their second letter."""

Part = tuple[int, int]
"""First place and end, counted through the lines without their breaks."""


class Layout(NamedTuple):
    """The places of the fields in one form of zone.

    Attributes
    ----------
    alphabets
        Field by field, its length and the characters it may hold.
    composite
        The parts that the last check digit covers, and its place; None where there is none.
    overflow
        Place from which a document number of more than nine characters goes on; None where it cannot.
    """

    name: str
    lines: int
    columns: int
    first: str
    alphabets: tuple[tuple[int, str], ...]
    number: Part
    nationality: Part
    birth: Part
    sex: int
    expiry: Part
    optional: Part
    names: Part
    composite: tuple[tuple[Part, ...], int] | None
    checked_optional: bool = False
    overflow: int | None = None


_PERSON = ((6, _CHECK), (1, DIGITS), (1, _SEX), (6, DIGITS), (1, DIGITS))
"""Fields of a person by length and characters: birth and its check digit, sex, expiry and its check digit."""
_HOLDER = ((9, _ANY), (1, _CHECK), (3, _NAME), *_PERSON)
"""Fields of a holder by length and characters: number of the document and its check digit, nationality,
person."""
_HEAD = ((1, LETTERS), (1, _NAME), (3, _NAME))
"""Fields at the beginning of a zone by length and characters: kind of document in two letters, issuer."""

LAYOUTS = (
    Layout(
        "TD1", 3, 30, "ACI",
        (*_HEAD, (9, _ANY), (1, _CHECK), (15, _ANY), *_PERSON, (3, _NAME), (11, _ANY), (1, DIGITS),
         (30, _NAME)),
        (5, 14), (45, 48), (30, 36), 37, (38, 44), (48, 59), (60, 90),
        (((5, 30), (30, 37), (38, 45), (48, 59)), 59), overflow=15,
    ),
    Layout(
        "TD2", 2, 36, "ACIP", (*_HEAD, (31, _NAME), *_HOLDER, (7, _ANY), (1, DIGITS)),
        (36, 45), (46, 49), (49, 55), 56, (57, 63), (64, 71), (5, 36),
        (((36, 46), (49, 56), (57, 71)), 71), overflow=64,
    ),
    Layout(
        "TD3", 2, 44, "P", (*_HEAD, (39, _NAME), *_HOLDER, (14, _ANY), (1, _CHECK), (1, DIGITS)),
        (44, 53), (54, 57), (57, 63), 64, (65, 71), (72, 86), (5, 44),
        (((44, 54), (57, 64), (65, 87)), 87), checked_optional=True,
    ),
    Layout(
        "MRV-A", 2, 44, "V", (*_HEAD, (39, _NAME), *_HOLDER, (16, _ANY)),
        (44, 53), (54, 57), (57, 63), 64, (65, 71), (72, 88), (5, 44), None,
    ),
    Layout(
        "MRV-B", 2, 36, "V", (*_HEAD, (31, _NAME), *_HOLDER, (8, _ANY)),
        (36, 45), (46, 49), (49, 55), 56, (57, 63), (64, 72), (5, 36), None,
    ),
)  # fmt: skip
"""All forms of zone: those of travel documents in three sizes, and of visas in two."""


@dataclass(frozen=True, slots=True, repr=False)
class Zone:
    """A zone that was read.

    Attributes
    ----------
    layout
        TD1, TD2, TD3, MRV-A or MRV-B.
    lines
        As they are after repairs.
    number, nationality, issuer, surname, given_names, personal_number
        Without fillers; the personal number is what the issuer put into the optional places.
    birth, expiry
        YYYYMMDD; a birth of which the day or month is not known has zeros for it.
    sex
        M, F or X.
    failed
        The fields whose check digits or dates do not hold; empty where all do.
    repaired
        True if a character that its place allows was changed so that they hold.
    """

    layout: str
    lines: tuple[str, ...]
    number: str
    nationality: str
    issuer: str
    surname: str
    given_names: str
    personal_number: str
    birth: str
    expiry: str
    sex: str
    failed: tuple[str, ...]
    repaired: bool


def check_digit(text: str) -> str:
    """Return the check digit of a text: weights 7, 3, 1, letters from 10, fillers 0."""
    values = (0 if character == FILLER else int(character, 36) for character in text)
    return str(sum(value * weight for value, weight in zip(values, cycle((7, 3, 1)))) % 10)


def read_zone(lines: Sequence[str]) -> Zone | None:
    """Return the zone that lines of print are, repaired where exactly one reading satisfies all of it.

    Parameters
    ----------
    lines
        Two or three, from the top. Fillers at the end may be missing or too many; so may those of the
        longest run of fillers.

    Returns
    -------
    Zone or None
        None where the lines have the form of no zone.
    """
    layout = _layout(lines)
    if layout is None:
        return None
    text = "".join(fitted(line, layout.columns) for line in lines)
    alphabets = [allowed for count, allowed in layout.alphabets for _ in range(count)]
    if text[2:5] == _DIGIT_IN_KIND:
        alphabets[1] = _ANY
    nearest = "".join(in_alphabet(one, allowed) for one, allowed in zip(text, alphabets, strict=True))
    # By one check digit alone a wrong reading would pass too often: one in ten of those that are tried.
    changes = 1 if layout.composite else 0
    found = repaired(text, alphabets, lambda reading: not _failed(layout, reading), changes) or nearest
    stated = _with_state(layout, text, found)
    place = slice(*layout.nationality)
    lent = stated[place] not in (found[place], text[place])
    return _zone(layout, stated, found != nearest or lent)


def _with_state(layout: Layout, read: str, text: str) -> str:
    """Return a zone with the nationality that it most likely has.

    Of letters that look alike those of the issuer, if no more than one differs and no state has the others;
    else what was read, which may be digits where an issuer keeps to no standard.
    """
    place = slice(*layout.nationality)
    issuer = text[2:5]
    nationality = text[place]
    if nationality.strip(FILLER) in STATES:
        return text
    known = (
        issuer.strip(FILLER) in STATES and sum(a != b for a, b in zip(issuer, nationality, strict=True)) == 1
    )
    chosen = issuer if known else read[place]
    return text[: place.start] + chosen + text[place.stop :]


def fitted(line: str, columns: int) -> str:
    """Return a line of exactly so many characters: its longest run of fillers grows or shrinks."""
    missing = columns - len(line)
    runs = sorted(re.finditer("<+", line), key=lambda run: (len(run[0]), run.start()))
    if not missing or not runs:
        return line[:columns].ljust(columns, FILLER)
    start, end = runs[-1].span()
    kept = max(0, end - start + missing)
    return (line[:start] + FILLER * kept + line[end:])[:columns].ljust(columns, FILLER)


def _layout(lines: Sequence[str]) -> Layout | None:
    """Return the form of as many lines, nearest in length, whose first character fits."""
    if not lines or not lines[0]:
        return None
    length = max(map(len, lines))
    first = in_alphabet(lines[0][0], LETTERS)
    possible = [one for one in LAYOUTS if one.lines == len(lines) and first in one.first]
    nearest = min(possible, key=lambda one: abs(one.columns - length), default=None)
    return nearest if nearest is not None and abs(nearest.columns - length) <= 4 else None


def _failed(layout: Layout, text: str) -> tuple[str, ...]:
    return tuple(name for name, holds in _checks(layout, text).items() if not holds)


def _checks(layout: Layout, text: str) -> dict[str, bool]:
    """Return which checks hold, by the field they belong to."""
    number, check = _number(layout, text)
    birth = text[slice(*layout.birth)]
    expiry = text[slice(*layout.expiry)]
    checks = {
        "number": _holds(number, check),
        "birth": _holds(birth, text[layout.birth[1]]) and _is_birth(birth),
        "expiry": _holds(expiry, text[layout.expiry[1]]) and is_date(full_year(expiry, born=False)),
    }
    if layout.checked_optional:
        optional = text[slice(*layout.optional)]
        last = text[layout.optional[1]]
        checks["personalNumber"] = _holds(optional, last) or (not optional.strip(FILLER) and last == FILLER)
    if layout.composite is not None:
        parts, place = layout.composite
        checks["mrz"] = _holds("".join(text[slice(*part)] for part in parts), text[place])
    return checks


def _holds(text: str, check: str) -> bool:
    return bool(re.fullmatch("[0-9A-Z<]+", text)) and check_digit(text) == check


def _is_birth(text: str) -> bool:
    """Return whether YYMMDD is a day, or has fillers where day or month are not known."""
    if FILLER in text:
        return bool(re.fullmatch(r"(\d\d|<<)(\d\d<<|<<<<)", text, re.ASCII))
    return any(is_date(century + text) for century in ("19", "20"))


def _number(layout: Layout, text: str) -> tuple[str, str]:
    """Return the document number and its check digit, which may stand in the optional places."""
    number = text[slice(*layout.number)]
    check = text[layout.number[1]]
    if check == FILLER and layout.overflow is not None and number.strip(FILLER):
        end = layout.optional[1] if layout.name == "TD2" else 30
        more = text[layout.overflow : end].partition(FILLER)[0]
        if len(more) > 1:
            return number + FILLER + more[:-1], more[-1]
    return number, check


def _zone(layout: Layout, text: str, was_repaired: bool) -> Zone:
    surname, _, given = text[slice(*layout.names)].partition("<<")
    number = _number(layout, text)[0].rstrip(FILLER).replace(FILLER, "")
    birth = text[slice(*layout.birth)]
    expiry = text[slice(*layout.expiry)]
    personal = text[slice(*layout.optional)].strip(FILLER)
    if layout.name == "TD1":
        personal = (text[15:30].strip(FILLER) + " " + personal).strip()
    return Zone(
        layout.name,
        tuple(text[at : at + layout.columns] for at in range(0, len(text), layout.columns)),
        number,
        text[slice(*layout.nationality)].strip(FILLER),
        text[2:5].strip(FILLER),
        _words(surname),
        _words(given),
        _words(personal),
        full_year(birth.replace(FILLER, "0"), born=True),
        full_year(expiry, born=False),
        text[layout.sex].replace(FILLER, "X"),
        _failed(layout, text),
        was_repaired,
    )


def _words(text: str) -> str:
    """Return a field with spaces for its fillers."""
    return " ".join(text.replace(FILLER, " ").split())
