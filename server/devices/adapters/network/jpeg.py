"""The little the adapter must know of a JPEG: where it ends and how large it is."""

from __future__ import annotations

from server.devices.ports.camera import Size

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


def size(data: bytes) -> Size | None:
    """Width and height from the frame header, or None if there is none where it belongs."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = (int.from_bytes(data[at + k : at + k + 2], "big") for k in (5, 7))
            return Size(width, height) if width and height else None
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
