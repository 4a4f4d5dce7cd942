"""Several documents on one desk and what is found, ``docs/gallery/several.jpg``: SYNTHETIC."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from imgcore.outline import find_documents
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.tabletops import make_desk
from synthetic.scene.layout import LAYOUTS

PAGE = Path(__file__).parents[2] / "docs" / "gallery" / "several.jpg"
SEED = 90_000
DOCUMENTS = 7
FACTOR = 0.4
QUALITY = 70
LINE = (0, 0, 255)
MODELS = ModelCache()


def main(_: Sequence[str]) -> int:
    """Draw the sheet: one desk of each layout, failures included, finds numbered in reading order."""
    desks = [
        _drawn(make_desk(SEED + number, layout, DOCUMENTS).picture) for number, layout in enumerate(LAYOUTS)
    ]
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    sheet = np.vstack([np.hstack(desks[:2]), np.hstack(desks[2:])])
    cv2.imwrite(str(PAGE), sheet, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return 0


def _drawn(picture: Image) -> Image:
    drawn = picture.copy()
    for number, outline in enumerate(find_documents(picture, MODELS.documents()).outlines, 1):
        cv2.polylines(drawn, [np.rint(outline.corners).astype(np.int32)], True, LINE, 5, cv2.LINE_AA)
        x, y = (int(value) for value in outline.corners.mean(axis=0))
        cv2.putText(drawn, str(number), (x - 20, y + 20), cv2.FONT_HERSHEY_SIMPLEX, 2.2, LINE, 6, cv2.LINE_AA)
    small = cv2.resize(drawn, None, fx=FACTOR, fy=FACTOR, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
