"""Quality of punch hole removal: rendered pages, beside Hough circles with inpainting."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import report
from benchmarks.quality.fingers import load_unheld
from imgcore.holes.removal import remove_holes
from imgcore.types import Image
from synthetic.datasets.punched import BINDINGS, PATTERNS, PunchedPage, make_punched

Circles = npt.NDArray[np.float64]
"""``(n, 3)``: x, y and radius."""
Remover = Callable[[Image], tuple[Image, Circles]]

FIRST = 63_000
PUNCHED = 80
FREE = 60
OTHER = 12
BOUND = 8
"""Pages with timing marks, pages cut through their print, and pages of each binding."""
GONE = 16
"""Levels: a hole pixel within so many of paper is gone."""


@dataclass(frozen=True, slots=True)
class HoleRemovalScore:
    """Scores of one page: holes present, found and false; shares and levels as in the table."""

    pattern: str
    torn: int
    there: int
    found: int
    false: int
    gone: float
    touched: float
    colour: float
    seconds: float


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="holes", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every eighth page, and nothing is written")
    parser.add_argument("--first", type=int, default=FIRST, help="seed of the first page")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    chosen = patterns()[:: 8 if options.quick else 1]
    rows: dict[str, list[HoleRemovalScore]] = {name: [] for name in REMOVERS}
    for number, pattern in chosen:
        page = make_punched(options.first + number, pattern=pattern)
        for name, remover in REMOVERS.items():
            rows[name].append(score(page, remover))
    body = "\n\n".join([_intro(len(chosen)), *_tables(rows), _photographs(31 if options.quick else 1)])
    report.publish("holes", "Binder holes", body, options.quick)
    return 0


def patterns() -> list[tuple[int, str | None]]:
    """Pages that are measured, by number and pattern."""
    kinds: list[str | None] = [None] * PUNCHED + ["none"] * FREE + ["marks"] * OTHER + ["cut"] * OTHER
    kinds += [name for name in BINDINGS for _ in range(BOUND)]
    return list(enumerate(kinds))


def score(page: PunchedPage, remover: Remover) -> HoleRemovalScore:
    """Score a remover on one page."""
    begun = time.thread_time()
    result, circles = remover(page.picture)
    seconds = time.thread_time() - begun
    gaps = np.linalg.norm(circles[:, None, :2] - page.centres[None], axis=2)
    found = int((gaps.min(axis=0, initial=np.inf) < page.radius / 2).sum())
    false = int((gaps.min(axis=1, initial=np.inf) >= page.radius / 2).sum())
    filled = result.astype(np.float32)
    touched = float((np.abs(filled - page.picture).max(axis=2)[page.ink] > GONE).mean())
    there = len(page.centres)
    if not there:
        return HoleRemovalScore(page.pattern, 0, 0, 0, false, float("nan"), touched, float("nan"), seconds)
    gone = np.abs(cv2.blur(filled, (5, 5)) - page.bare).max(axis=2)[page.holes] < GONE
    error = (filled - page.bare)[page.holes][gone]
    colour = float(np.abs(error.mean(axis=0)).max()) if gone.any() else float("nan")
    return HoleRemovalScore(
        page.pattern, page.torn, there, found, false, float(gone.mean()), touched, colour, seconds
    )


def _intro(count: int) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} SYNTHETIC: {count} made pages of "
        f"1240 x 1754 pixels, {FREE + 2 * OTHER} of them not punched, all with bullets, "
        "letters O, discs as wide as holes, clock faces, seals and plots; two holes at 80 or 70 "
        "mm, three at 108, four at 80, or a row, on any side; black, desk or another sheet "
        "behind, or a ground as pale as paper, with the rim's shadow; some torn to the border by a "
        "slit, a slot or a wedge, cut by the picture, strengthened by a ring, or in print; columns "
        f"of printed discs and rings; {OTHER} pages with the black timing marks of a form along a "
        f"side, and {OTHER} cut through their print. Bound pages, {BOUND} of each kind, are counted "
        "apart: square holes of twin loop wire at two and three to the inch, and a coil's; on half of "
        "them print touches the holes. Squares over black are left, as they may be timing marks. The "
        "seeds are not those it was tuned on. Gone: "
        f"share of the holes' pixels within {GONE} levels of true paper. Touched: "
        "share of printed pixels changed. Colour: levels between new paper and true paper. "
        "False: circles that are no holes, and pages with such. The peer is `cv2.HoughCircles` "
        "along the sides and `cv2.inpaint`. Milliseconds are medians of the processor time of "
        "one thread."
    )


def _photographs(step: int) -> str:
    """Return how many photographs without holes come back changed, of every so many."""
    pictures = [np.asarray(cv2.imread(str(path)), np.uint8) for path in list(load_unheld())[::step]]
    changed = sum(remove_holes(picture).image is not picture for picture in pictures)
    return f"Photographs of pages without holes: {len(pictures)}, of which {changed} come back changed."


def _tables(rows: dict[str, list[HoleRemovalScore]]) -> list[str]:
    head = ("remover", "found", "false", "on pages", "gone", "touched", "colour", "ms")
    loose = {name: [s for s in scores if s.pattern not in BINDINGS] for name, scores in rows.items()}
    table = report.table(head, [_row(name, scores) for name, scores in loose.items()])
    ours = next(iter(rows.values()))
    groups = {name: [s for s in ours if s.pattern == name] for name in PATTERNS | BINDINGS}
    groups["with torn ones"] = [s for s in ours if s.torn]
    shares = [f"{sum(s.found for s in g) / max(1, sum(s.there for s in g)):.3f}" for g in groups.values()]
    return [table, report.table(["ours, found", *groups], [["", *shares]])]


def _row(name: str, scores: list[HoleRemovalScore]) -> tuple[str, ...]:
    there = sum(s.there for s in scores)
    return (
        name,
        f"{sum(s.found for s in scores)} of {there}, {sum(s.found for s in scores) / max(1, there):.3f}",
        f"{sum(s.false for s in scores)}",
        f"{sum(s.false > 0 for s in scores)}",
        f"{np.nanmean([s.gone for s in scores]):.3f}",
        f"{np.mean([s.touched for s in scores]):.3%}",
        f"{np.nanmean([s.colour for s in scores]):.1f}",
        f"{np.median([s.seconds for s in scores]) * 1e3:.0f}",
    )


def remove(image: Image) -> tuple[Image, Circles]:
    result = remove_holes(image)
    circles = [(hole.x, hole.y, hole.radius) for hole in result.holes]
    return result.image, np.array(circles, np.float64).reshape(-1, 3)


def _hough(image: Image) -> tuple[Image, Circles]:
    """Circles of a hole's size within 20 mm of a side, inpainted."""
    grey = cv2.medianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), 5)
    unit = max(image.shape) / 297
    low = round(2.3 * unit)
    high = round(4.7 * unit)
    seen = cv2.HoughCircles(
        grey, cv2.HOUGH_GRADIENT, 1, 6 * unit, param1=120, param2=22, minRadius=low, maxRadius=high
    )
    circles = np.zeros((0, 3)) if seen is None else np.asarray(seen, np.float64).reshape(-1, 3)
    x = circles[:, 0]
    y = circles[:, 1]
    edge = np.minimum.reduce([x, y, image.shape[1] - x, image.shape[0] - y])
    circles = circles[edge < 20 * unit]
    mask = np.zeros(image.shape[:2], np.uint8)
    for x0, y0, radius in circles:
        cv2.circle(mask, (round(x0), round(y0)), round(1.2 * radius), 255, -1)
    return np.asarray(cv2.inpaint(image, mask, 3, cv2.INPAINT_TELEA), np.uint8), circles


REMOVERS: dict[str, Remover] = {"`remove_holes`": remove, "Hough circles and inpainting": _hough}
