"""Reading and writing of big-endian fields, every length checked."""

from __future__ import annotations

import struct

from imgcore.fingerprint.formats.errors import FormatError


class FieldReader:
    """Reader of consecutive fields.

    Raises
    ------
    FormatError
        From each method, if the bytes end too early.
    """

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    @property
    def left(self) -> int:
        """Number of bytes not read yet."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """Read the next `count` bytes."""
        if count > self.left:
            raise FormatError("it ends too early")
        self._at += count
        return bytes(self._data[self._at - count : self._at])

    def skip(self, count: int) -> None:
        """Skip bytes."""
        self.take(count)

    def byte(self) -> int:
        """Read an unsigned integer of 8 bits."""
        return self.take(1)[0]

    def short(self) -> int:
        """Read an unsigned integer of 16 bits."""
        return int.from_bytes(self.take(2), "big")

    def long(self) -> int:
        """Read an unsigned integer of 32 bits."""
        return int.from_bytes(self.take(4), "big")


def packed(layout: str, *values: int) -> bytes:
    """Pack consecutive fields; `layout` as for `struct`, without the byte order."""
    return struct.pack(f">{layout}", *values)
