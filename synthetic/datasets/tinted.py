"""Pages with pale fields of colour behind their print, or on coloured paper, in bad light."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Image, Mask, Random, Size
from synthetic.datasets.shaded import in_bad_light
from synthetic.documents.pages import make_page

COLOURED = ("pink", "cream", "green", "blue")
"""Papers of copies and old forms."""
PALE = (0.8, 0.96)
"""Least and greatest reflectance of a field in the channel that it takes most of."""


class TintedPage(NamedTuple):
    """A page with pale fields in bad light.

    Attributes
    ----------
    picture, page
        uint8 BGR, as photographed and as printed.
    fields
        uint8 ``(rows, cols)``: number of the field whose blank part a pixel shows, from 1; 0 elsewhere.
    beside
        The same for blank paper beside each field; by number of the nearest one.
    paper
        Name of the paper.
    """

    picture: Image
    page: Image
    fields: Image
    beside: Image
    paper: str


def make_tinted(seed: int, size: Size = (1240, 1754), paper: str = "white") -> TintedPage:
    """Return a page with one to four fields; on coloured paper there are none."""
    random = np.random.default_rng([seed, 31])
    made = make_page(seed, size, paper)
    page = made.picture
    fields = np.zeros(size[::-1], np.uint8)
    if paper == "white":
        for number in range(1, 1 + int(random.integers(1, 5))):
            page = _printed(random, page, fields, number)
    blank = cv2.erode((~made.ink).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    picture = in_bad_light(random, page, seed)
    return TintedPage(
        picture, page, np.where(_inside(fields), fields, 0) * blank, _beside(fields, blank), paper
    )


def _printed(random: Random, page: Image, fields: Image, number: int) -> Image:
    """Print one field under a page's text, unless it would touch another."""
    rows, cols = fields.shape
    height = round(rows * float(np.exp(random.uniform(np.log(0.03), np.log(0.35)))))
    width = round(cols * random.uniform(0.25, 0.9))
    top = int(random.integers(0, rows - height))
    left = int(random.integers(0, cols - width))
    room = np.s_[max(0, top - 30) : top + height + 30, max(0, left - 30) : left + width + 30]
    if fields[room].any():
        return page
    hue = random.random(3)
    hue = (hue - hue.min()) / (hue.max() - hue.min())
    reflectance = 1 - (1 - random.uniform(*PALE)) * (1 - hue)
    fields[top : top + height, left : left + width] = number
    inked = page * np.where((fields == number)[:, :, None], reflectance, 1)
    return np.asarray(np.rint(inked), np.uint8)


def _inside(fields: Image) -> Mask:
    return np.asarray(cv2.erode((fields > 0).astype(np.uint8), np.ones((21, 21), np.uint8)) > 0)


def _beside(fields: Image, blank: Mask) -> Image:
    """Number of the field that blank paper lies beside."""
    near = cv2.dilate(fields, np.ones((121, 121), np.uint8))
    rim = cv2.dilate(fields, np.ones((21, 21), np.uint8))
    return np.asarray(np.where(blank & (rim == 0), near, 0), np.uint8)
