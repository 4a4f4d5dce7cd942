"""Historical documents whose ink is marked, and how a black-and-white picture of one is judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.gate.probe import Better, Case, Figure, Outcome
from benchmarks.gate.show import reduced
from benchmarks.quality.binarization_metrics import score
from imgcore.types import Image
from lab.photographs import SHARED

Method = Callable[[Image], Image]
"""Returns a picture of 0 and 255 alone."""

FOLDER = SHARED / "data" / "binarize"
"""Folder of the documents."""
YEARS = (2009, 2010, 2012, 2016)
"""Years of the contests that they are of."""
FIGURES = (
    Figure("F-measure", goal=88),
    *(Figure(f"{year}: F-measure") for year in YEARS),
    Figure("DRD", Better.LOWER),
)
"""Figures of a method."""


def cases() -> Sequence[Case]:
    """Return the documents that are on this machine."""
    manifest = FOLDER / "manifest.json"
    entries: list[dict[str, Any]] = (
        json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else []
    )
    return [Case(entry["image"], entry) for entry in entries]


def load(case: Case) -> tuple[Image, npt.NDArray[np.bool_]]:
    """Return a document, BGR, and the mask of its ink."""
    picture = np.asarray(cv2.imread(str(FOLDER / case.source["image"])), np.uint8)
    marked = np.asarray(cv2.imread(str(FOLDER / case.source["gt"]), cv2.IMREAD_GRAYSCALE))
    return picture, marked < 128


def outcome(case: Case, method: Method) -> Outcome:
    """Judge what a method makes of one document."""
    picture, ink = load(case)
    bilevel = method(picture)
    found = score(bilevel < 128, ink)
    values = {"F-measure": found.f, f"{case.source['year']}: F-measure": found.f, "DRD": found.drd}
    return Outcome(values, reduced(bilevel))
