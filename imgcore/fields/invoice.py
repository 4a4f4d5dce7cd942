"""Value-added tax invoices: what is printed, what the QR code says, and whether they agree."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from imgcore.checks.capital_amount import capitals_in
from imgcore.checks.credit_code import is_credit_code
from imgcore.checks.dates import dates_in
from imgcore.checks.invoice_code import InvoiceCode, cents_of, figures_of, invoice_code
from imgcore.fields.business_licence import credit_code_in
from imgcore.fields.document import Draft, Value
from imgcore.fields.rows import GAP, Row, search, searches

_FIGURES = r"[¥￥]?\s{0,4}(\d[\d,，]{0,20}\.\d{2})"
_PARTY = r"(?:名\t?称|^称|\t称|(?:^|\t)名(?=\t))[:：]?\t?([^\t:：]{4,}?)(?=\t|$|销|购)"
_TAX = r"(?<![0-9A-Z])([0-9A-Z]{15,20})(?![0-9A-Z])"
_SUMS, _CODED = ("amount", "tax", "total"), ("number", "date", "code", "checkCode")
"""Fields that each other and the amount in capitals cover, and those that the QR code does."""


def read_invoice(rows: Sequence[Row], codes: Sequence[str]) -> Draft | None:
    """Return the fields of an invoice; None if it is none.

    Parameters
    ----------
    codes
        The texts of the QR codes on it.
    """
    code = next((found for text in codes if (found := invoice_code(text)) is not None), None)
    if code is None and (search(rows, "发票") is None or search(rows, "价税合计|税额|开票日期") is None):
        return None
    said = {name: value for name, value in _printed(rows).items() if value is not None}
    wanted = ["number", "date", "amount", "tax", "total", "seller", "buyer"]
    wanted += ["code"] if code is not None and code.code else []
    wanted += ["checkCode"] if code is not None and len(code.check_code) == 20 else []
    broken = [f"{name}.missing" for name in wanted if name not in said]
    broken += [*_sums(said, rows), *_tax_numbers(said), *(_differences(said, code) if code else ())]
    doubts = () if code else ("qr.missing",)
    covered = (*_SUMS, *(_CODED if code else ()))
    unchecked = tuple(name for name in said if name not in covered and not _is_code(name, said))
    return Draft("invoice", said, tuple(broken), unchecked, doubts)


def _printed(rows: Sequence[Row]) -> dict[str, Value | None]:
    sums = _sum_row(rows)
    return {
        "code": _first(rows, r"发票代码[:：]?\t?(\d{10,12})(?!\d)"),
        "number": _first(rows, r"发票号码[:：]?\t?(\d{8}(?:\d{12})?)(?!\d)"),
        "date": _date(rows),
        "checkCode": _check_code(rows),
        "amount": sums[0],
        "tax": sums[1],
        "total": _total(rows),
        **_parties(rows),
    }


def _first(rows: Sequence[Row], pattern: str) -> Value | None:
    found = search(rows, pattern)
    return found[0].found(found[1]) if found else None


def _date(rows: Sequence[Row]) -> Value | None:
    found = search(rows, r"开票日期[:：]?\t?(.+)$")
    if found is None:
        return None
    days = dates_in(found[1][1].replace(GAP, ""))
    return found[0].found(found[1], 1, f"{days[0][:4]}-{days[0][4:6]}-{days[0][6:]}") if days else None


def _check_code(rows: Sequence[Row]) -> Value | None:
    found = search(rows, r"校\t?验\t?码[:：]?\t?((?:\d\t?){20})(?!\d)")
    return found[0].found(found[1], 1) if found else None


def _sum_row(rows: Sequence[Row]) -> tuple[Value | None, Value | None]:
    """Return the sums without tax and of the tax, which are in one row."""
    for row, _ in searches(rows, r"合\t?计"):
        figures = list(re.finditer(_FIGURES, row.text))
        if "价税" not in row.text and len(figures) >= 2:
            return _money(row, figures[-2]), _money(row, figures[-1])
    return None, None


def _total(rows: Sequence[Row]) -> Value | None:
    found = search(rows, rf"小\t?写[)）]?\t?{_FIGURES}") or search(rows, rf"价税合计.*?{_FIGURES}")
    return _money(*found) if found else None


def _money(row: Row, match: re.Match[str]) -> Value:
    cents = cents_of(match[1])
    return row.found(match, 1, match[1] if cents is None else figures_of(cents))


def _parties(rows: Sequence[Row]) -> dict[str, Value | None]:
    """Return buyer and seller with their tax numbers: the buyer is above the seller, or left of it."""
    names = [(row, row.found(match), _left(row, match)) for row, match in searches(rows, _PARTY)][:2]
    if len(names) < 2:
        return {}
    found: dict[str, Value | None] = {}
    for party, (row, name, left) in zip(("buyer", "seller"), names, strict=True):
        below = [other for other in rows if other.top > row.top]
        found[party] = name
        found[f"{party}TaxId"] = _tax_number(below[:3], left, names[0][0] is names[1][0])
    return found


def _tax_number(rows: Sequence[Row], left: float, side_by_side: bool) -> Value | None:
    """Return the first tax number, which is a line of its own or ends one: of a row, labels may touch it."""
    for cell in (cell for row in rows for cell in row.cells):
        match = re.search(rf"{_TAX}$", cell.text)
        if match is None:
            continue
        start = cell.left + (cell.right - cell.left) * match.start(1) / len(cell.text)
        if not side_by_side or (start < 0.5) == (left < 0.5):
            text = credit_code_in(match[1]) if len(match[1]) == 18 else match[1]
            return Value(text, cell.line.score, (cell.place(*match.span(1)),))
    return None


def _left(row: Row, match: re.Match[str]) -> float:
    """Return the share of the width at which a match's group begins."""
    origin = next(origin for origin in row.origins[match.start(1) :] if origin is not None)
    cell = row.cells[origin[0]]
    return cell.left + (cell.right - cell.left) * origin[1] / len(cell.text)


def _sums(said: Mapping[str, Value], rows: Sequence[Row]) -> list[str]:
    cents = {name: cents_of(said[name].text) for name in ("amount", "tax", "total") if name in said}
    broken = []
    if len(cents) == 3 and (cents["amount"] or 0) + (cents["tax"] or 0) != cents["total"]:
        broken.append("total.sum")
    if _capitals(rows) != cents.get("total"):
        broken.append("total.capitals")
    return broken


def _capitals(rows: Sequence[Row]) -> int | None:
    read = (capitals_in(row.text.replace(GAP, "")) for row in rows)
    return next((cents for cents in read if cents is not None), None)


def _tax_numbers(said: Mapping[str, Value]) -> list[str]:
    names = [name for name in ("sellerTaxId", "buyerTaxId") if name in said]
    return [f"{name}.check" for name in names if len(said[name].text) == 18 and not _is_code(name, said)]


def _is_code(name: str, said: Mapping[str, Value]) -> bool:
    return name.endswith("TaxId") and is_credit_code(said[name].text)


def _differences(said: Mapping[str, Value], code: InvoiceCode) -> list[str]:
    """Return the fields that the QR code says otherwise."""
    amount = "total" if code.with_tax else "amount"
    coded = {
        "code": code.code,
        "number": code.number,
        "date": f"{code.date[:4]}-{code.date[4:6]}-{code.date[6:]}",
        amount: figures_of(code.cents),
        "checkCode": code.check_code if len(code.check_code) == 20 else "",
    }
    return [f"{name}.qr" for name, text in coded.items() if text and name in said and said[name].text != text]
