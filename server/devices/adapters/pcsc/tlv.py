"""Tag, length, value: what cards answer is made of it.

BER-TLV as EMV uses it (EMV 4.3 Book 3, Annex B), lists of tags and lengths (the same, 5.4), and the
records of social security cards (simple TLV of ISO/IEC 7816-4, 5.2.1). Whatever the bytes are, a parser
returns or raises `MalformedTlv`, whose text says nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterator

DEPTH = 8
"""Templates in templates beyond this are no card's."""
MAX_TAG_BYTES = 4
MAX_LENGTH_BYTES = 3
CONSTRUCTED = 0x20
"""Of a tag's first byte: the value is made of objects itself."""


class MalformedTlv(ValueError):
    """The bytes are no TLV."""


def objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The objects of one level as (tag, value); bytes 00 and FF between them are padding.

    Raises
    ------
    Malformed
        An object is cut short or has no definite length.
    """
    at = 0
    while at < len(data):
        if data[at] in (0x00, 0xFF):
            at += 1
            continue
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        if length > len(data) - at:
            raise MalformedTlv("an object is longer than what holds it")
        yield tag, data[at : at + length]
        at += length


def walk(data: bytes, depth: int = DEPTH) -> Iterator[tuple[int, bytes]]:
    """All objects, each before those in it.

    Raises
    ------
    Malformed
        See `objects`; also beyond `depth` levels.
    """
    if depth == 0:
        raise MalformedTlv("too many templates in each other")
    for tag, value in objects(data):
        yield tag, value
        if _is_constructed(tag):
            yield from walk(value, depth - 1)


def first(data: bytes, tag: int) -> bytes | None:
    """The value of the first object with a tag, on whatever level.

    Raises
    ------
    Malformed
        See `walk`.
    """
    return next((value for found, value in walk(data) if found == tag), None)


def tags_and_lengths(data: bytes) -> list[tuple[int, int]]:
    """A data object list, such as a PDOL: tags with the lengths that are wanted.

    Raises
    ------
    Malformed
        It is cut short.
    """
    wanted = []
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        wanted.append((tag, length))
    return wanted


def record(data: bytes) -> tuple[int, bytes]:
    """Tag and value of a simple TLV record; bytes after it are padding.

    Raises
    ------
    Malformed
        It is cut short.
    """
    if len(data) < 2:
        raise MalformedTlv("a record without tag and length")
    start, length = 2, data[1]
    if length == 0xFF:
        start, length = 4, int.from_bytes(data[2:4], "big")
    if length > len(data) - start:
        raise MalformedTlv("a record is cut short")
    return data[0], data[start : start + length]


def _tag(data: bytes, at: int) -> tuple[int, int]:
    """The tag at an offset as one number, such as 0x9F38, and the offset after it."""
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    if end > len(data) or end - at > MAX_TAG_BYTES:
        raise MalformedTlv("a tag is cut short or too long")
    return int.from_bytes(data[at:end], "big"), end


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise MalformedTlv("an object without length")
    if data[at] < 0x80:
        return data[at], at + 1
    end = at + 1 + (data[at] & 0x7F)
    if not 1 <= end - at - 1 <= MAX_LENGTH_BYTES or end > len(data):
        raise MalformedTlv("a length is indefinite, cut short or too long")
    return int.from_bytes(data[at + 1 : end], "big"), end


def _is_constructed(tag: int) -> bool:
    while tag > 0xFF:
        tag >>= 8
    return bool(tag & CONSTRUCTED)
