"""Documents on real desks: single ones, several, whole pages, and desks without any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import outlined
from benchmarks.quality import desks
from imgcore.types import Image
from lab import collected
from lab.marked import FOLDER, MarkedPicture, crop_through, load_marked

_CROPPED = "cropped, "
"""Opens the name of a picture of which a side was cut off through its document."""


def _shared() -> Iterator[MarkedPicture]:
    yield from load_marked(FOLDER / "desks.json", FOLDER)


def _collected(half: str) -> Callable[[], Iterator[MarkedPicture]]:
    return lambda: load_marked(collected.MANIFEST, collected.default_folder(), half)


def _cases(pictures: Callable[[], Iterator[MarkedPicture]]) -> Callable[[], Sequence[Case]]:
    def cases() -> Sequence[Case]:
        found = []
        for picture in pictures():
            version = str(picture.path.stat().st_size)
            found.append(Case(picture.path.name, picture, version))
            if picture.category == "single":
                found.append(Case(_CROPPED + picture.path.name, crop_through(picture), version))
        return found

    return cases


def _judge(case: Case) -> Outcome:
    picture: MarkedPicture = case.source
    image = picture.read()
    finders = desks.FINDERS if picture.category != "cropped" else {"single": desks.FINDERS["single"]}
    found = {name: finder(image) for name, finder in finders.items()}
    outcomes = {name: desks.judge(picture, finding, image.shape) for name, finding in found.items()}
    single = outcomes["single"]
    values: dict[str, float] = {}
    if picture.category == "single":
        values["single: IoU"] = single.overlap
        values["single: above .9"] = float(single.overlap > desks.RIGHT)
        values["single, by the search for several: IoU"] = outcomes["multi"].overlap
        values["preview of one frame: IoU"] = outcomes["preview"].overlap
    elif picture.category == "cut":
        values["leaving the picture: IoU"] = single.overlap
    elif picture.category == "cropped":
        values["a side cut off: IoU"] = single.overlap
    elif picture.category == "several":
        values["several: F1 at IoU .8"] = outcomes["multi"].f1
    else:
        what = "whole pages" if picture.category == "whole" else "nothing there"
        for name, one in outcomes.items():
            values[f"{what}: cut, {name}"] = float(one.false)
    shown = found["multi" if picture.category == "several" else "single"]
    finds = [outline.corners.astype(np.float64) for outline in shown.outlines]
    return Outcome(values, outlined(_bgr(image), finds, picture.documents))


def _bgr(image: Image) -> Image:
    return image if image.ndim == 3 else np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)


_FIGURES = (
    Figure("single: IoU", goal=0.93),
    Figure("single: above .9", goal=0.92, unit="%"),
    Figure("single, by the search for several: IoU"),
    Figure("a side cut off: IoU", goal=0.85),
    Figure("leaving the picture: IoU", goal=0.85),
    Figure("several: F1 at IoU .8", goal=0.96),
    Figure("whole pages: cut, single", Better.LOWER, 0, "of"),
    Figure("whole pages: cut, multi", Better.LOWER, 0, "of"),
    Figure("whole pages: cut, preview", Better.LOWER, 0, "of"),
    Figure("nothing there: cut, single", Better.LOWER, 0, "of"),
    Figure("nothing there: cut, multi", Better.LOWER, 0, "of"),
    Figure("nothing there: cut, preview", Better.LOWER, 0, "of"),
    Figure("preview of one frame: IoU"),
)
_NETS = ("document_*",)
"""Nets that find documents."""

PROBES = (
    Probe(
        "desks", "shared", _FIGURES, _cases(_shared), _judge, _NETS,
        "the marked pictures of desks", thin=7,
    ),
    *(
        Probe(
            "desks", half, _FIGURES, _cases(_collected(half)), _judge, _NETS,
            "the collected pictures (python -m lab.collected)", thin=24,
        )
        for half in collected.HALVES
    ),
)  # fmt: skip
