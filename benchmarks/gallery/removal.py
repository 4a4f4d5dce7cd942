"""Fingers, holes and empty borders before and after, ``docs/gallery/removal.jpg``: made here, SYNTHETIC."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.quality.border import make_turned
from imgcore.fingers.removal import remove_fingers
from imgcore.holes.removal import remove_holes
from imgcore.paper.border import fill_border
from imgcore.settings import Fill
from imgcore.types import Image
from synthetic.datasets.held import make_held
from synthetic.datasets.punched import make_punched

PAGE = Path(__file__).parents[2] / "docs" / "gallery" / "removal.jpg"
HELD = (101, 122, 117)
PUNCHED = (111, 118)
TURNED = 103
SIZE = (330, 467)
QUALITY = 62


def main(_: Sequence[str]) -> int:
    """Draw the sheet: above as photographed, below inpainted."""
    pairs = [_held(seed) for seed in HELD] + [_punched(seed) for seed in PUNCHED] + [_turned(TURNED)]
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    sheet = np.hstack([_column(*pair) for pair in pairs])
    cv2.imwrite(str(PAGE), sheet, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return 0


def _held(seed: int) -> tuple[Image, Image]:
    picture = make_held(seed).picture
    return picture, remove_fingers(picture).image


def _punched(seed: int) -> tuple[Image, Image]:
    picture = make_punched(seed).picture
    return picture, remove_holes(picture).image


def _turned(seed: int) -> tuple[Image, Image]:
    turned = make_turned(seed)
    return turned.picture, fill_border(turned.picture, turned.empty, Fill.SURROUND)


def _column(before: Image, after: Image) -> Image:
    parts = [cv2.resize(part, SIZE, interpolation=cv2.INTER_AREA) for part in (before, after)]
    return np.asarray(cv2.copyMakeBorder(np.vstack(parts), 4, 4, 4, 4, cv2.BORDER_CONSTANT), np.uint8)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
