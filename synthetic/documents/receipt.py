"""Till receipts. All names are made up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from synthetic import codes
from synthetic.arrays import Image, Random
from synthetic.documents.ink import GREY, Ink
from synthetic.text.typeface import Typefaces

WIDTH = 76.0


class Bill(NamedTuple):
    """A shop's name and what was bought, in both languages, with prices."""

    shop: tuple[str, str]
    goods: tuple[tuple[tuple[str, str], str], ...]


TEA = Bill(
    ("清源茶舍", "Clearspring Tea"),
    ((("乌龙茶", "Oolong tea"), "18.00"), (("桂花糕", "Cake"), "12.50"), (("矿泉水", "Water"), "3.00")),
)
BOOKS = Bill(
    ("云川文具", "Yunchuan Stationery"),
    (
        (("笔记本 A5", "Notebook A5"), "9.90"),
        (("签字笔 0.5", "Gel pen 0.5"), "3.50"),
        (("档案袋", "File folder"), "2.00"),
        (("胶水", "Glue"), "4.20"),
        (("订书机", "Stapler"), "15.80"),
        (("复印 12 张", "12 copies"), "6.00"),
    ),
)
TAXI = Bill(
    ("青鸟出行", "Bluebird Rides"),
    (
        (("起步价", "Flag fall"), "10.00"),
        (("里程 8.4 km", "8.4 km"), "17.60"),
        (("等候 4 分", "4 min waiting"), "2.40"),
    ),
)


def receipt(random: Random, faces: Typefaces, scale: float, bill: Bill) -> Image:
    """Return one receipt, BGR at `scale` pixels per millimetre."""
    ink = Ink(random, faces, (WIDTH, 118.0 + 11.0 * len(bill.goods)), (236, 240, 240), scale)
    ink.centred((WIDTH / 2, 14), bill.shop, "bold", 6.0)
    ink.centred((WIDTH / 2, 20), bill.shop[1], "mono", 3.2, GREY)
    ink.centred((WIDTH / 2, 28), "2030-01-08  10:24  No. 0128", "mono", 3.2)
    _dashes(ink, 31.5)
    for place, (name, price) in enumerate(bill.goods):
        y = 39.0 + 11.0 * place
        ink.text((7, y), name, "mono", 4.2)
        ink.text((WIDTH - 7, y), price, "mono", 4.2, anchor="rs")
        ink.gloss((7, y + 4.2), name[1], 2.8, "mono")
    _foot(ink, 48.0 + 11.0 * len(bill.goods), sum(float(price) for _, price in bill.goods))
    return ink.sheet()


def _foot(ink: Ink, y: float, total: float) -> None:
    _dashes(ink, y - 8)
    ink.text((7, y), ("合计", "Total"), "bold", 5.4)
    ink.text((WIDTH - 7, y), f"¥{total:.2f}", "bold", 5.4, anchor="rs")
    _dashes(ink, y + 4)
    code = codes.qr(f"https://example.com/r/{total:.2f}", round(30 * ink.scale))
    ink.stamp(((WIDTH - code.shape[1] / ink.scale) / 2, y + 8), code)
    ink.centred((WIDTH / 2, y + 46), ("谢谢惠顾", "Thank you"), "mono", 4.2)
    ink.centred((WIDTH / 2, y + 52), ("演示样张", "Sample"), "mono", 3.0, GREY)


def _dashes(ink: Ink, y: float) -> None:
    for x in np.arange(6.0, WIDTH - 7.0, 2.6):
        ink.line([(float(x), y), (float(x) + 1.4, y)], 0.3)
