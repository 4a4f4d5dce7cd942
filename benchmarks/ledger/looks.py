"""Looks at the kept halves of the collected pictures: a half that was measured often is kept no more."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.ledger.rows import FOLDER
from lab.collected import KEPT

LOOKS = "looks.json"
MOST = 3
"""Measurements after which a half is opened, and another is collected: choices have been made by it."""


class HalfUsedUp(ValueError):
    """A kept half was measured as often as it may be."""


def looks(folder: Path = FOLDER) -> dict[str, int]:
    """Return how often each kept half was measured."""
    path = folder / LOOKS
    found: dict[str, int] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def count_look(half: str, folder: Path = FOLDER) -> int:
    """Count one more measurement of a kept half, and return how many there were.

    Raises
    ------
    HalfUsedUp
        It was measured `MOST` times: mark its pictures ``open`` in their manifest, and collect others.
    """
    known = looks(folder)
    if known.get(half, 0) >= MOST:
        raise HalfUsedUp(
            f"{half} was measured {MOST} times: mark its pictures open in lab/collected*.json, "
            "and collect a fresh half"
        )
    known[half] = known.get(half, 0) + 1
    (folder / LOOKS).write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return known[half]


def use(half: str) -> None:
    """Count a measurement of a half, if it is kept; to be called before its pictures are measured.

    Raises
    ------
    HalfUsedUp
        The half was measured as often as it may be.
    """
    if half in KEPT:
        print(f"{half}: measured for the {count_look(half)}. time")
