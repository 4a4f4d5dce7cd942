"""The chain of an audit trail: each line holds a hash over itself and the line before.

Whoever changes, removes or adds a line in the middle must compute anew every line after it, and the
newest hash is then another one. It proves nothing against somebody who may do just that, unless the
newest hash was noted elsewhere; nor is it seen where lines are cut off the end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

START = ""
"""In place of a hash where nothing came before."""
TAIL_BYTES = 65_536
"""At the end of a file, the last line of which is looked for there."""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What came of following a chain.

    Attributes
    ----------
    lines
        That hang together, from the first.
    first, last
        The hash before the first line, empty at the beginning of a trail, and that of the last line.
    met
        Whether the expected hash was that before the first line or that of a line.
    broken
        Where the first line is that does not hang on the one before: file and line from 1.
    """

    lines: int
    first: str
    last: str
    met: bool = False
    broken: tuple[str, int] | None = None


def linked(before: str, fields: Mapping[str, object]) -> tuple[str, str]:
    """The hash of a line, and the line."""
    body = json.dumps({**fields, "before": before}, ensure_ascii=False)
    link = hashlib.sha256(body.encode()).hexdigest()
    return link, f'{body[:-1]}, "hash": "{link}"}}'


def follow(files: Iterable[Path], expected: str | None = None) -> ChainReport:
    """Follow a chain through files, oldest first.

    Parameters
    ----------
    expected
        A hash that was noted before.

    Raises
    ------
    OSError
    """
    first, last, count, met = START, None, 0, False
    for name, number, line in _lines(files):
        found = _read(line)
        if found is None or last not in (None, found[0]):
            return ChainReport(count, first, last or START, met, (name, number))
        if last is None:
            first = found[0]
        last, count = found[1], count + 1
        met = met or expected in found
    return ChainReport(count, first, last or START, met)


def _lines(files: Iterable[Path]) -> Iterator[tuple[str, int, str]]:
    for path in files:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                yield path.name, number, line


def last_link(*newest_first: Path) -> str:
    """The hash on which the next line hangs: that of the newest line there is, whole or not."""
    for path in newest_first:
        try:
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - TAIL_BYTES))
                lines = file.read().splitlines()
        except FileNotFoundError:
            continue
        for line in reversed(lines):
            found = _read(line.decode(errors="replace"))
            if found is not None:
                return found[1]
    return START


def _read(line: str) -> tuple[str, str] | None:
    """The hash before a line and its own; None for a line that is not as it was written."""
    text = line.rstrip("\n")
    try:
        fields = json.loads(text)
        link, before = fields.pop("hash"), fields.pop("before")
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    if not isinstance(before, str) or linked(before, fields) != (link, text):
        return None
    return before, link
