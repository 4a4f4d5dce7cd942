"""Outlines on real pictures: documents on desks, documents that leave the picture, pages, and empty desks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from imgcore.outline import Finding, find_documents, find_outline_fast, find_page
from imgcore.types import Image, Outline
from lab.marked import UNCUT, MarkedPicture, Polygon, overlap_of
from server.services.pictures.model_cache import ModelCache

RIGHT = 0.9
"""Intersection over union from which a crop is right."""
PAIRED = 0.8
"""Intersection over union from which a find pairs with a document."""
_THUMBNAIL = 440
_MODELS = ModelCache()


@dataclass(frozen=True)
class Outcome:
    """Finds of one finder in one picture, judged.

    Attributes
    ----------
    overlap
        Best intersection over union of a find with the first document, 0 with neither.
    pairs
        Documents of which a find has at least `PAIRED`, each find used once.
    false
        True if a find cuts something out where nothing is to be cut.
    """

    picture: MarkedPicture
    finds: int
    overlap: float
    pairs: int
    false: bool

    @property
    def f1(self) -> float:
        """F1 of the documents of the picture."""
        return 2 * self.pairs / max(1, self.finds + len(self.picture.documents))


Outcomes = dict[str, list[Outcome]]
"""Outcomes of all pictures, by finder."""


def measured(pictures: Sequence[MarkedPicture], each: bool = False) -> Outcomes:
    """Show all pictures to all finders; `each` prints what becomes of them."""
    outcomes: Outcomes = {name: [] for name in FINDERS}
    for picture in pictures:
        image = picture.read()
        for name, finder in FINDERS.items():
            found = finder(image)
            outcomes[name].append(judge(picture, found, image.shape))
            if each:
                print(_line(name, outcomes[name][-1], found), flush=True)
    return outcomes


def judge(picture: MarkedPicture, found: Finding, shape: tuple[int, ...]) -> Outcome:
    """Compare what was found in a picture of `shape` with the truth."""
    finds = [outline.corners.astype(np.float64) for outline in found.outlines]
    height, width = shape[:2]
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    first = picture.documents[0] if picture.documents else None
    overlap = 0.0 if first is None else max((overlap_of(find, first) for find in finds), default=0.0)
    empty = picture.category in ("whole", "negative")
    false = empty and any(overlap_of(find, frame) < UNCUT for find in finds)
    return Outcome(picture, len(finds), overlap, _pairs(finds, picture.documents), false)


def _pairs(finds: Sequence[Polygon], documents: Sequence[Polygon]) -> int:
    overlaps = np.array([[overlap_of(find, document) for document in documents] for find in finds])
    overlaps = overlaps.reshape(len(finds), len(documents))
    pairs = 0
    while overlaps.size and overlaps.max() >= PAIRED:
        find, document = np.unravel_index(overlaps.argmax(), overlaps.shape)
        overlaps[find] = 0
        overlaps[:, document] = 0
        pairs += 1
    return pairs


def _line(finder: str, outcome: Outcome, found: Finding) -> str:
    return json.dumps(
        {
            "file": outcome.picture.path.name,
            "class": outcome.picture.category,
            "group": outcome.picture.group,
            "finder": finder,
            "finds": outcome.finds,
            "iou": round(outcome.overlap, 3),
            "paired": outcome.pairs,
            "false": outcome.false,
            "refused": None if found.reason is None else found.reason.name,
        }
    )


def _single(image: Image) -> Finding:
    return find_page(image, _MODELS.documents())


def _multi(image: Image) -> Finding:
    return find_documents(image, _MODELS.documents())


def _preview(image: Image) -> Finding:
    factor = min(1.0, _THUMBNAIL / max(image.shape))
    thumbnail = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    outline = find_outline_fast(np.asarray(thumbnail, np.uint8))
    if outline is None:
        return Finding()
    return Finding((Outline((outline.corners + 0.5) / factor - 0.5, outline.score),))


FINDERS: dict[str, Callable[[Image], Finding]] = {"single": _single, "multi": _multi, "preview": _preview}
"""The finders measured."""
