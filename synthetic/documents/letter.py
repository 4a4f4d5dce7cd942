"""The A4 page on the desk: a service centre's receipt for an application. All names are made up."""

from __future__ import annotations

import numpy as np

from synthetic import codes
from synthetic import stamps as seal
from synthetic.arrays import Image
from synthetic.documents.ink import BLACK, BLUE, GREY, Ink
from synthetic.scene import texture
from synthetic.scene.sheet import RESOLUTION
from synthetic.text.typeface import Typefaces

WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT = 22.0, 188.0

ROWS = (
    ("受理编号", "Application No.", "YC-2030-000128", "YC-2030-000128"),
    ("申请事项", "Matter", "个体工商户设立登记", "Registration of a sole trader"),
    ("申请人", "Applicant", "张三（示例）", "A. Sample"),
    ("代理人", "Agent", "李四（示例）", "B. Sample"),
    ("受理窗口", "Counter", "综合服务 3 号窗口", "General services, counter 3"),
    ("受理日期", "Received on", "2030 年 1 月 8 日", "8 January 2030"),
    ("承诺时限", "Processing time", "5 个工作日", "5 working days"),
)

MATERIALS = (
    ("经营者身份证明（原件核验，复印件存档）", "Proof of identity (original seen, copy filed)", "1"),
    ("经营场所使用证明", "Proof of the business premises", "1"),
    ("设立登记申请书", "Application form, signed", "2"),
    ("承诺书", "Declaration", "1"),
)

NOTES = (
    (
        "1. 请妥善保管本回执，凭受理编号可在线查询办理进度。",
        "Keep this receipt: its number shows the progress online.",
    ),
    (
        "2. 材料经高拍仪采集后当场退还，不收取复印件。",
        "Papers are photographed at the counter and handed back at once.",
    ),
    (
        "3. 如需补正材料，窗口将于两个工作日内一次性告知。",
        "If anything is missing you will be told once, within two working days.",
    ),
)


def letter(rng: np.random.Generator, faces: Typefaces, scale: float = RESOLUTION) -> Image:
    """The page, BGR at `scale` pixels per millimetre."""
    size = (round(WIDTH * scale), round(HEIGHT * scale))
    ink = Ink(texture.paper(rng, size, (240, 244, 245)), scale)
    _head(ink, faces)
    _table(ink, faces)
    _materials(ink, faces)
    _notes(ink, faces)
    _codes(ink, faces)
    _close(ink, faces, rng)
    return ink.sheet()


def _head(ink: Ink, faces: Typefaces) -> None:
    red = (186, 32, 36)
    middle = WIDTH / 2
    ink.text(
        (middle, 29),
        faces.pick("云川市政务服务中心", "Yunchuan Public Service Centre"),
        faces.bold,
        9.5,
        red,
        "ms",
    )
    if faces.chinese:
        ink.text((middle, 36.5), "YUNCHUAN PUBLIC SERVICE CENTRE", faces.serif, 3.7, red, "ms")
    ink.line([(LEFT, 41), (RIGHT, 41)], 0.7, red)
    ink.line([(LEFT, 42.4), (RIGHT, 42.4)], 0.2, red)
    ink.text((middle, 56), faces.pick("业 务 受 理 回 执", "Receipt"), faces.bold, 7.0, BLACK, "ms")
    ink.text((middle, 62.5), "Receipt of Application", faces.serif, 3.8, GREY, "ms")


def _table(ink: Ink, faces: Typefaces) -> None:
    top, step, split = 69.0, 9.6, 62.0
    for place, (zh, en, value_zh, value_en) in enumerate(ROWS):
        y = top + place * step
        ink.box((LEFT, y, split, y + step), fill=(232, 237, 244), rim=GREY)
        ink.box((split, y, RIGHT, y + step), rim=GREY)
        ink.text((LEFT + 2.5, y + (4.4 if faces.chinese else 6.2)), faces.pick(zh, en), faces.sans, 3.7)
        if faces.chinese:
            ink.text((LEFT + 2.5, y + 8.1), en, faces.serif, 2.5, GREY)
        ink.text((split + 4, y + 6.4), faces.pick(value_zh, value_en), faces.serif, 4.2)


