"""Requests and answers: ``Name(argument,argument)`` and ``BeginName...EndName``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

MOST_ARGUMENTS = 32
"""Limit of the arguments of a request; further ones are left out."""
LONGEST = 16_384
"""Limit of a request, in characters."""
LONGEST_NAME = 64
"""Limit of the name of a request, in characters."""
_BLANKS = " \t\r\n\v\f\xa0\u3000\ufeff"


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
    # By searches for one character each: a pattern with two runs over blanks is quadratic in them.
    if len(text) > LONGEST:
        return None
    name, opened, inner = text.strip(_BLANKS).rstrip(_BLANKS + ";").partition("(")
    name = name.rstrip(_BLANKS)
    if not _is_name(name) or (opened and not inner.endswith(")")):
        return None
    inner = inner[:-1]
    return TextCall(name, tuple(_arguments(inner)) if inner.strip(_BLANKS) else ())


def _is_name(text: str) -> bool:
    return text.isascii() and text.isalnum() and text[0].isalpha() and len(text) <= LONGEST_NAME


def _arguments(inner: str) -> Iterator[str]:
    for _ in range(MOST_ARGUMENTS):
        argument, comma, inner = _split(inner)
        yield argument
        if not comma:
            return


def _split(inner: str) -> tuple[str, str, str]:
    """Return the first argument, the comma behind it, and the rest."""
    blank = inner.lstrip(_BLANKS)
    if blank.startswith('"'):
        quoted, end, rest = blank[1:].partition('"')
        rest = rest.lstrip(_BLANKS)
        if end and rest[:1] in ("", ","):
            return quoted, rest[:1], rest[1:]
    bare, comma, rest = inner.partition(",")
    return bare.strip(_BLANKS), comma, rest


def answer(name: str, value: str) -> bytes:
    """Return the answer to a request of that name."""
    return f"Begin{name}{value}End{name}".encode("utf-8", "replace")


Command = Callable[[TextCall], Awaitable[str | None]]
"""Serves a request; returns the text of its answer, None for none."""
Commands = Mapping[str, Command]
