"""Hash chain of an audit trail: each line holds a hash over itself and the line before.

To change, remove or add a line in the middle, every line after it must be computed again, and the newest
hash is then another one. The chain proves nothing against somebody who can do that, unless the newest
hash was noted elsewhere; nor does it show that lines were cut off the end.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from server.telemetry.printable import json_line
from server.telemetry.trail_files import opened_lines

START = ""
"""Previous hash of the first line."""
TAIL_LINES = 1000
"""Lines at the end of a file among which the last valid one is searched for."""


@dataclass(frozen=True, slots=True)
class LostBefore:
    """Place where a trail says that lines were lost.

    Attributes
    ----------
    position
        File and line, from 1.
    lines
        Number of lost lines.
    since, until
        Times of the first lost line and of the next one that was written, as text.
    """

    position: tuple[str, int]
    lines: int
    since: str
    until: str


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
    gaps
        Places where the trail says that lines were lost.
    broken
        Position of the first line that does not follow from the one before: file and line from 1.
    """

    lines: int
    first: str
    last: str
    met: bool = False
    gaps: tuple[LostBefore, ...] = ()
    broken: tuple[str, int] | None = None


def linked(before: str, fields: Mapping[str, object]) -> tuple[str, str]:
    """Return the hash of a line, and the line."""
    body = json_line({**fields, "before": before})
    link = hashlib.sha256(body.encode()).hexdigest()
    return link, f'{body[:-1]}, "hash": "{link}"}}'


def follow(files: Iterable[Path], expected: str | None = None) -> ChainReport:
    """Verify a chain through files, oldest first.

    Parameters
    ----------
    expected
        Hash that was noted before.
    """
    first = START
    last = None
    count = 0
    met = False
    gaps: list[LostBefore] = []
    for name, number, line in _lines(files):
        found = _read(line)
        if found is None or last not in (None, found[0]):
            return ChainReport(count, first, last or START, met, tuple(gaps), (name, number))
        if last is None:
            first = found[0]
        last = found[1]
        count = count + 1
        met = met or expected in found
        gaps += _gap(line, (name, number))
    return ChainReport(count, first, last or START, met, tuple(gaps))


def _gap(line: str, position: tuple[str, int]) -> Iterator[LostBefore]:
    fields = json.loads(line)
    if fields.get("event") == "lost":
        lines = fields.get("lines")
        count = lines if isinstance(lines, int) else 0
        yield LostBefore(position, count, str(fields.get("since")), str(fields.get("time")))


def _lines(files: Iterable[Path]) -> Iterator[tuple[str, int, str]]:
    """Yield the lines of files; a file that ends too early, or cannot be unpacked, ends with an empty one."""
    for path in files:
        number = 0
        try:
            with opened_lines(path) as lines:
                for number, line in enumerate(lines, 1):
                    yield path.name, number, line
        except (EOFError, zlib.error, gzip.BadGzipFile):
            yield path.name, number + 1, ""


def last_link(*newest_first: Path) -> str:
    """Return the hash for the next line to refer to: that of the newest valid line."""
    for path in newest_first:
        try:
            lines = _tail(path)
        except (FileNotFoundError, EOFError, zlib.error, gzip.BadGzipFile):
            continue
        for line in reversed(lines):
            found = _read(line)
            if found is not None:
                return found[1]
    return START


def _tail(path: Path) -> list[str]:
    with opened_lines(path) as lines:
        return list(deque(lines, maxlen=TAIL_LINES))


def _read(line: str) -> tuple[str, str] | None:
    """Return the previous hash of a line and its own; None for a line that was changed."""
    text = line.rstrip("\n")
    try:
        fields = json.loads(text)
        link = fields.pop("hash")
        before = fields.pop("before")
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    if not isinstance(before, str) or linked(before, fields) != (link, text):
        return None
    return before, link
