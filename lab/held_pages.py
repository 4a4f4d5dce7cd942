"""Photographed pages that hands hold, cut out by their corners, with masks of their fingers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image
from lab import collected

Mask = npt.NDArray[np.bool_]

LONG = 1100
"""Long side in pixels to which a page is cut by its corners."""


@dataclass(frozen=True)
class HeldPhotograph:
    """A page cut from a photograph, and the fingers on it.

    Attributes
    ----------
    name
        The file.
    page
        uint8 BGR.
    fingers
        Masks, bool ``(rows, cols)``; none where nothing is to be removed.
    """

    name: str
    page: Image
    fingers: tuple[Mask, ...]


def entries(half: str = "open", fit: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the entries of one half, those that measure or those to learn from (`fit`)."""
    for entry in json.loads(collected.HANDS.read_text(encoding="utf-8")):
        if (entry["half"], entry["fit"]) == (half, fit):
            yield entry


def load_hands(half: str = "open", fit: bool = False) -> Iterator[HeldPhotograph]:
    """Yield the pages of one half that are on this machine."""
    for entry in entries(half, fit):
        if (collected.default_folder() / entry["file"]).is_file():
            yield cut_held(entry)


def cut_held(entry: Mapping[str, Any]) -> HeldPhotograph:
    """Read a photograph by its entry, and cut its page out with the masks of its fingers."""
    picture = np.asarray(cv2.imread(str(collected.default_folder() / entry["file"])), np.uint8)
    page, to_page = cut_page(picture, np.array(entry["page"], np.float32), LONG)
    masks = tuple(_mask(finger, to_page, page) for finger in entry["fingers"])
    return HeldPhotograph(entry["file"], page, masks)


def cut_page(
    picture: Image, corners: npt.NDArray[np.float32], long: int
) -> tuple[Image, npt.NDArray[np.float64]]:
    """Cut a page by its corners to a long side in pixels; also returns the homography to it."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width = sides[0] + sides[2]
    height = sides[1] + sides[3]
    cols, rows = (round(float(side * long / max(width, height))) for side in (width, height))
    flat = np.array([(0, 0), (cols - 1, 0), (cols - 1, rows - 1), (0, rows - 1)], np.float32)
    to_page = np.asarray(cv2.getPerspectiveTransform(corners, flat), np.float64)
    flags = cv2.INTER_AREA if max(picture.shape) > long else cv2.INTER_LINEAR
    page = np.asarray(cv2.warpPerspective(picture, to_page, (cols, rows), flags=flags), np.uint8)
    return page, to_page


def _mask(finger: Sequence[Sequence[float]], to_page: npt.NDArray[np.float64], page: Image) -> Mask:
    outline = cv2.perspectiveTransform(np.array([finger], np.float32), to_page)[0]
    drawn = cv2.fillPoly(np.zeros(page.shape[:2], np.uint8), [outline.astype(np.int32)], (1,))
    return np.asarray(drawn > 0, np.bool_)
