"""The little the adapter must know of a JPEG: where it ends."""

from __future__ import annotations

SOI, EOI = b"\xff\xd8", b"\xff\xd9"

PADDING = b"\r\n\0-"
"""Bytes that servers leave between a picture and the next boundary."""


def whole(data: bytes | bytearray) -> bool:
    """Return whether the bytes go from SOI to EOI."""
    return data.startswith(SOI) and data.endswith(EOI)


def trimmed(data: bytes) -> bytes:
    """The bytes up to EOI if nothing but padding follows it, else as they are."""
    end = data.rfind(EOI) + len(EOI)
    return data[:end] if end >= len(EOI) and not data[end:].strip(PADDING) else data
