"""Both sides of specimens of a resident's identity card; of nobody, from a region that is none."""

from __future__ import annotations

from functools import partial

from synthetic.arrays import Random
from synthetic.documents import made_up
from synthetic.documents.ink import Ink
from synthetic.documents.specimen import ID_1, Specimen, portrait, printing
from synthetic.text.typeface import Typefaces

LABEL = (44, 104, 156)
DARK = (32, 30, 36)
LINE = 11
"""Characters of a line of the address."""


def resident_front(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return the side with the portrait."""
    return front(random, faces, scale, "", made_up.FOLKS)


def resident_back(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return the side with the issuer."""
    return back(random, faces, scale, "")


def front(
    random: Random, faces: Typefaces, scale: float, province: str, folks: tuple[str, ...] | None
) -> Specimen:
    """Return the side with the portrait of a resident of a province, or of any; permits name no folk."""
    born = made_up.day(random, 1940, 2015)
    number = made_up.resident_number(random, born, province)
    fields = {
        "name": made_up.name(random),
        "gender": "男" if int(number[16]) % 2 else "女",
        **({"folk": made_up.pick(random, folks)} if folks else {}),
        "birth": born.isoformat(),
        "address": made_up.address(random),
        "id": number,
    }
    ink = printing(random, faces, ID_1, (246, 242, 236), scale)
    portrait(ink, random, (56.5, 8.5, 80.0, 38.5))
    _head(ink, fields, (str(born.year), str(born.month), str(born.day)))
    _address(ink, fields["address"])
    ink.text((6.2, 48.6), "公民身份号码", "sans", 3.1, LABEL)
    for place, character in enumerate(number):
        ink.text((29.5 + 2.62 * place, 48.8), character, "sans", 4.3, DARK)
    return Specimen("id-card-front", fields, ink.sheet(), ID_1)


def back(random: Random, faces: Typefaces, scale: float, pass_number: str) -> Specimen:
    """Return the side with the issuer; a permit has the number of a pass."""
    begun = made_up.day(random, 2008, 2026)
    years = int(random.choice([5, 10, 20, 20, 0]))
    safe = begun.replace(day=min(begun.day, 28))
    ended = safe.replace(year=safe.year + years).isoformat() if years else "长期"
    office = f"{made_up.place(random)}市公安局"
    office += f"{made_up.place(random)}分局" if random.random() < 0.6 else ""
    fields = {"issue": office, "startDate": safe.isoformat(), "endDate": ended}
    ink = printing(random, faces, ID_1, (246, 242, 236), scale)
    ink.box((6, 6, 20, 20), fill=(206, 92, 84), rim=None)
    ink.centred((13, 14.5), ("样张", "SPECIMEN"), "sans", 3.6, (250, 220, 120))
    ink.centred((51, 13), "中华人民共和国", "bold", 5.6, DARK)
    ink.centred((51, 22), "居 住 证" if pass_number else "居 民 身 份 证", "bold", 7.2, DARK)
    ink.text((18.5, 40.4), "签发机关", "sans", 3.1, DARK)
    ink.text((34.5, 40.4), office, "sans", 3.4, DARK)
    ink.text((18.5, 47.6), "有效期限", "sans", 3.1, DARK)
    dates = "-".join(day.replace("-", ".") for day in (fields["startDate"], ended))
    ink.text((34.5, 47.6), dates, "sans", 3.4, DARK)
    if pass_number:
        fields["passNumber"] = pass_number
        ink.text((18.5, 33.2), "通行证号码", "sans", 3.1, DARK)
        ink.text((36.5, 33.2), pass_number, "sans", 3.4, DARK)
    return Specimen("id-card-back", fields, ink.sheet(), ID_1)


def _head(ink: Ink, fields: dict[str, str], born: tuple[str, str, str]) -> None:
    label = partial(ink.text, style="sans", em=2.9, colour=LABEL)
    value = partial(ink.text, style="sans", em=3.5, colour=DARK)
    label((6.2, 11.2), "姓名")
    ink.text((16.5, 11.4), fields["name"], "sans", 4.2, DARK)
    label((6.2, 18.6), "性别")
    value((16.5, 18.8), fields["gender"])
    if "folk" in fields:
        label((26.5, 18.6), "民族")
        value((35.0, 18.8), fields["folk"])
    label((6.2, 25.4), "出生")
    for words, left, step in zip(born, (16.5, 29.5, 38.0), (9.3, 4.6, 4.6), strict=True):
        value((left, 25.6), words)
        label((left + step, 25.4), "年月日"[(16.5, 29.5, 38.0).index(left)])


def _address(ink: Ink, address: str) -> None:
    ink.text((6.2, 32.2), "住址", "sans", 2.9, LABEL)
    for place, at in enumerate(range(0, len(address), LINE)):
        ink.text((16.5, 32.4 + 5.0 * place), address[at : at + LINE], "sans", 3.4, DARK)
