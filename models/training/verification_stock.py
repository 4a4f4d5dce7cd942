"""Parts of real pictures that those of ``verification_pictures`` are made of."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from lab import collected
from lab.marked import MarkedPicture
from models.training import finger_stock
from models.training.finger_hands import Sprite, photographed_hand
from models.training.joint_judge import cut_out, photographs
from synthetic.datasets.whole_pages import WholePage

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

LONG = 900
FEWEST = 120
"""Long side of pictures that others are made of, and the fewest pixels of a part that is worth showing."""


HANDS = 400
"""Photographed hands that hold some of the documents."""


class TrainingPicture(NamedTuple):
    """A picture and what it shows of its documents, or the page that it is.

    Attributes
    ----------
    page
        The made page, for what it may lose; None for all others, which without documents lose nothing.
    """

    picture: Picture
    documents: Sequence[Floats]
    page: WholePage | None = None


class PictureRepository(NamedTuple):
    """Pictures of a public repository: all of a folder that one commit has."""

    repo: str
    folder: str
    licence: str
    is_page: bool


SOURCES = (
    PictureRepository("wichtounet/sudoku_dataset", "images", "CC-BY-4.0", True),
    PictureRepository("tony-xlh/SynthDocs", "data/background", "Apache-2.0", False),
)


class Stock(NamedTuple):
    """Parts of pictures: photographs with their documents, straightened ones, pages, bare desks, hands."""

    photographs: list[TrainingPicture]
    sheets: list[Picture]
    pages: list[Picture]
    desks: list[Picture]
    hands: list[Sprite]


def gather(mirrors: Path, chosen: Callable[[str], bool] = bool) -> Stock:
    """Read real pictures, those of `SOURCES` from clones as `lab.collected` has them.

    Parameters
    ----------
    chosen
        Returns whether pictures of a repository, by its name, are read; default: of all.
    """
    stock = Stock([], [], [], [], list(islice(_hands(mirrors), HANDS)))
    repositories = {entry["file"]: entry["repo"] for entry in _marked()}
    for marked in photographs():
        if marked.path.parent == collected.default_folder() and chosen(repositories[marked.path.name]):
            _add(stock, marked)
    for source in SOURCES:
        if chosen(source.repo):
            (stock.pages if source.is_page else stock.desks).extend(_of(source, mirrors))
    return stock


def _hands(mirrors: Path) -> Iterator[Sprite]:
    for _, picture in finger_stock.photographs(finger_stock.HANDS, mirrors, False):
        hand = photographed_hand(picture)
        if hand is not None:
            yield hand


def _add(stock: Stock, marked: MarkedPicture) -> None:
    picture, documents = reduced(marked.read(), marked.documents)
    if marked.category == "whole":
        stock.pages.append(picture)
    elif marked.category == "negative":
        stock.desks.append(picture)
    else:
        stock.photographs.append(TrainingPicture(picture, documents))
        cut = (cut_out(picture, quad) for quad in documents if len(quad) == 4)
        stock.sheets.extend(sheet for sheet in cut if sheet is not None and min(sheet.shape[:2]) > FEWEST)


def _marked() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(collected.MANIFEST.read_text(encoding="utf-8"))
    return entries


def _of(source: PictureRepository, mirrors: Path) -> Iterator[Picture]:
    """Yield the pictures of a repository, but for those that measure."""
    own = [entry for entry in _marked() if entry["repo"] == source.repo and not entry.get("fit")]
    kept = {_name(entry["path"]) for entry in own}
    clone = collected.find_clone(mirrors, source.repo)
    if clone is None:
        raise FileNotFoundError(f"no clone of {source.repo} in {mirrors}")
    listed = ["git", "-C", str(clone), "ls-tree", "-r", "--name-only", "HEAD", source.folder]
    for path in subprocess.run(listed, check=True, capture_output=True, text=True).stdout.splitlines():
        content = collected.read_blob(clone, "HEAD", path) if path.endswith(".jpg") else b""
        if content and _name(path) not in kept:
            picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
            yield reduced(np.asarray(picture, np.uint8), ())[0]


def _name(path: str) -> str:
    """Return what the copies of a picture in several folders have in common."""
    return Path(path).name.split(".")[0]


def reduced(picture: Picture, documents: Sequence[Floats], side: int = LONG) -> tuple[Picture, list[Floats]]:
    """Reduce a picture and the corners of its documents."""
    factor = min(1.0, side / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), [(quad + 0.5) * factor - 0.5 for quad in documents]
