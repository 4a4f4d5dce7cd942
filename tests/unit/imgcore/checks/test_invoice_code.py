"""Amounts and the QR code of invoices."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgcore.checks.capital_amount import capitals_in, cents_of_capitals
from imgcore.checks.dates import dates_in, full_year, is_date
from imgcore.checks.invoice_code import cents_of, figures_of, invoice_code


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("壹元整", 100),
        ("壹拾元零伍分", 1005),
        ("拾元整", 1000),
        ("壹仟零伍元捌角整", 100580),
        ("壹仟贰佰叁拾肆圆伍角陆分", 123456),
        ("壹万零叁佰元整", 1030000),
        ("贰拾叁万肆仟伍佰陆拾柒元捌角玖分", 23456789),
        ("壹亿零贰万元整", 10002000000),
        ("壹拾亿元整", 100000000000),
    ],
)
def test_capitals(text: str, cents: int) -> None:
    assert cents_of_capitals(text) == cents
    assert capitals_in(f"价税合计（大写） {text}（小写）") == cents


@pytest.mark.parametrize("text", ["", "元整", "壹贰元整", "壹佰贰仟元整", "壹仟贰", "万元整"])
def test_no_capitals(text: str) -> None:
    assert cents_of_capitals(text) is None


@given(st.integers(0, 10**13))
def test_figures(cents: int) -> None:
    assert cents_of("¥" + figures_of(cents)) == cents


def test_a_code_of_an_invoice() -> None:
    code = invoice_code("01,10,011999900111,12345678,100.00,20300108,01234567890123456789,AB12,")
    assert code is not None
    assert (code.code, code.number, code.cents, code.date) == ("011999900111", "12345678", 10000, "20300108")
    assert code.check_code == "01234567890123456789" and not code.with_tax
    digital = invoice_code("01,32,,30992000000012345678,113.00,20300108,,AB12")
    assert digital is not None and digital.with_tax


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/pay",
        "01,10,011999900111,12345678,100.00,20301308,,AB12",
        "02,10,011999900111,12345678,100.00,20300108,,AB12",
        "01,10,0119,12345678,100.00,20300108,,AB12",
        "01,10,011999900111,12345678,much,20300108,,AB12",
    ],
)
def test_no_code_of_an_invoice(text: str) -> None:
    assert invoice_code(text) is None


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_dates_as_they_are_printed(day: date) -> None:
    compact = f"{day:%Y%m%d}"
    forms = f"{day:%Y}年{day.month}月{day.day}日, {day:%Y.%m.%d}-{day:%Y-%m-%d} {compact}"
    assert is_date(compact)
    assert dates_in(forms) == [compact] * 4


def test_no_dates() -> None:
    assert dates_in("2030.02.30 电话 20300230 2030年13月1日") == []
    assert not is_date("18991231")
    assert full_year("740812", born=True) == "19740812"
    assert full_year("120415", born=True) == "20120415"
    assert full_year("740415", born=False) == "20740415"
    assert [full_year(text, born=False) for text in ("<<<<<<", "3<0101", "٣٠0101", "")] == [""] * 4
