"""Specimens of permits: of residents from Hong Kong, Macao and Taiwan, and of foreigners."""

from __future__ import annotations

from functools import partial

from synthetic.arrays import Random
from synthetic.documents import made_up
from synthetic.documents.ink import Ink
from synthetic.documents.resident_card import DARK, LABEL, back, front
from synthetic.documents.specimen import ID_1, Specimen, portrait, printing
from synthetic.text.typeface import Typefaces

STATES = (("乌托邦", "UTO"), ("示例国", "SMP"), ("样张国", "SPC"))
"""States that are none, with codes that ISO 3166 has not assigned."""


def permit_front(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return the side with the portrait, of a resident from Hong Kong, Macao or Taiwan."""
    return front(random, faces, scale, made_up.pick(random, ("81", "82", "83")), None)


def permit_back(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return the side with the issuer and the number of the travel permit."""
    number = made_up.pick(random, ("H", "M", "")) + "00" + made_up.digits(random, 6)
    return back(random, faces, scale, number)


def foreigner_front(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return the side with the portrait of a permanent residence card."""
    born = made_up.day(random, 1940, 2010)
    begun = made_up.day(random, 2024, 2027)
    number = made_up.foreigner_number(random, born)
    state, code = STATES[int(random.integers(len(STATES)))]
    safe = begun.replace(day=min(begun.day, 28))
    surname, given = made_up.latin_name(random)
    fields = {
        "name": made_up.name(random),
        "englishName": f"{surname},{given.replace(' ', '')}",
        "gender": "男" if int(number[16]) % 2 else "女",
        "birth": born.isoformat(),
        "nationality": state,
        "startDate": safe.isoformat(),
        "endDate": safe.replace(year=safe.year + 10).isoformat(),
        "id": number,
    }
    ink = printing(random, faces, ID_1, (238, 244, 242), scale)
    ink.text((6.2, 6.5), "外国人永久居留身份证", "bold", 4.4, DARK)
    ink.text((6.2, 10.6), "FOREIGN PERMANENT RESIDENT ID CARD", "sans", 2.3, DARK)
    portrait(ink, random, (61.0, 11.0, 80.0, 36.0))
    _fields(ink, fields, code)
    return Specimen("id-card-front", fields, ink.sheet(), ID_1)


def _fields(ink: Ink, fields: dict[str, str], code: str) -> None:
    label = partial(ink.text, style="sans", em=2.1, colour=LABEL)
    value = partial(ink.text, style="sans", em=3.0, colour=DARK)
    dotted = {name: fields[name].replace("-", ".") for name in ("birth", "startDate", "endDate")}
    rows = (
        ("姓名/Name", fields["name"]),
        ("", fields["englishName"]),
        ("性别/Sex", f"{fields['gender']}/{'M' if fields['gender'] == '男' else 'F'}"),
        ("出生日期/Date of Birth", dotted["birth"]),
        ("国籍/Nationality", f"{fields['nationality']}/{code}"),
        ("有效期限/Period of Validity", f"{dotted['startDate']}-{dotted['endDate']}"),
    )
    for (name, words), y in zip(rows, (16.0, 20.6, 25.2, 29.8, 34.4, 41.2), strict=True):
        label((6.2, y), name)
        value((30.0 if y < 40 else 37.0, y + 0.1), words)
    label((6.2, 49.2), "证件号码/No.")
    for place, character in enumerate(fields["id"]):
        ink.text((24.5 + 2.62 * place, 49.4), character, "sans", 4.1, DARK)
