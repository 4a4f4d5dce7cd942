"""Times of a two-megapixel page, with three codes and with none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import cv2
import numpy as np

from benchmarks.barcode.readers import gaopai
from benchmarks.barcode.stress import CELL, label
from benchmarks.barcode.symbols import LINEAR, draw
from imgcore.barcode import engines
from imgcore.barcode.code import Symbology
from imgcore.types import Image
from synthetic.documents.pages import make_page

SIZE = (1224, 1632)
PAGES = 20
TIMES = 5
CODES = 3
_MODULE = 3
_BARS = 20
KINDS = (*LINEAR, Symbology.QR)
Reader = Callable[[Image], object]
HEAD = ("page", "reader", "ms, median", "ms, 95 of 100", "processor ms, median", "over zxing-cpp")


def rows(every: int) -> Iterator[tuple[str, ...]]:
    """The table's rows: the readers take turns on each page, so that others' work hits all of them."""
    with ThreadPoolExecutor(1) as helper:
        readers: dict[str, Reader] = {"gaopai": lambda page: gaopai(page, helper)}
        for engine in engines.find_engines():
            readers[engine.name] = partial(engine.read_picture, fast=False)
        for codes in (CODES, 0):
            yield from _rows(readers, codes, every)


def _rows(readers: dict[str, Reader], codes: int, every: int) -> Iterator[tuple[str, ...]]:
    pages = [page(seed, codes) for seed in range(0, PAGES, every)]
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in readers}
    for picture in pages * TIMES:
        for name, read in readers.items():
            begun = time.perf_counter(), time.process_time()
            read(picture)
            taken[name].append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
    peer = float(np.median(taken.get("zxing-cpp", [(np.nan, np.nan)]), axis=0)[1])
    for name, times in taken.items():
        middle, spent = np.median(times, axis=0)
        slow = np.percentile(times, 95, axis=0)[0]
        what = f"{codes} codes" if codes else "no code"
        milliseconds = (f"{seconds * 1000:.1f}" for seconds in (middle, slow, spent))
        yield what, name, *milliseconds, f"{spent / peer:.1f}"


def page(seed: int, codes: int) -> Image:
    """A page of print with codes of three pixels a module."""
    random = np.random.default_rng([seed, codes])
    grey = np.asarray(cv2.cvtColor(make_page(seed, SIZE).picture, cv2.COLOR_BGR2GRAY), np.uint8)
    for number in range(codes):
        symbol = draw(KINDS[(seed * codes + number) % len(KINDS)], random)
        factor = _MODULE / CELL
        code = cv2.resize(label(symbol, _BARS), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        high, wide = code.shape
        top = 100 + 450 * number
        left = int(random.integers(20, max(21, SIZE[0] - wide - 20)))
        grey[top : top + high, left : left + wide] = code[:, : SIZE[0] - left]
    seen = cv2.GaussianBlur(grey, (0, 0), 0.6) + random.normal(0, 3, grey.shape)
    return np.clip(seen, 0, 255).astype(np.uint8)
