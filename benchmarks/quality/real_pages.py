"""Real pages for stages that are measured on made ones: skew, orientation, fingers, holes, words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from benchmarks.quality.pages import words_of
from benchmarks.text import real
from imgcore.deskew import find_skew
from imgcore.orientation import find_orientation
from imgcore.rotate import rotate
from imgcore.types import Image
from lab import collected
from lab.marked import FOLDER, load_marked
from server.services.pictures.model_cache import ModelCache

SETS = {"en": "sheets", "funsd": "sheets", "sroie": "receipts", "ja": "", "zh": "", "zh-tables": ""}
"""Folders of pages whose text runs level, with the column of those whose words are known, and Latin."""
COLUMNS = ("sheets", "receipts")
HELD = ("wichtounet_a888a45a",)
"""Parts of the names of pages that are punched, and of those that a hand holds."""
TURNS = (-4.3, -1.7, 0.6, 2.9)
"""Degrees, counter-clockwise, by which a page is turned to see whether its skew follows."""
NEAR = 0.1
QUARTERS = (0, 90, 180, 270)
SIDE = 1800
"""Long side in pixels to which larger pictures are reduced."""
_MODELS = ModelCache()


@dataclass(frozen=True)
class RealPage:
    """A picture that is one page, unhurt.

    Attributes
    ----------
    upright
        True if its text is known to run level, and to stand.
    column
        The column that its words count in; empty where they are not known.
    """

    name: str
    picture: Image
    upright: bool
    column: str = ""
    words: Counter[str] = field(default_factory=Counter)


def load_pages() -> Iterator[RealPage]:
    """Yield the pages that there are: those with known text, and those that fill pictures of desks."""
    for picture in real.pictures() if (real.FOLDER / "truth.json").is_file() else ():
        if picture.set in SETS:
            text = words_of(" ".join(picture.lines))
            yield RealPage(picture.name, _reduced(picture.image), True, SETS[picture.set], text)
    for marked in load_marked(FOLDER / "desks.json", FOLDER):
        if marked.category == "whole":
            yield RealPage(marked.path.name, _reduced(marked.read()), True)
    for marked in load_marked(collected.MANIFEST, collected.default_folder(), "open"):
        if marked.category == "whole":
            yield RealPage(marked.path.name, _reduced(marked.read()), False)


def _reduced(picture: Image) -> Image:
    coloured = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    factor = min(1.0, SIDE / max(picture.shape))
    small = cv2.resize(coloured, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _without(pages: Sequence[RealPage], parts: Sequence[str]) -> list[RealPage]:
    """Return the pages whose names have none of these parts."""
    return [page for page in pages if not any(part in page.name for part in parts)]


def _row(name: str, verdicts: Sequence[bool | None]) -> tuple[str, ...]:
    right = verdicts.count(True)
    wrong = verdicts.count(False)
    count = len(verdicts)
    return (name, str(count), f"{right / max(1, count):.3f}", str(wrong), str(count - right - wrong))


def follows(picture: Image) -> Iterator[bool | None]:
    """Tell of each turn if the skew changes by as much; None where a skew is not found."""
    before = find_skew(picture)
    for degrees in TURNS:
        after = find_skew(turned(picture, degrees))
        if before is None or after is None:
            yield None
        else:
            yield abs(after.degrees - before.degrees - degrees) < NEAR


def turned(picture: Image, degrees: float) -> Image:
    """Turn a picture counter-clockwise, its rim continued."""
    rows, cols = picture.shape[:2]
    turn = cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), degrees, 1)
    moved = cv2.warpAffine(
        picture, turn, (cols, rows), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.uint8)


def stands(picture: Image, clockwise: int) -> bool | None:
    found = find_orientation(rotate(picture, clockwise), _MODELS.orientation(), _MODELS.page_orientation())
    return None if found is None else (found.clockwise + clockwise) % 360 == 0
