"""Real hands on pages, and real pages without a finger, which stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import cv2
import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import side_by_side
from benchmarks.quality import hands
from benchmarks.quality.fingers import load_unheld
from imgcore.fingers.net import FingerNet
from imgcore.fingers.removal import remove_fingers
from lab import collected
from lab.held_pages import cut_held, entries
from lab.photographs import SHARED
from server.services.pictures.model_cache import ModelCache

_STEP = 2
"""Every so many pictures without a finger are taken."""
_MODELS = ModelCache()


def _hands(half: str) -> Callable[[], Sequence[Case]]:
    return lambda: [Case(f"{half}, {entry['file']}", entry) for entry in _entries(half)]


def _entries(half: str) -> Iterator[dict[str, object]]:
    for entry in entries(half):
        if (collected.default_folder() / entry["file"]).is_file():
            yield entry


def _judge_hand(case: Case) -> Outcome:
    held = cut_held(case.source)
    cleaned = remove_fingers(held.page, _net()).image
    if not held.fingers:
        return Outcome({"pages without a finger: changed": float(not np.array_equal(cleaned, held.page))})
    fingers = {
        f"{case.name}, {number}": hands.gone(held, finger, cleaned)
        for number, finger in enumerate(held.fingers)
        if finger.mean() <= hands.HAND
    }
    values: dict[str, float | dict[str, float]] = {
        "fingers gone": {name: float(share >= hands.MOST) for name, share in fingers.items()},
        "share of fingers gone": fingers,
        "pages with ink lost": float(hands.ink_lost(held, cleaned) > 0),
    }
    return Outcome(values, side_by_side(held.page, cleaned))


@cache
def _net() -> FingerNet | None:
    return _MODELS.fingers()


def _unheld() -> Sequence[Case]:
    return [Case(str(path.relative_to(SHARED / "data")), path) for path in list(load_unheld())[::_STEP]]


def _judge_unheld(case: Case) -> Outcome:
    picture = np.asarray(cv2.imread(str(case.source)), np.uint8)
    cleaned = remove_fingers(picture, _net()).image
    changed = not np.array_equal(cleaned, picture)
    shown = side_by_side(picture, cleaned) if changed else None
    return Outcome({"real pictures without a finger: changed": float(changed)}, shown)


_NETS = ("finger_segmentation.npz",)
"""The net that draws skin."""
_FINGERS = tuple(
    Probe(
        "fingers",
        half,
        (
            Figure("fingers gone", goal=0.9, unit="%"),
            Figure("share of fingers gone", unit="%"),
            Figure("pages with ink lost", Better.LOWER, 0, "of"),
            Figure("pages without a finger: changed", Better.LOWER, 0, "of"),
        ),
        _hands(half),
        _judge_hand,
        _NETS,
        "the collected hands",
        thin=12,
    )
    for half in collected.HALVES
)
PROBES = (
    *_FINGERS,
    Probe(
        "no fingers",
        "shared",
        (Figure("real pictures without a finger: changed", Better.LOWER, 0, "of"),),
        _unheld,
        _judge_unheld,
        _NETS,
        "the shared pictures",
        thin=15,
    ),
)
