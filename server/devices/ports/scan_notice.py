"""Notices of scanners; apart from their port, as drivers' processes do without pictures."""

from __future__ import annotations

from enum import StrEnum


class ScanNotice(StrEnum):
    """Something that people have to know about a scan, whether or not it goes on; the protocol's word."""

    DOUBLE_FEED = "doubleFeed"
    STAPLE = "staple"
    COVER_OPEN = "coverOpen"
    LENS_DIRTY = "lensDirty"
    ASLEEP = "asleep"
    WARMING_UP = "warmingUp"
    LOCKED = "locked"
    CARRIER_SHEET = "carrierSheet"
    CARD_SLOT = "cardSlot"
