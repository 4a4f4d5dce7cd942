"""Quality of a print for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from imgcore.fingerprint import fields
from imgcore.fingerprint.descriptors import CELL
from imgcore.fingerprint.extract import extract, scaled
from imgcore.fingerprint.template import DOTS, Template
from imgcore.types import Image

SMALLEST_AREA = 12_000
"""Least area of a print that can be compared, in pixels of 500 dpi: 31 square millimetres."""
ENOUGH_AREA = 50_000
"""Area of a print from which more does not raise its quality, in pixels of 500 dpi: 129 square
millimetres."""

FEWEST = 8
"""Least number of minutiae, with a quality of `DOUBTFUL` and more, of a print that can be compared."""
ENOUGH = 24
"""Number of minutiae, with a quality of `DOUBTFUL` and more, from which more do not raise a print's
quality."""

DOUBTFUL = 0.25
"""Quality, 0..1, from which a minutia counts for the quality of its print."""
FAINTEST = 8.0
"""Least contrast of a print that can be compared: standard deviation over ridges and valleys, in grey
levels."""

EDGE = 6
"""Cells from the edge of a print that are left out of its contrast."""


class FingerprintQualityIssue(StrEnum):
    """Issues for which a print cannot be compared; a clause each."""

    SMALL = "too little of the finger is seen"
    FEW = "too few details are seen"
    FAINT = "the ridges are too faint"


@dataclass(frozen=True, slots=True)
class FingerprintQuality:
    """Quality of a print, 0..1, and the issue of one that is too poor."""

    value: float
    issue: FingerprintQualityIssue | None


def quality(finger: Image | Template, dots: float = DOTS) -> FingerprintQuality:
    """Measure the quality of a picture, or of a template, whose contrast is unknown.

    Raises
    ------
    imgcore.types.ImageError
        As `extract` does.
    """
    return _of_template(finger) if isinstance(finger, Template) else extract_with_quality(finger, dots)[1]


def extract_with_quality(image: Image, dots: float = DOTS) -> tuple[Template, FingerprintQuality]:
    """Extract the template of a picture and measure its quality in one go.

    Raises
    ------
    imgcore.types.ImageError
        As `extract` does.
    """
    template = extract(image, dots)
    quality_found = _of_template(template)
    if quality_found.issue is None and _contrast(image, dots, template) < FAINTEST:
        return template, FingerprintQuality(0.0, FingerprintQualityIssue.FAINT)
    return template, quality_found


def _contrast(image: Image, dots: float, template: Template) -> float:
    """Contrast of ridges and valleys in grey levels, without the edge of the print, which has more."""
    _, contrast = fields.normalise(scaled(image, dots))
    known = template.descriptors.known.astype(np.uint8)
    inner = cv2.erode(known, np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8)) > 0
    cells = contrast[CELL // 2 :: CELL, CELL // 2 :: CELL][: inner.shape[0], : inner.shape[1]]
    return float(np.median(cells[inner])) if inner.any() else 0.0


def _of_template(finger: Template) -> FingerprintQuality:
    area = int(finger.descriptors.known.sum()) * CELL * CELL
    coherences = int((finger.quality >= DOUBTFUL).sum())
    value = float(np.sqrt(min(area / ENOUGH_AREA, 1.0) * min(coherences / ENOUGH, 1.0)))
    if area < SMALLEST_AREA:
        return FingerprintQuality(value, FingerprintQualityIssue.SMALL)
    return FingerprintQuality(value, FingerprintQualityIssue.FEW if coherences < FEWEST else None)
