"""Numbers of GS1, such as those of articles, parcels and places."""

from __future__ import annotations


def has_gs1_digit(digits: str) -> bool:
    """Return whether digits end with the check digit of GS1 General Specifications, section 7.9."""
    weighted = (int(one) * (3 if place % 2 else 1) for place, one in enumerate(reversed(digits)))
    return sum(weighted) % 10 == 0
