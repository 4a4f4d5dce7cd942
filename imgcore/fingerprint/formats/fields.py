"""Big-endian fields read from bytes, every length checked; and written."""

from __future__ import annotations

import struct

from imgcore.fingerprint.formats.faults import FormatError


class Reader:
    """A place in bytes that moves on with each field.

    Raises
    ------
    FormatError
        From each method, where the bytes end too early.
    """

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if count > self.left:
            raise FormatError("it ends too early")
        self._at += count
        return bytes(self._data[self._at - count : self._at])

    def skip(self, count: int) -> None:
        """Leave bytes out."""
        self.take(count)

    def byte(self) -> int:
        """An unsigned integer of 8 bits."""
        return self.take(1)[0]

    def short(self) -> int:
        """An unsigned integer of 16 bits."""
        return int.from_bytes(self.take(2), "big")

    def long(self) -> int:
        """An unsigned integer of 32 bits."""
        return int.from_bytes(self.take(4), "big")


def packed(layout: str, *values: int) -> bytes:
    """Fields written one after the other; `layout` as `struct` has it, without the order."""
    return struct.pack(f">{layout}", *values)
