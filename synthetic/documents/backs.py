"""The other sides of sheets: printed, written on, or bare, with the front shining through."""

from __future__ import annotations

import cv2
import numpy as np

from synthetic import stamps as seal
from synthetic.arrays import Image
from synthetic.documents.ink import BLACK, BLUE, GREY, Colour, Ink
from synthetic.documents.letter import HEIGHT, WIDTH
from synthetic.scene import texture
from synthetic.text.handwriting import handwriting
from synthetic.text.paragraph import Column, paragraph
from synthetic.text.typeface import Typefaces

SHINE = 0.10
"""How much of a front's ink is seen from behind, through paper of 70 g."""

GUIDE = (
    (
        "一、在哪里办",
        "1. Where",
        "持本回执到任一综合窗口办理，不必回到受理窗口。每日九时至十七时开放，中午不休息。",
    ),
    (
        "二、带什么",
        "2. What to bring",
        "请带齐回执正面所列材料的原件。原件当场采集、当场退还，窗口不收取复印件。",
    ),
    (
        "三、要多久",
        "3. How long",
        "材料齐全的，在承诺时限内办结；需要实地查看的，另行约定时间，并以短信告知。",
    ),
    (
        "四、怎样查询",
        "4. How to follow it",
        "扫描正面的二维码，或凭受理编号在网上查询。结果可自取，也可以选择邮寄。",
    ),
)
GUIDE_EN = (
    "Any counter takes this receipt. Open from nine to five, also at noon.",
    "Bring the originals named overleaf. They are photographed and handed back at once; no copies are kept.",
    "Complete papers are dealt with in the time promised. A visit is agreed upon beforehand.",
    "Scan the code overleaf, or use the number of the application. Results are fetched or sent by mail.",
)


def bare(rng: np.random.Generator, base: Colour, scale: float) -> Image:
    """Paper of `base` colour (BGR), nothing on it."""
    return texture.paper(rng, (round(WIDTH * scale), round(HEIGHT * scale)), base)


def guide(rng: np.random.Generator, faces: Typefaces, scale: float) -> Image:
    """The printed back of the receipt."""
    ink = Ink(bare(rng, (240, 244, 245), scale), scale)
    ink.text((WIDTH / 2, 36), faces.pick("办 理 须 知", "How it goes on"), faces.bold, 7.0, BLACK, "ms")
    large = Column(28, WIDTH - 56, faces.serif, 4.1, 6.8)
    small = Column(28, WIDTH - 56, faces.serif, 3.0, 4.8, GREY)
    y = 54.0
    for (zh, en, body), english in zip(GUIDE, GUIDE_EN, strict=True):
        ink.text((28, y), faces.pick(zh, en), faces.bold, 4.8, BLUE)
        y = paragraph(ink, large, y + 8, faces.pick(body, english))
        if faces.chinese:
            y = paragraph(ink, small, y - 0.4, english)
        y += 9.0
    ink.box((28, y, WIDTH - 28, y + 26), rim=GREY)
    ink.text((WIDTH / 2, y + 15), faces.pick("备  注  栏", "Remarks"), faces.serif, 4.2, GREY, "ms")
    return ink.sheet()


def note(rng: np.random.Generator, scale: float, base: Colour) -> Image:
    """A few lines by hand in the upper half."""
    ink = Ink(bare(rng, base, scale), scale)
    for place, words in enumerate(("文本字文本 0128", "字文本字文，文本字文本字", "2030-01-08  文字")):
        mask = handwriting(rng, words, 8.0 * scale)
        ink.stamp((34 + 5 * place, 48 + 15 * place), mask, seal.PEN_BLUE, 0.9)
    return ink.sheet()


def shone_through(back: Image, front: Image) -> Image:
    """`back` with the ink of `front` seen through the paper: mirrored, soft and faint."""
    ink = cv2.bitwise_not(cv2.flip(cv2.cvtColor(front, cv2.COLOR_BGR2GRAY), 1))
    soft = cv2.GaussianBlur(ink, (0, 0), back.shape[1] / 900)
    level = cv2.convertScaleAbs(soft, alpha=-SHINE, beta=255.0 + SHINE * 14)
    return np.asarray(cv2.multiply(back, cv2.merge([level] * 3), scale=1 / 255), np.uint8)
