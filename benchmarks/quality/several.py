"""Accuracy of outlines of several documents: rendered desks, beside a classical detector."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import report
from imgcore.outline import find_outlines
from imgcore.outline.overlap import iou
from imgcore.types import Image
from server.runtime.process import tune_process
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.tabletops import Scene, make_desk, make_scene
from synthetic.scene.layout import LAYOUTS

Quads = list[npt.NDArray[np.float64]]
Finder = Callable[[Image], Quads]

SIZES = ((1600, 1200), (1600, 900), (1200, 1600))
FEWEST = 2
MOST = 12
RIGHT = 0.9
"""Intersection over union from which a detection is right."""
FIRST_SEED = 70_000
EMPTY_SEED = 80_000
_MODELS = ModelCache()


@dataclass
class DetectionCounts:
    """Counts of right detections, of all detections, and of documents present."""

    right: int = 0
    found: int = 0
    there: int = 0

    @property
    def score(self) -> float:
        """F1."""
        return 2 * self.right / max(1, self.found + self.there)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="several", description=__doc__)
    parser.add_argument("--desks", type=int, default=40, help="how many of each layout")
    parser.add_argument("--quick", action="store_true", help="three of each, and nothing is written")
    options = parser.parse_args(arguments)
    number = 3 if options.quick else options.desks
    tune_process()
    desks = [desk for layout in LAYOUTS for desk in made(layout, number)]
    empty = bare(number)
    rows = [_row(name, finder, desks, empty) for name, finder in FINDERS.items()]
    head = (
        "finder",
        *(f"F1 {layout}" for layout in LAYOUTS),
        "F1",
        "precision",
        "recall",
        "false on empty",
        "ms",
    )
    body = "\n\n".join([_intro(number), report.table(head, rows)])
    report.publish("several", "Several documents on one desk", body, options.quick)
    return 0


def made(layout: str, number: int, seed: int = FIRST_SEED) -> list[Scene]:
    """So many desks of one layout, with two to twelve documents."""
    seed += 1000 * LAYOUTS.index(layout)
    counts = range(FEWEST, MOST + 1)
    return [
        make_desk(seed + turn, layout, counts[turn % len(counts)], SIZES[turn % len(SIZES)])
        for turn in range(number)
    ]


def bare(number: int, seed: int = EMPTY_SEED) -> list[Image]:
    """So many desks without documents: half of them floors with lines of their own."""
    plain = [make_scene(seed + turn, 0, SIZES[turn % len(SIZES)]) for turn in range(-(-number // 2))]
    laid = [make_desk(seed + turn, LAYOUTS[0], 0, SIZES[turn % len(SIZES)]) for turn in range(number // 2)]
    return [scene.picture for scene in (*plain, *laid)]


def _intro(number: int) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} **Synthetic**: {number} made desks of each "
        f"layout with {FEWEST} to {MOST} receipts, cards and sheets each, 1600 px on the long side: in rows, "
        "strewn at any angle, touching, overlapping by up to an eighth; a third of them "
        "on tiles, rhombs, planks, stripes or rugs. A find is right from an intersection over union of "
        f"{RIGHT} with the whole document; F1 over all documents of a layout. *False on empty*: finds on "
        f"{number} desks without documents, half of them of that kind. The classical finder is Otsu's "
        "threshold, opening, and the tightest rectangle around each contour that fills it. Milliseconds "
        "are medians of the processor time of one thread, with memory kept as the service keeps it."
    )


def _row(name: str, finder: Finder, desks: Sequence[Scene], empty: Sequence[Image]) -> tuple[str, ...]:
    counts = {layout: DetectionCounts() for layout in LAYOUTS}
    times = []
    for desk in desks:
        begun = time.thread_time()
        found = finder(desk.picture)
        times.append(time.thread_time() - begun)
        count = counts[desk.layout]
        count.right += matches(found, desk.quads)
        count.found += len(found)
        count.there += len(desk.quads)
    right, finds, there = (
        sum(getattr(count, key) for count in counts.values()) for key in ("right", "found", "there")
    )
    shares = [f"{value:.3f}" for value in (2 * right / (finds + there), right / max(1, finds), right / there)]
    false = sum(len(finder(picture)) for picture in empty)
    scores = [f"{count.score:.3f}" for count in counts.values()]
    return (name, *scores, *shares, str(false), f"{np.median(times) * 1e3:.1f}")


def matches(found: Sequence[npt.NDArray[np.floating]], quads: Sequence[npt.NDArray[np.float64]]) -> int:
    """Count documents with a right detection; each detection is used once."""
    waiting = [np.asarray(quad, np.float64) for quad in found]
    right = 0
    for quad in quads:
        scores = [iou(quad, find) for find in waiting]
        if scores and max(scores) >= RIGHT:
            waiting.pop(int(np.argmax(scores)))
            right += 1
    return right


def _ours(image: Image) -> Quads:
    return [outline.corners.astype(np.float64) for outline in find_outlines(image, _MODELS.documents())]


def _classical(image: Image) -> Quads:
    """Threshold and contours, as tutorials do it."""
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (0, 0), 2)
    mask = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    found = []
    for contour in cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
        box = cv2.minAreaRect(contour)
        area = cv2.contourArea(contour)
        if area > 0.005 * mask.size and area > 0.8 * box[1][0] * box[1][1]:
            found.append(np.asarray(cv2.boxPoints(box), np.float64))
    return found


FINDERS: dict[str, Finder] = {
    "`find_outlines`": _ours,
    "Otsu and contours": _classical,
}
"""The detectors measured."""
