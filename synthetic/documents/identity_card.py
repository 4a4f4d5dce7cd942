"""Both sides of a made-up identity card of ISO ID-1 size; it is of no state, and names nobody who lives."""

from __future__ import annotations

from synthetic.arrays import Image, Random
from synthetic.documents.ink import GREY, Ink
from synthetic.text.typeface import Typefaces

SIZE = (85.6, 54.0)
PAPER = (244, 240, 236)
TINT = (226, 214, 196)
DARK = (96, 72, 48)

_FIELDS = (
    ("姓名 张三（示例）", "Name A. Sample"),
    ("性别 女　民族 汉", "Sex F  Group Han"),
    ("出生 1990 年 1 月 1 日", "Born 1990-01-01"),
    ("住址 某市某区样张路 1 号", "Address 1 Sample Road"),
)


def identity_front(random: Random, faces: Typefaces, scale: float) -> Image:
    """Return the side with the portrait, BGR at `scale` pixels per millimetre."""
    ink = Ink(random, faces, SIZE, PAPER, scale)
    ink.box((0, 0, SIZE[0], 8), fill=TINT, rim=None)
    for place, words in enumerate(_FIELDS):
        ink.text((6, 12 + 7.2 * place), words, "sans", 3.6, DARK)
    ink.text((6, 49), ("证号 000000199001010000", "No. 000000199001010000"), "sans", 4.0, DARK)
    ink.box((60, 9, 79, 33), fill=(236, 231, 226), rim=GREY)
    ink.box((66, 12, 73, 21), fill=(150, 138, 126), rim=None)
    ink.box((62.5, 23, 76.5, 33), fill=(150, 138, 126), rim=None)
    return ink.sheet()


def identity_back(random: Random, faces: Typefaces, scale: float) -> Image:
    """Return the side with the issuer, BGR."""
    ink = Ink(random, faces, SIZE, PAPER, scale)
    ink.box((0, 0, SIZE[0], 20), fill=TINT, rim=None)
    ink.centred((SIZE[0] / 2, 14), ("样 张 身 份 证", "Sample identity card"), "bold", 7.0, DARK)
    ink.centred((SIZE[0] / 2, 27), "SPECIMEN OF NO STATE", "sans", 3.0, GREY)
    ink.text((10, 40), ("签发机关 样张市样张局", "Issued by the Sample Office"), "sans", 3.8, DARK)
    ink.text(
        (10, 47), ("有效期限 2020.01.01-2040.01.01", "Valid 2020-01-01 to 2040-01-01"), "sans", 3.8, DARK
    )
    return ink.sheet()
