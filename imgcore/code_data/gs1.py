"""Element strings of GS1: application identifiers, each with its value.

References
----------
GS1 General Specifications, release 24: section 3.2 (identifiers), 7.8.5 (predefined lengths), 7.12 (dates).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from imgcore.checks.dates import is_date
from imgcore.checks.gs1_number import has_gs1_digit
from imgcore.code_data.parsed import ParsedData, Scheme

SEPARATOR = "\x1d"
"""Character of FNC1, which ends an element whose length its identifier does not tell."""
_CSET_82 = r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"""
"""Characters of texts, table 7.11-1."""
_PREDEFINED: Mapping[str, int] = {
    **{"00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "20": 4, "41": 16},
    **{str(number): 8 for number in range(11, 20)},
    **{str(number): 10 for number in range(31, 37)},
}
"""Lengths of elements with their identifiers, by the first two digits of these."""
_LONGER: Mapping[str, int] = {
    **dict.fromkeys(("23", "24", "25", "40", "41", "42", "71"), 3),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"), 4),
}
"""Lengths of identifiers of more than two digits, by their first two."""


class _Rule(NamedTuple):
    """Pattern of a value, how many digits at its beginning are checked, and whether it is a day."""

    pattern: re.Pattern[str]
    checked: int
    day: bool


_TABLE = """
00 n18 c18|01-03 n14 c14|10 x20|11-13 d|15-17 d|20 n2|21-22 x20|235 x28|240-241 x30|242 m6|243 x20
250-251 x30|253 n13 x17 c13|254 x20|255 n13 m12 c13|30 m8|37 m8|3100-3169 n6|3200-3379 n6
3400-3579 n6|3600-3699 n6|3900-3909 m15|3910-3919 n3 m15|3920-3929 m15|3930-3939 n3 m15|3940-3943 n4
3950-3955 n6|400-401 x30|402 n17 c17|403 x30|410-417 n13 c13|420 x20|421 n3 x9|422 n3|423 n3 m12
424 n3|425 n3 m12|426 n3|427 x3|4300-4301 x35|4302-4306 x70|4307 t2|4308 x30|4309 n20|4310-4311 x35
4312-4316 x70|4317 t2|4318 x20|4319 x30|4320 x35|4321-4323 n1|4324-4325 n10|4326 n6|4330-4333 x7
7001 n13|7002 x30|7003 n10|7004 m4|7005 x12|7006 d|7007 m12|7008 x3|7009 x10|7010 x2|7011 m10
7020-7022 x20|7023 x30|7030-7039 n3 x27|7040 x4|710-717 x20|7230-7239 x30|7240 x20|7241 n2|7242 x25
7250 n8|7251 n12|7252 n1|7253-7254 x40|7255 x10|7256 x90|7257 x70|7258 x3|7259 x40|8001 n14|8002 x20
8003 n14 x16 c14|8004 x30|8005 n6|8006 n18 c14|8007 x34|8008 m12|8009 x50|8010 x30|8011 m12|8012 x20
8013 x25|8014 x25|8017-8018 n18 c18|8019 m10|8020 x25|8026 n18 c14|8030 x90|8110 x70|8111 n4
8112 x70|8200 x70|90 x30|91-99 x90
"""
"""Identifiers and what they hold: n so many digits, m up to so many, x up to so many characters, t so many
letters, d a day; of c digits the last is a check digit. What stands behind another part may be missing."""


def _rules(table: str) -> Mapping[str, _Rule]:
    rules = {}
    for entry in table.replace("\n", "|").strip("|").split("|"):
        numbers, *parts = entry.split()
        first, _, last = numbers.partition("-")
        checked = next((int(part[1:]) for part in parts if part[0] == "c"), 0)
        pattern = re.compile("".join(_patterns(parts)))
        for number in range(int(first), int(last or first) + 1):
            rules[f"{number:0{len(first)}}"] = _Rule(pattern, checked, parts == ["d"])
    return rules


def _patterns(parts: Iterable[str]) -> Iterable[str]:
    least = 1
    for part in parts:
        kind = part[0]
        if kind == "n":
            yield f"[0-9]{{{part[1:]}}}"
        elif kind == "t":
            yield f"[A-Z]{{{part[1:]}}}"
        elif kind == "m":
            yield f"[0-9]{{{least},{part[1:]}}}"
        elif kind == "x":
            yield f"{_CSET_82}{{{least},{part[1:]}}}"
        elif kind == "d":
            yield "[0-9]{6}"
        least = 0


_RULES = _rules(_TABLE)


def parsed(text: str) -> ParsedData | None:
    """Return the elements of a text by their identifiers; None where it begins with none.

    A value that breaks a rule is there all the same, with a problem: ``format``, ``check``, ``date``,
    ``twice`` for one that is there with two values, and ``unknown`` for what no identifier begins.
    """
    fields: dict[str, str] = {}
    problems: list[str] = []
    rest = text.lstrip(SEPARATOR)
    while rest:
        identifier = rest[: _LONGER.get(rest[:2], 2)]
        rule = _RULES.get(identifier)
        if rule is None:
            if not fields:
                return None
            problems.append("rest.unknown")
            break
        value, rest = _element(rest, len(identifier))
        problems += [f"{identifier}.{problem}" for problem in _problems(rule, value)]
        if fields.setdefault(identifier, value) != value:
            problems.append(f"{identifier}.twice")
    return ParsedData(Scheme.GS1, fields, tuple(dict.fromkeys(problems))) if fields else None


def _element(text: str, start: int) -> tuple[str, str]:
    """Return the value at the beginning of a text, behind its identifier, and what follows."""
    end = text.find(SEPARATOR)
    length = _PREDEFINED.get(text[:2])
    if length is not None and (end < 0 or end >= length):
        return text[start:length], text[length:].removeprefix(SEPARATOR)
    return (text[start:], "") if end < 0 else (text[start:end], text[end + 1 :])


def _problems(rule: _Rule, value: str) -> Iterable[str]:
    if not rule.pattern.fullmatch(value):
        yield "format"
        return
    if rule.checked and not has_gs1_digit(value[: rule.checked]):
        yield "check"
    if rule.day and not _is_day(value):
        yield "date"


def _is_day(value: str) -> bool:
    """Return whether six digits are a day; 00 for its number is the month's end."""
    day = value[4:] if value[4:] != "00" else "01"
    return is_date(f"20{value[:4]}{day}")
