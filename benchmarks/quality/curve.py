"""Bent pages laid flat as a capture does it, and the words of the flat page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from benchmarks.quality.pages import words
from imgcore.curve.flatten import flatten
from imgcore.outline import find_page
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache

KINDS = ("perspective", "curled", "fewfold", "multifold", "crumpleseasy", "crumpleshard")
"""Kinds of deformation of the sheets."""
_MODELS = ModelCache()
"""Nets of the service."""


def flattened(image: Image) -> Sequence[Image]:
    """The pages of a photograph as a capture with curve correction gives them."""
    return flatten(image, _MODELS.page_grid(), find_page(image, _MODELS.documents())).pages


@cache
def known_words(flat: Path) -> Counter[str] | None:
    """The words that Tesseract reads on a flat page; None where it is not installed."""
    return words(np.asarray(cv2.imread(str(flat), cv2.IMREAD_GRAYSCALE), np.uint8))
