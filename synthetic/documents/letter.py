"""A service centre's receipt for an application, A4, and the guide on its back. All names are made up."""

from __future__ import annotations

from synthetic import codes
from synthetic.arrays import Image, Random
from synthetic.documents.ink import A4, BLACK, BLUE, GREY, RED, Column, Ink
from synthetic.text.typeface import Typefaces

WHITE = (240, 244, 245)
MIDDLE = A4[0] / 2
LEFT = 22.0
RIGHT = 188.0
SPLIT = 62.0

ROWS = (
    (("受理编号", "Application No."), "YC-2030-000128"),
    (("申请事项", "Matter"), ("个体工商户设立登记", "Registration of a sole trader")),
    (("申请人", "Applicant"), ("张三（示例）", "A. Sample")),
    (("代理人", "Agent"), ("李四（示例）", "B. Sample")),
    (("受理窗口", "Counter"), ("综合服务 3 号窗口", "General services, counter 3")),
    (("受理日期", "Received on"), ("2030 年 1 月 8 日", "8 January 2030")),
    (("承诺时限", "Processing time"), ("5 个工作日", "5 working days")),
)

MATERIALS = (
    (("经营者身份证明（原件核验，复印件存档）", "Proof of identity (original seen, copy filed)"), "1"),
    (("经营场所使用证明", "Proof of the business premises"), "1"),
    (("设立登记申请书", "Application form, signed"), "2"),
    (("承诺书", "Declaration"), "1"),
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

GUIDE = (
    (
        ("一、在哪里办", "1. Where"),
        "持本回执到任一综合窗口办理，不必回到受理窗口。每日九时至十七时开放，中午不休息。",
        "Any counter takes this receipt. Open from nine to five, also at noon.",
    ),
    (
        ("二、带什么", "2. What to bring"),
        "请带齐回执正面所列材料的原件。原件当场采集、当场退还，窗口不收取复印件。",
        "Bring the originals named overleaf. They are photographed and handed back; no copies are kept.",
    ),
    (
        ("三、要多久", "3. How long"),
        "材料齐全的，在承诺时限内办结；需要实地查看的，另行约定时间，并以短信告知。",
        "Complete papers are dealt with in the time promised. A visit is agreed upon beforehand.",
    ),
    (
        ("四、怎样查询", "4. How to follow it"),
        "扫描正面的二维码，或凭受理编号在网上查询。结果可自取，也可以选择邮寄。",
        "Scan the code overleaf, or use the number of the application. Results are fetched or sent by mail.",
    ),
)


def letter(random: Random, faces: Typefaces, scale: float) -> Image:
    """Return the page, BGR at `scale` pixels per millimetre."""
    ink = Ink(random, faces, A4, WHITE, scale)
    _head(ink)
    _table(ink)
    _materials(ink)
    for place, words in enumerate(NOTES):
        ink.text((LEFT, 194 + 9.2 * place), words, "serif", 3.5)
        ink.gloss((LEFT + 3.6, 198 + 9.2 * place), words[1], 2.6)
    _codes(ink)
    _close(ink)
    return ink.sheet()


def guide(random: Random, faces: Typefaces, scale: float) -> Image:
    """Return the printed back."""
    ink = Ink(random, faces, A4, WHITE, scale)
    ink.centred((MIDDLE, 36), ("办 理 须 知", "How it goes on"), "bold", 7.0)
    column = Column(28, A4[0] - 56, 4.1, 6.8)
    y = 54.0
    for title, *body in GUIDE:
        ink.text((28, y), title, "bold", 4.8, BLUE)
        y = ink.both(column, y + 8, body, (3.0, 4.8)) + 9.0
    ink.box((28, y, A4[0] - 28, y + 26), rim=GREY)
    ink.centred((MIDDLE, y + 15), ("备  注  栏", "Remarks"), "serif", 4.2, GREY)
    return ink.sheet()


def _head(ink: Ink) -> None:
    ink.centred((MIDDLE, 29), ("云川市政务服务中心", "Yunchuan Public Service Centre"), "bold", 9.5, RED)
    if ink.faces.chinese:
        ink.centred((MIDDLE, 36.5), "YUNCHUAN PUBLIC SERVICE CENTRE", "serif", 3.7, RED)
    ink.rule(LEFT, RIGHT, 41, 0.7, RED)
    ink.rule(LEFT, RIGHT, 42.4, 0.2, RED)
    ink.centred((MIDDLE, 56), ("业 务 受 理 回 执", "Receipt"), "bold", 7.0)
    ink.centred((MIDDLE, 62.5), "Receipt of Application", "serif", 3.8, GREY)


def _table(ink: Ink) -> None:
    top = 69.0
    step = 9.6
    for place, (label, value) in enumerate(ROWS):
        y = top + place * step
        ink.box((LEFT, y, SPLIT, y + step), fill=(232, 237, 244), rim=GREY)
        ink.box((SPLIT, y, RIGHT, y + step), rim=GREY)
        ink.text((LEFT + 2.5, y + (4.4 if ink.faces.chinese else 6.2)), label, "sans", 3.7)
        ink.gloss((LEFT + 2.5, y + 8.1), label[1], 2.5)
        ink.text((SPLIT + 4, y + 6.4), value, "serif", 4.2)


def _materials(ink: Ink) -> None:
    top = 149.0
    step = 9.0
    ink.text((LEFT, top - 2), ("收取材料清单  Papers received", "Papers received"), "bold", 4.2, BLUE)
    for place, (words, count) in enumerate(MATERIALS):
        y = top + place * step
        ink.rule(LEFT, RIGHT, y)
        ink.box((LEFT + 1.5, y + 2.5, LEFT + 5.5, y + 6.5), rim=BLACK)
        ink.line([(LEFT + 2.2, y + 4.4), (LEFT + 3.3, y + 5.9), (LEFT + 6.3, y + 1.6)], 0.45, BLUE)
        ink.text((LEFT + 9, y + (4.6 if ink.faces.chinese else 5.8)), words, "sans", 3.6)
        ink.gloss((LEFT + 9, y + 8.0), words[1], 2.5)
        ink.text((RIGHT - 3, y + 6), (f"{count} 份", f"x {count}"), "sans", 3.6, anchor="rs")
    ink.rule(LEFT, RIGHT, top + len(MATERIALS) * step)


def _codes(ink: Ink) -> None:
    ink.stamp((LEFT - 2, 226), codes.qr(codes.QR_TEXT, round(34 * ink.scale)))
    ink.centred((LEFT + 14.5, 263), ("扫码查询进度", "Scan for progress"), "sans", 2.9, GREY)
    module = round(0.5 * ink.scale)
    ink.stamp((57, 232), codes.ean13(codes.EAN_DIGITS, module, round(16 * ink.scale)))
    number = codes.EAN_DIGITS + codes.check_digit(codes.EAN_DIGITS)
    ink.centred((57 + 95 * module / ink.scale / 2, 252.5), number, "mono", 3.4)


def _close(ink: Ink) -> None:
    ink.text((112, 237), ("经办人签字：", "Signed:"), "serif", 3.8)
    ink.rule(136, 184, 238.5)
    ink.text((112, 251), ("受理单位（盖章）：", "Seal:"), "serif", 3.8)
    ink.text((150, 277), ("2030 年 1 月 8 日", "8 January 2030"), "serif", 3.8)
    ink.sign((139, 228))
    ring = ("云川市政务服务中心", "YUNCHUAN SERVICE CENTRE")
    ink.seal((143, 233), ring, ("业务专用章（示例）", "SAMPLE"), 42)
    ink.closing(284)
