"""Photographs of single sheets with known corners, where a developer has them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

SHARED = Path(os.environ.get("GAOPAI_SHARED", Path(__file__).parents[2] / "shared"))


@dataclass(frozen=True, eq=False)
class Photograph:
    """A picture, its light, and the corners of its one sheet, float64 ``(4, 2)``."""

    name: str
    light: str
    picture: npt.NDArray[np.uint8]
    quad: npt.NDArray[np.float64]


def load_photographs(side: int) -> Iterator[Photograph]:
    """Yield all photographs, reduced to `side` pixels; none without the data."""
    manifest = SHARED / "data" / "quad" / "quads.json"
    if not manifest.is_file():
        return
    for name, corners in json.loads(manifest.read_text(encoding="utf-8")).items():
        picture = np.asarray(cv2.imread(str(manifest.parent / name)))
        factor = side / max(picture.shape[:2])
        reduced = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        quad = (np.array(corners, np.float64) + 0.5) * factor - 0.5
        light = Path(name).stem.split("_")[-1]
        yield Photograph(name, light, np.asarray(reduced, np.uint8), quad)
