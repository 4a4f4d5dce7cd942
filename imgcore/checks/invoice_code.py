"""The QR code that the tax bureau has printed on Chinese value-added tax invoices."""

from __future__ import annotations

import re
from dataclasses import dataclass

from imgcore.checks.dates import is_date

FULLY_DIGITAL = frozenset({"31", "32", "51", "61", "59"})
"""Kinds of invoices with a number of twenty digits, and neither a code nor a check code."""


@dataclass(frozen=True, slots=True, repr=False)
class InvoiceCode:
    """The fields of the code.

    Attributes
    ----------
    kind
        01 special, 04 ordinary, 10 electronic ordinary, 31 and 32 fully digital.
    code, number, check_code
        Digits; a code and a check code may be empty.
    cents
        The amount in 分: without tax, or with it on fully digital invoices.
    date
        YYYYMMDD.
    """

    kind: str
    code: str
    number: str
    cents: int
    date: str
    check_code: str

    @property
    def with_tax(self) -> bool:
        """True where the amount includes the tax."""
        return self.kind in FULLY_DIGITAL


def invoice_code(text: str) -> InvoiceCode | None:
    """Return the fields of a QR code's text, None where it is not of an invoice."""
    parts = [part.strip() for part in text.strip().split(",")]
    if len(parts) < 7 or parts[0] != "01":
        return None
    kind, code, number, amount, day, check = parts[1:7]
    cents = cents_of(amount)
    forms = re.fullmatch(r"\d{2}", kind, re.ASCII) and re.fullmatch(r"(\d{10}|\d{12})?", code, re.ASCII)
    if not forms or not re.fullmatch(r"\d{8}|\d{20}", number, re.ASCII) or cents is None or not is_date(day):
        return None
    return InvoiceCode(kind, code, number, cents, day, check) if re.fullmatch(r"\d*", check) else None


def cents_of(text: str) -> int | None:
    """Return the cents of an amount in figures such as ¥1,234.50, None where the text is none."""
    figures = re.sub(r"[¥￥Yy元,，\s]", "", text)
    match = re.fullmatch(r"(\d{1,12})(?:\.(\d{1,2}))?", figures, re.ASCII)
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")) if match else None


def figures_of(cents: int) -> str:
    """Return an amount in figures with two decimals."""
    return f"{cents // 100}.{cents % 100:02}"
