"""Requests and answers: ``Name(argument,argument)`` and ``BeginName...EndName``."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CALL = re.compile(r"\s*([A-Za-z][A-Za-z0-9]{0,63})\s*(?:\((.*)\))?[\s;]*", re.DOTALL)
_ARGUMENT = re.compile(r'\s*(?:"([^"]*)"\s*(?=,|$)|([^,]*))(,?)', re.DOTALL)
MOST_ARGUMENTS = 32
LONGEST = 16_384
"""Limit of a request, in characters."""


@dataclass(frozen=True, slots=True)
class TextCall:
    """Request: a name and its arguments, which may lack."""

    name: str
    arguments: tuple[str, ...] = ()

    def text(self, index: int) -> str:
        """Return an argument; empty if it lacks."""
        return self.arguments[index] if index < len(self.arguments) else ""

    def number(self, index: int, default: int = 0) -> int:
        """Return an argument as a whole number; `default` if it is none."""
        text = self.text(index)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else default

    def is_on(self, index: int) -> bool:
        """Return whether an argument is 1 or true."""
        return self.text(index).lower() in ("1", "true")


def call_of(text: str) -> TextCall | None:
    """Parse a request; None if it is none.

    Examples
    --------
    >>> call_of('bSaveJPG("D:\\\\tmp",a b)')
    TextCall(name='bSaveJPG', arguments=('D:\\\\tmp', 'a b'))
    """
    found = _CALL.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return None
    inner = found[2]
    if inner is None or not inner.strip():
        return TextCall(found[1])
    return TextCall(found[1], tuple(_arguments(inner)))


def _arguments(inner: str) -> list[str]:
    arguments: list[str] = []
    position, more = 0, True
    while more and len(arguments) < MOST_ARGUMENTS:
        argument = _ARGUMENT.match(inner, position)
        assert argument is not None  # it matches the empty text
        quoted, bare = argument[1], argument[2]
        arguments.append(bare.strip() if quoted is None else quoted)
        position, more = argument.end(), bool(argument[3])
    return arguments


def answer(name: str, value: str) -> bytes:
    """Return the answer to a request of that name."""
    return f"Begin{name}{value}End{name}".encode("utf-8", "replace")
