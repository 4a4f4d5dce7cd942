"""Specimens of documents with the truth of what is printed on them."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Image, Random
from synthetic.documents.ink import Colour, Ink
from synthetic.noise import smooth_noise
from synthetic.text.typeface import Typefaces

ID_1 = (85.6, 54.0)


class Specimen(NamedTuple):
    """A document, flat.

    Attributes
    ----------
    kind
        As `gaopai read` names it.
    fields
        The truth, field by field.
    picture
        BGR.
    size
        Width and height in millimetres.
    """

    kind: str
    fields: dict[str, str]
    picture: Image
    size: tuple[float, float]


def printing(random: Random, faces: Typefaces, size: tuple[float, float], base: Colour, scale: float) -> Ink:
    """Return paper or plastic with the fine waves that documents have against forgery."""
    ink = Ink(random, faces, size, base, scale)
    rows = round(size[1] * scale)
    cols = round(size[0] * scale)
    y, x = np.mgrid[:rows, :cols].astype(np.float32) / np.float32(scale)
    for _ in range(2):
        bend = random.uniform(0.4, 2.0) * np.sin(x / random.uniform(4, 12) + random.uniform(0, 6))
        waves = np.sin((y + bend) * random.uniform(2.5, 5.0))
        cloud = 0.5 + 0.5 * smooth_noise(random, (cols, rows), (3, 2))
        mask = np.clip(255 * np.clip(waves, 0, 1) * cloud, 0, 255).astype(np.uint8)
        ink.stamp((0, 0), mask, _pale(random), float(random.uniform(0.1, 0.35)))
    return ink


def portrait(ink: Ink, random: Random, area: tuple[float, float, float, float]) -> None:
    """Draw a head and shoulders of nobody, with a word across them that says so."""
    left, top, right, bottom = area
    width = right - left
    height = bottom - top
    rows = round(height * ink.scale)
    cols = round(width * ink.scale)
    y, x = np.mgrid[0 : height / width : rows * 1j, 0 : 1 : cols * 1j]
    head = ((x - 0.5) / 0.24) ** 2 + ((y - 0.52) / 0.32) ** 2 < 1
    body = ((x - 0.5) / 0.46) ** 2 + ((y - height / width) / 0.38) ** 2 < 1
    hair = (((x - 0.5) / 0.27) ** 2 + ((y - 0.42) / 0.32) ** 2 < 1) & (y < 0.4)
    for mask, colour in ((body, (70, 80, 100)), (head, (222, 184, 158)), (hair, (48, 42, 40))):
        soft = cv2.GaussianBlur(mask.astype(np.float32) * 255, (0, 0), max(0.6, 0.12 * ink.scale))
        ink.stamp((left, top), soft.astype(np.uint8), colour)
    for side in (0.41, 0.59):
        centre = (left + side * width, top + 0.5 * width)
        ink.box((centre[0] - 0.6, centre[1] - 0.3, centre[0] + 0.6, centre[1] + 0.3), (40, 36, 36), None)
    ink.centred(
        (left + width / 2, bottom - 0.08 * height),
        ("样张", "SPECIMEN"),
        "bold",
        0.16 * width,
        (250, 250, 250),
    )


def _pale(random: Random) -> Colour:
    red, green, blue = (int(value) for value in random.integers(120, 235, 3))
    return red, green, blue
