"""Vehicle identification numbers: ISO 3779 and GB 16735."""

from __future__ import annotations

import re

_VALUES = {**{digit: int(digit) for digit in "0123456789"}, **dict(zip("ABCDEFGH", range(1, 9), strict=True))}
"""Value of each character in the check digit's sum."""
_VALUES |= dict(zip("JKLMNPR", (1, 2, 3, 4, 5, 7, 9), strict=True))
_VALUES |= dict(zip("STUVWXYZ", range(2, 10), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
"""Weight of each of the seventeen places in the check digit's sum; the check digit itself has none."""
_LOOKALIKES = str.maketrans("IOQ", "100")
"""Letters that these numbers have not, and the digits that are read for them."""


def vehicle_number_in(text: str) -> str:
    """Return a text in the characters of these numbers."""
    return text.upper().translate(_LOOKALIKES)


def is_vehicle_number(text: str) -> bool:
    """Return whether the ninth of seventeen characters checks the others."""
    if not re.fullmatch("[A-HJ-NPR-Z0-9]{17}", text, re.ASCII):
        return False
    total = sum(_VALUES[one] * weight for one, weight in zip(text, _WEIGHTS, strict=True))
    return text[8] == "0123456789X"[total % 11]