def _materials(ink: Ink, faces: Typefaces) -> None:
    top, step = 149.0, 9.0
    ink.text(
        (LEFT, top - 2), faces.pick("收取材料清单  Papers received", "Papers received"), faces.bold, 4.2, BLUE
    )
    for place, (zh, en, count) in enumerate(MATERIALS):
        y = top + place * step
        ink.line([(LEFT, y), (RIGHT, y)], 0.2, GREY)
        ink.box((LEFT + 1.5, y + 2.5, LEFT + 5.5, y + 6.5), rim=BLACK)
        ink.line([(LEFT + 2.2, y + 4.4), (LEFT + 3.3, y + 5.9), (LEFT + 6.3, y + 1.6)], 0.45, BLUE)
        ink.text((LEFT + 9, y + (4.6 if faces.chinese else 5.8)), faces.pick(zh, en), faces.sans, 3.6)
        if faces.chinese:
            ink.text((LEFT + 9, y + 8.0), en, faces.serif, 2.5, GREY)
        ink.text((RIGHT - 3, y + 6), faces.pick(f"{count} 份", f"x {count}"), faces.sans, 3.6, anchor="rs")
    ink.line([(LEFT, top + len(MATERIALS) * step), (RIGHT, top + len(MATERIALS) * step)], 0.2, GREY)


def _notes(ink: Ink, faces: Typefaces) -> None:
    y = 194.0
    for zh, en in NOTES:
        ink.text((LEFT, y), faces.pick(zh, en), faces.serif, 3.5)
        if faces.chinese:
            ink.text((LEFT + 3.6, y + 4.0), en, faces.serif, 2.6, GREY)
        y += 9.2


def _codes(ink: Ink, faces: Typefaces) -> None:
    ink.stamp((LEFT - 2, 226), codes.qr(codes.QR_TEXT, round(34 * ink.scale)), BLACK)
    ink.text((LEFT + 14.5, 263), faces.pick("扫码查询进度", "Scan for progress"), faces.sans, 2.9, GREY, "ms")
    module = round(0.5 * ink.scale)
    ink.stamp((57, 232), codes.ean13(codes.EAN_DIGITS, module, round(16 * ink.scale)), BLACK)
    number = codes.EAN_DIGITS + codes.check_digit(codes.EAN_DIGITS)
    ink.text((57 + 95 * module / ink.scale / 2, 252.5), number, faces.mono, 3.4, BLACK, "ms")


def _close(ink: Ink, faces: Typefaces, rng: np.random.Generator) -> None:
    ink.text((112, 237), faces.pick("经办人签字：", "Signed:"), faces.serif, 3.8)
    ink.line([(136, 238.5), (184, 238.5)], 0.2, GREY)
    ink.text((112, 251), faces.pick("受理单位（盖章）：", "Seal:"), faces.serif, 3.8)
    ink.text((150, 277), faces.pick("2030 年 1 月 8 日", "8 January 2030"), faces.serif, 3.8)
    name = seal.signature((round(40 * ink.scale), round(13 * ink.scale)), rng)
    ink.stamp((139, 228), name, seal.PEN_BLUE, 0.9)
    ring = faces.pick("云川市政务服务中心", "YUNCHUAN SERVICE CENTRE")
    round_seal = seal.round_seal(
        faces, ring, faces.pick("业务专用章（示例）", "SAMPLE"), round(42 * ink.scale), rng
    )
    ink.stamp((143, 233), round_seal, seal.SEAL_RED, 0.88)
    ink.text(
        (WIDTH / 2, 284),
        faces.pick("本页为演示样张，所有名称均为虚构", "A sample page; every name is made up"),
        faces.sans,
        2.6,
        GREY,
        "ms",
    )
