"""Open books and curled pages before and after, ``docs/gallery/curve.jpg``: made here, SYNTHETIC."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from imgcore.curve.flatten import flatten
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.arrays import Random
from synthetic.datasets.curled import Scene, curled_page, open_book

PAGE = Path(__file__).parents[2] / "docs" / "gallery" / "curve.jpg"
BOOKS = (100, 101)
PAGES = (100, 101, 102)
SIDE = 1600
BOOK = (640, 458)
LEAF = (324, 458)
GAP = 8
"""Columns and rows of an open book and of a page, and the gap between two."""
QUALITY = 60
GROUND = (255, 255, 255)
MODELS = ModelCache()


def main(_: Sequence[str]) -> int:
    """Draw the sheet: above as photographed, below flattened; seeds are the first ones, not the best."""
    columns = [_column(open_book, seed, BOOK) for seed in BOOKS]
    columns += [_column(curled_page, seed, LEAF) for seed in PAGES]
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(PAGE), np.hstack(columns), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return 0


def _column(make: Callable[[Random, int], Scene], seed: int, size: tuple[int, int]) -> Image:
    picture = make(np.random.default_rng(seed), SIDE).picture
    pages = flatten(picture, MODELS.page_grid()).pages
    cols, rows = size
    after = [_fitted(page, (cols // len(pages), rows)) for page in pages]
    return np.vstack([_fitted(picture, size), np.hstack(after)])


def _fitted(image: Image, size: tuple[int, int]) -> Image:
    """The whole picture in the middle of a white one of `size`, columns and rows, with a gap around it."""
    factor = min((side - GAP) / own for side, own in zip(size, image.shape[1::-1], strict=True))
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    left, top = ((side - own) // 2 for side, own in zip(size, small.shape[1::-1], strict=True))
    fitted = np.full((size[1], size[0], 3), GROUND, np.uint8)
    fitted[top : top + small.shape[0], left : left + small.shape[1]] = small
    return fitted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
