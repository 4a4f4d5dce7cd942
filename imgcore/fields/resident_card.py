"""Both sides of residents' identity cards, and of the cards of residents from Hong Kong, Macao and Taiwan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from imgcore.checks.dates import LONG_TERM, dates_in
from imgcore.checks.resident_number import number_in, resident_number
from imgcore.fields.document import Draft, Value
from imgcore.fields.rows import GAP, Row, beside, joined, search

FOLKS = (
    "/汉/蒙古/回/藏/维吾尔/苗/彝/壮/布依/朝鲜/满/侗/瑶/白/土家/哈尼/哈萨克/傣/黎/傈僳/佤/畲/高山/拉祜/水/东乡/纳西/景颇/柯尔克孜"
    "/土/达斡尔/仫佬/羌/布朗/撒拉/毛南/仡佬/锡伯/阿昌/普米/塔吉克/怒/乌孜别克/俄罗斯/鄂温克/德昂/保安/裕固/京/塔塔尔/独龙"
    "/鄂伦春/赫哲/门巴/珞巴/基诺/穿青人/"
)
"""The peoples of GB/T 3304, and one that cards name without it."""

_LABEL = re.compile("姓名|性别|民族|出生|住址|公民身份")
"""Labels of the side with the portrait, or parts of them, in one pattern."""
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af·•]{2,20}")
"""Name in Chinese."""
_NUMBER = re.compile(r"(?<![0-9A-Z])([0-9OIZSBGDQL|]{17}[0-9OIZSBGDQLX×])$", re.IGNORECASE)
"""Resident's number at the end of a line, with letters that are misread figures."""
_DAY = r"[12]\d{3}[.．·,]?\d{2}[.．·,]?\d{2}"
"""Day as year, month and day in figures."""
_TERM = re.compile(rf"({_DAY})\t?[-—–~一至]{{0,2}}\t?({_DAY}|长期)")
"""Days from which and to which a card is valid."""
_ADDRESS_END = re.compile("[号室户组栋幢楼座层元院队社屯村弄]$")
"""Ends of addresses: another may lack its last line."""
_LABELS = ("姓名", "性别", "民族", "出生", "住址", "公民身份")
"""Labels of the side with the portrait."""
_PRINT = 0.56
"""Place, as a share of the number's width from its start, at which the portrait begins above it."""
_SPANS = (5, 10, 20)
"""Years that a card is valid."""
_FIRST = 2004
"""Year of the first cards of this form; those of residence came in 2018."""


def read_front(rows: Sequence[Row]) -> Draft | None:
    """Return the fields of the side with the portrait; None if it is not this."""
    number = _number(rows)
    if number is None or sum(search(rows, label) is not None for label in _LABELS) < 2:
        return None
    texts = beside(rows, _print_end(rows))
    values: dict[str, Value | None] = {
        "name": _after(texts, r"(?:姓名|^名|^姓)\t?(.+)$"),
        "gender": _after(texts, r"性?别\t?([男女])"),
        "folk": _after(texts, r"民?族\t?([^\t0-9]+)"),
        "birth": _birth(texts),
        "address": _address(texts),
        "id": number,
    }
    said = {name: value for name, value in values.items() if value is not None}
    wanted = [name for name in values if name != "folk" or not _no_folk(number.text)]
    broken = [f"{name}.missing" for name in wanted if name not in said]
    whole = "address" in said and _ADDRESS_END.search(said["address"].text) and _begins_beside_label(texts)
    doubts = () if whole and not _mixed(rows) else ("address.uncertain",)
    return Draft("id-card-front", said, (*broken, *contradictions(said)), ("name", "folk", "address"), doubts)


def read_back(rows: Sequence[Row]) -> Draft | None:
    """Return the fields of the side with the issuer; None if it is not this."""
    term = next((found for row in rows if (found := _term(row)) is not None), None)
    issue = _after(rows, r"(?:签发机关|发机关|签发机)\t?([^\t]+)")
    if search(rows, "签发机关|有效期限") is None or (issue is None and term is None):
        return None
    values = {"issue": issue, **dict(zip(("startDate", "endDate"), term or (None, None), strict=True))}
    if search(rows, "通行证") is not None:
        values["passNumber"] = _after(rows, r"通行证号?码?[:：]?\t?([HM]?\d{8,10})(?!\d)")
    said = {name: value for name, value in values.items() if value is not None}
    broken = [f"{name}.missing" for name in values if name not in said]
    if term is not None and not term_holds(term[0].text, term[1].text):
        broken.append("endDate.check")
    if issue is not None and not re.search(r"(局|分局|公安处|管理局|出入境管理)$", issue.text):
        broken.append("issue.check")
    return Draft("id-card-back", said, tuple(broken), tuple(said))


