"""Show-through on made pages of thin paper: what is gone of it, and what reading loses."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.show_through import remove_show_through
from imgcore.types import Image
from synthetic.documents.text_pages import TextPage, make_text_page
from synthetic.text.passages import Language

DOTS = 150
FORMS = ("prose", "columns", "table", "form")
SENSOR = 0.55
NOISE = 1.6
"""Blur in pixels and noise in levels of a scanner."""

Floats = npt.NDArray[np.float32]


class ThinSheet(NamedTuple):
    """Front of a sheet, scanned on opaque and on thin paper; what shines through, and its back."""

    page: TextPage
    clean: Floats
    shown: Floats
    opaque: Image
    thin: Image
    back: Image


def make_sheet(seed: int, language: Language) -> ThinSheet:
    """Return a sheet; the same for the same arguments."""
    random = np.random.default_rng([seed, 91])
    size = (round(8.27 * DOTS), round(11.69 * DOTS))
    page = make_text_page(seed, language, FORMS[seed % 4], size)
    behind = make_text_page(seed + 5000, language, FORMS[seed // 4 % 4], size)
    paper = np.minimum(random.uniform(0.97, 1.0, 3) * random.uniform(235, 254), 254).astype(np.float32)
    strength = random.uniform(0.06, 0.2)
    blur = random.uniform(0.16, 0.32) * DOTS / 25.4
    shift = np.array([[1, 0, random.uniform(-8, 8)], [0, 1, random.uniform(-8, 8)]])
    shown = np.asarray(cv2.warpAffine(_shine(behind.picture, strength, blur), shift, size), np.float32)
    clean = cv2.GaussianBlur(page.picture.astype(np.float32) / 255, (0, 0), SENSOR) * paper
    back = cv2.GaussianBlur(behind.picture.astype(np.float32) / 255, (0, 0), SENSOR) * paper
    back *= 1 - _shine(page.picture, strength, blur)[:, :, None]
    noise = random.normal(0, NOISE, clean.shape)
    scans = (clean + noise, clean * (1 - shown[:, :, None]) + noise, back + np.roll(noise, 7, 0))
    return ThinSheet(page, clean, shown, *(np.rint(np.clip(scan, 0, 255)).astype(np.uint8) for scan in scans))


def _shine(picture: Image, strength: float, blur: float) -> Floats:
    ink = 1 - cv2.flip(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), 1).astype(np.float32) / 255
    return np.asarray(strength * cv2.GaussianBlur(ink, (0, 0), blur), np.float32)


def gone(sheet: ThinSheet, result: Image) -> float:
    """Return the share of the amplitude of what shone through that is gone from bare paper."""
    bare = sheet.clean.min(axis=2) > 0.985 * float(sheet.clean.min(axis=2).max())
    weight = sheet.shown[bare] - sheet.shown[bare].mean()
    before, after = (
        float(((sheet.clean - scan).mean(axis=2)[bare] * weight).sum()) for scan in (sheet.thin, result)
    )
    return 1 - after / before


def changed(sheet: ThinSheet) -> float:
    """Return the share of pixels that a page on opaque paper is changed in."""
    result = remove_show_through(sheet.opaque).image
    return float((np.abs(result.astype(np.int16) - sheet.opaque).max(axis=2) > 8).mean())
