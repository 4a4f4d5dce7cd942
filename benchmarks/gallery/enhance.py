"""Enhancement before and after, ``docs/gallery/enhance.jpg``: rendered pages and slips, SYNTHETIC."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from imgcore.enhance import black_white, colour, receipt
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.receipts import make_receipt
from synthetic.datasets.shaded import make_shaded
from synthetic.documents.illustrated import illustrated_page, in_lamplight

PAGE = Path(__file__).parents[2] / "docs" / "gallery" / "enhance.jpg"
SIZE = (400, 566)
QUALITY = 60


def main(_: Sequence[str]) -> int:
    """Draw the sheet: above as photographed, below enhanced."""
    net = ModelCache().page_layers()
    illustrated = in_lamplight(illustrated_page((1240, 1754)))
    columns = [
        _column(illustrated, lambda picture: colour(picture, net)),
        _column(make_shaded(1).picture, lambda picture: colour(picture, net)),
        _column(illustrated, black_white),
        _column(make_receipt(4).picture, receipt),
        _column(make_receipt(22).picture, receipt),
    ]
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(PAGE), np.hstack(columns), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return 0


def _column(picture: Image, enhance: Callable[[Image], Image]) -> Image:
    parts = [_fitted(part) for part in (picture, enhance(picture))]
    return np.asarray(cv2.copyMakeBorder(np.vstack(parts), 4, 4, 4, 4, cv2.BORDER_CONSTANT), np.uint8)


def _fitted(picture: Image) -> Image:
    """Fit a picture into `SIZE`, on grey, BGR."""
    factor = min(SIZE[0] / picture.shape[1], SIZE[1] / picture.shape[0])
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    sheet = np.full((SIZE[1], SIZE[0], 3), 128, np.uint8)
    rows = min(small.shape[0], SIZE[1])
    cols = min(small.shape[1], SIZE[0])
    bgr = small if small.ndim == 3 else cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    sheet[:rows, :cols] = bgr[:rows, :cols]
    return sheet


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
