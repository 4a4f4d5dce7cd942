"""Every finder, and what it does to a picture, counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from cProfile import Profile
from functools import partial

import cv2

from imgcore.barcode import Effort, read_codes
from imgcore.curve.flatten import flatten
from imgcore.deskew import find_skew
from imgcore.enhance import black_white, colour, photo, receipt
from imgcore.enhance.stamp import red_stamp
from imgcore.fingerprint import extract
from imgcore.fingers.removal import remove_fingers
from imgcore.holes.removal import remove_holes
from imgcore.orientation.windows import find_windows
from imgcore.outline import find_documents, find_outline_fast, find_page
from imgcore.paper.blank_page import is_blank
from imgcore.paper.border import find_slivers
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache

MODELS = ModelCache()
FINDERS: Mapping[str, Callable[[Image], object]] = {
    "codes": read_codes,
    "live codes": partial(read_codes, effort=Effort.LIVE),
    "outline": find_page,
    "preview outline": find_outline_fast,
    "outlines": find_documents,
    "skew": find_skew,
    "holes": remove_holes,
    "fingers": remove_fingers,
    "blank page": is_blank,
    "slivers": find_slivers,
    "curved page": flatten,
    "words": find_windows,
    "black and white": black_white,
    "colour": lambda picture: colour(picture, MODELS.page_layers()),
    "red stamp": lambda picture: red_stamp(picture, MODELS.page_layers()),
    "photo": photo,
    "receipt": receipt,
    "fingerprint": lambda picture: extract(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)),
}
"""Each takes a picture in colour."""


def calls(find: Callable[[Image], object], picture: Image) -> int:
    """Count the calls of functions, which do not depend on the computer's speed."""
    counted = Profile()
    counted.enable()
    try:
        find(picture)
    finally:
        counted.disable()
    return sum(entry.callcount for entry in counted.getstats())