def _number(rows: Sequence[Row]) -> Value | None:
    for row in reversed(rows):
        printed = row.text.replace(GAP, "")
        if (match := _NUMBER.search(printed)) and (read := number_in(match[1])):
            start = len(row.text) - len(_tail(row.text, 18))
            return row.value(start, len(row.text), read)
    return None


def _number_row(rows: Sequence[Row]) -> Row:
    return next(row for row in reversed(rows) if _NUMBER.search(row.text.replace(GAP, "")))


def _print_end(rows: Sequence[Row]) -> float:
    """Return the share of the width at which the portrait begins, told by the number's place."""
    row = _number_row(rows)
    right = row.cells[-1].right
    if len(row.cells) > 1:
        left = row.cells[1].left
    else:
        left = right - (right - row.cells[0].left) * 18 / len(row.text)
    return left + _PRINT * (right - left)


def _mixed(rows: Sequence[Row]) -> bool:
    """Return whether more than the label is before the number: the end of an address that is not level."""
    row = _number_row(rows)
    return not re.fullmatch(r"[公民身份号码:：\t]*", row.text[: -len(_tail(row.text, 18))])


def _tail(text: str, count: int) -> str:
    """Return the end of a text that has so many characters beside gaps."""
    at = len(text)
    while count and at:
        at -= 1
        count -= text[at] != GAP
    return text[at:]


def _after(rows: Sequence[Row], pattern: str) -> Value | None:
    found = search(rows, pattern)
    return found[0].found(found[1]) if found else None


def _birth(rows: Sequence[Row]) -> Value | None:
    found = search(rows, r"([12]\d{3})\t?年\t?(\d{1,2})\t?月\t?(\d{1,2})\t?日?")
    if found is None:
        return None
    row, match = found
    days = dates_in(match[0].replace(GAP, ""))
    return row.value(*match.span(), dashed(days[0])) if days else None


def _address(rows: Sequence[Row]) -> Value | None:
    """Return the lines from the label to the number, those beside the portrait's left."""
    found = search(rows, r"住址?\t?(.*)$")
    if found is None:
        return None
    row, match = found
    parts = [row.found(match)] if match[1] else []
    for below in rows[rows.index(row) + 1 :]:
        if re.search("公民身份|身份号码", below.text) or _NUMBER.search(below.text.replace(GAP, "")):
            break
        parts.append(below.value(0, len(below.text)))
    return joined(parts) if parts else None


def _begins_beside_label(rows: Sequence[Row]) -> bool:
    """Return whether an address has its first line, which is beside the label."""
    found = search(rows, r"住址?\t?(.*)$")
    return found is not None and bool(found[1][1])


def contradictions(said: dict[str, Value]) -> list[str]:
    """Return the problems of fields that contradict the number."""
    number = resident_number(said["id"].text)
    if number is None:
        return ["id.check"]
    broken = []
    if "birth" in said and said["birth"].text.replace("-", "") != number.birth:
        broken.append("birth.differs")
    if "gender" in said and said["gender"].text != number.gender:
        broken.append("gender.differs")
    if "folk" in said and f"/{said['folk'].text}/" not in FOLKS:
        broken.append("folk.check")
    name = said["name"].text if "name" in said else ""
    if name and (not _NAME.fullmatch(name) or _LABEL.search(name)):
        broken.append("name.check")
    # Another line in its place; streets are called 民族路, but no address begins with one.
    if "address" in said and _LABEL.match(said["address"].text):
        broken.append("address.check")
    return broken


def _no_folk(number: str) -> bool:
    """Return whether a card of this number names no folk: of people from Hong Kong, Macao and Taiwan."""
    return number[:2] in ("81", "82", "83")


def _term(row: Row) -> tuple[Value, Value] | None:
    """Return the dates from which and to which a card is valid."""
    match = _TERM.search(row.text)
    if match is None:
        return None
    start, end = (_day(match[group]) for group in (1, 2))
    return (row.found(match, 1, start), row.found(match, 2, end)) if start and end else None


def _day(text: str) -> str:
    if text == LONG_TERM:
        return text
    days = dates_in(re.sub(r"[^0-9]", "", text))
    return dashed(days[0]) if days else ""


def dashed(day: str) -> str:
    """Return eight digits as year-month-day."""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def term_holds(start: str, end: str) -> bool:
    """Return whether a card is valid for as long as cards are; a term from 29 February ends near it."""
    if int(start[:4]) < _FIRST:
        return False
    if end == LONG_TERM:
        return True
    first = date.fromisoformat(start)
    last = date.fromisoformat(end)
    begun = (first.month, first.day)
    ended = (last.month, last.day)
    same = begun == ended or (begun == (2, 29) and ended in ((2, 28), (3, 1)))
    return same and last.year - first.year in _SPANS
