"""Two photographs of one bent sheet, both flattened: how well the pages agree."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.quality.curve import KINDS
from benchmarks.quality.pages import Points, SheetPhotograph, compared, load_sheets, matches
from imgcore.types import Image
from lab import collected

BENT = KINDS[1:]
_ROUNDS = 4
_FEWEST = 12
_INK = 40
_PRINTED = 0.002
"""Levels by which ink is darker than the paper beside it, and its share from which a page is printed."""
_OUTLIER = 4.0
"""Multiple of the median residual from which a match is another word of the same letters."""

Pair = tuple[SheetPhotograph, SheetPhotograph]
Method = Callable[[Image], Image]
"""Page of a photograph."""
Flattener = Callable[[Image], Sequence[Image]]
"""Pages of a photograph, left to right."""


def load_collected(half: str) -> dict[str, list[tuple[Path, Path]]]:
    """The collected photographs of each sheet of one half, by kind; empty without the pictures."""
    by_sheet: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for entry in json.loads(collected.PAIRS.read_text(encoding="utf-8")):
        path = collected.default_folder() / entry["file"]
        if entry["half"] == half and path.is_file():
            by_sheet[entry["kind"], entry["sheet"]].append(path)
    pairs: dict[str, list[tuple[Path, Path]]] = defaultdict(list)
    for (kind, _), both in by_sheet.items():
        if len(both) == 2:
            pairs[kind].append((both[0], both[1]))
    return dict(pairs)


def pages_apart(flattener: Flattener, one: Path, other: Path) -> float:
    first, second = (flattener(_read(path)) for path in (one, other))
    if len(first) != len(second):
        return float("nan")
    both = [(_grey(a), b) for a, b in zip(first, second, strict=True)]
    printed = [pages for pages in both if not is_blank(pages[0])]
    return float(np.mean([affine_residual(*matches(*compared(*pages))) for pages in printed or both]))


def is_blank(page: Image) -> bool:
    """Return True if hardly anything is printed on a grey page, so that nothing on it can match."""
    rows, cols = (side // 8 for side in page.shape)
    inner = page[rows:-rows, cols:-cols]
    ink = cv2.morphologyEx(inner, cv2.MORPH_BLACKHAT, np.ones((15, 15), np.uint8)) > _INK
    return bool(ink.mean() < _PRINTED)


def _grey(image: Image) -> Image:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def load_pairs() -> dict[str, list[Pair]]:
    """The photographs of each bent sheet in two lights, by kind; empty without the data."""
    by_sheet: dict[tuple[str, str], list[SheetPhotograph]] = defaultdict(list)
    for sheet in load_sheets():
        if sheet.kind in BENT:
            by_sheet[sheet.kind, sheet.flat.name].append(sheet)
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for (kind, _), both in by_sheet.items():
        if len(both) == 2:
            pairs[kind].append((both[0], both[1]))
    return dict(pairs)


def sheets_apart(method: Method, pair: Pair) -> float:
    flat = np.asarray(cv2.imread(str(pair[0].flat), cv2.IMREAD_GRAYSCALE), np.uint8)
    first, second = (compared(flat, method(_read(sheet.photograph)))[1] for sheet in pair)
    return affine_residual(*matches(first, second))


def _read(path: Path) -> Image:
    return np.asarray(cv2.imread(str(path)), np.uint8)


def affine_residual(points: Points, others: Points) -> float:
    """Mean distance of points ``(n, 2)`` from the others, mapped to them by the best affine map.

    Least squares, and again without the farthest; not a number for fewer than `_FEWEST`.
    """
    kept = np.ones(len(points), np.bool_)
    design = np.hstack([others, np.ones((len(others), 1))])
    apart = np.full(len(points), np.nan)
    for _ in range(_ROUNDS):
        if kept.sum() < _FEWEST:
            return float("nan")
        solved = np.linalg.lstsq(design[kept], points[kept], rcond=None)[0]
        apart = np.linalg.norm(design @ solved - points, axis=1)
        kept = apart <= _OUTLIER * np.median(apart[kept])
    return float(apart[kept].mean())
