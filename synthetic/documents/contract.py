"""A page of a contract on yellowish paper, filed once: two punch holes and a fold. All names are made up."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic.arrays import Image, Random
from synthetic.documents.ink import A4, BLACK, GREY, Colour, Column, Ink
from synthetic.text.typeface import Typefaces

PAPER = (196, 230, 244)
LEFT = 30.0
RIGHT = 186.0
HOLES = ((11.5, A4[1] / 2 - 40), (11.5, A4[1] / 2 + 40))
"""Middles; two holes 80 mm apart, ISO 838."""
HOLE = 3.0
"""Radius."""

CLAUSES = (
    (
        "第一条　甲方委托乙方保养附件一所列的高拍仪、扫描仪及其附件，乙方按本合同约定的标准和期限提供服务。",
        "1. The contractor keeps the document cameras and scanners of annex 1 in order for the client.",
    ),
    (
        "第二条　乙方每季度上门一次，清洁镜头与稿台玻璃，检查进纸轮、分纸垫和灯管，并更换磨损的零件。"
        "更换下来的零件交甲方清点后由乙方带走处理。",
        "2. Each quarter the contractor cleans lenses and glass, checks rollers, pads and lamps, and "
        "replaces what is worn. Parts taken out are counted by the client and then taken away.",
    ),
    (
        "第三条　设备发生故障时，乙方应在接到通知后四小时内响应，两个工作日内修复；"
        "不能按时修复的，提供同类备用设备。",
        "3. When a device fails the contractor answers within four hours and mends it within two working "
        "days, or lends one of its kind until it is mended.",
    ),
    (
        "第四条　乙方人员在工作中接触到的文件和图像均属保密内容，不得拍摄、复制或带离现场。"
        "维修需要取走存储部件的，应当先由甲方清除其中的数据。",
        "4. Papers and pictures that the contractor's people come to see are confidential: they are neither "
        "photographed, copied nor taken away. The client erases storage before it leaves the house.",
    ),
    (
        "第五条　服务费用为每年人民币壹万贰仟捌佰元整，分四次支付，"
        "每次在季度服务完成并经甲方签字确认后十日内付清。",
        "5. The yearly fee is paid in four parts, each within ten days of the client's signature.",
    ),
)


def contract(random: Random, faces: Typefaces, scale: float, lid: Colour) -> Image:
    """Return the page, BGR at `scale` pixels per millimetre, its holes showing `lid` (BGR)."""
    ink = Ink(random, faces, A4, PAPER, scale)
    ink.centred((A4[0] / 2 + 4, 36), ("设备保养合同", "Maintenance Contract"), "bold", 7.4)
    ink.text((RIGHT, 46), ("合同编号：YC-2030-128", "No. YC-2030-128"), "sans", 3.3, GREY, "rs")
    y = 58.0
    for clause in CLAUSES:
        y = ink.both(Column(LEFT, RIGHT - LEFT, 4.3, 7.0), y, clause, (2.9, 4.5)) + 4.0
    _initials(ink, random, max(y + 4, 248.0))
    page = _folded(ink.sheet(), scale)
    for hole in HOLES:
        _punch(page, hole, scale, lid)
    return page


def _initials(ink: Ink, random: Random, y: float) -> None:
    for x, label in ((LEFT, ("甲方：", "Client:")), (112.0, ("乙方：", "Contractor:"))):
        ink.text((x, y), label, "serif", 4.0)
        ink.rule(x + 18, x + 62, y + 1.5)
        ink.write((x + 22, y - 9.5), "文字本"[: int(random.integers(2, 4))], 7.5, BLACK)
    ring = ("云川设备保养合作社", "YUNCHUAN MAINTENANCE CO-OP")
    ink.seal((138, y - 24), ring, ("合同专用章（示例）", "SAMPLE"), 40)
    closing = ("演示样张  第 2 页 共 4 页", "A sample page, 2 / 4")
    ink.centred((A4[0] / 2 + 4, 284), closing, "sans", 2.6, GREY)


def _folded(page: Image, scale: float) -> Image:
    """A crease across the middle: a bright ridge, a dark side."""
    y = (np.arange(page.shape[0]) / scale - A4[1] / 2 - 0.4)[:, None]
    bend = 1.0 + 0.022 * np.exp(-((y / 0.35) ** 2)) - 0.07 * np.exp(-(((y - 0.9) / 0.8) ** 2))
    rows = np.repeat(np.asarray(bend * 128, np.uint8), page.shape[1], axis=1)
    return np.asarray(cv2.multiply(page, cv2.merge([rows] * 3), scale=1 / 128), np.uint8)


def _punch(page: Image, hole: tuple[float, float], scale: float, lid: Colour) -> None:
    middle = (round(hole[0] * scale), round(hole[1] * scale))
    rim = tuple(round(level * 0.62) for level in lid)
    cv2.circle(page, middle, round(HOLE * scale), rim, -1, cv2.LINE_AA)
    inner = (middle[0] + round(0.25 * scale), middle[1] + round(0.3 * scale))
    cv2.circle(page, inner, round((HOLE - 0.4) * scale), lid, -1, cv2.LINE_AA)
