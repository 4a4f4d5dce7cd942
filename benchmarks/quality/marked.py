"""Real pictures whose documents were marked by hand: manifests, and the files they name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Polygon = npt.NDArray[np.float64]

KINDS = (
    ("business card", ("business",)),
    ("game card", ("trading", "game", "playing")),
    ("receipt", ("receipt",)),
    ("answer sheet", ("answer",)),
    ("book, magazine", ("book", "magazine", "spiral")),
    ("other card", ("card", "badge", "ticket", "licence")),
)
"""Groups of documents, by words in their description; the first that fits."""
OTHER_KIND = "sheet, form, letter"


@dataclass(frozen=True)
class MarkedPicture:
    """One picture and the documents in it.

    Attributes
    ----------
    path
        The file; its pixels are those that ``cv2.imread`` shows.
    category
        ``single``, ``several``, ``cut`` (leaves the picture), ``whole`` (is the picture), ``negative``.
    kind
        A few words: ``receipt``, ``bank card``.
    documents
        Visible part of each, ``(n, 2)`` in pixels.
    """

    path: Path
    category: str
    kind: str
    documents: tuple[Polygon, ...]

    @property
    def group(self) -> str:
        """The group of documents it belongs to."""
        fitting = (group for group, words in KINDS if any(word in self.kind for word in words))
        return next(fitting, OTHER_KIND)

    def read(self) -> Image:
        """Decode the file to BGR."""
        picture = cv2.imread(str(self.path))
        if picture is None:
            raise ValueError(f"{self.path} is no picture: fetch it again")
        return np.asarray(picture, np.uint8)


def load_marked(manifest: Path, folder: Path, half: str | None = None) -> Iterator[MarkedPicture]:
    """Yield the pictures of a manifest that are in `folder`, of one half or of both; none without it."""
    if not manifest.is_file():
        return
    for entry in json.loads(manifest.read_text(encoding="utf-8")):
        path = folder / entry["file"]
        if half in (None, entry.get("half")) and path.is_file():
            yield MarkedPicture(path, entry["class"], entry["kind"], _polygons(entry["documents"]))


def _polygons(documents: Iterable[dict[str, Any]]) -> tuple[Polygon, ...]:
    return tuple(np.array(each.get("polygon", each["quad"]), np.float64) for each in documents)
