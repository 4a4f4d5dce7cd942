"""Amounts of money in capitals, as Chinese documents of account write them against forgery."""

from __future__ import annotations

import re

_VALUES = {character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
"""Value of each character that is a digit, in capitals, in plain characters and in other forms of both."""
_VALUES |= {character: value for value, character in enumerate("〇一二三四五六七八九")}
_VALUES |= {"两": 2, "貳": 2, "貮": 2, "參": 3, "叄": 3, "陸": 6, "弍": 2}
_UNITS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
"""Value of each character that multiplies the digit before it, within four digits."""
_FORM = re.compile(
    # From the beginning of a number: from within it nothing is found that is not found from there.
    "(?<![零〇壹贰叁肆伍陆柒捌玖一二三四五六七八九两貳貮弍參叄陸拾十佰百仟千万萬亿億])"
    "(?P<yuan>[零〇壹贰叁肆伍陆柒捌玖一二三四五六七八九两貳貮弍參叄陸拾十佰百仟千万萬亿億]+)[圆元圓]"
    "(?:零?(?P<jiao>[壹贰叁肆伍陆柒捌玖零貳陸])角)?(?:零?(?P<fen>[壹贰叁肆伍陆柒捌玖零貳陸])分)?[整正]?"
)
"""Amount of yuan (圆), jiao (角) and fen (分)."""


def cents_of_capitals(text: str) -> int | None:
    """Return the cents (分) of an amount such as 壹仟贰佰元叁角整; None where the text is no such amount."""
    match = _FORM.fullmatch(re.sub(r"\s", "", text))
    if match is None:
        return None
    yuan = _integer(match["yuan"])
    if yuan is None:
        return None
    return yuan * 100 + _VALUES[match["jiao"] or "零"] * 10 + _VALUES[match["fen"] or "零"]


def capitals_in(text: str) -> int | None:
    """Return the cents of the first amount in capitals within a text, None where there is none."""
    match = _FORM.search(re.sub(r"\s", "", text))
    return cents_of_capitals(match[0]) if match else None


def _integer(text: str) -> int | None:
    """Return the value of a number in characters; None where a unit is larger than the one before it."""
    head, sign, tail = _split(text, "亿億")
    if sign:
        above = _myriads(head)
        below = _myriads(tail)
        return None if above is None or below is None else above * 10**8 + below
    return _myriads(text)


def _myriads(text: str) -> int | None:
    head, sign, tail = _split(text, "万萬")
    above = _section(head) if sign else 0
    below = _section(tail if sign else head)
    return None if above is None or below is None or (sign and not above) else above * 10**4 + below


def _split(text: str, signs: str) -> tuple[str, str, str]:
    """Split a text at the first of the signs."""
    place = next((place for place, character in enumerate(text) if character in signs), len(text))
    return text[:place], text[place : place + 1], text[place + 1 :]


def _section(text: str) -> int | None:
    """Return the value of up to four digits with their units."""
    total = 0
    digit = 0
    last = 10**4
    for character in text:
        if character in _VALUES and not digit:
            digit = _VALUES[character]
        elif character in _UNITS and _UNITS[character] < last and (digit or _UNITS[character] == 10):
            last = _UNITS[character]
            total = total + max(digit, 1) * last
            digit = 0
        else:
            return None
    return total + digit
