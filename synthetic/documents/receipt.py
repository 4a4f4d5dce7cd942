"""Three till receipts and a member card. All names are made up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from synthetic import codes
from synthetic.arrays import Image
from synthetic.documents.ink import BLACK, GREY, Ink
from synthetic.geometry import Pose
from synthetic.scene import texture
from synthetic.scene.sheet import RESOLUTION, Sheet, rectangle
from synthetic.text.typeface import Typefaces

Lines = tuple[tuple[str, str, str], ...]


class Bill(NamedTuple):
    """A shop's name and what was bought, each in both languages."""

    zh: str
    en: str
    lines: Lines


TEA = Bill(
    "清源茶舍",
    "Clearspring Tea",
    (("乌龙茶", "Oolong tea", "18.00"), ("桂花糕", "Cake", "12.50"), ("矿泉水", "Water", "3.00")),
)
BOOKS = Bill(
    "云川文具",
    "Yunchuan Stationery",
    (
        ("笔记本 A5", "Notebook A5", "9.90"),
        ("签字笔 0.5", "Gel pen 0.5", "3.50"),
        ("档案袋", "File folder", "2.00"),
        ("胶水", "Glue", "4.20"),
        ("订书机", "Stapler", "15.80"),
        ("复印 12 张", "12 copies", "6.00"),
    ),
)
TAXI = Bill(
    "青鸟出行",
    "Bluebird Rides",
    (
        ("起步价", "Flag fall", "10.00"),
        ("里程 8.4 km", "8.4 km", "17.60"),
        ("等候 4 分", "4 min waiting", "2.40"),
    ),
)


def receipts(rng: np.random.Generator, faces: Typefaces) -> list[tuple[Sheet, Pose, Pose]]:
    """Each with its two poses of rest."""
    return [
        (
            rectangle(receipt(rng, faces, TEA), lift=1.2),
            Pose(-150, -8, 6.0),
            Pose(-146, -4, 2.5),
        ),
        (
            rectangle(receipt(rng, faces, BOOKS), lift=1.2),
            Pose(-58, 4, -4.0),
            Pose(-60, 0, -1.0),
        ),
        (rectangle(receipt(rng, faces, TAXI), lift=1.2), Pose(36, -22, 9.0), Pose(32, -16, 5.0)),
        (rectangle(card(rng, faces), lift=1.0), Pose(138, 34, -8.0), Pose(136, 30, -3.0)),
    ]


def receipt(rng: np.random.Generator, faces: Typefaces, bill: Bill, scale: float = RESOLUTION) -> Image:
    """One receipt, 76 mm wide, BGR at `scale` pixels per millimetre."""
    lines = bill.lines
    width, height = 76.0, 118.0 + 11.0 * len(lines)
    size = (round(width * scale), round(height * scale))
    ink = Ink(texture.paper(rng, size, (236, 240, 240)), scale)
    ink.text((width / 2, 14), faces.pick(bill.zh, bill.en), faces.bold, 6.0, BLACK, "ms")
    ink.text((width / 2, 20), bill.en, faces.mono, 3.2, GREY, "ms")
    ink.text((width / 2, 28), "2030-01-08  10:24  No. 0128", faces.mono, 3.2, BLACK, "ms")
    _rule(ink, width, 31.5)
    _goods(ink, faces, lines, width)
    _foot(ink, faces, width, 48.0 + 11.0 * len(lines), lines)
    return ink.sheet()


def _goods(ink: Ink, faces: Typefaces, lines: Lines, width: float) -> None:
    for place, (zh, en, price) in enumerate(lines):
        y = 39.0 + 11.0 * place
        ink.text((7, y), faces.pick(zh, en), faces.mono, 4.2)
        ink.text((width - 7, y), price, faces.mono, 4.2, anchor="rs")
        if faces.chinese:
            ink.text((7, y + 4.2), en, faces.mono, 2.8, GREY)


def _foot(ink: Ink, faces: Typefaces, width: float, y: float, lines: Lines) -> None:
    total = sum(float(price) for _, _, price in lines)
    _rule(ink, width, y - 8)
    ink.text((7, y), faces.pick("合计", "Total"), faces.bold, 5.4)
    ink.text((width - 7, y), f"¥{total:.2f}", faces.bold, 5.4, anchor="rs")
    _rule(ink, width, y + 4)
    code = codes.qr(f"https://example.com/r/{total:.2f}", round(30 * ink.scale))
    ink.stamp(((width - code.shape[1] / ink.scale) / 2, y + 8), code, BLACK)
    ink.text((width / 2, y + 46), faces.pick("谢谢惠顾", "Thank you"), faces.mono, 4.2, BLACK, "ms")
    ink.text((width / 2, y + 52), faces.pick("演示样张", "Sample"), faces.mono, 3.0, GREY, "ms")


def _rule(ink: Ink, width: float, y: float) -> None:
    for x in np.arange(6.0, width - 7.0, 2.6):
        ink.line([(float(x), y), (float(x) + 1.4, y)], 0.3)


def card(rng: np.random.Generator, faces: Typefaces, scale: float = RESOLUTION) -> Image:
    """A member card of ISO ID-1 size, BGR at `scale` pixels per millimetre."""
    width, height = 85.6, 54.0
    size = (round(width * scale), round(height * scale))
    ink = Ink(texture.paper(rng, size, (168, 112, 48)), scale)
    white, pale = (245, 246, 248), (196, 216, 236)
    ink.box((0, 36, width, height), fill=(38, 92, 150), rim=None)
    ink.text((7, 13), faces.pick("云川市民卡", "Yunchuan Citizen Card"), faces.bold, 6.2, white)
    ink.text((7, 18.5), "YUNCHUAN CITIZEN CARD", faces.sans, 2.8, pale)
    ink.box((8, 23, 20, 32), fill=(214, 186, 110), rim=(150, 124, 60))
    ink.line([(8, 27.5), (20, 27.5)], 0.25, (150, 124, 60))
    ink.line([(14, 23), (14, 32)], 0.25, (150, 124, 60))
    ink.text((7, 43.5), "0000 0128 0300 0000", faces.mono, 5.2, white)
    ink.text((7, 50), faces.pick("张三（示例）", "A. SAMPLE"), faces.sans, 3.6, white)
    ink.text((width - 7, 50), "01/35", faces.mono, 3.6, white, "rs")
    return ink.sheet()
