"""Mistakes in messages: repair of those in the interface standard's own examples, and words for others.

The standard prints a rectangle as an array with an object's members, leaves out a comma between a value and
the next key, has one before a closing bracket, and closes a request where a page ends. Pages copy these.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import msgspec

from server.errors import LocalizedText

MOST_PIECES = 2_000
"""Limit of strings, numbers, brackets and marks, and of quotation marks, in a message of which brackets and
commas are repaired; the standard's have 50."""

_SIDE = rb'\s{0,64}"(?:left|top|right|bottom|width|height)"\s{0,64}:\s{0,64}(?:-?\d{1,9}|"-?\d{1,9}")\s{0,64}'
_BAD_RECTANGLE = re.compile(
    rb'("cropRect"\s{0,64}:\s{0,64})\[(' + _SIDE + rb"(?:," + _SIDE + rb"){0,3})(?:,\s{0,64})?\]"
)
_LONGEST_RECTANGLE = 65_536
"""Limit of a message in which a rectangle is looked for, in bytes."""
_PIECE = re.compile(rb'[\s]*+(?:([\[\]{},:"])|[^\s\[\]{},:"]++)')
_ENDS = 3
"""Number of empty pieces behind the last one, which may be looked at without asking whether they are
there."""
_CLOSING = {b"{": b"}", b"[": b"]"}


class Piece(NamedTuple):
    """Part of a message: a bracket or mark, its own kind; a string, of kind ``"``; another value, ``0``."""

    kind: bytes
    start: int
    end: int


def repaired(data: bytes) -> bytes | None:
    """Return an invalid message without the standard's mistakes; None if it has none of them, or others.

    Cost is linear in the message's length: strings, as long as they may be, are passed over as a whole.
    """
    changes = 0
    if len(data) <= _LONGEST_RECTANGLE:
        data, changes = _BAD_RECTANGLE.subn(rb"\1{\2}", data, count=1)
    found = pieces(data)
    edits = list(_edits(found)) if found else []
    return _edited(data, edits) if edits or changes else None


def members(data: bytes) -> list[tuple[bytes, bytes]] | None:
    """Split a valid object into all its keys and values, as JSON; None where it is too long."""
    found = pieces(data)
    if not found or found[0].kind != b"{":
        return None
    split: list[tuple[bytes, bytes]] = []
    depth = 0
    key = b""
    start = 0
    for number, piece in enumerate(found[:-_ENDS]):
        if depth == 1 and piece.kind == b":":
            key = data[found[number - 1].start : found[number - 1].end]
            start = piece.end
        elif depth == 1 and piece.kind in (b",", b"}") and key:
            split.append((key, data[start : piece.start]))
            key = b""
        depth += (piece.kind in _CLOSING) - (piece.kind in _CLOSING.values())
    return split


def repeated(raw: bytes) -> object:
    """Decode an object whose keys may be repeated, as in the standard's example, to lists of values."""
    split = members(raw)
    if split is None:
        return msgspec.json.decode(raw)
    found: dict[str, list[object]] = {}
    for key, item in split:
        value = msgspec.json.decode(item)
        found.setdefault(msgspec.json.decode(key, type=str), []).extend(
            value if isinstance(value, list) else [value]
        )
    return found


def pieces(data: bytes) -> list[Piece] | None:
    """Split JSON, with empty pieces at its end; None where it has too many or a string has no end."""
    if data.count(b'"') > MOST_PIECES:
        return None
    found: list[Piece] = []
    place = 0
    while (match := _PIECE.match(data, place)) is not None:
        kind = match[1] or b"0"
        start = match.start(1) if match[1] else match.start()
        place = match.end()
        if kind == b'"':
            place = _string_end(data, place)
        if not place or len(found) == MOST_PIECES:
            return None
        found.append(Piece(kind, start, place))
    return [*found, *[Piece(b"", len(data), len(data))] * _ENDS]


def _string_end(data: bytes, place: int) -> int:
    """Return the place behind the quotation mark that ends a string; 0 without one."""
    while (mark := data.find(b'"', place)) >= 0:
        escapes = data[place:mark]
        if (len(escapes) - len(escapes.rstrip(b"\\"))) % 2 == 0:
            return mark + 1
        place = mark + 1
    return 0


def _edits(found: Sequence[Piece]) -> Iterator[tuple[int, int, bytes]]:
    """Yield what replaces which part of the message, in order."""
    open_brackets: list[bytes] = []
    closed_early = False
    before = b""
    for number, piece in enumerate(found[:-_ENDS]):
        following = found[number + 1].kind
        is_key = piece.kind == b'"' and following == b":"
        if is_key and before in (b"0", b'"', b"]", b"}") and open_brackets[-1:] == [b"{"]:
            yield piece.start, piece.start, b","
        elif piece.kind == b"," and (following in (b"]", b"}") or (before == b"," and closed_early)):
            yield piece.start, piece.end, b""
            continue
        elif piece.kind == b"}" and open_brackets == [b"{"] and not closed_early and _goes_on(found, number):
            closed_early = True
            yield piece.start, piece.end, b""
            continue
        if piece.kind in _CLOSING:
            open_brackets.append(piece.kind)
        elif open_brackets and piece.kind == _CLOSING[open_brackets[-1]]:
            open_brackets.pop()
        before = piece.kind


def _goes_on(found: Sequence[Piece], number: int) -> bool:
    """Return whether a key follows the bracket that closes a request."""
    next_one = number + 1 + (found[number + 1].kind == b",")
    return (found[next_one].kind, found[next_one + 1].kind) == (b'"', b":")


def _edited(data: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    parts = []
    place = 0
    for start, end, replacement in edits:
        parts += [data[place:start], replacement]
        place = end
    return b"".join((*parts, data[place:]))


_AROUND = 24
"""Number of bytes before and after a mistake that an error shows."""
_WORD = re.compile(r"\w+")


def mistake(data: bytes, place: int | None, vocabulary: Collection[str]) -> LocalizedText:
    """Describe a syntax error by line, column and the text around it, as an editor shows them.

    Parameters
    ----------
    place
        Byte at which it was noticed; None where the message ends too early.
    vocabulary
        Words that are shown; others may be a person's, and are left out.
    """
    if place is None:
        return LocalizedText("内容不完整", "it ends too early")
    start = min(place, len(data))
    line = data.count(b"\n", 0, start) + 1
    column = start - data.rfind(b"\n", 0, start)
    excerpt = data[max(0, start - _AROUND) : start + _AROUND].decode(errors="replace")
    shown = _WORD.sub(lambda word: word[0] if word[0] in vocabulary else "…", " ".join(excerpt.split()))
    around = shown.replace("{", "{{").replace("}", "}}")
    return LocalizedText(
        f"第 {line} 行第 {column} 字节处语法错误，附近是 {around}",
        f"syntax error in line {line} at byte {column}, near {around}",
    )
