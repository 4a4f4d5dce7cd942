"""A supplier's invoice with an oval seal. All names and prices are made up."""

from __future__ import annotations

import numpy as np

from synthetic import codes
from synthetic import stamps as seal
from synthetic.arrays import Image
from synthetic.documents.ink import BLACK, GREY, Ink
from synthetic.documents.letter import HEIGHT, WIDTH
from synthetic.scene import texture
from synthetic.text.handwriting import handwriting
from synthetic.text.paragraph import Column, paragraph
from synthetic.text.typeface import Typefaces

LEFT, RIGHT = 18.0, 192.0
TEAL = (22, 108, 116)
PALE = (226, 240, 240)
TABLE_TOP, STEP = 104.0, 9.4

ITEMS = (
    ("复印纸 A4 70 克", "Copy paper A4, 70 g", 40, 19.80),
    ("档案盒 55 毫米", "File box, 55 mm", 60, 7.50),
    ("签字笔 黑 0.5", "Gel pen, black 0.5", 120, 2.40),
    ("热敏纸卷 80 毫米", "Thermal roll, 80 mm", 96, 4.20),
    ("扫描仪进纸轮", "Scanner feed roller", 4, 128.00),
    ("清洁套装", "Cleaning kit", 6, 36.00),
    ("网线 3 米", "Network cable, 3 m", 12, 9.90),
    ("上门安装", "Installation on site", 1, 260.00),
)
"""Name in both languages, quantity, price of one."""

COLUMNS = ((LEFT + 3, "ls"), (LEFT + 12, "ls"), (128.0, "rs"), (156.0, "rs"), (RIGHT - 4, "rs"))
"""Number, name, quantity, price, amount: where each is set."""

TERMS = (
    "请于收到货物之日起三十日内付款，并在汇款时注明发票编号。货物如有短少或损坏，请于七日内书面告知。",
    "Payment within thirty days of delivery; please quote the invoice number. Missing or damaged goods are "
    "to be reported in writing within seven days.",
)


def invoice(rng: np.random.Generator, faces: Typefaces, scale: float) -> Image:
    """The invoice, BGR at `scale` pixels per millimetre."""
    size = (round(WIDTH * scale), round(HEIGHT * scale))
    ink = Ink(texture.paper(rng, size, (243, 244, 243)), scale)
    _head(ink, faces)
    _parties(ink, faces)
    _table(ink, faces)
    _totals(ink, faces)
    _foot(ink, faces, rng)
    return ink.sheet()


def _head(ink: Ink, faces: Typefaces) -> None:
    ink.box((LEFT, 10, RIGHT, 13), fill=TEAL, rim=None)
    ink.line([(LEFT + 1, 38), (LEFT + 8, 22), (LEFT + 15, 38)], 2.4, TEAL)
    ink.line([(LEFT + 8, 38), (LEFT + 15, 22), (LEFT + 22, 38)], 2.4, (226, 150, 52))
    ink.text((LEFT + 28, 30), faces.pick("青石办公用品", "Bluestone Office Supply"), faces.bold, 6.6)
    ink.text((LEFT + 28, 36.5), "BLUESTONE OFFICE SUPPLY", faces.sans, 3.0, GREY)
    ink.text((RIGHT, 31), faces.pick("发货清单", "INVOICE"), faces.bold, 8.6, TEAL, "rs")
    ink.text((RIGHT, 37.5), faces.pick("INVOICE", "Sample"), faces.sans, 3.4, GREY, "rs")


def _parties(ink: Ink, faces: Typefaces) -> None:
    ink.text((LEFT, 54), faces.pick("收货单位  Bill to", "Bill to"), faces.sans, 3.2, TEAL)
    ink.text(
        (LEFT, 61), faces.pick("云川市政务服务中心（示例）", "Yunchuan Service Centre"), faces.serif, 4.3
    )
    ink.text((LEFT, 67.5), faces.pick("云川市示例路 128 号", "128 Sample Road, Yunchuan"), faces.serif, 3.8)
    ink.text((LEFT, 73.5), faces.pick("综合窗口 收", "Attn. general services"), faces.serif, 3.8)
    facts = (
        ("编号", "Number", "QS-2030-0308"),
        ("日期", "Date", "2030-01-08"),
        ("合同", "Contract", "YC-2030-128"),
        ("付款", "Terms", faces.pick("30 日", "30 days")),
    )
    for place, (zh, en, value) in enumerate(facts):
        y = 54 + place * 6.6
        ink.text((132, y), faces.pick(f"{zh} {en}", en), faces.sans, 3.2, GREY)
        ink.text((RIGHT, y), value, faces.mono, 3.7, BLACK, "rs")
    ink.stamp((LEFT, 80), codes.ean13("200012803009", round(0.34 * ink.scale), round(9 * ink.scale)), BLACK)


