"""Numbers with check digits: each is right, each single change is noticed, nothing is made to fit."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from imgcore.checks import bank_number, credit_code, resident_number
from imgcore.checks.confusions import DIGITS, repaired

SEVENTEEN = st.builds(
    "{}99{:02}{}{:03}".format,
    st.sampled_from(sorted(resident_number.PROVINCES)),
    st.integers(0, 99),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)).map("{:%Y%m%d}".format),
    st.integers(1, 999),
)
CODES = st.builds(
    "{}{}9901{}".format,
    st.text(credit_code.ALPHABET, min_size=2, max_size=2),
    st.sampled_from(sorted(resident_number.PROVINCES)),
    st.text(credit_code.ALPHABET, min_size=8, max_size=8),
)


def test_the_standards_example_holds() -> None:
    # GB 11643 annex A: 11010519491231002X, 440524188001010014 (whose year is before 1900).
    number = resident_number.resident_number("11010519491231002X")
    assert number is not None and (number.birth, number.gender) == ("19491231", "女")
    assert resident_number.check_character("44052418800101001") == "4"


def test_the_identifier_standards_example_holds() -> None:
    # GB 32100 annex: 91350100M000100Y43.
    assert credit_code.is_credit_code("91350100M000100Y43")
    assert not credit_code.is_credit_code("91350100M000100Y44")


@given(SEVENTEEN, st.integers(0, 16), st.integers(1, 9))
def test_another_digit_of_a_resident_number_is_noticed(first: str, place: int, by: int) -> None:
    number = first + resident_number.check_character(first)
    assert resident_number.resident_number(number) is not None
    changed = str((int(number[place]) + by) % 10)
    assert resident_number.resident_number(number[:place] + changed + number[place + 1 :]) is None


@given(CODES, st.integers(0, 16), st.sampled_from(credit_code.ALPHABET))
def test_another_character_of_a_credit_code_is_noticed(first: str, place: int, other: str) -> None:
    organisation = credit_code.organisation_check(first[8:])
    code = first + organisation + credit_code.check_character(first + organisation)
    assert credit_code.is_credit_code(code) or organisation not in credit_code.ALPHABET
    if other != code[place]:
        assert not credit_code.is_credit_code(code[:place] + other + code[place + 1 :])


@given(st.text("0123456789", min_size=12, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_another_digit_of_a_bank_number_is_noticed(first: str, place: int, by: int) -> None:
    number = "99" + first[2:] + bank_number.luhn_digit("99" + first[2:])
    assert bank_number.is_bank_number(number)
    place %= len(number)
    changed = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert not bank_number.is_bank_number(changed)


def test_layouts_of_bank_numbers() -> None:
    assert bank_number.digits_in("9999 9912 3456 7890") == "9999991234567890"
    assert bank_number.digits_in("999999 1234567890123") == "9999991234567890123"
    assert bank_number.digits_in("9999 9912 3456 7890 123") == "9999991234567890123"
    assert bank_number.digits_in("9999 991234 56789") == "999999123456789"
    assert bank_number.digits_in("99O9 9912 34S6 7890") == "9909991234567890"
    for other in ("电话 400-000-0000", "VALID THRU 01/30", "2030年1月8日 1234", "12 34 56 78 90 12 34"):
        assert bank_number.digits_in(other) == ""


def test_a_number_at_the_end_of_its_line() -> None:
    assert resident_number.number_in("公民身份号码 1199 01 1990 0101 001X") == "11990119900101001X"
    assert resident_number.number_in("公民身份号码11990119900101OO1x") == "11990119900101001X"
    assert resident_number.number_in("公民身份号码 123") == ""


@given(st.text("0123456789OISB", min_size=1, max_size=12))
def test_a_repair_is_of_the_alphabet(text: str) -> None:
    read = repaired(text, [DIGITS] * len(text), lambda _: True)
    assert read is not None and read.isdigit()


def test_a_repair_has_one_reading() -> None:
    both = DIGITS + "OISB"
    assert repaired("10", [both, both], lambda reading: reading != "10") is None
    assert repaired("10", [both, both], lambda reading: reading == "1O") == "1O"
    assert repaired("1#", [both, both], lambda _: True) is None
