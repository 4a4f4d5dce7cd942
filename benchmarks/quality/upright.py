"""Accuracy of page orientation: rendered and born-digital pages, turned by quarters."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks import report
from benchmarks.quality.deskew import LARGE, load_skewed
from imgcore.orientation import find_orientation
from imgcore.rotate import rotate
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.skewed import QUALITIES, make_skewed, seen
from synthetic.documents.business import BUSINESS, business_page

MADE = 60
FIRST = 7000
QUARTERS = (0, 90, 180, 270)
_MODELS = ModelCache()


@dataclass(frozen=True, eq=False)
class UprightPage:
    """An upright picture, BGR, but for some skew, and the set it counts to."""

    picture: Image
    set: str


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="upright", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every seventh page, and nothing is written")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    pages = list(load_pages())[:: 7 if options.quick else 1]
    rows = [
        _row(kind, [page for page in pages if page.set == kind])
        for kind in dict.fromkeys(page.set for page in pages)
    ]
    head = ("pages", "turns", "right", "wrong", "not sure")
    body = "\n\n".join([_intro(), report.table(head, rows)])
    report.publish("upright", "Upright (synthetic)", body, options.quick)
    return 0


def load_pages() -> Iterator[UprightPage]:
    """Yield the pages of the deskewing sets, with their skew, and rendered ones not used in training."""
    for page in load_skewed():
        yield UprightPage(page.picture, page.set)
    for seed in range(FIRST, FIRST + MADE):
        made = make_skewed(seed)
        yield UprightPage(made.picture, f"made, {made.kind}")
    for seed in range(FIRST, FIRST + MADE):
        yield _business(seed)


def _business(seed: int) -> UprightPage:
    """Invoices, statements, listings and notices, of all qualities in turn."""
    random = np.random.default_rng([seed, 99])
    kind = tuple(BUSINESS)[seed % len(BUSINESS)]
    quality = QUALITIES[seed // len(BUSINESS) % len(QUALITIES)]
    scale = 1 if quality == "bilevel" else 2
    drawn = business_page(random, kind, (1240 * scale, 1754 * scale))
    return UprightPage(seen(random, drawn, random.uniform(-14, 14), quality), f"made, {kind}")


def _intro() -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} SYNTHETIC: pages turned by up to 15 degrees, "
        "and by each of the four quarter turns; *clean* and *hard* as under *Skew of text*, *made* of all "
        "three qualities there. The net was trained on other made pages alone. "
        f"{_spent():.0f} ms at 8 megapixels, processor time of one thread."
    )


def _row(kind: str, pages: Sequence[UprightPage]) -> tuple[str, ...]:
    right = wrong = 0
    for page in pages:
        for clockwise in QUARTERS:
            found = find_orientation(rotate(page.picture, clockwise), _MODELS.orientation())
            if found is not None:
                good = (found.clockwise + clockwise) % 360 == 0
                right = right + good
                wrong = wrong + (not good)
    count = len(pages) * len(QUARTERS)
    return (kind, str(count), f"{right / count:.3f}", str(wrong), str(count - right - wrong))


def _spent() -> float:
    page = make_skewed(0, 3.0, "clean").picture
    picture = np.asarray(cv2.resize(page, LARGE, interpolation=cv2.INTER_CUBIC), np.uint8)
    times = []
    for _ in range(5):
        begun = time.thread_time()
        find_orientation(picture, _MODELS.orientation())
        times.append(time.thread_time() - begun)
    return float(np.median(times)) * 1e3
