"""Value-added tax invoices: what is printed, what the QR code says, and whether they agree."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from imgcore.checks.dates import dates_in
from imgcore.checks.invoice_code import InvoiceCode, figures_of, invoice_code
from imgcore.fields.document import Draft, Value
from imgcore.fields.invoice_parties import is_firm, parties
from imgcore.fields.invoice_sums import Sums, sums
from imgcore.fields.rows import Cell, Row, search

_INVOICE = re.compile("发\t?票|行\t?程\t?单|电子客票")
"""Words that an invoice of any kind has."""
_UNREAD = "行\t?程\t?单|电子客票|中国铁路|通用机打|定额发票|机动车销售统一|二手车销售统一"
"""Words of kinds of invoices that are not read, whatever else is on them."""
_UNREAD_UNTITLED = "车\t?票|出\t?租|机\t?打|定\t?额|通用|通行费|客运|卷票|过路|停车"
"""Words of kinds of invoices that are not read, where no title says otherwise: goods of other invoices are
called so, too."""
_TITLE = r"增\t?值\t?税|电\t?子\t?发\t?票|数电|纳税人识别号"
"""Title or label of the kinds of invoices that are read."""
_SUMMED = ("amount", "tax", "total")
"""Fields that each other and the amount in capitals cover."""
_CODED = ("number", "date", "code", "checkCode")
"""Fields that the QR code covers."""
_HEAD = 0.36
"""Share of the height, from the top, in which number, code and date stand."""
_LARGEST_RATE = 0.2
"""Largest tax as a share of the amount: the rate is at most 17 percent, and the tax is rounded."""
_OVERLAP = 0.01
"""Share of the width by which a value may begin before its label ends."""


def read_invoice(rows: Sequence[Row], codes: Sequence[str]) -> Draft | None:
    """Return the fields of an invoice; None if it is none; no fields if it is of a kind that is not read.

    Parameters
    ----------
    codes
        The texts of the QR codes on it.
    """
    code = next((found for text in codes if (found := invoice_code(text)) is not None), None)
    if _is_unread(rows, code):
        return Draft("invoice", {}, doubts=("kind.unread",))
    if code is None and (not is_invoice(rows) or search(rows, "价税合计|税额|开票日期") is None):
        return None
    figures = sums(rows)
    firms = parties(rows)
    printed = {**_printed(rows, figures), **firms.values}
    said = {name: value for name, value in printed.items() if value is not None}
    lent = _lent(said, code) if code else {}
    wanted = ["number", "date", "amount", "total", "seller", "buyer"]
    wanted += [] if figures.untaxed else ["tax"]
    wanted += ["code"] if code is not None and code.code else []
    wanted += ["checkCode"] if code is not None and len(code.check_code) == 20 else []
    broken = [f"{name}.missing" for name in wanted if name not in said | lent]
    broken += [*figures.broken, *_rate(figures), *_reprint(rows, said), *_firms(said)]
    broken += _differences(said, code) if code else ()
    doubts = [*(() if code else ("qr.missing",)), *(f"{name}.uncertain" for name in lent)]
    unnumbered = (party for party in ("buyer", "seller") if f"{party}TaxId" not in said)
    doubts += [f"{party}.uncertain" for party in (*unnumbered, *firms.unlabelled)]
    covered = (*_SUMMED, *(_CODED if code else ()))
    unchecked = tuple(name for name in said if name not in covered and not is_firm(name, said))
    return Draft("invoice", said | lent, tuple(broken), unchecked, tuple(doubts))


def is_invoice(rows: Sequence[Row]) -> bool:
    """Return whether rows say that they are of an invoice, of any kind, or have what only invoices have.

    A seal is printed over the title of many.
    """
    form = search(rows, "价税合计") is not None and search(rows, "纳税人识别号") is not None
    return form or search(rows, _INVOICE) is not None


def _is_unread(rows: Sequence[Row], code: InvoiceCode | None) -> bool:
    """Return whether an invoice is of a kind that is not read."""
    if search(rows, _UNREAD) is not None:
        return True
    return code is None and search(rows, _UNREAD_UNTITLED) is not None and search(rows, _TITLE) is None


def _printed(rows: Sequence[Row], figures: Sums) -> dict[str, Value | None]:
    return {
        "code": _labelled(rows, "发票代码|票代码", r"\d{12}|\d{10}") or _most_often(rows, r"\d{10}|\d{12}"),
        "number": _number(rows),
        "date": _date(rows),
        "checkCode": _check_code(rows),
        "amount": figures.amount,
        "tax": figures.tax,
        "total": figures.total,
    }


def _labelled(rows: Sequence[Row], label: str, form: str) -> Value | None:
    """Return what is of a form behind its label, in the same line or in the next one on its level."""
    cells = [cell for row in rows for cell in row.cells]
    for cell in cells:
        if match := re.search(rf"(?:{label})[:：]?({form})(?!\d)", cell.text):
            return _value(cell, match)
    for before in (cell for cell in cells if re.search(rf"(?:{label})[:：]?$", cell.text)):
        level = [
            (cell, match)
            for cell in cells
            if cell.left >= before.right - _OVERLAP
            and abs(cell.middle - before.middle) < 0.7 * max(cell.height, before.height)
            and (match := re.match(rf"[:：]?({form})(?!\d)", cell.text))
        ]
        if level:
            return _value(*min(level, key=lambda pair: pair[0].left))
    return None


def _value(cell: Cell, match: re.Match[str]) -> Value:
    return Value(match[1], cell.line.score, (cell.place(*match.span(1)),))


def _number(rows: Sequence[Row]) -> Value | None:
    """Return the number behind its label, behind the sign for numbers, or the one that stands there twice."""
    return (
        _labelled(rows, "发票号码|票号码", r"\d{8}(?:\d{12})?")
        or _labelled(_head(rows), r"(?:^|\D)(?:[№]|N[oO0º°])[.]?", r"\d{8}")
        or _most_often(rows, r"\d{8}")
    )


def _most_often(rows: Sequence[Row], form: str) -> Value | None:
    """Return what a line at the head of the page is or begins with, and more lines than others."""
    found = [_value(cell, match) for cell, match in _copies(rows, form) if not dates_in(match[1])]
    texts = [value.text for value in found]
    return max(found, key=lambda value: texts.count(value.text), default=None)


def _copies(rows: Sequence[Row], form: str) -> list[tuple[Cell, re.Match[str]]]:
    cells = [cell for row in _head(rows) for cell in row.cells]
    return [
        (cell, match)
        for cell in cells
        if (match := re.fullmatch(rf"(?:N[oO0º°]|№)?[.:：]?({form})", cell.text))
    ]


def _head(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.top < _HEAD]


def _reprint(rows: Sequence[Row], said: Mapping[str, Value]) -> list[str]:
    """Return what a paper invoice prints a second time, and differently."""
    problems = []
    for name, form in (("number", r"\d{8}"), ("code", r"\d{10}|\d{12}")):
        copies = [match[1] for _, match in _copies(rows, form)]
        # A machine's number is as long as a code of twelve digits.
        near = [text for text in copies if name in said and _distance(text, said[name].text) in (1, 2)]
        problems += [f"{name}.differs"] if near else []
    return problems


def _distance(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else len(one)


def _date(rows: Sequence[Row]) -> Value | None:
    found = _labelled(rows, "开票日期", r"[12].{7,20}")
    if found is not None and (days := dates_in(found.text)):
        return Value(_dashed(days[0]), found.score, found.places)
    dated = [(cell, days) for row in _head(rows) for cell in row.cells if (days := dates_in(cell.text))]
    if len({days[0] for _, days in dated}) != 1:
        return None
    cell, days = dated[0]
    return Value(_dashed(days[0]), cell.line.score, (cell.place(0, len(cell.text)),))


def _dashed(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def _check_code(rows: Sequence[Row]) -> Value | None:
    found = search(rows, r"校\t?验\t?码[:：]?\t?((?:\d\t?){20})(?!\d)")
    return found[0].found(found[1], 1) if found else None


def _lent(said: Mapping[str, Value], code: InvoiceCode) -> dict[str, Value]:
    """Return what the QR code says and nobody could read from the print."""
    return {name: Value(text, 1.0) for name, text in _coded(code).items() if text and name not in said}


def _differences(said: Mapping[str, Value], code: InvoiceCode) -> list[str]:
    """Return the fields that the QR code says otherwise."""
    coded = _coded(code).items()
    return [f"{name}.qr" for name, text in coded if text and name in said and said[name].text != text]


def _coded(code: InvoiceCode) -> dict[str, str]:
    return {
        "code": code.code,
        "number": code.number,
        "date": _dashed(code.date),
        "total" if code.with_tax else "amount": figures_of(code.cents),
        "checkCode": code.check_code if len(code.check_code) == 20 else "",
    }


def _rate(figures: Sums) -> list[str]:
    """Return a problem where the tax is larger than any rate allows, as if columns were exchanged."""
    if figures.amount is None or figures.tax is None:
        return []
    return ["tax.check"] if figures.cents("tax") > _LARGEST_RATE * figures.cents("amount") else []


def _firms(said: Mapping[str, Value]) -> list[str]:
    """Return problems of tax numbers, whose check characters are those of a firm's identifier."""
    names = [name for name in ("sellerTaxId", "buyerTaxId") if name in said]
    broken = [f"{name}.check" for name in names if len(said[name].text) == 18 and not is_firm(name, said)]
    both = [said[name].text for name in names]
    return [*broken, *(["sellerTaxId.check"] if len(both) == 2 and both[0] == both[1] else [])]
