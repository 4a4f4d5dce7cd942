"""Hash chain of an audit trail: each line holds a hash over itself and the line before.

To change, remove or add a line in the middle, every line after it must be computed again, and the newest
hash is then another one. The chain proves nothing against somebody who can do that, unless the newest
hash was noted elsewhere; nor does it show that lines were cut off the end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

START = ""
"""Previous hash of the first line."""
TAIL_BYTES = 65_536
"""Bytes at the end of a file in which its last line is searched for."""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Result of verifying a chain.

    Attributes
    ----------
    lines
        Number of chained lines, from the first.
    first, last
        The hash before the first line, empty at the beginning of a trail, and that of the last line.
    met
        True if the expected hash is that before the first line or that of a line.
    broken
        Position of the first line that does not follow from the one before: file and line from 1.
    """

    lines: int
    first: str
    last: str
    met: bool = False
    broken: tuple[str, int] | None = None


def linked(before: str, fields: Mapping[str, object]) -> tuple[str, str]:
    """Return the hash of a line, and the line."""
    body = json.dumps({**fields, "before": before}, ensure_ascii=False)
    link = hashlib.sha256(body.encode()).hexdigest()
    return link, f'{body[:-1]}, "hash": "{link}"}}'


def follow(files: Iterable[Path], expected: str | None = None) -> ChainReport:
    """Verify a chain through files, oldest first.

    Parameters
    ----------
    expected
        Hash that was noted before.

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
    """Return the hash for the next line to refer to: that of the newest valid line."""
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
    """Return the previous hash of a line and its own; None for a line that was changed."""
    text = line.rstrip("\n")
    try:
        fields = json.loads(text)
        link, before = fields.pop("hash"), fields.pop("before")
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    if not isinstance(before, str) or linked(before, fields) != (link, text):
        return None
    return before, link
