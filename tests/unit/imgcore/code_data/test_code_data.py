"""Fields of codes: what trade, authorities and airlines write, and what breaks their rules."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.barcode import Code, Symbology
from imgcore.code_data import ParsedData, Scheme, aamva, bcbp, gs1, parsed

QUAD = np.zeros((4, 2), np.float32)
UDI = "010950600013435217261231101A234B5\x1d21SERIAL-7"
PASS = "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100"
"""The example of IATA's guide."""


def element(text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    found = gs1.parsed(text)
    assert found is not None and found.scheme is Scheme.GS1
    return dict(found.fields), found.problems


def test_a_device_label_has_its_elements() -> None:
    fields, problems = element(UDI)
    assert fields == {"01": "09506000134352", "17": "261231", "10": "1A234B5", "21": "SERIAL-7"}
    assert problems == ()


@pytest.mark.parametrize(
    ("text", "fields", "problems"),
    [
        ("0109506000134352", {"01": "09506000134352"}, ()),
        ("\x1d0109506000134352\x1d10A", {"01": "09506000134352", "10": "A"}, ()),
        ("0109506000134353", {"01": "09506000134353"}, ("01.check",)),
        ("00106141412345678908", {"00": "106141412345678908"}, ()),
        ("00106141412345678909", {"00": "106141412345678909"}, ("00.check",)),
        ("17260200", {"17": "260200"}, ()),
        ("17260230", {"17": "260230"}, ("17.date",)),
        ("17261300", {"17": "261300"}, ("17.date",)),
        ("3103000195", {"3103": "000195"}, ()),
        ("310300019", {"3103": "00019"}, ("3103.format",)),
        ("30123456789", {"30": "123456789"}, ("30.format",)),
        ("10AB\x1d10AB", {"10": "AB"}, ()),
        ("10AB\x1d10AC", {"10": "AB"}, ("10.twice",)),
        ("10A B", {"10": "A B"}, ("10.format",)),
        ("10" + "A" * 21, {"10": "A" * 21}, ("10.format",)),
        ("10\x1d21A", {"10": "", "21": "A"}, ("10.format",)),
        ("10A\x1d05XX", {"10": "A"}, ("rest.unknown",)),
        ("4149520123456788", {"414": "9520123456788"}, ()),
        ("4149520123456789", {"414": "9520123456789"}, ("414.check",)),
        ("2539521321100006\x1d10A", {"253": "9521321100006", "10": "A"}, ("253.check",)),
        ("8017952012345678901234", {"8017": "952012345678901234"}, ("8017.check",)),
        ("01\x1d10A", {"01": "", "10": "A"}, ("01.format",)),
        ("10Ａ", {"10": "Ａ"}, ("10.format",)),
        ("01０9506000134352", {"01": "０9506000134352"}, ("01.format",)),
    ],
)
def test_elements_and_their_rules(text: str, fields: dict[str, str], problems: tuple[str, ...]) -> None:
    assert element(text) == (fields, problems)


@pytest.mark.parametrize("text", ["", "\x1d", "05123", "0", "310", "https://example.com", "\x1d\x1d"])
def test_what_begins_with_no_identifier_is_no_element_string(text: str) -> None:
    assert gs1.parsed(text) is None


def licence(**changed: str) -> str:
    elements = {
        "DAQ": "T64235789", "DCS": "SAMPLE", "DAC": "MICHAEL", "DBB": "06061986", "DBD": "06062024",
        "DBA": "12102034", "DBC": "1", "DAG": "2300 WEST BROAD STREET", "DAI": "RICHMOND", "DAJ": "VA",
        "DAK": "232690000  ", "DCG": "USA", **changed,
    }  # fmt: skip
    body = "DL" + "\n".join(f"{key}{value}" for key, value in elements.items() if value != "-") + "\n\r"
    head = "@\n\x1e\rANSI 636000100001"
    return f"{head}DL{len(head) + 10:04}{len(body):04}{body}"


def card(text: str) -> ParsedData:
    found = aamva.parsed(text)
    assert found is not None and found.scheme is Scheme.AAMVA
    return found


def test_a_licence_has_its_elements() -> None:
    found = card(licence())
    assert found.problems == () and found.valid
    assert (found.fields["IIN"], found.fields["version"]) == ("636000", "10")
    assert (found.fields["DCS"], found.fields["DBB"], found.fields["DAK"]) == (
        "SAMPLE",
        "1986-06-06",
        "232690000",
    )


def test_canada_writes_the_year_first() -> None:
    canada = {"DCG": "CAN", "DBB": "19860607", "DBD": "20240606", "DBA": "20341210"}
    assert card(licence(**canada)).fields["DBB"] == "1986-06-07"
    assert card(licence(**canada)).valid


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({"DAQ": "-"}, ("DAQ.missing",)),
        ({"DBB": "13061986"}, ("DBB.date",)),
        ({"DBB": "1986"}, ("DBB.date",)),
        ({"DBA": "06062023"}, ("DBA.order",)),
        ({"DBB": "06062025"}, ("DBD.order",)),
        ({"DCG": "MEX"}, ("DCG.format",)),
        ({"DBC": "4"}, ("DBC.format",)),
        ({"DAJ": "Va"}, ("DAJ.format",)),
    ],
)
def test_rules_of_a_licence(changed: dict[str, str], problems: tuple[str, ...]) -> None:
    found = card(licence(**changed))
    assert found.problems == problems and not found.valid


