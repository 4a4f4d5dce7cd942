"""Buyer and seller of an invoice with their tax numbers: each name beside its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from imgcore.checks.capital_amount import capitals_in
from imgcore.checks.credit_code import is_credit_code
from imgcore.fields.business_licence import credit_code_in
from imgcore.fields.document import Value
from imgcore.fields.rows import Cell, Row

_NUMBER = re.compile(r"(?:^|[:：号])([0-9A-Z]{15}|[0-9A-Z]{17,18}|[0-9A-Z]{20})$")
"""Tax number at the end of a text."""
_NUMBER_LABEL = re.compile(r"识别号|税人识|信用代码")
"""Label of a tax number, or what is left of it."""
_NAME_LABEL = re.compile(r"^[购销买售方信息]{0,4}名?称[:：]|^[购销买售方信息]{0,4}名称|^称?[:：]|^名$|^称$")
"""Label of a party's name, or what is left of it."""
_NO_NAME = re.compile(
    r"[:：]|\d年\d{1,2}月|^[\d\W_A-Za-z]*$|^[名称购买销售方密码区备注]+$"
    r"|规格|型号|单位|数量|单价|金额|税率|税额|货物|劳务|项目名称|合计|小写|大写|识别号|信用代码|地址|电话"
    r"|开户行|账号|开票|收款|复核|发票|校验码|机器编号|密码区|价税|纳税人|购买方|销售方"
)
"""Words and signs of the form that no name has."""
_LEVEL = 0.7
"""Greatest distance of a value from its label's level, in heights: values do not always stand straight in a
form."""
_FAR = 2.6
"""Greatest distance of a name from the number below it, in heights of their lines."""


class Parties(NamedTuple):
    """Buyer and seller with their tax numbers by the fields' names, and the names that no label is beside."""

    values: dict[str, Value | None]
    unlabelled: tuple[str, ...]


class _Party(NamedTuple):
    name: Value | None
    labelled: bool
    number: Value | None
    left: float
    middle: float


def parties(rows: Sequence[Row]) -> Parties:
    """Return buyer and seller with their tax numbers: the buyer is above the seller, or left of it.

    A name stands directly above its own tax number; one without a number, such as 个人, directly beside its
    label. Where that leaves any doubt there is no name.
    """
    cells = [cell for row in rows for cell in row.cells]
    found = [_numbered(cell, match, cells) for cell, match in _numbers(cells)]
    found += [one for one in _nameless_numbers(cells) if not any(_same_block(one, other) for other in found)]
    if len(found) > 2:
        found = [one for one in found if one.number is not None]
    found = sorted(found, key=lambda one: one.middle)
    if len(found) == 2 and abs(found[0].middle - found[1].middle) < 0.1:
        found.sort(key=lambda one: one.left)
    # Alone, a party is told by its half of the page.
    alone = ["seller" if max(one.left, one.middle) > 0.5 else "buyer" for one in found[:1]]
    names = ("buyer", "seller") if len(found) == 2 else alone if len(found) == 1 else ()
    said: dict[str, Value | None] = {}
    for party, one in zip(names, found, strict=False):
        said[party] = one.name
        said[f"{party}TaxId"] = one.number
    pairs = zip(names, found, strict=False)
    return Parties(said, tuple(party for party, one in pairs if not one.labelled))


def is_firm(name: str, said: Mapping[str, Value]) -> bool:
    """Return whether a field is a tax number whose check characters hold."""
    return name.endswith("TaxId") and is_credit_code(said[name].text)


def _numbers(cells: Sequence[Cell]) -> list[tuple[Cell, re.Match[str]]]:
    """Return the tax numbers, at most two: those whose check characters hold first, then those at a label."""
    found = [(cell, match) for cell in cells if (match := _NUMBER.search(cell.text)) is not None]
    proven = [(cell, match) for cell, match in found if is_credit_code(credit_code_in(match[1]))]
    labels = [cell for cell in cells if _NUMBER_LABEL.search(cell.text)]
    others = [
        (cell, match)
        for cell, match in found
        if (cell, match) not in proven and any(_is_beside(label, cell) for label in labels)
    ]
    kept: list[tuple[Cell, re.Match[str]]] = []
    for cell, match in [*proven, *others]:
        # A seal may repeat the number.
        if all(credit_code_in(match[1]) != credit_code_in(one[1]) for _, one in kept):
            kept.append((cell, match))
    return kept[:2]


def _numbered(cell: Cell, match: re.Match[str], cells: Sequence[Cell]) -> _Party:
    number = Value(credit_code_in(match[1]), cell.line.score, (cell.place(*match.span(1)),))
    above = [
        (name, other)
        for other in cells
        if 0.4 * cell.height < cell.middle - other.middle < _FAR * max(cell.height, other.height)
        and min(other.right, cell.right) > max(other.left, cell.left)
        and (name := _name(other)) is not None
    ]
    if not above:
        return _Party(None, False, number, cell.left, cell.middle)
    name, place = max(above, key=lambda pair: pair[1].middle)
    labelled = any(_NAME_LABEL.search(label.text) and _is_beside(label, place) for label in cells)
    return _Party(name, labelled, number, cell.left, cell.middle)


def _nameless_numbers(cells: Sequence[Cell]) -> list[_Party]:
    """Return the parties of whom there is a name at its label."""
    found = []
    for label in (cell for cell in cells if _NAME_LABEL.search(cell.text)):
        right = [
            cell
            for cell in cells
            if cell.left >= label.right and _is_beside(label, cell) and cell is not label
        ]
        nearest = min(right, key=lambda cell: cell.left, default=None)
        for cell in (label, nearest):
            if cell is not None and (name := _name(cell)) is not None:
                found.append(_Party(name, True, None, cell.left, cell.middle))
                break
    return found


def _same_block(one: _Party, other: _Party) -> bool:
    return abs(one.middle - other.middle) < 0.09 and (one.left < 0.5) == (other.left < 0.5)


def _is_beside(label: Cell, cell: Cell) -> bool:
    """Return whether a cell is on the level of a label, which stands left of it, or is it."""
    level = abs(cell.middle - label.middle) < _LEVEL * max(cell.height, label.height)
    return cell is label or (cell.right > label.right and level)


def _name(cell: Cell) -> Value | None:
    """Return the name in a cell, behind its label if that is there; None for words of the form."""
    label = re.match(r"^[购销买售方信息]{0,4}名?称?[:：]", cell.text)
    start = label.end() if label else 0
    said = cell.text[start:]
    if len(said) < 2 or _NO_NAME.search(said) or capitals_in(said) is not None:
        return None
    return Value(said, cell.line.score, (cell.place(start, len(cell.text)),))
