"""A member card, a visiting card, a ticket, a note. All made up; none names a person that lives."""

from __future__ import annotations

import numpy as np

from synthetic import codes
from synthetic.arrays import Image, Random
from synthetic.documents.ink import AMBER, GREY, RED, TEAL, Ink
from synthetic.text.typeface import Typefaces

GREEN = (30, 104, 78)
GOLD = (150, 124, 60)
WHITE = (245, 246, 248)
PALE = (196, 216, 236)

ADDRESS = (
    ("销售与维修", "Sales and service"),
    ("云川市示例路 128 号", "128 Sample Road, Yunchuan"),
    ("电话 000-0128-0300", "Tel. 000-0128-0300"),
    "office@example.com",
)


def member_card(random: Random, faces: Typefaces, scale: float) -> Image:
    """Return a member card of ISO ID-1 size, BGR at `scale` pixels per millimetre."""
    width = 85.6
    height = 54.0
    ink = Ink(random, faces, (width, height), (168, 112, 48), scale)
    ink.box((0, 36, width, height), fill=(38, 92, 150), rim=None)
    ink.text((7, 13), ("云川市民卡", "Yunchuan Citizen Card"), "bold", 6.2, WHITE)
    ink.text((7, 18.5), "YUNCHUAN CITIZEN CARD", "sans", 2.8, PALE)
    ink.box((8, 23, 20, 32), fill=(214, 186, 110), rim=GOLD)
    ink.rule(8, 20, 27.5, 0.25, GOLD)
    ink.line([(14, 23), (14, 32)], 0.25, GOLD)
    ink.text((7, 43.5), "0000 0128 0300 0000", "mono", 5.2, WHITE)
    ink.text((7, 50), ("张三（示例）", "A. SAMPLE"), "sans", 3.6, WHITE)
    ink.text((width - 7, 50), "01/35", "mono", 3.6, WHITE, "rs")
    return ink.sheet()


def visiting_card(random: Random, faces: Typefaces, scale: float) -> Image:
    """Return a firm's card, BGR; it names no person."""
    ink = Ink(random, faces, (90.0, 54.0), (240, 246, 248), scale)
    supplier(ink, (6, 21), 1.0)
    ink.rule(6, 84, 27, 0.3, TEAL)
    for place, words in enumerate(ADDRESS):
        ink.text((6, 33.5 + 5.2 * place), words, "sans", 3.3)
    return ink.sheet()


def supplier(ink: Ink, at: tuple[float, float], grown: float) -> None:
    """Print a supplier's mark, its lower left corner at a point, and its name."""
    x, y = at
    peak = [(0.0, 0.0), (6.0, -13.0), (12.0, 0.0)]
    for across, colour in ((0, TEAL), (6, AMBER)):
        ink.line([(x + grown * (across + dx), y + grown * dy) for dx, dy in peak], 2.0 * grown, colour)
    name = ("青石办公用品", "Bluestone Office Supply")
    ink.text((x + 24 * grown, y - 6.5 * grown), name, "bold", 5.2 * grown)
    ink.text((x + 24 * grown, y - 1.1 * grown), "BLUESTONE OFFICE SUPPLY", "sans", 2.6 * grown, GREY)


def ticket(random: Random, faces: Typefaces, scale: float) -> Image:
    """Return an admission ticket with a stub, BGR."""
    width = 150.0
    height = 62.0
    stub = 112.0
    ink = Ink(random, faces, (width, height), (214, 236, 228), scale)
    ink.box((4, 4, stub - 4, 18), fill=GREEN, rim=None)
    ink.text((8, 13.3), ("云川纸艺博物馆", "Yunchuan Paper Museum"), "bold", 6.4, WHITE)
    ink.text((7, 29), ("参 观 券", "Admission"), "bold", 8.0, GREEN)
    ink.gloss((7, 35.5), "ADMISSION", 3.2, "sans")
    ink.text((7, 45), ("日期 2030-01-08　壹人次", "2030-01-08, one person"), "sans", 3.7)
    ink.text((7, 52), ("当日有效，撕下副券作废", "This day only; void without stub"), "sans", 3.1, GREY)
    ink.stamp((78, 24), codes.qr("https://example.com/t/0128", round(30 * scale)))
    for y in np.arange(4.0, height - 3, 3.0):
        ink.line([(stub, float(y)), (stub, float(y) + 1.0)], 0.25, GREY)
    ink.centred((131, 12), ("副 券", "Stub"), "bold", 5.0, GREEN)
    ink.centred((131, 26), "No. 0128", "mono", 4.6, RED)
    ink.centred((131, 36), "¥ 20.00", "bold", 5.0)
    ink.centred((131, 55), ("演示样张", "Sample"), "sans", 2.8, GREY)
    return ink.sheet()


def note(random: Random, faces: Typefaces, scale: float) -> Image:
    """Return a yellow note with some writing, BGR."""
    ink = Ink(random, faces, (76.0, 76.0), (128, 226, 250), scale)
    for place, words in enumerate(("文本 0128", "字文本字", "2030-01-08", "文字本")):
        ink.write((7 + place % 2 * 3, 9 + 15 * place), words, 8.0)
    return ink.sheet()
