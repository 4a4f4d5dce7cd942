"""Other sides of sheets: bare or written on, with the front shining through."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Image, Random
from synthetic.documents.ink import A4, Colour, Ink
from synthetic.text.typeface import Typefaces

SHINE = 0.10
"""Share of a front's ink that is seen from behind, through paper of 70 g."""


def bare(random: Random, faces: Typefaces, scale: float, base: Colour) -> Image:
    """Return paper of `base` colour (BGR), nothing on it."""
    return Ink(random, faces, A4, base, scale).sheet()


def jotted(random: Random, faces: Typefaces, scale: float, base: Colour) -> Image:
    """Return paper with a few lines by hand in its upper half."""
    ink = Ink(random, faces, A4, base, scale)
    for place, words in enumerate(("文本字文本 0128", "字文本字文，文本字文本字", "2030-01-08  文字")):
        ink.write((34 + 5 * place, 48 + 15 * place), words, 8.0)
    return ink.sheet()


def shone_through(back: Image, front: Image) -> Image:
    """Return `back` with the ink of `front` seen through the paper: mirrored, soft and faint."""
    ink = cv2.bitwise_not(cv2.flip(cv2.cvtColor(front, cv2.COLOR_BGR2GRAY), 1))
    soft = cv2.GaussianBlur(ink, (0, 0), back.shape[1] / 900)
    level = cv2.convertScaleAbs(soft, alpha=-SHINE, beta=255.0 + SHINE * 14)
    return np.asarray(cv2.multiply(back, cv2.merge([level] * 3), scale=1 / 255), np.uint8)