def _row(ink: Ink, faces: Typefaces, y: float, cells: tuple[str, ...]) -> None:
    for (x, anchor), words in zip(COLUMNS, cells, strict=True):
        ink.text((x, y), words, faces.sans, 3.7, BLACK, anchor)


def _table(ink: Ink, faces: Typefaces) -> None:
    ink.box((LEFT, TABLE_TOP - STEP, RIGHT, TABLE_TOP), fill=TEAL, rim=None)
    heads = ("#", ("品名", "Item"), ("数量", "Quantity"), ("单价", "Price"), ("金额", "Amount"))
    for (x, anchor), words in zip(COLUMNS, heads, strict=True):
        shown = words if isinstance(words, str) else faces.pick(f"{words[0]} {words[1]}", words[1])
        ink.text((x, TABLE_TOP - 3.1), shown, faces.sans, 3.5, (250, 250, 250), anchor)
    for place, (zh, en, count, price) in enumerate(ITEMS):
        y = TABLE_TOP + place * STEP
        if place % 2:
            ink.box((LEFT, y, RIGHT, y + STEP), fill=PALE, rim=None)
        cells = (str(place + 1), faces.pick(zh, en), str(count), f"{price:.2f}", f"{count * price:,.2f}")
        _row(ink, faces, y + 6.2, cells)
        if faces.chinese:
            ink.text((84, y + 6.2), en, faces.serif, 2.5, GREY)
    bottom = TABLE_TOP + len(ITEMS) * STEP
    ink.line([(LEFT, bottom), (RIGHT, bottom)], 0.4, TEAL)


def _totals(ink: Ink, faces: Typefaces) -> None:
    net = sum(count * price for _, _, count, price in ITEMS)
    rows = (
        (("小计", "Net"), net),
        (("运费", "Freight"), 45.0),
        (("合计", "Total"), net + 45.0),
    )
    for place, (label, amount) in enumerate(rows):
        y = TABLE_TOP + len(ITEMS) * STEP + 7.5 + place * 7.6 + (1.8 if place == 2 else 0.0)
        face, em = (faces.bold, 4.8) if place == 2 else (faces.sans, 3.8)
        ink.text((134, y), faces.pick(f"{label[0]} {label[1]}", label[1]), face, em)
        ink.text((RIGHT - 4, y), f"¥ {amount:,.2f}", face, em, BLACK, "rs")
    y = TABLE_TOP + len(ITEMS) * STEP + 18
    ink.line([(132, y), (RIGHT, y)], 0.3, TEAL)


def _foot(ink: Ink, faces: Typefaces, rng: np.random.Generator) -> None:
    column = Column(LEFT, 100, faces.serif, 3.5, 5.4)
    y = paragraph(ink, column, 188, faces.pick(*TERMS))
    if faces.chinese:
        paragraph(ink, Column(LEFT, 100, faces.serif, 2.7, 4.0, GREY), y + 0.5, TERMS[1])
    code = codes.qr("https://example.com/pay/QS-2030-0308", round(30 * ink.scale))
    ink.stamp((LEFT - 1, 222), code, BLACK)
    ink.text((LEFT + 34, 236), faces.pick("扫码付款（示例）", "Scan to pay (sample)"), faces.sans, 3.2, GREY)
    ink.text((122, 234), faces.pick("收货人：", "Received:"), faces.serif, 3.8)
    ink.line([(142, 235.5), (186, 235.5)], 0.2, GREY)
    ink.stamp((144, 225.5), handwriting(rng, "文本字", 7.0 * ink.scale), seal.PEN_BLUE, 0.9)
    ink.text((122, 248), faces.pick("供货方（盖章）：", "Supplier:"), faces.serif, 3.8)
    ring = faces.pick("青石办公用品销售部", "BLUESTONE OFFICE SUPPLY")
    mask = seal.round_seal(faces, ring, faces.pick("示例专用章", "SAMPLE"), round(38 * ink.scale), rng)
    ink.stamp((146, 236), mask, seal.SEAL_RED, 0.85)
    closing = faces.pick("本页为演示样张，不能报销", "A sample page; no goods were sold")
    ink.text((WIDTH / 2, 287), closing, faces.sans, 2.6, GREY, "ms")
