"""Pale fields and coloured paper on real pages: the part of their colour that a look keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image
from lab import collected
from lab.held_pages import cut_page
from lab.photographs import SHARED

Mask = npt.NDArray[np.bool_]
Colour = npt.NDArray[np.float32]

LONG = 1600
"""Largest long side in pixels of a page."""
NEAR = 7
FAR = 18
"""Thousandths of the long side from a field between which the paper beside it is looked at."""
WHITE = 250
TINT = 2.5
"""Level of the darkest channel, and chroma, up to which paper is white."""
KEPT = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class TintedPhotograph:
    """A real page with pale fields, or of coloured paper.

    Attributes
    ----------
    page
        uint8 BGR.
    fields
        A mask of each field and one of what lies beside it, bool ``(rows, cols)``.
    coloured
        True if the paper itself has a colour.
    """

    name: str
    page: Image
    fields: tuple[tuple[Mask, Mask], ...]
    coloured: bool


def entries(half: str) -> Iterator[dict[str, Any]]:
    """Yield the manifest's entries of one half whose pictures are on this machine."""
    for entry in json.loads(collected.TINTS.read_text(encoding="utf-8")):
        if entry["half"] == half and path_of(entry).is_file():
            yield entry


def path_of(entry: Mapping[str, Any]) -> Path:
    """Return the file of an entry; those of the shared data belong to the open half."""
    folder = SHARED / "data" if "shared" in entry else collected.default_folder()
    return folder / str(entry.get("shared", entry["file"]))


def load(entry: Mapping[str, Any]) -> TintedPhotograph:
    """Read a page by its entry, with the masks of its fields."""
    return _cut(entry["file"], np.asarray(cv2.imread(str(path_of(entry))), np.uint8), entry)


def _cut(name: str, picture: Image, entry: Mapping[str, list[list[list[float]]]]) -> TintedPhotograph:
    rows, cols = picture.shape[:2]
    whole = [(0, 0), (cols - 1, 0), (cols - 1, rows - 1), (0, rows - 1)]
    corners = np.array(entry.get("page", whole), np.float32)
    longest = float(np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1).max())
    page, to_page = cut_page(picture, corners, min(LONG, round(longest)))
    fields = []
    for outline in entry["fields"]:
        flat = cv2.perspectiveTransform(np.array([outline], np.float32), to_page)[0]
        drawn = cv2.fillPoly(np.zeros(page.shape[:2], np.uint8), [np.rint(flat).astype(np.int32)], (1,))
        fields.append(np.asarray(drawn, np.uint8))
    return TintedPhotograph(name, page, tuple(_with_paper(fields)), bool(entry.get("coloured")))


def _with_paper(fields: list[Image]) -> Iterator[tuple[Mask, Mask]]:
    """Yield each field with the ring around it that no field reaches."""
    for field in fields:
        near, far = (round(max(field.shape) * share / 1000) for share in (NEAR, FAR))
        taken = cv2.dilate(np.maximum.reduce(fields), np.ones((2 * near + 1,) * 2, np.uint8)) > 0
        yield field > 0, (cv2.dilate(field, np.ones((2 * far + 1,) * 2, np.uint8)) > 0) & ~taken


def scores(page: TintedPhotograph, clean: Image) -> dict[str, dict[str, float]]:
    """Return what the fields of a page contribute to each figure."""
    found: dict[str, dict[str, float]] = {
        "tints that keep .7": {},
        "tints beside which paper is white": {},
        "coloured papers that keep .7": {},
    }
    if page.coloured:
        kept = _chroma(_usual(clean)) / _chroma(_usual(page.page))
        found["coloured papers that keep .7"][page.name] = float(kept >= KEPT)
    for number, (field, beside) in enumerate(page.fields):
        name = f"{page.name}, {number}"
        share = _apart(clean, field, beside) / max(_apart(page.page, field, beside), 1e-3)
        paper = np.asarray(np.median(clean[beside], axis=0), np.float32)
        found["tints that keep .7"][name] = float(share >= KEPT)
        white = bool(paper.min() >= WHITE and _chroma(paper) < TINT)
        found["tints beside which paper is white"][name] = float(white)
    return found


def _apart(picture: Image, field: Mask, beside: Mask) -> float:
    """Colour difference of a field from the paper beside it."""
    one, other = (_lab(np.median(picture[place], axis=0)) for place in (field, beside))
    return float(np.linalg.norm(one - other))


def _usual(picture: Image) -> Colour:
    """Colour of most of a page."""
    return np.asarray(np.median(picture.reshape(-1, 3), axis=0), np.float32)


def _chroma(colour: Colour) -> float:
    return float(np.hypot(*_lab(colour)[1:]))


def _lab(colour: npt.ArrayLike) -> Colour:
    scaled = np.asarray(colour, np.float32).reshape(1, 1, 3) / np.float32(255)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_BGR2LAB)[0, 0], np.float32)