def test_subfiles_lie_where_the_head_says() -> None:
    assert "subfile.place" in card(licence().replace("DL0031", "DL0032")).problems
    assert "subfile.place" in card(licence()[:-20]).problems
    assert "subfile.missing" in card(licence().replace("ANSI 636000100001", "ANSI 636000100002")).problems


@pytest.mark.parametrize("text", ["", "@", "@\n\x1e\rANSI ", "ANSI 636000100001DL00310277DL", licence()[1:]])
def test_what_is_no_card_is_none(text: str) -> None:
    assert aamva.parsed(text) is None


def boarding(text: str) -> ParsedData:
    found = bcbp.parsed(text)
    assert found is not None and found.scheme is Scheme.BCBP
    return found


def test_a_boarding_pass_has_its_fields() -> None:
    found = boarding(PASS)
    assert found.valid and dict(found.fields) == {
        "name": "DESMARAIS/LUC", "legs": "1", "ticket": "E", "pnr": "ABC123", "from": "YUL", "to": "FRA",
        "carrier": "AC", "flight": "0834", "day": "326", "cabin": "J", "seat": "001A", "sequence": "0025",
        "status": "1",
    }  # fmt: skip


def test_a_pass_of_two_legs_with_what_is_conditional_and_signed() -> None:
    more = ">5180  K0A"
    first = PASS[:1] + "2" + PASS[2:-2] + f"{len(more):02X}" + more
    text = first + "DEF456 FRAGVALH 3664 327C012C0002 100" + "^108ABCDEFGH"
    found = boarding(text)
    assert found.problems == () and found.fields["legs"] == "2"
    assert (found.fields["from"], found.fields["2.from"], found.fields["2.seat"]) == ("YUL", "FRA", "012C")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (PASS.replace(" 326J", " 367J"), ("day.date",)),
        (PASS.replace(" 326J", " 000J"), ("day.date",)),
        (PASS.replace("FRA", "YUL"), ("to.same",)),
        (PASS[:-2] + "05", ("size.format",)),
        (PASS + "more", ("size.format",)),
        (PASS + "^108ABC", ("size.format",)),
        (PASS.replace("M1", "M2"), ("legs.missing",)),
    ],
)
def test_rules_of_a_boarding_pass(text: str, problems: tuple[str, ...]) -> None:
    assert boarding(text).problems == problems


@pytest.mark.parametrize(
    "text", ["", "M1", PASS[:50], PASS.lower(), "M0" + PASS[2:], "MECARD:N:A;;", " " + PASS]
)
def test_what_is_no_boarding_pass_is_none(text: str) -> None:
    assert bcbp.parsed(text) is None


def test_the_code_says_whether_it_is_of_trade() -> None:
    def told(text: str, **said: bool) -> Scheme | None:
        found = parsed(Code(text, Symbology.DATA_MATRIX, QUAD, **said))
        return None if found is None else found.scheme

    assert told("0109506000134352", gs1=True) is Scheme.GS1
    assert told("0109506000134352") is None, "digits of a plain code are no elements"
    assert told(licence()) is Scheme.AAMVA and told(PASS) is Scheme.BCBP
    assert told("hello") is None and told("hello", gs1=True) is None


@pytest.mark.parametrize("text", [UDI, licence(), PASS])
def test_any_cut_is_parsed_or_none(text: str) -> None:
    for end in range(len(text)):
        for one in (gs1, aamva, bcbp):
            found = one.parsed(text[:end] + "\x1d" * (end % 2))
            assert found is None or not any(
                value and value in found.problems for value in found.fields.values()
            )
