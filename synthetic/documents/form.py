"""An application form filled in by hand. All names are made up; the writing is none."""

from __future__ import annotations

from synthetic import stamps
from synthetic.arrays import Image, Random
from synthetic.documents.ink import A4, BLUE, GREY, RED, Column, Ink
from synthetic.text.typeface import Typefaces

LEFT = 20.0
RIGHT = 190.0
SPLIT = 54.0
TOP = 52.0
STEP = 12.6

FIELDS = (
    (("申请人姓名", "Name"), "文本字", 152.0),
    (("联系电话", "Telephone"), "000-0128-0300", 152.0),
    (("出生日期", "Date of birth"), "2030-01-08", 152.0),
    (("通讯地址", "Address"), "文本字文本 12 字文 305", RIGHT),
    (("工作单位", "Employer"), "文本字文本字文", RIGHT),
    (("紧急联系人", "Contact"), "文本字 000-0301-2800", RIGHT),
)
"""Labels, writing, and the field's right end; letters of the writing only give its length."""

CHOICES = (("首次申领", "First issue"), ("到期换领", "Renewal"), ("遗失补领", "Loss"), ("信息变更", "Change"))
CHOSEN = (1, 3)

DECLARATION = (
    "本人声明：以上所填内容真实、完整，所附材料与原件一致。如有不实，愿意承担由此产生的责任。"
    "本人同意受理单位为办理本项业务之目的使用上述信息，办结后依规定期限保存。",
    "I declare that what is written above is true and complete and that the papers attached are those of the "
    "originals. I agree that the office uses it for this matter only and keeps it no longer than it must.",
)

REASON = ("文本字文本，字文本字文本字文", "字文本字文本字，文本字", "文本 2030-01-08 字文本")


def form(random: Random, faces: Typefaces, scale: float) -> Image:
    """Return the form, BGR at `scale` pixels per millimetre."""
    ink = Ink(random, faces, A4, (236, 243, 246), scale)
    _head(ink)
    _fields(ink, random)
    ink.box((152, TOP, RIGHT, TOP + 3 * STEP))
    ink.centred((171, TOP + 17), ("照片粘贴处", "Photograph"), "sans", 3.2, GREY)
    ink.centred((171, TOP + 22), ("（可不贴）", "(optional)"), "sans", 2.8, GREY)
    _choices(ink, TOP + len(FIELDS) * STEP)
    _reason(ink, TOP + (len(FIELDS) + 1) * STEP)
    _declaration(ink, TOP + (len(FIELDS) + 1) * STEP + 40)
    words = (faces.pick("已 受 理", "RECEIVED"), "2030-01-08", faces.pick("云川示例", "SAMPLE"))
    ink.stamp((34, 241), stamps.box_seal(faces, words, ink.pixels(44, 24), random), BLUE, 0.8)
    ink.closing(289)
    return ink.sheet()


def _head(ink: Ink) -> None:
    ink.centred((A4[0] / 2, 30), ("个 人 业 务 申 请 表", "Personal Application"), "bold", 7.6)
    ink.gloss((A4[0] / 2, 36.5), "PERSONAL APPLICATION FORM", 3.4, anchor="ms")
    ink.text((LEFT, 47), ("表号：YC-F-07", "Form YC-F-07"), "sans", 3.2, GREY)
    ink.text((RIGHT, 47), "No. 2030-0128-03", "mono", 3.4, RED, "rs")


def _fields(ink: Ink, random: Random) -> None:
    for place, (label, written, right) in enumerate(FIELDS):
        y = TOP + place * STEP
        ink.box((LEFT, y, SPLIT, y + STEP), fill=(240, 240, 236))
        ink.box((SPLIT, y, right, y + STEP))
        ink.text((LEFT + 2.5, y + (5.6 if ink.faces.chinese else 7.8)), label, "sans", 3.8)
        ink.gloss((LEFT + 2.5, y + 10.2), label[1], 2.7)
        ink.write((SPLIT + 4 + float(random.uniform(0, 3)), y + 1.6), written, 6.0)


def _choices(ink: Ink, y: float) -> None:
    ink.box((LEFT, y, RIGHT, y + STEP))
    for place, words in enumerate(CHOICES):
        x = LEFT + 6 + place * 42
        ink.box((x, y + 4, x + 4.4, y + 8.4))
        ink.text((x + 7, y + 7.8), words, "sans", 3.7)
        if place in CHOSEN:
            ink.line([(x + 0.4, y + 5.8), (x + 1.8, y + 8.0), (x + 6.0, y + 1.9)], 0.55, stamps.PEN_BLUE)


def _reason(ink: Ink, y: float) -> None:
    ink.box((LEFT, y, RIGHT, y + 40))
    ink.text((LEFT + 2.5, y + 6), ("申请事由  Reason", "Reason"), "sans", 3.8)
    for place, written in enumerate(REASON):
        line = y + 17.5 + place * 9.5
        ink.rule(LEFT + 6, RIGHT - 6, line, 0.15)
        ink.write((LEFT + (14 if place == 0 else 8), line - 8.0), written, 5.4)


def _declaration(ink: Ink, y: float) -> None:
    ink.box((LEFT, y, RIGHT, y + 58))
    ink.both(Column(LEFT + 4, RIGHT - LEFT - 8, 3.7, 6.0), y + 8, DECLARATION, (2.7, 4.0))
    ink.text((112, y + 44), ("申请人签字：", "Signed:"), "serif", 3.9)
    ink.rule(136, 182, y + 45.5)
    ink.sign((138, y + 34))
    ink.text((112, y + 54), ("日期：", "Date:"), "serif", 3.9)
    ink.write((134, y + 47), "2030-01-08", 5.2)
