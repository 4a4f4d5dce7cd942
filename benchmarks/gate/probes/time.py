"""Processor time of each stage, as a ratio to a fixed piece of work of the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache, partial

import cv2
import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.text import pages
from benchmarks.text.readers import own_reader
from imgcore.barcode import read_codes
from imgcore.curve.flatten import flatten
from imgcore.deskew import find_skew
from imgcore.enhance import black_white, colour, grey_document
from imgcore.fingers.removal import remove_fingers
from imgcore.holes.removal import remove_holes
from imgcore.orientation import find_orientation
from imgcore.outline import find_documents, find_outline_fast, find_page
from imgcore.paper.show_through import remove_show_through
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.tabletops import make_scene

_SIZE = (3264, 2448)
"""Columns and rows of a camera of eight megapixels."""
_PREVIEW = (440, 330)
"""Columns and rows of a preview's thumbnail."""
_REPEATS = 7
"""Measurements of each stage, each beside the fixed work."""
_SPREAD = 0.12
"""Share by which a ratio differs between two runs of the same code on a shared machine."""
_SEED = 4
"""Seed of the scene."""
_MODELS = ModelCache()


@cache
def _scene(size: tuple[int, int]) -> Image:
    return make_scene(_SEED, 1, size).picture


@cache
def _page() -> Image:
    """Return a page of text of two megapixels."""
    return pages.page(0, "en").picture


def _fixed_work() -> None:
    """Do what costs the same in every commit: filters, a sort and a product, of some 50 ms."""
    values = np.random.default_rng(1).random((1000, 1000), np.float32)
    for _ in range(4):
        smooth = cv2.GaussianBlur(values, (0, 0), 3.0)
        values = np.asarray(smooth + cv2.dilate(smooth, np.ones((9, 9), np.uint8)), np.float32)
    np.sort(values.ravel())
    np.dot(values[:400, :400], values[:400, :400].T)


@cache
def _stages() -> dict[str, Callable[[], object]]:
    large = _scene(_SIZE)
    nets = _MODELS.documents()
    small = cv2.resize(large, _PREVIEW, interpolation=cv2.INTER_AREA)
    thumbnail = np.asarray(small, np.uint8)
    reader = own_reader()
    return {
        "one page, 8 MP": partial(find_page, large, nets),
        "several, 8 MP": partial(find_documents, large, nets),
        "preview, 440 px": partial(find_outline_fast, thumbnail),
        "curve, 8 MP": lambda: flatten(large, _MODELS.page_grid(), find_page(large, nets)),
        "colour, 8 MP": partial(colour, large, _MODELS.page_layers()),
        "grey, 8 MP": partial(grey_document, large, _MODELS.page_layers()),
        "black and white, 8 MP": partial(black_white, large),
        "fingers, 2 MP": partial(remove_fingers, _page(), _MODELS.fingers()),
        "holes, 2 MP": partial(remove_holes, _page()),
        "show-through, 2 MP": partial(remove_show_through, _page()),
        "upright, 2 MP": partial(
            find_orientation, _page(), _MODELS.orientation(), _MODELS.page_orientation()
        ),
        "skew, 2 MP": partial(find_skew, _page()),
        "codes, 2 MP": partial(read_codes, _page()),
        "text, 2 MP": partial(reader.read, _page()),
    }


_NAMES = (
    "one page, 8 MP",
    "several, 8 MP",
    "preview, 440 px",
    "curve, 8 MP",
    "colour, 8 MP",
    "grey, 8 MP",
    "black and white, 8 MP",
    "fingers, 2 MP",
    "holes, 2 MP",
    "show-through, 2 MP",
    "upright, 2 MP",
    "skew, 2 MP",
    "codes, 2 MP",
    "text, 2 MP",
)
"""Stages that are timed."""


def _cases() -> Sequence[Case]:
    return [Case(name, name) for name in _NAMES]


def _judge(case: Case) -> Outcome:
    stage = _stages()[case.source]
    stage()
    ratios = {}
    for number in range(_REPEATS):
        spent = _spent(stage)
        fixed = _spent(_fixed_work)
        ratios[f"{case.name}, {number}"] = spent / fixed
    return Outcome({case.name: ratios})


def _spent(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


PROBES = (
    Probe(
        "time",
        "made",
        [Figure(name, Better.LOWER, unit="times", spread=_SPREAD) for name in _NAMES],
        _cases,
        _judge,
        ("*",),
        timed=True,
        thin=1,
    ),
)
