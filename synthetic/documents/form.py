"""An application form filled in by hand. All names are made up; the writing is none."""

from __future__ import annotations

import numpy as np

from synthetic import stamps as seal
from synthetic.arrays import Image
from synthetic.documents.ink import BLACK, BLUE, GREY, Ink
from synthetic.documents.letter import HEIGHT, WIDTH
from synthetic.scene import texture
from synthetic.text.handwriting import handwriting
from synthetic.text.paragraph import Column, paragraph
from synthetic.text.typeface import Typefaces

LEFT, RIGHT, SPLIT = 20.0, 190.0, 54.0
TOP, STEP = 52.0, 12.6

FIELDS = (
    ("申请人姓名", "Name", "文本字", 118.0),
    ("联系电话", "Telephone", "000-0128-0300", 118.0),
    ("出生日期", "Date of birth", "2030-01-08", 118.0),
    ("通讯地址", "Address", "文本字文本 12 字文 305", RIGHT),
    ("工作单位", "Employer", "文本字文本字文", RIGHT),
    ("紧急联系人", "Contact", "文本字 000-0301-2800", RIGHT),
)
"""Labels, what is written, and where the field ends; letters of the writing only give its length."""

CHOICES = (
    ("首次申领", "First issue", False),
    ("到期换领", "Renewal", True),
    ("遗失补领", "Loss", False),
    ("信息变更", "Change", True),
)

DECLARATION = (
    "本人声明：以上所填内容真实、完整，所附材料与原件一致。如有不实，愿意承担由此产生的责任。"
    "本人同意受理单位为办理本项业务之目的使用上述信息，办结后依规定期限保存。",
    "I declare that what is written above is true and complete and that the papers attached are those of the "
    "originals. I agree that the office uses it for this matter only and keeps it no longer than it must.",
)

REASON = ("文本字文本，字文本字文本字文", "字文本字文本字，文本字", "文本 2030-01-08 字文本")


def form(rng: np.random.Generator, faces: Typefaces, scale: float) -> Image:
    """The form, BGR at `scale` pixels per millimetre."""
    size = (round(WIDTH * scale), round(HEIGHT * scale))
    ink = Ink(texture.paper(rng, size, (236, 243, 246)), scale)
    _head(ink, faces)
    _fields(ink, faces, rng)
    _photo(ink, faces)
    _choices(ink, faces)
    _reason(ink, faces, rng)
    _declaration(ink, faces, rng)
    _received(ink, faces, rng)
    return ink.sheet()


def _head(ink: Ink, faces: Typefaces) -> None:
    title = faces.pick("个 人 业 务 申 请 表", "Personal Application")
    ink.text((WIDTH / 2, 30), title, faces.bold, 7.6, BLACK, "ms")
    if faces.chinese:
        ink.text((WIDTH / 2, 36.5), "PERSONAL APPLICATION FORM", faces.serif, 3.4, GREY, "ms")
    ink.text((LEFT, 47), faces.pick("表号：YC-F-07", "Form YC-F-07"), faces.sans, 3.2, GREY)
    ink.text((RIGHT, 47), "No. 2030-0128-03", faces.mono, 3.4, (186, 32, 36), "rs")


def _fields(ink: Ink, faces: Typefaces, rng: np.random.Generator) -> None:
    for place, (zh, en, written, end) in enumerate(FIELDS):
        y = TOP + place * STEP
        right = 152.0 if end < RIGHT else RIGHT
        ink.box((LEFT, y, SPLIT, y + STEP), fill=(240, 240, 236), rim=BLACK)
        ink.box((SPLIT, y, right, y + STEP), rim=BLACK)
        ink.text((LEFT + 2.5, y + (5.6 if faces.chinese else 7.8)), faces.pick(zh, en), faces.sans, 3.8)
        if faces.chinese:
            ink.text((LEFT + 2.5, y + 10.2), en, faces.serif, 2.7, GREY)
        _write(ink, rng, (SPLIT + 4 + float(rng.uniform(0, 3)), y + 1.6), written)


