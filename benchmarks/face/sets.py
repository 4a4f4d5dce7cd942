"""Pictures of people, and pictures without any, where a developer has them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image
from lab.photographs import SHARED

FOLDER = SHARED / "data" / "face"
SETS = ("orl", "lfw100", "johns")
FACELESS = ("dewarp", "quad", "binarize", "deskew", "barcode/zxing-cpp", "barcode/jsqr", "barcode/boofcv")
WITH_PEOPLE = frozenset({"barcode/jsqr/1.png", "barcode/jsqr/180.png"})
"""Barcodes with a person's face beside or in them, by eye."""

SUFFIXES = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True, slots=True, eq=False)
class FacePairs:
    """All pairs of pictures within the sets.

    Attributes
    ----------
    files
        Every picture, relative to `FOLDER`.
    first, second
        int ``(n,)``: indices into `files`.
    same
        bool ``(n,)``: True where both show one person.
    sets
        ``(n,)``: the name of the set of each pair.
    """

    files: tuple[str, ...]
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    same: npt.NDArray[np.bool_]
    sets: npt.NDArray[np.str_]


def available() -> bool:
    """Return whether the sets are on this machine."""
    return (FOLDER / "pairs.csv").is_file()


def load_pairs() -> FacePairs:
    """The pairs of the list beside the pictures."""
    with (FOLDER / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["a"], row["b"], row["same"] == "1") for row in csv.DictReader(file)]
    names = tuple(sorted({name for one, other, _ in rows for name in (one, other)}))
    number = {name: at for at, name in enumerate(names)}
    return FacePairs(
        names,
        np.array([number[one] for one, _, _ in rows]),
        np.array([number[other] for _, other, _ in rows]),
        np.array([same for _, _, same in rows]),
        np.array([one.partition("/")[0] for one, _, _ in rows]),
    )


def picture(name: str) -> Image:
    """One picture of the sets, as it is."""
    return np.asarray(cv2.imread(str(FOLDER / name)), np.uint8)


def faceless(count: int) -> Iterator[tuple[str, Image]]:
    """Pages and barcodes without people, evenly picked, at most `count`."""
    root = SHARED / "data"
    paths = [
        path
        for folder in FACELESS
        for path in sorted((root / folder).rglob("*"))
        if path.suffix.lower() in SUFFIXES and str(path.relative_to(root)) not in WITH_PEOPLE
    ]
    for at in np.unique(np.linspace(0, len(paths) - 1, min(count, len(paths))).astype(int)) if paths else ():
        found = cv2.imread(str(paths[at]))
        if found is not None:
            yield str(paths[at].relative_to(root)), np.asarray(found, np.uint8)


def liveness_pictures() -> Iterator[tuple[Image, bool]]:
    """Pictures of flat presentation attacks (False) and of people before the camera (True)."""
    for name, entry in json.loads((FOLDER / "live.json").read_text(encoding="utf-8")).items():
        yield picture(name), entry["label"] == "live"
