"""Whether a print is good enough to be compared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from imgcore.fingerprint import fields
from imgcore.fingerprint.extract import extract, scaled
from imgcore.fingerprint.surroundings import CELL
from imgcore.fingerprint.template import DOTS, Template
from imgcore.types import Image

SMALLEST_AREA = 12_000
ENOUGH_AREA = 50_000
"""Pixels of 500 dpi: 31 and 129 square millimetres."""

FEWEST = 8
ENOUGH = 24
"""Minutiae, counted by their quality beyond `DOUBTFUL`."""

DOUBTFUL = 0.25
FAINTEST = 8.0
"""Grey levels, standard deviation over ridges and valleys."""

EDGE = 6
"""Cells from the edge of a print that are left out of its contrast."""


class Fault(StrEnum):
    """Why a print cannot be compared; a clause."""

    SMALL = "too little of the finger is seen"
    FEW = "too few details are seen"
    FAINT = "the ridges are too faint"


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a print is, 0..1, and why it is too poor, if it is."""

    value: float
    fault: Fault | None


def quality(finger: Image | Template, dots: float = DOTS) -> Quality:
    """Judge a picture, or a template, of which contrast is not known.

    Raises
    ------
    imgcore.types.ImageError
        As `extract` does.
    """
    return _of_template(finger) if isinstance(finger, Template) else judged(finger, dots)[1]


def judged(image: Image, dots: float = DOTS) -> tuple[Template, Quality]:
    """The template of a picture, and how good the picture is, found in one go.

    Raises
    ------
    imgcore.types.ImageError
        As `extract` does.
    """
    template = extract(image, dots)
    quality_found = _of_template(template)
    if quality_found.fault is None and _contrast(image, dots, template) < FAINTEST:
        return template, Quality(0.0, Fault.FAINT)
    return template, quality_found


def _contrast(image: Image, dots: float, template: Template) -> float:
    """Grey levels by which ridges and valleys differ, without the edge of the print, which differs more."""
    _, contrast = fields.normalise(scaled(image, dots))
    known = template.surroundings.known.astype(np.uint8)
    inner = cv2.erode(known, np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8)) > 0
    cells = contrast[CELL // 2 :: CELL, CELL // 2 :: CELL][: inner.shape[0], : inner.shape[1]]
    return float(np.median(cells[inner])) if inner.any() else 0.0


def _of_template(finger: Template) -> Quality:
    area = int(finger.surroundings.known.sum()) * CELL * CELL
    sure = int((finger.quality >= DOUBTFUL).sum())
    value = float(np.sqrt(min(area / ENOUGH_AREA, 1.0) * min(sure / ENOUGH, 1.0)))
    if area < SMALLEST_AREA:
        return Quality(value, Fault.SMALL)
    return Quality(value, Fault.FEW if sure < FEWEST else None)
