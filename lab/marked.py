"""Real pictures whose documents were marked by hand: manifests, and the files they name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image
from lab.photographs import SHARED

Polygon = npt.NDArray[np.float64]

FOLDER = SHARED / "data" / "desks"
"""Folder of the marked pictures of desks, where a developer has them."""
UNCUT = 0.97
"""Intersection over union with the whole picture from which a find cuts nothing off."""

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
        ``single``, ``several``, ``cut`` (leaves the picture), ``whole`` (is the picture), ``negative``; and
        ``cropped``, a single one of which `crop_through` cut a part off.
    kind
        A few words: ``receipt``, ``bank card``.
    documents
        Visible part of each, ``(n, 2)`` in pixels.
    frame
        Left, top, right and bottom of the part of the file's picture that is shown.
    """

    path: Path
    category: str
    kind: str
    documents: tuple[Polygon, ...]
    frame: tuple[int, int, int, int]

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
        left, top, right, bottom = self.frame
        return np.ascontiguousarray(picture[top:bottom, left:right], np.uint8)


def crop_through(picture: MarkedPicture) -> MarkedPicture:
    """Cut one side of a picture off, through its document, as a camera that is too near would have.

    The side, and how much of the document is cut off, 15 % to 45 %, come from the file's name.
    """
    chosen = hashlib.sha256(picture.path.name.encode()).digest()
    axis, far = divmod(chosen[0] % 4, 2)
    document = picture.documents[0]
    ends = document[:, axis].min(), document[:, axis].max()
    share = 0.15 + 0.3 * chosen[1] / 255
    frame = list(picture.frame)
    frame[axis + 2 * far] = round(float(ends[far] + share * (ends[1 - far] - ends[far])))
    left, top, right, bottom = frame
    rim = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32) - 0.5
    seen = cv2.intersectConvexConvex(cv2.convexHull(document.astype(np.float32)), rim)[1]
    visible = np.asarray(seen, np.float64).reshape(-1, 2) - (left, top)
    return replace(picture, category="cropped", documents=(visible,), frame=(left, top, right, bottom))


def load_marked(manifest: Path, folder: Path, half: str | None = None) -> Iterator[MarkedPicture]:
    """Yield the pictures of a manifest that are in `folder`, of one half or of both; none without it."""
    if not manifest.is_file():
        return
    for entry in json.loads(manifest.read_text(encoding="utf-8")):
        path = folder / entry["file"]
        if half in (None, entry.get("half")) and path.is_file():
            frame = (0, 0, entry["width"], entry["height"])
            yield MarkedPicture(path, entry["class"], entry["kind"], _polygons(entry["documents"]), frame)


def _polygons(documents: Iterable[dict[str, Any]]) -> tuple[Polygon, ...]:
    return tuple(np.array(each.get("polygon", each["quad"]), np.float64) for each in documents)


def overlap_of(one: Polygon, other: Polygon) -> float:
    """Intersection over union of two convex polygons."""
    first, second = (cv2.convexHull(polygon.astype(np.float32)) for polygon in (one, other))
    common = cv2.intersectConvexConvex(first, second)[0]
    return float(common / max(1e-9, cv2.contourArea(first) + cv2.contourArea(second) - common))
