"""Share of whole pages that a crop cuts, and what becomes of documents that are mistaken for less or more."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline import Finding, find_documents, find_outline_fast, find_page
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache

Quads = list[npt.NDArray[np.float64]]

FIRST_SEED = 90_000
"""Seeds from here on were not looked at while the check was made."""
_THUMBNAIL = 440
_MODELS = ModelCache()


def _corners(finding: Finding) -> Quads:
    return [outline.corners.astype(np.float64) for outline in finding.outlines]


def _single(image: Image) -> Quads:
    return _corners(find_page(image, _MODELS.documents()))


def _multi(image: Image) -> Quads:
    return _corners(find_documents(image, _MODELS.documents()))


def _preview(image: Image) -> Quads:
    factor = min(1.0, _THUMBNAIL / max(image.shape))
    thumbnail = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    outline = find_outline_fast(np.asarray(thumbnail, np.uint8))
    return [] if outline is None else [(outline.corners.astype(np.float64) + 0.5) / factor - 0.5]


FINDERS: dict[str, Callable[[Image], Quads]] = {"single": _single, "multi": _multi, "preview": _preview}
"""The finders measured."""
