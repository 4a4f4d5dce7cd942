"""Foreign text made fit for a line of a log or a terminal: nothing in it acts, hides or turns around."""

from __future__ import annotations

import json
import unicodedata
from typing import Final

ACTING: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Categories of characters that nobody sees: control, invisible or turning, surrogates, line ends."""
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: object, most: int | None = None) -> str:
    """Return a text with each character of `ACTING` escaped as in JSON, so that JSON stays what it was.

    Parameters
    ----------
    most
        Characters returned of a longer one, whose length is added.
    """
    whole = str(text)
    shown = whole if most is None else whole[:most]
    if not shown.isprintable():
        shown = "".join(map(_escaped, shown))[:most]
    return shown if most is None or len(whole) <= most else f"{shown}... ({len(whole)} characters)"


def printable_lines(text: str) -> str:
    """Return several lines of which each is `printable`."""
    return text if text.isprintable() else "\n".join(map(printable, text.split("\n")))


def json_line(value: object) -> str:
    """Return a value as JSON that is `printable`: the same value to whoever reads it."""
    return printable(json.dumps(value, ensure_ascii=False))


def _escaped(character: str) -> str:
    # Others that Python does not call printable are spaces, as in Chinese, and not assigned yet.
    if unicodedata.category(character) not in ACTING:
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return _SHORT.get(character) or "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
