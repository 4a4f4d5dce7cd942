"""Stamped pages before and after, ``docs/gallery/stamps.jpg``: made here, SYNTHETIC."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from imgcore.enhance.stamp import blue_stamp, red_stamp
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.stamped import make_stamped

PAGE = Path(__file__).parents[2] / "docs" / "gallery" / "stamps.jpg"
SEEDS = (("red", 0), ("red", 1), ("blue", 3), ("blue", 6))
SIZE = (400, 566)
QUALITY = 60


def main(_: Sequence[str]) -> int:
    """Draw the sheet: above as photographed, below enhanced."""
    columns = [_column(colour, seed) for colour, seed in SEEDS]
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(PAGE), np.hstack(columns), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return 0


def _column(colour: str, seed: int) -> Image:
    picture = make_stamped(seed, colour=colour).picture
    stage = red_stamp if colour == "red" else blue_stamp
    shown = stage(picture, ModelCache().page_layers())
    parts = [cv2.resize(part, SIZE, interpolation=cv2.INTER_AREA) for part in (picture, shown)]
    return np.asarray(cv2.copyMakeBorder(np.vstack(parts), 4, 4, 4, 4, cv2.BORDER_CONSTANT), np.uint8)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
