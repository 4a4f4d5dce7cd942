"""Fingerprint features of Chinese resident ID cards (GA 1012): recognised, and left alone.

A card holds two of 512 bytes; readers hand over one or both. The format is a domestic one that is not
published, and no open matcher exists.
"""

from __future__ import annotations

NAME = "GA 1012"
"""Name of the format as users read it."""
FEATURE = 512
"""Bytes of one feature."""
FIRST = 0x43
"""First byte of a feature."""


def is_feature(data: bytes) -> bool:
    """Return whether bytes are one feature or two, by their length and first byte."""
    return len(data) in (FEATURE, 2 * FEATURE) and data[0] == FIRST