def _write(ink: Ink, rng: np.random.Generator, at: tuple[float, float], words: str, em: float = 6.0) -> None:
    ink.stamp(at, handwriting(rng, words, em * ink.scale), seal.PEN_BLUE, 0.92)


def _photo(ink: Ink, faces: Typefaces) -> None:
    ink.box((152, TOP, RIGHT, TOP + 3 * STEP), rim=BLACK)
    ink.text((171, TOP + 17), faces.pick("照片粘贴处", "Photograph"), faces.sans, 3.2, GREY, "ms")
    ink.text((171, TOP + 22), faces.pick("（可不贴）", "(optional)"), faces.sans, 2.8, GREY, "ms")


def _choices(ink: Ink, faces: Typefaces) -> None:
    y = TOP + len(FIELDS) * STEP
    ink.box((LEFT, y, RIGHT, y + STEP), rim=BLACK)
    for place, (zh, en, chosen) in enumerate(CHOICES):
        x = LEFT + 6 + place * 42
        ink.box((x, y + 4, x + 4.4, y + 8.4), rim=BLACK)
        ink.text((x + 7, y + 7.8), faces.pick(zh, en), faces.sans, 3.7)
        if chosen:
            tick = [(x + 0.4, y + 5.8), (x + 1.8, y + 8.0), (x + 6.0, y + 1.9)]
            ink.line(tick, 0.55, seal.PEN_BLUE)


def _reason(ink: Ink, faces: Typefaces, rng: np.random.Generator) -> None:
    y = TOP + (len(FIELDS) + 1) * STEP
    ink.box((LEFT, y, RIGHT, y + 40), rim=BLACK)
    ink.text((LEFT + 2.5, y + 6), faces.pick("申请事由  Reason", "Reason"), faces.sans, 3.8)
    for place, written in enumerate(REASON):
        line = y + 17.5 + place * 9.5
        ink.line([(LEFT + 6, line), (RIGHT - 6, line)], 0.15, GREY)
        _write(ink, rng, (LEFT + (14 if place == 0 else 8), line - 8.0), written, 5.4)


def _declaration(ink: Ink, faces: Typefaces, rng: np.random.Generator) -> None:
    y = TOP + (len(FIELDS) + 1) * STEP + 40
    ink.box((LEFT, y, RIGHT, y + 58), rim=BLACK)
    column = Column(LEFT + 4, RIGHT - LEFT - 8, faces.serif, 3.7, 6.0)
    below = paragraph(ink, column, y + 8, faces.pick(*DECLARATION))
    if faces.chinese:
        paragraph(ink, Column(LEFT + 4, RIGHT - LEFT - 8, faces.serif, 2.7, 4.0, GREY), below, DECLARATION[1])
    ink.text((112, y + 44), faces.pick("申请人签字：", "Signed:"), faces.serif, 3.9)
    ink.line([(136, y + 45.5), (182, y + 45.5)], 0.2, GREY)
    name = seal.signature((round(40 * ink.scale), round(13 * ink.scale)), rng)
    ink.stamp((138, y + 34), name, seal.PEN_BLUE, 0.9)
    ink.text((112, y + 54), faces.pick("日期：", "Date:"), faces.serif, 3.9)
    _write(ink, rng, (134, y + 47), "2030-01-08", 5.2)


def _received(ink: Ink, faces: Typefaces, rng: np.random.Generator) -> None:
    """The office's rubber stamp, a little askew, and the line that says what this is."""
    words = (faces.pick("已 受 理", "RECEIVED"), "2030-01-08", faces.pick("云川示例", "SAMPLE"))
    mask = seal.box_seal(faces, words, (round(44 * ink.scale), round(24 * ink.scale)), rng)
    ink.stamp((34, 241), mask, BLUE, 0.8)
    closing = faces.pick("本页为演示样张，所有名称均为虚构", "A sample page; every name is made up")
    ink.text((WIDTH / 2, 289), closing, faces.sans, 2.6, GREY, "ms")
