"""A supplier's invoice with a seal. All names and prices are made up."""

from __future__ import annotations

from synthetic import codes
from synthetic.arrays import Image, Random
from synthetic.documents.card import supplier
from synthetic.documents.ink import A4, BLACK, GREY, TEAL, Column, Ink
from synthetic.text.typeface import Typefaces

LEFT = 18.0
RIGHT = 192.0
PALE = (226, 240, 240)
TABLE_TOP = 104.0
STEP = 9.4

ITEMS = (
    (("复印纸 A4 70 克", "Copy paper A4, 70 g"), 40, 19.80),
    (("档案盒 55 毫米", "File box, 55 mm"), 60, 7.50),
    (("签字笔 黑 0.5", "Gel pen, black 0.5"), 120, 2.40),
    (("热敏纸卷 80 毫米", "Thermal roll, 80 mm"), 96, 4.20),
    (("扫描仪进纸轮", "Scanner feed roller"), 4, 128.00),
    (("清洁套装", "Cleaning kit"), 6, 36.00),
    (("网线 3 米", "Network cable, 3 m"), 12, 9.90),
    (("上门安装", "Installation on site"), 1, 260.00),
)
"""Name, quantity, price of one."""

COLUMNS = ((LEFT + 3, "ls"), (LEFT + 12, "ls"), (128.0, "rs"), (156.0, "rs"), (RIGHT - 4, "rs"))
"""Places and anchors of number, name, quantity, price, amount."""
HEADS = (
    "#",
    ("品名 Item", "Item"),
    ("数量 Quantity", "Quantity"),
    ("单价 Price", "Price"),
    ("金额 Amount", "Amount"),
)

FACTS = (
    (("编号 Number", "Number"), "QS-2030-0308"),
    (("日期 Date", "Date"), "2030-01-08"),
    (("合同 Contract", "Contract"), "YC-2030-128"),
    (("付款 Terms", "Terms"), ("30 日", "30 days")),
)

TERMS = (
    "请于收到货物之日起三十日内付款，并在汇款时注明发票编号。货物如有短少或损坏，请于七日内书面告知。",
    "Payment within thirty days of delivery; please quote the invoice number. Missing or damaged goods are "
    "to be reported in writing within seven days.",
)


def invoice(random: Random, faces: Typefaces, scale: float) -> Image:
    """Return the invoice, BGR at `scale` pixels per millimetre."""
    ink = Ink(random, faces, A4, (243, 244, 243), scale)
    ink.box((LEFT, 10, RIGHT, 13), fill=TEAL, rim=None)
    supplier(ink, (LEFT + 1, 38), 1.2)
    ink.text((RIGHT, 31), ("发货清单", "INVOICE"), "bold", 8.6, TEAL, "rs")
    ink.text((RIGHT, 37.5), ("INVOICE", "Sample"), "sans", 3.4, GREY, "rs")
    _parties(ink)
    _table(ink)
    _totals(ink, TABLE_TOP + len(ITEMS) * STEP)
    _foot(ink)
    return ink.sheet()


def _parties(ink: Ink) -> None:
    ink.text((LEFT, 54), ("收货单位  Bill to", "Bill to"), "sans", 3.2, TEAL)
    ink.text((LEFT, 61), ("云川市政务服务中心（示例）", "Yunchuan Service Centre"), "serif", 4.3)
    ink.text((LEFT, 67.5), ("云川市示例路 128 号", "128 Sample Road, Yunchuan"), "serif", 3.8)
    ink.text((LEFT, 73.5), ("综合窗口 收", "Attn. general services"), "serif", 3.8)
    for place, (label, value) in enumerate(FACTS):
        ink.text((132, 54 + place * 6.6), label, "sans", 3.2, GREY)
        ink.text((RIGHT, 54 + place * 6.6), value, "mono", 3.7, BLACK, "rs")
    ink.stamp((LEFT, 80), codes.ean13("200012803009", round(0.34 * ink.scale), round(9 * ink.scale)))


def _table(ink: Ink) -> None:
    ink.box((LEFT, TABLE_TOP - STEP, RIGHT, TABLE_TOP), fill=TEAL, rim=None)
    for (x, anchor), words in zip(COLUMNS, HEADS, strict=True):
        ink.text((x, TABLE_TOP - 3.1), words, "sans", 3.5, (250, 250, 250), anchor)
    for place, (name, count, price) in enumerate(ITEMS):
        y = TABLE_TOP + place * STEP
        if place % 2:
            ink.box((LEFT, y, RIGHT, y + STEP), fill=PALE, rim=None)
        cells = (str(place + 1), name, str(count), f"{price:.2f}", f"{count * price:,.2f}")
        for (x, anchor), words in zip(COLUMNS, cells, strict=True):
            ink.text((x, y + 6.2), words, "sans", 3.7, BLACK, anchor)
        ink.gloss((84, y + 6.2), name[1], 2.5)
    ink.rule(LEFT, RIGHT, TABLE_TOP + len(ITEMS) * STEP, 0.4, TEAL)


def _totals(ink: Ink, top: float) -> None:
    net = sum(count * price for _, count, price in ITEMS)
    for y, label, amount in ((7.5, ("小计 Net", "Net"), net), (15.1, ("运费 Freight", "Freight"), 45.0)):
        ink.text((134, top + y), label, "sans", 3.8)
        ink.text((RIGHT - 4, top + y), f"¥ {amount:,.2f}", "sans", 3.8, BLACK, "rs")
    ink.text((134, top + 24.5), ("合计 Total", "Total"), "bold", 4.8)
    ink.text((RIGHT - 4, top + 24.5), f"¥ {net + 45:,.2f}", "bold", 4.8, BLACK, "rs")
    ink.rule(132, RIGHT, top + 18, 0.3, TEAL)


def _foot(ink: Ink) -> None:
    ink.both(Column(LEFT, 100, 3.5, 5.4), 188, TERMS, (2.7, 4.0))
    ink.stamp((LEFT - 1, 222), codes.qr("https://example.com/pay/QS-2030-0308", round(30 * ink.scale)))
    ink.text((LEFT + 34, 236), ("扫码付款（示例）", "Scan to pay (sample)"), "sans", 3.2, GREY)
    ink.text((122, 234), ("收货人：", "Received:"), "serif", 3.8)
    ink.rule(142, 186, 235.5)
    ink.write((144, 225.5), "文本字", 7.0)
    ink.text((122, 248), ("供货方（盖章）：", "Supplier:"), "serif", 3.8)
    ink.seal((146, 236), ("青石办公用品销售部", "BLUESTONE OFFICE SUPPLY"), ("示例专用章", "SAMPLE"), 38)
    ink.closing(287, ("本页为演示样张，不能报销", "A sample page; no goods were sold"))
