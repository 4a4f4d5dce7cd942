"""Structure of JSON text, judged before it is decoded, so that what decoding costs is bounded.

Pictures are single strings of many MB, which cost a scan of memory. Everything else costs time for each part:
of that a message may have so much.
"""

from __future__ import annotations

import re

from server.errors import InvalidJson, LocalizedText

DEEPEST = 16
"""Limit of the nesting of a message's lists and objects."""
MOST_TOKENS = 20_000
"""Limit of the number of a message's strings and brackets."""
MOST_BESIDE = 65_536
"""Limit of what is beside the strings of a message, in bytes: brackets, numbers and blanks."""
ESCAPED_SHARE = 32
"""Number of bytes of a long text that may have one backslash at most; base64 with each slash escaped has one
in 64."""
MOST_VALUES = 4096
"""Limit of the values of one list or object, before they are converted."""

# A lone surrogate, written as an escape, is valid JSON but no text; other escapes are skipped.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
PLACEHOLDERS = rb"\ufffd", rb"\ufffe"
_BRACKETS = re.compile(rb"[\[\]{}]")
_TOO_DEEP = LocalizedText(f"嵌套超过 {DEEPEST} 层或过于复杂", f"nested deeper than {DEEPEST} or too complex")


def check_structure(text: bytes) -> None:
    """Refuse a JSON text whose decoding would take long.

    Raises
    ------
    server.errors.InvalidJson
        It is nested too deeply, or has too many parts.
    """
    _scan(text, len(text))


def end_of_value(text: bytes) -> int:
    """Return where the first object or array of a JSON text ends, its length if it does not.

    Raises
    ------
    server.errors.InvalidJson
        As `check_structure`, of the text as far as that.
    """
    return _scan(text, 0)


def _scan(text: bytes, least: int) -> int:
    """Count the parts of a text up to the end of a value that is at `least` there."""
    plain = _without_escapes(text)
    at = 0
    depth = 0
    tokens = 0
    beside = 0
    while True:
        quote = plain.find(b'"', at)
        until = len(plain) if quote < 0 else quote
        # Most often it is a colon or a comma.
        simple = until - at == 1 and plain[at] in b":,"
        for bracket in () if simple else _BRACKETS.finditer(plain, at, min(until, at + MOST_BESIDE)):
            depth += 1 if bracket[0] in b"[{" else -1
            tokens += 1
            if depth > DEEPEST or tokens > MOST_TOKENS:
                raise InvalidJson(reason=_TOO_DEEP)
            if depth <= 0 and bracket.end() > least:
                return bracket.end()
        beside += until - at
        tokens += 1
        if beside > MOST_BESIDE or tokens > MOST_TOKENS:
            raise InvalidJson(reason=_TOO_DEEP)
        end = -1 if quote < 0 else plain.find(b'"', quote + 1)
        if end < 0:
            return len(plain)
        at = end + 1


def is_small(value: object) -> bool:
    """Return whether a decoded value has few enough others in it, and so have those."""
    if not isinstance(value, list | dict):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return len(value) <= MOST_VALUES and all(map(is_small, inner))


def _without_escapes(text: bytes) -> bytes:
    """Return the text with escapes of quotes replaced, at their places: each quote then bounds a string."""
    if b"\\" not in text:
        return text
    if text.count(b"\\") > max(MOST_TOKENS, len(text) // ESCAPED_SHARE):
        raise InvalidJson(reason=_TOO_DEEP)
    return text.replace(b"\\\\", b"__").replace(b'\\"', b"__")


def without_surrogates(data: bytes) -> bytes:
    """Return JSON with each lone surrogate, written as an escape, replaced by U+FFFD, if there are few."""
    return data if data.count(b"\\") > MOST_TOKENS else replace_surrogates(data, PLACEHOLDERS[0])


def replace_surrogates(data: bytes, placeholder: bytes) -> bytes:
    parts = []
    start = 0
    at = data.find(b"\\")
    while at >= 0 and (found := _ESCAPE.match(data, at)) is not None:
        if found[1]:
            parts += [data[start:at], placeholder]
            start = found.end()
        at = data.find(b"\\", found.end())
    return b"".join((*parts, data[start:]))
