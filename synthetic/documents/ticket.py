"""Small papers that lie on the glass of a scanner: a ticket, a visiting card, a note. All made up."""

from __future__ import annotations

import numpy as np

from synthetic import codes
from synthetic import stamps as seal
from synthetic.arrays import Image
from synthetic.documents.ink import BLACK, GREY, Ink
from synthetic.scene import texture
from synthetic.text.handwriting import handwriting
from synthetic.text.typeface import Typefaces

GREEN = (30, 104, 78)
WHITE = (250, 250, 246)


def ticket(rng: np.random.Generator, faces: Typefaces, scale: float) -> Image:
    """An admission ticket of 150 by 62 mm with a stub, BGR."""
    width, height, stub = 150.0, 62.0, 112.0
    ink = _sheet(rng, (width, height), (214, 236, 228), scale)
    ink.box((4, 4, stub - 4, 18), fill=GREEN, rim=None)
    ink.text((8, 13.3), faces.pick("云川纸艺博物馆", "Yunchuan Paper Museum"), faces.bold, 6.4, WHITE)
    ink.text((7, 29), faces.pick("参 观 券", "Admission"), faces.bold, 8.0, GREEN)
    if faces.chinese:
        ink.text((7, 35.5), "ADMISSION", faces.sans, 3.2, GREY)
    ink.text((7, 45), faces.pick("日期 2030-01-08　壹人次", "2030-01-08, one person"), faces.sans, 3.7)
    ink.text(
        (7, 52),
        faces.pick("当日有效，撕下副券作废", "This day only; void without stub"),
        faces.sans,
        3.1,
        GREY,
    )
    ink.stamp((78, 24), codes.qr("https://example.com/t/0128", round(30 * scale)), BLACK)
    for y in np.arange(4.0, height - 3, 3.0):
        ink.line([(stub, float(y)), (stub, float(y) + 1.0)], 0.25, GREY)
    ink.text((131, 12), faces.pick("副 券", "Stub"), faces.bold, 5.0, GREEN, "ms")
    ink.text((131, 26), "No. 0128", faces.mono, 4.6, (186, 32, 36), "ms")
    ink.text((131, 36), "¥ 20.00", faces.bold, 5.0, BLACK, "ms")
    ink.text((131, 55), faces.pick("演示样张", "Sample"), faces.sans, 2.8, GREY, "ms")
    return ink.sheet()


def visiting_card(rng: np.random.Generator, faces: Typefaces, scale: float) -> Image:
    """A firm's card of 90 by 54 mm, BGR; it names no person."""
    ink = _sheet(rng, (90.0, 54.0), (240, 246, 248), scale)
    ink.line([(6, 21), (12, 8), (18, 21)], 2.0, (22, 108, 116))
    ink.line([(12, 21), (18, 8), (24, 21)], 2.0, (226, 150, 52))
    ink.text((30, 14.5), faces.pick("青石办公用品", "Bluestone Office Supply"), faces.bold, 5.0)
    ink.text((30, 20), "BLUESTONE OFFICE SUPPLY", faces.sans, 2.6, GREY)
    ink.line([(6, 27), (84, 27)], 0.3, (22, 108, 116))
    lines = (
        ("销售与维修", "Sales and service"),
        ("云川市示例路 128 号", "128 Sample Road, Yunchuan"),
        ("电话 000-0128-0300", "Tel. 000-0128-0300"),
        ("office@example.com", "office@example.com"),
    )
    for place, words in enumerate(lines):
        ink.text((6, 33.5 + 5.2 * place), faces.pick(*words), faces.sans, 3.3)
    return ink.sheet()


def note(rng: np.random.Generator, scale: float) -> Image:
    """A yellow note of 76 by 76 mm with some writing, BGR."""
    ink = _sheet(rng, (76.0, 76.0), (128, 226, 250), scale)
    for place, words in enumerate(("文本 0128", "字文本字", "2030-01-08", "文字本")):
        ink.stamp(
            (7 + place % 2 * 3, 9 + 15 * place), handwriting(rng, words, 8.0 * scale), seal.PEN_BLUE, 0.92
        )
    return ink.sheet()


def _sheet(
    rng: np.random.Generator, size: tuple[float, float], base: tuple[int, int, int], scale: float
) -> Ink:
    pixels = (round(size[0] * scale), round(size[1] * scale))
    return Ink(texture.paper(rng, pixels, base), scale)
