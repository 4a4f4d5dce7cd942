"""Specimens of passports, cards and visas of Utopia with machine-readable zones of every form."""

from __future__ import annotations

from typing import NamedTuple

from synthetic.arrays import Random
from synthetic.documents import made_up
from synthetic.documents.ink import Ink, Style
from synthetic.documents.specimen import ID_1, Specimen, portrait, printing
from synthetic.text.typeface import Typefaces

SIZES = {
    "TD1": ID_1,
    "TD2": (105.0, 74.0),
    "TD3": (125.0, 88.0),
    "MRV-A": (120.0, 80.0),
    "MRV-B": (105.0, 74.0),
}
PITCH = 2.54
"""Millimetres from character to character: ISO 1073-2, OCR-B size 1."""
DARK = (30, 28, 34)
LABEL = (90, 96, 120)


class Holder(NamedTuple):
    """Holder of a document: nobody."""

    surname: str
    given: str
    number: str
    birth: str
    sex: str
    expiry: str
    personal: str


def travel_document(random: Random, faces: Typefaces, scale: float, form: str = "TD3") -> Specimen:
    """Return the page or card with the zone; `form` is a key of `SIZES`."""
    holder = _holder(random, form)
    lines = zone(holder, form)
    width, height = size = SIZES[form]
    ink = printing(random, faces, size, (240, 242, 240), scale)
    portrait(ink, random, (5.0, 0.2 * height, 5.0 + 0.24 * width, 0.2 * height + 0.3 * width))
    _page(ink, holder, form, 8.0 + 0.24 * width)
    left = (width - PITCH * len(lines[0])) / 2
    for row, line in enumerate(lines):
        y = height - 4.2 - 4.23 * (len(lines) - 1 - row)
        for column, character in enumerate(line):
            # A zero without a dot or a stroke, and an I with serifs: as in OCR-B.
            style: Style = "sans" if character.isdigit() else "mono"
            ink.text((left + PITCH * (column + 0.5), y), character, style, 3.6, DARK, "ms")
    fields = {
        "surname": holder.surname, "givenNames": holder.given, "number": holder.number, "nationality": "UTO",
        "birth": _full(holder.birth, True), "gender": holder.sex, "expiry": _full(holder.expiry, False),
        "personalNumber": holder.personal, "mrz": "\n".join(lines),
    }  # fmt: skip
    return Specimen("passport", fields, ink.sheet(), size)


def zone(holder: Holder, form: str) -> tuple[str, ...]:
    """Return the lines of a zone."""
    check = made_up.mrz_check
    names = f"{holder.surname.replace(' ', '<')}<<{holder.given.replace(' ', '<')}"
    head = {"TD1": "I<UTO", "TD2": "I<UTO", "TD3": "P<UTO"}.get(form, "V<UTO")
    number = holder.number.ljust(9, "<")
    number += check(number)
    birth = holder.birth + check(holder.birth)
    expiry = holder.expiry + check(holder.expiry)
    if form == "TD1":
        first = (head + number + holder.personal).ljust(30, "<")
        second = f"{birth}{holder.sex}{expiry}UTO".ljust(29, "<")
        covered = first[5:] + second[:7] + second[8:15] + second[18:29]
        return first, second + check(covered), names.ljust(30, "<")
    columns = 44 if form in ("TD3", "MRV-A") else 36
    body = f"{number}UTO{birth}{holder.sex}{expiry}"
    if form == "TD3":
        personal = holder.personal.ljust(14, "<")
        body += personal + (check(personal) if holder.personal else "<")
    elif form == "TD2":
        body = body.ljust(35, "<")
    if form.startswith("TD"):
        body += check(body[:10] + body[13:20] + body[21:])
    return (head + names).ljust(columns, "<"), body.ljust(columns, "<")


def _holder(random: Random, form: str) -> Holder:
    surname, given = made_up.latin_name(random)
    letters = "".join(made_up.pick(random, "ABCDEFGHKLMNPRTUXY") for _ in range(int(random.integers(0, 3))))
    personal = made_up.digits(random, 9) if form in ("TD1", "TD3") and random.random() < 0.5 else ""
    return Holder(
        surname,
        given,
        letters + made_up.digits(random, 9 - len(letters)),
        f"{made_up.day(random, 1940, 2020):%y%m%d}",
        made_up.pick(random, "MF"),
        f"{made_up.day(random, 2026, 2045):%y%m%d}",
        personal,
    )


def _page(ink: Ink, holder: Holder, form: str, left: float) -> None:
    """Print what people read."""
    title = {"TD3": "PASSPORT", "TD1": "IDENTITY CARD", "TD2": "RESIDENCE PERMIT"}.get(form, "VISA")
    ink.text((5, 7.5), "UTOPIA", "bold", 4.4, (60, 70, 120))
    ink.text((left, 7.5), f"{title}  SPECIMEN", "bold", 3.4, (60, 70, 120))
    rows = (("Surname", holder.surname), ("Given names", holder.given), ("Nationality", "UTOPIAN"),
            ("Document No.", holder.number), ("Sex", holder.sex))  # fmt: skip
    step = {"TD1": 5.2, "TD2": 7.5}.get(form, 8.6)
    for place, (label, value) in enumerate(rows):
        ink.text((left, 12.5 + step * place), label, "sans", 1.8, LABEL)
        ink.text((left + 22, 12.6 + step * place), value, "sans", 2.8, DARK)


def _full(day: str, born: bool) -> str:
    century = "19" if born and int(day[:2]) > 30 else "20"
    return f"{century}{day[:2]}-{day[2:4]}-{day[4:]}"
