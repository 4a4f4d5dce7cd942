"""``multipart/x-mixed-replace`` taken apart, whatever its boundary is.

A part's Content-Length is believed only if a whole JPEG ends there; otherwise the next
boundary decides. Servers differ on whether the announced boundary holds its leading
dashes, so these are not compared. (RFC 2046 5.1)

aiohttp's `MultipartReader` cannot stand in for it: it gives up at the dashes and at a wrong
length, both common among cameras, and a read of its that times out loses the bytes so far.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from server.devices.adapters.network.entry import TOO_LARGE, LinkError
from server.errors import LocalizedText

PART_LIMIT = 32 << 20
"""Most bytes of one picture; a 16-megapixel JPEG has about 3 MB."""

HEAD_LIMIT = 8 << 10
"""Most bytes of the header of one part."""

_HEAD_END = re.compile(rb"\r?\n\r?\n")
"""Pattern of the empty line that ends the header of a part."""
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,12})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
"""Pattern of the header that tells the length of a part."""


class Parts:
    """Collects bytes and gives the JPEGs in them; parts that are none are passed over.

    Parameters
    ----------
    boundary
        As announced, 1 to 200 characters.
    limit
        Bytes a part may have.

    Raises
    ------
    LinkError
        No usable boundary.
    """

    def __init__(self, boundary: str, limit: int = PART_LIMIT) -> None:
        name = boundary.strip().strip('"').lstrip("-")
        if not 0 < len(name) <= 200 or not name.isascii():
            raise LinkError(
                LocalizedText("分段没有可用的分隔符", "it announces parts without a usable boundary")
            )
        self._mark = b"--" + name.encode()
        self._limit = limit
        self._buffer = bytearray()
        self._inside = False
        self._length: int | None = None
        self._searched = 0

    @property
    def wanted(self) -> int:
        """Bytes without which no further picture can become complete."""
        missing = (self._length or 0) - len(self._buffer) if self._inside else 0
        return max(1, missing)

    def feed(self, data: bytes | memoryview) -> Iterator[bytes]:
        """The pictures that became complete.

        Raises
        ------
        LinkError
            A part or its header is too large.
        """
        self._buffer += data
        while (part := self._body() if self._inside else self._head()) is not None:
            if part:
                yield part
        if len(self._buffer) > self._limit:
            raise LinkError(TOO_LARGE.filled(limit=self._limit >> 20))

    def finish(self) -> bytes:
        """The picture the connection's end completed, or nothing."""
        return _picture(bytes(self._buffer)) if self._inside else b""

    def _head(self) -> bytes | None:
        """Pass the next boundary and header: empty when done, None when more bytes are needed."""
        at = self._buffer.find(self._mark)
        if at < 0:
            del self._buffer[: -len(self._mark)]
            return None
        start = at + len(self._mark)
        end = _HEAD_END.search(self._buffer, start, start + HEAD_LIMIT)
        if end is None:
            self._refuse_long_head(len(self._buffer) - start)
            return None
        length = _LENGTH.search(self._buffer, start, end.end())
        self._enter(None if length is None else int(length[1]))
        del self._buffer[: end.end()]
        return b""

    def _refuse_long_head(self, seen: int) -> None:
        if seen > HEAD_LIMIT:
            raise LinkError(LocalizedText("分段的头部过长", "the header of a part is too long"))

    def _enter(self, length: int | None) -> None:
        if length is not None and length > self._limit:
            raise LinkError(TOO_LARGE.filled(limit=self._limit >> 20))
        self._inside = True
        self._length = length
        self._searched = 0

    def _body(self) -> bytes | None:
        """The part's picture, empty if it holds none, None when more bytes are needed."""
        if self._length is not None:
            if len(self._buffer) < self._length:
                return None
            if self._buffer.startswith(SOI) and self._buffer.endswith(EOI, 0, self._length):
                return self._leave(self._length)
            self._length = None
        at = self._buffer.find(self._mark, self._searched)
        if at >= 0:
            return self._leave(at)
        self._searched = max(0, len(self._buffer) - len(self._mark))
        return None

    def _leave(self, end: int) -> bytes:
        with memoryview(self._buffer) as view:
            picture = _picture(bytes(view[:end]))
        del self._buffer[:end]
        self._inside = False
        return picture


def _picture(part: bytes) -> bytes:
    data = trimmed(part.lstrip(b"\r\n"))
    return data if whole(data) else b""


SOI = b"\xff\xd8"
"""First bytes of a JPEG."""
EOI = b"\xff\xd9"
"""Last bytes of a JPEG."""

PADDING = b"\r\n\0-"
"""Bytes that servers leave between a picture and the next boundary."""


def whole(data: bytes | bytearray) -> bool:
    """Return whether the bytes go from SOI to EOI."""
    return data.startswith(SOI) and data.endswith(EOI)


def trimmed(data: bytes) -> bytes:
    """The bytes up to EOI if nothing but padding follows it, else as they are."""
    end = data.rfind(EOI) + len(EOI)
    return data[:end] if end >= len(EOI) and not data[end:].strip(PADDING) else data
