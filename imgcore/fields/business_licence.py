"""Business licences."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imgcore.checks.confusions import repaired
from imgcore.checks.credit_code import alphabets, is_credit_code
from imgcore.fields.document import Draft, Value
from imgcore.fields.labels import dated, labelled
from imgcore.fields.rows import Row, search, searches

_CODE = re.compile(r"(?<![0-9A-Z])([0-9A-Z]{18})(?![0-9A-Z])")
"""Identifier of eighteen characters (统一社会信用代码)."""
_LABELS = (
    "名称|类型|组成形式|法定代表人|负责人|经营者|投资人|执行事务合伙人|经营范围|注册资本|成立日期|注册日期|营业期限|合伙期限"
    "|住所|经营场所|主要经营场所|登记机关"
)
"""All labels of a business licence."""


def read_business_licence(rows: Sequence[Row]) -> Draft | None:
    """Return the fields of a licence; None if it is none."""
    if search(rows, "营\t?业\t?执\t?照|统一社会信用代码") is None:
        return None
    date = _labelled(rows, "成立日期|注册日期")
    values: dict[str, Value | None] = {
        "name": _labelled(rows, "名称"),
        "code": _code(rows),
        "legalPerson": _labelled(rows, "法定代表人|负责人|经营者|投资人|执行事务合伙人"),
        "address": _labelled(rows, "住所|经营场所|主要经营场所"),
        "date": dated(date),
    }
    said = {name: value for name, value in values.items() if value is not None}
    if len(said) < 2:
        return None
    broken = [f"{name}.missing" for name in values if name not in said]
    if "code" in said and not is_credit_code(said["code"].text):
        broken.append("code.check")
    unchecked = ("name", "legalPerson", "address", "date")
    # Read alike twice they were wrong on two of sixteen drawn licences: nothing but a check would prove them.
    doubts = tuple(f"{name}.uncertain" for name in unchecked if name in said)
    return Draft("business-licence", said, tuple(broken), (), doubts)


def credit_code_in(text: str) -> str:
    """Return an identifier of eighteen characters as its places allow them; the text if that is none."""
    allowed = alphabets()
    return (len(text) == len(allowed) and repaired(text, allowed, lambda _: True, 0)) or text


def _code(rows: Sequence[Row]) -> Value | None:
    """Return the identifier whose checks hold, or else the first that looks like one."""
    found = [row.found(match, 1, credit_code_in(match[1])) for row, match in searches(rows, _CODE)]
    return next((value for value in found if is_credit_code(value.text)), found[0] if found else None)


def _labelled(rows: Sequence[Row], label: str) -> Value | None:
    """Return the text to the right of a label, with the lines below that go on with it."""
    return labelled(rows, rf"(?:^|\t)(?:{label})[:：]?\t?([^\t]+)", _LABELS)
