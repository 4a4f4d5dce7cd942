"""Fingers of the FVC sets, where a developer has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from imgcore.types import Image
from lab.photographs import SHARED

FOLDER = SHARED / "data" / "fingerprint"
SETS = {"FVC2002 DB1_B": FOLDER / "fvc2002_DB1_B", "FVC2004 DB1_B": FOLDER / "fvc2004_DB1_B"}


@dataclass(frozen=True, slots=True, eq=False)
class Impression:
    """One print: its finger, its number among that finger's prints, and the uint8 grey image at 500 dpi."""

    finger: int
    number: int
    image: Image = field(repr=False)


def available() -> bool:
    """Return whether the sets are on this machine."""
    return all(folder.is_dir() for folder in SETS.values())


def impressions(folder: Path) -> Iterator[Impression]:
    """All prints of a set, by finger and number."""
    for path in sorted(folder.glob("*.tif")):
        finger, number = path.stem.split("_")
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        yield Impression(int(finger), int(number), np.asarray(picture, np.uint8))


def genuine(prints: Sequence[Impression]) -> list[tuple[int, int]]:
    """All pairs of one finger: 280 in a set."""
    return [(i, j) for i, j in combinations(range(len(prints)), 2) if prints[i].finger == prints[j].finger]


def impostors(prints: Sequence[Impression], first: bool) -> list[tuple[int, int]]:
    """Pairs of different fingers: their first prints only (45), or all (2880)."""
    pairs = [(i, j) for i, j in combinations(range(len(prints)), 2) if prints[i].finger != prints[j].finger]
    return [(i, j) for i, j in pairs if prints[i].number == prints[j].number == 1] if first else pairs
