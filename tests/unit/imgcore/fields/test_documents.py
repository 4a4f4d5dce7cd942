"""Fields of documents out of lines of text; a document that is wrong is never said to be valid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import get_args

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgcore.checks.bank_number import luhn_digit
from imgcore.checks.mrz import check_digit
from imgcore.checks.resident_number import check_character
from imgcore.fields import Document, DocumentReader
from imgcore.fields.document import FIELDS, KINDS, judged_on
from imgcore.text import TextLine
from imgcore.types import Image
from server.protocol.messages.identity import DocumentFields, DocumentType
from synthetic.documents import made_up
from tests.unit.imgcore.printed import BLANK, SIZE, Recited, line

NUMBER = "339926199912077560"
FRONT = [
    line("姓名", 0.06, 0.14, 0.06),
    line("周文玉", 0.18, 0.13, 0.08),
    line("性别", 0.06, 0.28, 0.06),
    line("女", 0.18, 0.28),
    line("民族 彝", 0.29, 0.28),
    line("出生", 0.06, 0.41, 0.06),
    line("1999年12月7日", 0.18, 0.41),
    line("住址", 0.06, 0.54, 0.06),
    line("水泉市东宁区示例路99", 0.18, 0.53),
    line("7号6栋", 0.18, 0.62),
    line("样张", 0.74, 0.58),
    line("公民身份号码", 0.06, 0.84, 0.06),
    line(NUMBER, 0.34, 0.83, 0.09),
]
BACK = [
    line("中华人民共和国", 0.36, 0.14, 0.12),
    line("居民身份证", 0.34, 0.28, 0.12),
    line("签发机关泉泉市公安局", 0.21, 0.68),
    line("有效期限 2012.06.22-2032.06.22", 0.21, 0.82),
]
CARD = [
    line("云川银行", 0.07, 0.1),
    line("9972 2635 6040 8371 629", 0.07, 0.6),
    line("VALID THRU", 0.3, 0.76, 0.04),
    line("09/41", 0.5, 0.75),
]
ZONE = (
    "P<UT0ERIKSS0N<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UT07408122F1204159ZE184226B<<<<<10",
)
PASSPORT = [
    line("PASSPORT", 0.3, 0.1),
    line("ERIKSSON", 0.4, 0.2),
    line("ANNA MARIA", 0.4, 0.3),
    *(line(text, 0.02, 0.8 + 0.08 * row, 0.05) for row, text in enumerate(ZONE)),
]
TRAVEL_CARD_ZONE = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)
TRAVEL_CARD = [
    *PASSPORT[1:3],
    *(line(text, 0.02, 0.7 + 0.08 * row, 0.05) for row, text in enumerate(TRAVEL_CARD_ZONE)),
]
VISA_ZONE = (
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
)
VISA = [
    *PASSPORT[1:3],
    *(line(text, 0.02, 0.8 + 0.08 * row, 0.05) for row, text in enumerate(VISA_ZONE)),
]
PAPERS = [FRONT, BACK, CARD, PASSPORT, TRAVEL_CARD, VISA]


def read(*looks: list[TextLine]) -> Document:
    (document,) = DocumentReader(Recited(*looks)).read(BLANK, crop=False)
    return document


def changed(lines: list[TextLine], old: str, new: str, score: float = 0.99) -> list[TextLine]:
    return [
        TextLine(one.text.replace(old, new), score, one.corners, spans(one.text.replace(old, new)))
        if old in one.text
        else one
        for one in lines
    ]


def spans(text: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    ends = np.linspace(0, 1, len(text) + 1, dtype=np.float32)
    return np.stack([ends[:-1], ends[1:]], axis=1)


def test_a_front_is_read_and_holds() -> None:
    document = read(FRONT)
    assert (document.kind, document.valid, document.problems) == ("id-card-front", True, ())
    assert document.fields == {
        "name": "周文玉",
        "gender": "女",
        "folk": "彝",
        "birth": "1999-12-07",
        "address": "水泉市东宁区示例路997号6栋",
        "id": NUMBER,
    }


def test_the_places_of_a_field_are_where_it_is_printed() -> None:
    document = read(FRONT)
    (place,) = document.places["id"]
    assert np.allclose(place, FRONT[-1].corners, atol=1.0)
    assert len(document.places["address"]) == 2


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (NUMBER, NUMBER[:-1] + "1", "id.check"),
        ("1999年12月7日", "1999年12月17日", "birth.differs"),
        ("女", "男", "gender.differs"),
        ("民族 彝", "民族 人", "folk.check"),
        ("周文玉", "周A玉", "name.check"),
    ],
)
def test_what_does_not_hold_is_named(old: str, new: str, problem: str) -> None:
    document = read(changed(FRONT, old, new))
    assert document.valid is False and problem in document.problems


@pytest.mark.parametrize(
    ("old", "new", "field"), [("周文玉", "周文王", "name"), ("示例路", "示列路", "address")]
)
def test_looks_that_differ_leave_a_doubt(old: str, new: str, field: str) -> None:
    document = read(FRONT, changed(FRONT, old, new))
    assert document.valid is None and document.problems == (f"{field}.uncertain",)


def test_little_confidence_leaves_a_doubt() -> None:
    document = read(changed(FRONT, "周文玉", "周文玉", score=0.8))
    assert document.valid is None and document.problems == ("name.uncertain",)


def test_rare_characters_leave_a_doubt() -> None:
    document = read(changed(FRONT, "周文玉", "周文靜"))
    assert document.valid is None and document.problems == ("name.uncertain",)
    assert (
        read(changed(FRONT, "周文玉", "周文靜"), changed(FRONT, "周文玉", "周文静")).fields["name"]
        == "周文静"
    )


def test_the_look_whose_checks_hold_is_taken() -> None:
    wrong = changed(FRONT, NUMBER, NUMBER.replace("2077", "2071"))
    for looks in ((wrong, FRONT), (FRONT, wrong)):
        document = read(*looks)
        assert document.fields["id"] == NUMBER and document.valid is True


def test_problems_say_nothing_of_fields() -> None:
    document = read(changed(changed(FRONT, "女", "男"), "周文玉", "周A玉"))
    said = "".join(document.problems)
    assert not any(text in said for text in document.fields.values())


def test_a_back_is_read_and_holds() -> None:
    document = read(BACK)
    assert (document.kind, document.valid) == ("id-card-back", True)
    assert document.fields == {"issue": "泉泉市公安局", "startDate": "2012-06-22", "endDate": "2032-06-22"}
    assert read(changed(BACK, "2032", "2031")).problems == ("endDate.check",)
    long_term = read(changed(BACK, "2032.06.22", "长期"))
    assert long_term.valid is True and long_term.fields["endDate"] == "长期"


def test_a_bank_card_is_read_twice() -> None:
    document = read(CARD)
    assert (document.kind, document.valid) == ("bank-card", True)
    assert document.fields == {"number": "9972263560408371629", "expiry": "09/41"}
    assert read(changed(CARD, "8371", "8317")).problems == ("number.check",)
    # Two digits changed so that the last one fits all the same: one look is not enough.
    other = changed(CARD, "9972", "9963")
    assert read(CARD, other).valid is not True


def test_a_card_may_be_grouped_in_any_way_where_its_last_digit_fits() -> None:
    for groups in ("99722635 60408371629", "9972 26356 04083 71629", "997 2263 560 4083716 29"):
        assert (
            read(changed(CARD, "9972 2635 6040 8371 629", groups)).fields["number"] == "9972263560408371629"
        )
    wrong = changed(CARD, "9972 2635 6040 8371 629", "997 2263 560 4083716 28")
    assert DocumentReader(Recited(wrong)).read(BLANK, crop=False) == ()


def test_a_row_of_a_card_may_have_words_beside_its_number() -> None:
    beside = [*CARD, line("PAY", 0.85, 0.61, 0.05)]
    assert read(beside).fields["number"] == "9972263560408371629"


def test_a_number_may_have_its_label_in_its_line_or_its_groups_below_each_other() -> None:
    labelled = changed(CARD, "9972 2635", "卡号：9972 2635")
    assert read(labelled).fields["number"] == "9972263560408371629"
    groups = ("9972", "2635", "6040", "8371", "629")
    stacked = [CARD[0], *(line(text, 0.1, 0.25 + 0.1 * row) for row, text in enumerate(groups))]
    assert read(stacked).fields["number"] == "9972263560408371629"
    assert DocumentReader(Recited(stacked[:-1])).read(BLANK, crop=False) == ()


def test_a_page_that_names_an_account_is_no_card() -> None:
    prose = [
        line("本页说明账户的使用方法和注意事项等内容" * 2, 0.02, 0.1 + 0.05 * row, 0.02) for row in range(8)
    ]
    assert DocumentReader(Recited([*prose, CARD[1]])).read(BLANK, crop=False) == ()


def test_a_passport_is_read() -> None:
    lines = PASSPORT
    zone = ZONE
    document = read(lines)
    assert (document.kind, document.valid, document.problems) == ("passport", True, ())
    assert document.fields["surname"] == "ERIKSSON" and document.fields["expiry"] == "2012-04-15"
    assert len(document.places["surname"]) == 3
    # No check digit covers a name or a state: those are confirmed by what people read, and by each other.
    assert read(lines[:2] + lines[3:]).problems == ("givenNames.uncertain",)
    other = line(zone[0].replace("P<UT0", "P<IT0"), 0.02, 0.8, 0.05)
    assert read([*lines[:-2], other, lines[-1]]).problems == ("mrz.uncertain",)
    wrong = [
        one if one.text != zone[1] else line(zone[1].replace("898902", "898802"), 0.02, 0.88, 0.05)
        for one in lines
    ]
    assert read(wrong).valid is False


def licence(code: str) -> list[TextLine]:
    return [
        line("营业执照", 0.36, 0.05, 0.1),
        line("统一社会信用代码", 0.07, 0.22, 0.03),
        line(code, 0.07, 0.26, 0.03),
        line("名称", 0.07, 0.35, 0.03),
        line("泉泉川信息技术有限责任公司", 0.17, 0.35, 0.03),
        line("成立日期", 0.54, 0.35, 0.03),
        line("2003年04月12日", 0.65, 0.35, 0.03),
        line("法定代表人", 0.07, 0.42, 0.03),
        line("李霞雨", 0.2, 0.42, 0.03),
        line("住所", 0.54, 0.42, 0.03),
        line("月泉市和湖区样张街519号", 0.65, 0.42, 0.03),
        line("27栋2单元", 0.65, 0.46, 0.03),
    ]


def test_a_licence_is_read() -> None:
    code = made_up.credit_code(np.random.default_rng(4))
    document = read(licence(code))
    # Its code alone can be checked.
    assert (document.kind, document.valid) == ("business-licence", None)
    assert set(document.problems) == {f"{name}.uncertain" for name in document.fields if name != "code"}
    assert document.fields == {
        "name": "泉泉川信息技术有限责任公司",
        "code": code,
        "legalPerson": "李霞雨",
        "address": "月泉市和湖区样张街519号27栋2单元",
        "date": "2003-04-12",
    }
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    assert read(licence(wrong)).valid is False and "code.check" in read(licence(wrong)).problems


def test_a_line_below_that_has_a_label_goes_on_with_nothing() -> None:
    """A photograph may bring an entry as near as a second line would be."""
    lines = licence(made_up.credit_code(np.random.default_rng(4)))
    lines += [line("经营范围", 0.07, 0.46, 0.03), line("办公用品销售", 0.2, 0.46, 0.03)]
    assert read(lines).fields["legalPerson"] == "李霞雨"


def test_a_permit_names_no_folk_and_the_number_of_a_pass() -> None:
    number = made_up.resident_number(np.random.default_rng(1), date(1999, 12, 7), "81")
    gender = "男" if int(number[16]) % 2 else "女"
    front = changed(changed(FRONT, NUMBER, number), "女", gender)
    document = read([one for one in front if "民族" not in one.text])
    assert (document.kind, document.valid, document.fields["id"]) == ("id-card-front", True, number)
    document = read([*BACK, line("通行证号码 H00123456", 0.21, 0.56)])
    assert (document.valid, document.fields["passNumber"]) == (True, "H00123456")
    assert read([*BACK, line("通行证号码", 0.21, 0.56)]).problems == ("passNumber.missing",)


def foreigner(number: str) -> list[TextLine]:
    return [
        line("外国人永久居留身份证", 0.07, 0.05),
        line("姓名/Name", 0.07, 0.2, 0.05),
        line("袁轩艳", 0.35, 0.2),
        line("HUANG,JOHN--", 0.35, 0.3),
        line("性别/Sex", 0.07, 0.4, 0.05),
        line("男/M" if int(number[16]) % 2 else "女/F", 0.35, 0.4),
        line("出生日期/Date of Birth1959.07.29", 0.07, 0.5, 0.05),
        line("国籍/Nationality", 0.07, 0.6, 0.05),
        line("样张国/SPC", 0.35, 0.6),
        line("有效期限/Period of Validity", 0.07, 0.72, 0.05),
        line("2025.10.12-2035.10.12", 0.5, 0.72, 0.05),
        line(number, 0.3, 0.85, 0.09),
    ]


def test_a_foreigners_card_is_read_and_never_sure_of_its_latin_name() -> None:
    number = made_up.foreigner_number(np.random.default_rng(2), date(1959, 7, 29))
    document = read(foreigner(number))
    assert (document.valid, document.problems) == (None, ("englishName.uncertain",))
    said = ("袁轩艳", "HUANG,JOHN", "1959-07-29", "样张国", "2035-10-12", number)
    names = ("name", "englishName", "birth", "nationality", "endDate", "id")
    assert tuple(document.fields[name] for name in names) == said
    wrong = number[:8] + str((int(number[8]) + 1) % 10) + number[9:]
    assert read(foreigner(wrong)).valid is False


def test_papers_with_a_zone_hold() -> None:
    """So that spoiling them can be noticed at all."""
    for lines, layout in ((TRAVEL_CARD, TRAVEL_CARD_ZONE), (VISA, VISA_ZONE)):
        document = read(lines)
        assert (document.valid, document.problems) == (True, ())
        assert document.fields["mrz"] == "\n".join(layout)


@given(st.data())
def test_a_document_whose_lines_changed_places_is_never_valid_and_wrong(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(PAPERS))
    one, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    swapped = list(lines)
    swapped[one], swapped[other] = (
        replace(lines[one], text=lines[other].text, spans=lines[other].spans),
        replace(lines[other], text=lines[one].text, spans=lines[one].spans),
    )
    check_not_wrong(lines, swapped)


@given(st.data())
def test_a_document_without_a_line_is_never_valid_and_wrong(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(PAPERS))
    gone = data.draw(st.integers(0, len(lines) - 1))
    check_not_wrong(lines, lines[:gone] + lines[gone + 1 :])


@given(st.data())
def test_a_document_of_which_a_column_slipped_is_never_valid_and_wrong(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(PAPERS))
    left = data.draw(st.sampled_from(sorted({float(one.corners[0, 0]) for one in lines})))
    down = data.draw(st.floats(-80, 80))
    moved = [
        replace(one, corners=one.corners + np.float32([0, down if one.corners[0, 0] == left else 0]))
        for one in lines
    ]
    check_not_wrong(lines, moved)


def check_not_wrong(lines: list[TextLine], spoiled: list[TextLine]) -> None:
    """Fail where a reading of spoiled lines is said to be valid and has other fields than the lines have."""
    wanted = read(lines).fields
    for document in DocumentReader(Recited(spoiled)).read(BLANK, crop=False):
        assert document.valid is not True or document.fields == wanted


def test_every_field_has_a_place_in_the_answer() -> None:
    wire = {field.encode_name for field in msgspec.structs.fields(DocumentFields)}
    assert wire == FIELDS and set(get_args(DocumentType)) == KINDS


def test_pages_of_no_kind_are_none() -> None:
    lines = [line("本页为演示样张", 0.1, 0.1), line("电话 000-0128-0300", 0.1, 0.3)]
    assert DocumentReader(Recited(lines)).read(BLANK, crop=False) == ()
    assert DocumentReader(Recited([])).read(BLANK) == ()


@given(st.data())
def test_a_number_that_is_misread_is_never_valid(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 17))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != NUMBER[place]]))
    wrong = NUMBER[:place] + digit + NUMBER[place + 1 :]
    assert read(changed(FRONT, NUMBER, wrong)).valid is False


def test_a_zone_is_read_again_in_its_own_characters() -> None:
    """On a guilloche its first line comes in other scripts."""

    class Again(Recited):
        def read_again(self, image: Image, lines: Sequence[TextLine], alphabet: str) -> list[TextLine]:
            assert set(alphabet) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")
            texts = dict(zip(("ΡくЦΤΟΕRΙΚЅЅΟΝくくΑΝΝΑ", ZONE[1]), ZONE, strict=True))
            return [replace(one, text=texts[one.text], spans=spans(texts[one.text])) for one in lines]

    strange = replace(PASSPORT[3], text="ΡくЦΤΟΕRΙΚЅЅΟΝくくΑΝΝΑ", spans=spans("ΡくЦΤΟΕRΙΚЅЅΟΝくくΑΝΝΑ"))
    (document,) = DocumentReader(Again([*PASSPORT[:3], strange, PASSPORT[4]])).read(BLANK, crop=False)
    assert document.fields["mrz"] == read(PASSPORT).fields["mrz"] and document.valid is True


def test_a_page_is_first_read_as_it_was_given() -> None:
    """Of an open passport the other page may lie sideways, and has more print."""

    class Upright(Recited):
        def read(self, image: Image, careful: bool = False, as_it_lies: bool = False) -> list[TextLine]:
            return super().read(image, careful) if as_it_lies and image.shape[0] > image.shape[1] else []

    portrait = np.full((SIZE[0], SIZE[1], 3), 255, np.uint8)
    (document,) = DocumentReader(Upright(PASSPORT)).read(portrait, crop=False)
    assert (document.kind, document.valid) == ("passport", True)


def zone_of(number: str, birth: str, expiry: str) -> list[TextLine]:
    """A passport of these, whose check digits hold."""
    first = "P<UTOERIKSSON<<ANNA<MARIA".ljust(44, "<")
    filled = number.ljust(9, "<")
    second = filled + check_digit(filled) + "UTO" + birth + check_digit(birth) + "F" + expiry
    second += check_digit(expiry) + "<" * 14 + "<"
    second += check_digit(second[:10] + second[13:20] + second[21:43])
    return [
        *PASSPORT[:3],
        *(line(text, 0.02, 0.8 + 0.08 * row, 0.05) for row, text in enumerate((first, second))),
    ]


@pytest.mark.parametrize(
    ("number", "birth", "expiry", "valid", "problem"),
    [
        ("L898902C3", "740812", "310415", True, None),
        ("", "740812", "310415", False, "number.missing"),
        ("L898902C3", "301231", "310101", None, "birth.uncertain"),
        ("L898902C3", "200101", "100101", None, "birth.uncertain"),
        ("L898902C3", "250101", "310101", True, None),
    ],
)
def test_a_passport_that_cannot_be_is_not_valid(
    number: str, birth: str, expiry: str, valid: bool | None, problem: str | None
) -> None:
    document = read(zone_of(number, birth, expiry))
    assert document.valid is valid, document.problems
    assert problem is None or problem in document.problems


@pytest.mark.parametrize(
    "first", ["33992619991207000", "33992621991231001", "33992618991231001"], ids=["000", "2199", "1899"]
)
def test_a_number_that_nobody_has_is_not_valid(first: str) -> None:
    number = first + check_character(first)
    day = f"{first[6:10]}年{int(first[10:12])}月{int(first[12:14])}日"
    lines = changed(changed(FRONT, NUMBER, number), "1999年12月7日", day)
    assert read(changed(lines, "女", "女" if int(first[16]) % 2 == 0 else "男")).valid is False


@pytest.mark.parametrize("term", ["1902.01.01-1922.01.01", "2090.01.01-2110.01.01", "1999.01.01-长期"])
def test_a_term_of_no_card_is_not_valid(term: str) -> None:
    assert read(changed(BACK, "2012.06.22-2032.06.22", term)).valid is False


def test_a_card_of_one_digit_is_a_sample() -> None:
    number = "4" * 15 + luhn_digit("4" * 15)
    document = read(changed(CARD, "9972 2635 6040 8371 629", f"{number[:12]} {number[12:]}"))
    assert document.valid is False


def test_a_day_of_the_past_is_not_after_today() -> None:
    front = read(FRONT)
    back = read(BACK)
    assert judged_on(front, date(2026, 12, 2)) is front
    early = judged_on(front, date(1999, 12, 6))
    assert (early.valid, early.problems) == (False, ("birth.check",))
    assert judged_on(front, date(1999, 12, 7)) is front
    assert judged_on(back, date(2012, 6, 21)).problems == ("startDate.check",)
