"""Rules of MSI's check digits."""

from __future__ import annotations

from collections.abc import Callable

MOD_10 = "mod 10"
"""Name of the rule by which the last digit makes the weighted sum a multiple of ten."""
MOD_10_10 = "mod 10, mod 10"
"""Name of the rule with two check digits, each by mod 10."""
MOD_11_IBM = "mod 11 IBM"
"""Name of the rule by mod 11 with the weights 2 to 7."""
MOD_11_IBM_10 = "mod 11 IBM, mod 10"
"""Name of the rule with two check digits, the first by mod 11 with the weights 2 to 7, the second by mod
10."""
MOD_11_NCR = "mod 11 NCR"
"""Name of the rule by mod 11 with the weights 2 to 9."""
MOD_11_NCR_10 = "mod 11 NCR, mod 10"
"""Name of the rule with two check digits, the first by mod 11 with the weights 2 to 9, the second by mod
10."""


def checks_of(text: str) -> tuple[str, ...]:
    """List the rules by which a text's last digits check the others, those with two check digits first.

    Parameters
    ----------
    text
        Digits. A remainder of ten that mod 11 gives is two digits.
    """
    return tuple(name for name, obeys in _RULES if obeys(text))


def is_reliable(checks: tuple[str, ...]) -> bool:
    """Return whether a text obeys these rules by chance once in ten or less, unlike mod 11 alone."""
    return any(check not in (MOD_11_IBM, MOD_11_NCR) for check in checks)


def _mod_10(text: str) -> bool:
    # As printers do it: every second digit, taken as one number, is doubled, and its digits are summed.
    if len(text) < 2:
        return False
    doubled = str(2 * int(text[-2::-2][::-1]))
    return (sum(map(int, doubled)) + sum(map(int, text[-1::-2]))) % 10 == 0


def _mod_11(text: str, most: int) -> bool:
    return any(len(text) > digits and text[-digits:] == _rest(text[:-digits], most) for digits in (1, 2))


def _rest(text: str, most: int) -> str:
    weighed = (int(digit) * (2 + place % (most - 1)) for place, digit in enumerate(reversed(text)))
    return str(-sum(weighed) % 11)


_RULES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (MOD_10_10, lambda text: _mod_10(text) and _mod_10(text[:-1])),
    (MOD_11_IBM_10, lambda text: _mod_10(text) and _mod_11(text[:-1], 7)),
    (MOD_11_NCR_10, lambda text: _mod_10(text) and _mod_11(text[:-1], 9)),
    (MOD_10, _mod_10),
    (MOD_11_IBM, lambda text: _mod_11(text, 7)),
    (MOD_11_NCR, lambda text: _mod_11(text, 9)),
)
"""Names of the rules and whether a text obeys each, those with two check digits first."""
