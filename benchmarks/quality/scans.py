"""Words that are still read of clean scans after a crop and a deskew, in each style."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.quality.pages import word_f1, words
from benchmarks.quality.processed import processed
from imgcore.settings import Crop, ImageType, Settings
from imgcore.types import Image
from lab.photographs import SHARED
from synthetic.datasets.skewed import make_skewed

FIRST = 5600
STRAIGHT = 2.0
"""Degrees up to which a page is laid on a scanner; beyond, a deskew gains more than a crop can lose."""


ALIKE = 0.8
"""Least F1 of two readings of a page, a degree or two apart, from which its words can be counted."""


class Scan(NamedTuple):
    """A page as a scanner gives it, and its skew in degrees counter-clockwise."""

    picture: Image
    degrees: float


def load_scans(number: int) -> Iterator[Scan]:
    """Yield clean pages, turned by known angles; none without the data."""
    manifest = SHARED / "data" / "deskew" / "angles.json"
    if not manifest.is_file():
        return
    entries = json.loads(manifest.read_text(encoding="utf-8")).items()
    clean = [
        (name, entry["angle"])
        for name, entry in entries
        if entry["set"] == "clean" and abs(entry["angle"]) < STRAIGHT
    ]
    for name, degrees in clean[:number]:
        yield Scan(np.asarray(cv2.imread(str(manifest.parent / name)), np.uint8), degrees)


def made(number: int) -> Iterator[Scan]:
    """Yield so many made pages."""
    for seed in range(FIRST, FIRST + number):
        degrees = float(np.random.default_rng(seed).uniform(-STRAIGHT, STRAIGHT))
        page = make_skewed(seed, degrees, "clean")
        yield Scan(page.picture, page.degrees)


def gains(scan: Scan, styles: Sequence[ImageType]) -> dict[str, float] | None:
    """Gain in F1 of some styles over the scan as it is, against the scan turned by its true angle.

    None for a page that Tesseract reads otherwise in each of these two: other writing than Latin.
    """
    truth, before = (words(picture) or Counter() for picture in (_straight(scan), scan.picture))
    if word_f1(truth, before) < ALIKE:
        return None
    return {style.name: _gain(scan.picture, style, truth, before) for style in styles}


def _gain(picture: Image, style: ImageType, truth: Counter[str], before: Counter[str]) -> float:
    result = processed(picture, Settings(crop=Crop.SINGLE, deskew=True, image_type=style))
    after = words(result) or Counter()
    return word_f1(truth, after) - word_f1(truth, before)


def _straight(scan: Scan) -> Image:
    rows, cols = scan.picture.shape[:2]
    turn = cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), -scan.degrees, 1)
    return np.asarray(
        cv2.warpAffine(scan.picture, turn, (cols, rows), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255)),
        np.uint8,
    )
