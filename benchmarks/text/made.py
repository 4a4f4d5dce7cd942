"""Classes of pictures that no folder has: real ones turned, reduced or stored turned, and drawn ones."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import NamedTuple

import cv2
import numpy as np
import PIL.Image as Pillow

from benchmarks.text import pages
from benchmarks.text.real import PIXEL_LIMIT, RealPicture
from imgcore import codec
from imgcore.pillow import ORIENTATION
from imgcore.text.crops import levelled
from imgcore.types import Image
from synthetic.datasets.specimens import Photograph, make_photograph
from synthetic.documents.text_pages import make_text_page
from synthetic.text.passages import Language

ANGLES = (-12.0, 25.0, 70.0, 160.0, -100.0)
"""Degrees by which pictures are turned, in turns."""
REDUCED = 0.6
"""Scale of pictures of low resolution: print of some 20 pixels has 12 then."""
SMALL_SETS = ("zh", "zh-tables", "ja")
TURNED = {"zh": 7, "en": 3, "sroie": 3, "funsd": 2}
"""Pictures of a set that are turned, of those that have one column."""
CONTRASTS = {41_001: 0.3, 41_002: 0.15, 41_004: 0.3, 41_005: 0.15, 41_007: 0.3, 41_008: 0.15}
"""Contrast that is left of photographs of bank cards, by their seeds."""
COLUMNS: dict[int, Language] = {101: "zh", 102: "en", 103: "ja"}
"""Languages of drawn pages in columns, by their seeds."""
TURNED_SET = "turned"
"""Set of pictures that are turned."""
REDUCED_SET = "low resolution"
"""Set of pictures that are reduced."""
_STORED = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_90,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_270,
}
"""Way in which pixels are stored, by the EXIF orientation that says so."""


class Sample(NamedTuple):
    """Picture of known text."""

    name: str
    set: str
    image: Image
    lines: Sequence[str]


def turned(real: Sequence[RealPicture]) -> Iterator[Sample]:
    """Yield real pictures, each turned by one of the angles."""
    left = dict(TURNED)
    angles = cycle(ANGLES)
    for one in real:
        if left.get(one.set, 0) and "columns" not in one.truth:
            left[one.set] -= 1
            degrees = next(angles)
            image = levelled(one.image, degrees)[0]
            yield Sample(f"{one.name} by {degrees:+.0f}", TURNED_SET, image, one.lines)


def reduced(real: Sequence[RealPicture]) -> Iterator[Sample]:
    """Yield real pictures of low resolution."""
    for one in real:
        if one.set in SMALL_SETS:
            image = cv2.resize(one.image, None, fx=REDUCED, fy=REDUCED, interpolation=cv2.INTER_AREA)
            yield Sample(one.name, REDUCED_SET, np.asarray(image, np.uint8), one.lines)


def columns(seed: int) -> Sample:
    """Return a drawn page of two or three columns, copied badly."""
    page = make_text_page(seed, COLUMNS[seed], "columns")
    picture = pages.poor_copy(np.random.default_rng(seed), page.picture)
    return Sample(f"{seed}", "columns", picture, [line.text for line in page.lines])


def stored_turned(one: RealPicture) -> Iterator[tuple[str, Image]]:
    """Yield a picture as it is decoded from each of the seven ways in which EXIF lets it be stored."""
    upright = Pillow.fromarray(one.image if one.image.ndim == 2 else one.image[:, :, ::-1])
    for orientation, way in _STORED.items():
        exif = Pillow.Exif()
        file = io.BytesIO()
        exif[ORIENTATION] = orientation
        upright.transpose(way).save(file, "JPEG", exif=exif, quality=95)
        yield f"{one.name}, EXIF {orientation}", codec.decode(file.getvalue(), PIXEL_LIMIT)


def faint_bank_card(seed: int) -> Photograph:
    """Return a photograph of a drawn bank card that lost contrast: embossed numbers lose their colour."""
    contrast = CONTRASTS[seed]
    seen = make_photograph(seed, "bank-card")
    noise = np.random.default_rng(seed).normal(0, 2, seen.picture.shape)
    faint = (seen.picture - seen.picture.mean()) * contrast + seen.picture.mean() + noise
    return seen._replace(picture=np.clip(faint, 0, 255).astype(np.uint8))
