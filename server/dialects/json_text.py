"""JSON as dialect pages send it: followed by junk, percent-encoded, with numbers as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

import msgspec

from server.errors import InvalidJson
from server.protocol.structure import end_of_value, is_small, without_surrogates

Fields = Mapping[str, object]
"""Members of a page's object; their values are anything."""

LONGEST_ENCODED = 4 << 20
"""Limit of a percent-encoded text, in bytes: decoding one takes a step for each character."""
_SOME_ESCAPES = re.compile(rb"(?:%[^%]*){1,4096}")
"""Pattern of some escapes at a time: while they are decoded, each is an object of its own."""
_BLANKS = b"\xef\xbb\xbf \t\r\n"


def first_object(message: str | bytes) -> Fields | None:
    """Return the object that a text begins with, whatever follows it; None if there is none.

    What it costs is bounded as that of a message of our own protocol, see `server.protocol.structure`.
    """
    text = (message.encode("utf-8", "replace") if isinstance(message, str) else message).lstrip(_BLANKS)
    if text[:3].upper() == b"%7B" and len(text) <= LONGEST_ENCODED:
        text = b"".join(unquote_to_bytes(some[0]) for some in _SOME_ESCAPES.finditer(text))
    if not text.startswith(b"{"):
        return None
    try:
        value = _decoded(text[: end_of_value(text)])
    except (msgspec.DecodeError, InvalidJson, UnicodeError, RecursionError):
        return None
    return value if isinstance(value, dict) and is_small(value) else None


def _decoded(text: bytes) -> object:
    try:
        return msgspec.json.decode(text)
    except UnicodeError:
        return msgspec.json.decode(text.decode("utf-8", "replace"))
    except msgspec.DecodeError:
        # Python's and JavaScript's encoders write halves of surrogate pairs, which are no text.
        return msgspec.json.decode(without_surrogates(text))


def member(fields: Fields, name: str) -> Fields:
    """Return a member that is an object itself; empty if it is none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def text_of(fields: Fields, *names: str, default: str = "") -> str:
    """Return the first member that is there as text; numbers and booleans count as their text."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, str | int | float):
            return str(value).strip()
    return default


def number_of(fields: Fields, *names: str, default: int = 0) -> int:
    """Return the first member that is there as a whole number; `default` if it is none or has many digits."""
    text = text_of(fields, *names)
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        return default
    return int(text)


def is_on(fields: Fields, *names: str) -> bool:
    """Return whether the first member that is there is switched on: 1 or true."""
    return text_of(fields, *names).lower() in ("1", "true")
