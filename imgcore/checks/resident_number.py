"""The eighteen characters of a Chinese resident's number: GB 11643."""

from __future__ import annotations

import re
from dataclasses import dataclass

from imgcore.checks.confusions import DIGITS, in_alphabet
from imgcore.checks.dates import is_date

_REGIONS = (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66))
"""First two digits of the codes of China's provinces, region by region: GB/T 2260."""
PROVINCES = frozenset(str(code) for region in _REGIONS for code in region) | {"71", "81", "82", "83"}
"""First two digits of a number: those of GB/T 2260, and of residence permits: 81 Hong Kong, 82 Macao, 83
Taiwan."""
FOREIGNER = "9"
"""First digit of a foreigner's number, before a province and the three digits of a state."""

_CHECKS = "10X98765432"
"""Check characters by the remainder modulo 11: ISO 7064 MOD 11-2."""


@dataclass(frozen=True, slots=True, repr=False)
class ResidentNumber:
    """A number whose form, province, date, sequence and check character hold."""

    text: str

    @property
    def birth(self) -> str:
        """YYYYMMDD."""
        return self.text[6:14]

    @property
    def gender(self) -> str:
        """男 where the last digit of the sequence is odd, 女 where it is even."""
        return "男" if int(self.text[16]) % 2 else "女"


def check_character(digits: str) -> str:
    """Return the eighteenth character of seventeen digits: ISO 7064 MOD 11-2."""
    return _CHECKS[sum(int(digit) << (17 - place) for place, digit in enumerate(digits)) % 11]


def resident_number(text: str) -> ResidentNumber | None:
    """Return the number that a text is, None where something of it does not hold."""
    if not re.fullmatch(r"\d{17}[\dX]", text, re.ASCII) or text[17] != check_character(text[:17]):
        return None
    province = text[1:3] if text[0] == FOREIGNER else text[:2]
    # Sequences begin with 1 on each day.
    if province not in PROVINCES or not is_date(text[6:14]) or text[14:17] == "000":
        return None
    return ResidentNumber(text)


def number_in(text: str) -> str:
    """Return the eighteen characters at the end of a line of print that look like a number; empty if none do.

    Letters are taken for the digits they look like; nothing is changed so that the check character fits.
    """
    joined = re.sub(r"[\s.·,]", "", text.upper().replace("×", "X"))
    tail = joined[-18:]
    read = in_alphabet(tail[:17], DIGITS) + in_alphabet(tail[17:], DIGITS + "X")
    return read if re.fullmatch(r"\d{17}[\dX]", read, re.ASCII) else ""
