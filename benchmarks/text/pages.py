"""Pages of known text as they reach a reader: born digital, copied badly, photographed."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from imgcore.types import Image
from synthetic.documents.text_pages import LAYOUTS, TextPage, make_text_page
from synthetic.scene.light import uneven
from synthetic.scene.surfaces import DESKS
from synthetic.text.passages import Language

Spoil = Callable[[np.random.Generator, Image], Image]
PHOTOGRAPH = (2592, 1944)
_DOTS = 110 / 150


def page(seed: int, language: Language) -> TextPage:
    """Return page number `seed`, every layout in turn; English is never set downwards."""
    layouts = [name for name in LAYOUTS if language != "en" or name != "vertical"]
    return make_text_page(seed, language, layouts[seed % len(layouts)])


def as_it_is(rng: np.random.Generator, image: Image) -> Image:
    """Return the picture itself."""
    return image


def poor_copy(rng: np.random.Generator, image: Image) -> Image:
    """Return it at 110 dpi, blurred, in uneven light, with noise, as a JPEG of quality 60."""
    small = cv2.resize(image, None, fx=_DOTS, fy=_DOTS, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), float(rng.uniform(0.6, 1.0))).astype(np.float32)
    rows, cols = soft.shape[:2]
    across = np.linspace(1, rng.uniform(0.5, 0.9), cols, dtype=np.float32)[None, :, None]
    down = np.linspace(1, rng.uniform(0.6, 1.0), rows, dtype=np.float32)[:, None, None]
    noisy = soft * across * down + rng.normal(0, 2, soft.shape)
    return _jpeg(noisy, 60)


def photograph(rng: np.random.Generator, image: Image) -> Image:
    """Return it on a desk, turned and tilted, in a photograph of five megapixels."""
    desk = np.asarray(DESKS[int(rng.integers(len(DESKS)))](rng, PHOTOGRAPH), np.float32)
    return _seen(rng, _laid(desk, image, _corners(rng, image, (0.5, 0.5))))


def photograph_among_others(rng: np.random.Generator, image: Image) -> Image:
    """Return it in such a photograph, between two other printed pages that it cuts."""
    scene = np.asarray(DESKS[int(rng.integers(len(DESKS)))](rng, PHOTOGRAPH), np.float32)
    for place in (rng.uniform(-0.02, 0.02), rng.uniform(0.98, 1.02)):
        other = page(int(rng.integers(1000, 2000)), "en").picture
        scene = _laid(scene, other, _corners(rng, other, (place, rng.uniform(0.3, 0.7))))
    return _seen(rng, _laid(scene, image, _corners(rng, image, (0.5, 0.5))))


def _corners(rng: np.random.Generator, image: Image, centre: tuple[float, float]) -> np.ndarray:
    """Return corners of a page, its centre in shares of the photograph."""
    height = rng.uniform(0.6, 0.85) * PHOTOGRAPH[1]
    half = np.array([height * image.shape[1] / image.shape[0], height]) / 2
    angle = np.radians(rng.uniform(-12, 12))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half @ turn + np.multiply(centre, PHOTOGRAPH)
    return np.asarray(corners + rng.uniform(-0.03, 0.03, (4, 2)) * height)


def _laid(scene: np.ndarray, image: Image, corners: np.ndarray) -> np.ndarray:
    sheet = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32) * image.shape[1::-1]
    matrix = cv2.getPerspectiveTransform(sheet.astype(np.float32), corners.astype(np.float32))
    paper = cv2.warpPerspective(image, matrix, PHOTOGRAPH, flags=cv2.INTER_AREA).astype(np.float32)
    there = cv2.warpPerspective(np.full(image.shape[:2], 255, np.uint8), matrix, PHOTOGRAPH)
    share = cv2.GaussianBlur(there, (0, 0), 0.8).astype(np.float32)[:, :, None] / 255
    return scene * (1 - share) + 0.9 * paper * share


def _seen(rng: np.random.Generator, scene: np.ndarray) -> Image:
    lit = uneven(rng, np.asarray(scene, np.float32))
    return _jpeg(cv2.GaussianBlur(np.asarray(lit, np.float32), (0, 0), 0.7), 85)


def _jpeg(levels: np.ndarray, quality: int) -> Image:
    coded = cv2.imencode(
        ".jpg", np.clip(levels, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    return np.asarray(cv2.imdecode(coded[1], cv2.IMREAD_COLOR), np.uint8)
