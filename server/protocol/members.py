"""From a message to its undecoded members, within bounds whatever the input."""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec
from msgspec import Raw

from server.errors import InvalidJson, LocalizedText

Message: TypeAlias = str | bytes | bytearray | memoryview

DEEPEST = 16
"""Levels of nesting a message may have."""

MOST_TOKENS = 20_000
"""Strings and brackets a message with much nesting may have."""

LONGEST_REPAIR = 65_536
"""Bytes up to which an invalid message is searched for the standard's own mistake."""

_DECODER = msgspec.json.Decoder(dict[str, Raw])
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)

# Half of a surrogate pair, written as an escape, is JSON and no text; other escapes are passed over.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_STAND_INS = rb"\ufffd", rb"\ufffe"
_NO_TEXT = Raw(b'"\xff"')
"""Stands for a value that holds such a half: whoever asks for it finds that it cannot be decoded."""

# The standard prints "cropRect":["left":4,...], an array with an object's members, and
# pages copied it. Nothing else is repaired.
_SIDE = rb'\s{0,64}"(?:left|top|right|bottom|width|height)"\s{0,64}:\s{0,64}(?:-?\d{1,9}|"-?\d{1,9}")\s{0,64}'
_BAD_RECTANGLE = re.compile(
    rb'("cropRect"\s{0,64}:\s{0,64})\[(' + _SIDE + rb"(?:," + _SIDE + rb"){0,3})(?:,\s{0,64})?\]"
)


def split(message: Message) -> dict[str, Raw]:
    """The members of the one object `message` holds; of equal keys the last.

    Values are views into the message and checked for syntax only, so that a picture of
    20 MB is not copied here and what nobody asks for is never built.

    Raises
    ------
    server.errors.InvalidJson
        Anything else than one JSON object, or one nested deeper than `DEEPEST`.
    """
    text = _without_mark(message if isinstance(message, str) else bytes(message))
    try:
        _check_depth(text)
        return _parse(text)
    except UnicodeError as error:
        raise InvalidJson(
            reason=LocalizedText("文本不是有效的 UTF-8", "the text is not valid UTF-8")
        ) from error


def _without_mark(message: str | bytes) -> str | bytes:
    if isinstance(message, str):
        return message.removeprefix("\ufeff")
    return message.removeprefix(b"\xef\xbb\xbf")


def _check_depth(text: str | bytes) -> None:
    # Counting is a memory scan; base64 holds no brackets, so that pictures cost nothing more.
    if isinstance(text, str):
        if text.count("{") + text.count("[") <= DEEPEST:
            return
        text = text.encode()
    elif text.count(b"{") + text.count(b"[") <= DEEPEST:
        return
    if not _within_depth(text):
        raise InvalidJson(
            reason=LocalizedText(
                f"嵌套超过 {DEEPEST} 层或过于复杂", f"nested deeper than {DEEPEST} or too complex"
            )
        )


def _within_depth(text: bytes) -> bool:
    depth = 0
    for count, token in enumerate(_TOKEN.finditer(text)):
        depth += _STEP.get(token[0][:1], 0)
        if depth > DEEPEST or count > MOST_TOKENS:
            return False
    return True


_STEP = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}


def _parse(text: str | bytes) -> dict[str, Raw]:
    try:
        return _decode(text)
    except msgspec.DecodeError as error:
        if (halves := _with_halves(text)) is not None:
            return halves
        repaired = _repair(text)
        if repaired is None:
            raise InvalidJson(reason=_fault(error)) from error
    try:
        return _decode(repaired)
    except msgspec.DecodeError as error:
        raise InvalidJson(reason=_fault(error)) from error


def _with_halves(text: str | bytes) -> dict[str, Raw] | None:
    """The members of a message with escaped halves of surrogate pairs; None where it has none.

    The decoder refuses the whole message. With another character in place of each half it tells the members,
    and those that differ with the character held one.
    """
    data = text.encode() if isinstance(text, str) else text
    if data.count(b"\\") > MOST_TOKENS:
        return None
    one, other = (_replace_halves(data, stand_in) for stand_in in _STAND_INS)
    if one == data:
        return None
    try:
        members, others = _decode(one), _decode(other)
    except msgspec.DecodeError:
        return None
    same = {key for key, raw in members.items() if bytes(raw) == bytes(others.get(key, _NO_TEXT))}
    return {key: raw if key in same else _NO_TEXT for key, raw in members.items()}


def _replace_halves(data: bytes, stand_in: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: stand_in if found[1] else found[0], data)


def _decode(text: str | bytes) -> dict[str, Raw]:
    try:
        return _DECODER.decode(text)
    except msgspec.ValidationError as error:
        raise InvalidJson(reason=LocalizedText("最外层不是对象", "it is not an object")) from error


def _repair(text: str | bytes) -> bytes | None:
    if len(text) > LONGEST_REPAIR:
        return None
    data = text.encode() if isinstance(text, str) else text
    repaired, changes = _BAD_RECTANGLE.subn(rb"\1{\2}", data, count=1)
    return repaired if changes else None


def _fault(error: msgspec.DecodeError) -> LocalizedText:
    """Where the syntax breaks; the library names the byte and repeats no content."""
    place = re.search(r"\(byte (\d+)\)", str(error))
    if place is None:
        return LocalizedText("内容不完整", "it ends too early")
    return LocalizedText(f"第 {place[1]} 字节处语法错误", f"syntax error at byte {place[1]}")
