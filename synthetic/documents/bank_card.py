"""Specimens of bank cards, flat print and embossed; of no bank."""

from __future__ import annotations

import cv2
import numpy as np
import PIL.Image as Pillow
import PIL.ImageDraw

from synthetic.arrays import Image, Random
from synthetic.documents import made_up
from synthetic.documents.ink import Colour, Ink
from synthetic.documents.specimen import ID_1, Specimen, printing
from synthetic.text.typeface import Typefaces

GOLD = (214, 186, 110)
SILVER = (226, 226, 230)


def bank_card(random: Random, faces: Typefaces, scale: float) -> Specimen:
    """Return the front of a card of any ground."""
    number = made_up.bank_number(random)
    month = int(random.integers(1, 13))
    year = int(random.integers(26, 45))
    base = tuple(int(value) for value in random.integers(20, 245, 3))
    ink = printing(random, faces, ID_1, (base[0], base[1], base[2]), scale)
    light = sum(base) > 380
    dark: Colour = (24, 24, 30) if light else (244, 244, 240)
    ink.text((6, 11), ("云川银行（样张）", "Bank of Yunchuan"), "bold", 5.0, dark)
    ink.box((9, 19, 21, 28), fill=GOLD, rim=(150, 124, 60))
    ink.line([(15, 19), (15, 28)], 0.25, (150, 124, 60))
    embossed = random.random() < 0.5
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    _number(ink, random, (spaced, f"{month:02}/{year:02}"), (embossed, dark))
    ink.text((78, 50), "DEBIT", "bold", 3.4, dark, "rs")
    return Specimen("bank-card", {"number": number, "expiry": f"{month:02}/{year:02}"}, ink.sheet(), ID_1)


def _number(ink: Ink, random: Random, words: tuple[str, str], look: tuple[bool, Colour]) -> None:
    embossed, dark = look
    spaced, expiry = words
    em = 72.0 / (0.53 * len(spaced)) if embossed else min(5.6, 70.0 / (0.53 * len(spaced)))
    left = 7.0
    ink.text((left + 22, 43.6), "VALID THRU", "sans", 2.0, dark)
    if not embossed:
        ink.text((left, 38.0), spaced, "sans", em, dark)
        ink.text((left + 36, 44.0), expiry, "sans", 3.8, dark)
        return
    tip = SILVER if random.random() < 0.5 else GOLD if random.random() < 0.4 else None
    _emboss(ink, (left, 38.0), (spaced, min(em, 6.2)), tip)
    _emboss(ink, (left + 36, 44.4), (expiry, 4.2), tip)


def _emboss(ink: Ink, at: tuple[float, float], words: tuple[str, float], tip: Colour | None) -> None:
    """Raise characters out of the plastic: a bright upper edge, a dark lower one, a tipped top or none."""
    mask = _raised(ink, *words)
    relief = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.16 * ink.scale)
    slope = np.gradient(relief, axis=0) + 0.6 * np.gradient(relief, axis=1)
    strength = 255 / max(1e-6, float(np.abs(slope).max()))
    corner = (at[0], at[1] - words[1])
    if tip is not None:
        ink.cover(corner, mask, tip)
    ink.cover(corner, np.clip(slope * strength, 0, 255).astype(np.uint8), (250, 250, 250))
    ink.stamp(corner, np.clip(-slope * strength, 0, 255).astype(np.uint8), (10, 10, 14), 0.85)


def _raised(ink: Ink, words: str, em: float) -> Image:
    font = ink.faces.sans.at(em * ink.scale)
    size = (round(font.getlength(words) + ink.scale), round(1.5 * em * ink.scale))
    picture = Pillow.new("L", size, 0)
    PIL.ImageDraw.Draw(picture).text((0, em * ink.scale), words, fill=255, font=font, anchor="ls")
    return np.asarray(cv2.dilate(np.asarray(picture), np.ones((2, 2), np.uint8)), np.uint8)
