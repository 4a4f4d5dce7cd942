"""Reasons for which no page is taken."""

from __future__ import annotations

from enum import StrEnum


class Wait(StrEnum):
    """Reason for which nothing is taken."""

    MOVING = "moving"
    HAND = "hand"
    SAME_PAGE = "same page"
    BLURRED = "blurred"
    NO_PAGE = "no page"
