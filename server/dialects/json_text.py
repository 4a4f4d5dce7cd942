"""JSON as dialect pages send it: followed by junk, percent-encoded, with numbers as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import unquote

Fields = Mapping[str, object]
"""Members of a page's object; their values are anything."""

_DECODER = json.JSONDecoder()


def first_object(text: str) -> Fields | None:
    """Return the object that a text begins with, whatever follows it; None if there is none."""
    text = text.lstrip("\ufeff \t\r\n")
    if text[:3].upper() == "%7B":
        text = unquote(text)
    if not text.startswith("{"):
        return None
    try:
        value, _ = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


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
