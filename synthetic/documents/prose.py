"""Printed pages of words, tables, forms and slips, drawn with the fonts of the system: SYNTHETIC, seeded."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

Coverage = npt.NDArray[np.uint8]
"""uint8 ``(rows, cols)``: 255 where ink covers a pixel, 0 where paper shows."""
Random = np.random.Generator
Font = ImageFont.FreeTypeFont

_ROOT = Path("/usr/share/fonts")
LATIN = tuple(
    f"truetype/dejavu/{name}.ttf"
    for name in (
        *("DejaVuSans", "DejaVuSerif", "DejaVuSansMono", "DejaVuSansCondensed", "DejaVuSerifCondensed"),
        *("DejaVuSerif-Bold", "DejaVuSans-Oblique", "DejaVuSerif-BoldItalic", "DejaVuSans-Bold"),
    )
)
CHINESE = tuple(
    f"opentype/noto/Noto{family}CJK-{weight}.ttc"
    for family in ("Sans", "Serif")
    for weight in ("Regular", "Bold")
)
_SIMPLIFIED = 2
"""The face of a Noto collection with the mainland's forms."""


class Faces(NamedTuple):
    """Paths of fonts for either script, below the system's folder of fonts or absolute."""

    latin: tuple[str, ...]
    chinese: tuple[str, ...]


# The Chinese fonts have Latin letters of their own.
SYSTEM = Faces(LATIN + CHINESE, CHINESE)

_WORDS = tuple(
    """the of and to in is for that on with as are by this be or from at not an which have it shall
invoice total amount goods delivered undersigned account number customer address payment date signature
bank branch office company limited service agreement party contract receipt application form name birth
identity card issued authority valid until telephone street city province hospital department patient
registration insurance medicine quantity price unit tax rate subtotal balance transfer deposit withdrawal
counter window clerk reviewed approved copy original attached document archive page chapter section figure
when where each other after before between under while every only also into more than its their will may
please keep safe quality joy Zürich back zero express jumped quick fox lazy dog box equal
value system""".split()  # noqa: SIM905
)
_COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
    "定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由"
    "其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意"
    "建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统"
    "接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处理府研质信四却银行发票金额税合计姓名证号"
    "码单位地址电话日期签字盖章审核申请办理有限公司身份人民币开户账经营范围备注收款复核购买方销售货物服务规格型号"
)
_MARKS = "，，，，。。。、：；？！（）《》"


@lru_cache(maxsize=24)
def font(path: str, size: int) -> Font:
    """A font of the system; raises OSError where it is not installed."""
    return ImageFont.truetype(str(_ROOT / path), size, index=_SIMPLIFIED if "CJK" in path else 0)


@cache
def rare() -> str:
    """The 3755 characters of GB 2312's first level."""
    codes = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return "".join(code.decode("gb2312", "ignore") for code in codes)


def words(random: Random, length: int) -> str:
    """A line of English words, numbers and marks, of about so many letters."""
    line = ""
    while len(line) < length:
        word = str(random.choice(_WORDS))
        chance = random.random()
        if chance < 0.06:
            word = f"{random.integers(1, 9999)}"
        elif chance < 0.16:
            word = word.capitalize()
        elif chance < 0.2:
            word = word.upper()
        line += word + str(random.choice(["", "", "", "", "", "", ",", ".", ";", ":"])) + " "
    return line[:length].rstrip()


def characters(random: Random, length: int) -> str:
    """A line of Chinese, common characters mostly, with marks and now and then a number."""
    line = ""
    while len(line) < length:
        chance = random.random()
        if chance < 0.1:
            line += str(random.choice(list(_MARKS)))
        elif chance < 0.14:
            line += f"{random.integers(1, 99999)}"
        else:
            line += str(random.choice(list(_COMMON if chance < 0.75 else rare())))
    return line[:length]


Writer = Callable[[Random, int], str]


def script(random: Random, faces: Faces, chinese: bool, size: int) -> tuple[Font, Writer, float]:
    """A font, what writes for it, and the width of a letter in parts of its size."""
    paths = faces.chinese if chinese else faces.latin
    return font(str(random.choice(paths)), size), characters if chinese else words, 1.0 if chinese else 0.56


def page(random: Random, kind: str, size: tuple[int, int], faces: Faces = SYSTEM) -> Coverage:
    """One page, level and upright.

    Parameters
    ----------
    kind
        One of `KINDS`.
    size
        Columns and rows.
    faces
        What it may be set in.
    """
    sheet = Pillow.new("L", size, 0)
    KINDS[kind](random, ImageDraw.Draw(sheet), size, faces)
    return np.asarray(sheet, np.uint8)


def _prose(
    random: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], faces: Faces, chinese: bool
) -> None:
    cols, rows = size
    points = int(rows * random.uniform(0.0095, 0.018))
    face, write, wide = script(random, faces, chinese, points)
    left, right = (int(random.uniform(0.06, 0.13) * cols) for _ in range(2))
    pitch = points * random.uniform(1.25, 2.0)
    y, fit = random.uniform(0.05, 0.1) * rows, int((cols - left - right) / (points * wide))
    last = rows * (1 - random.uniform(0.05, 0.35))
    if random.random() < 0.6:
        title = font_of(face, int(points * random.uniform(1.4, 2.2)))
        draw.text((cols / 2, y), write(random, fit // 4), 255, title, anchor="ma")
        y += 2.4 * pitch
    while y < last:
        for line in range(lines := int(random.integers(1, 9))):
            if y < last:
                indent = 2 * points if line == 0 and random.random() < 0.7 else 0
                length = fit - 2 if line < lines - 1 else int(random.uniform(0.2, 0.9) * fit)
                draw.text((left + indent, y), write(random, max(2, length)), 255, face)
                y += pitch
        y += pitch * float(random.choice([0, 0, 0.5, 1.0]))


def _latin(random: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], faces: Faces) -> None:
    _prose(random, draw, size, faces, chinese=False)


def _chinese(random: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], faces: Faces) -> None:
    _prose(random, draw, size, faces, chinese=True)


def _table(random: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], faces: Faces) -> None:
    cols, rows = size
    points = int(rows * random.uniform(0.01, 0.015))
    face, write, _ = script(random, faces, bool(random.random() < 0.5), points)
    left, right, top = 0.08 * cols, 0.92 * cols, random.uniform(0.1, 0.2) * rows
    draw.text((cols / 2, 0.05 * rows), write(random, 12), 255, font_of(face, 2 * points), anchor="ma")
    pitch, width = points * random.uniform(1.7, 3), max(1, points // 12)
    lines = int(random.integers(6, 24))
    bounds = np.sort(np.concatenate([[left, right], random.uniform(left, right, int(random.integers(2, 5)))]))
    for line in range(lines + 1):
        y = top + line * pitch
        draw.line([(left, y), (right, y)], 255, width)
        for start, stop in pairwise(bounds):
            fit = int((stop - start) / points) - 1
            if line < lines and fit > 1 and random.random() < 0.8:
                draw.text((start + points / 2, y + (pitch - points) / 2), write(random, fit), 255, face)
    for x in bounds if random.random() < 0.7 else ():
        draw.line([(x, top), (x, top + lines * pitch)], 255, width)


def _form(random: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], faces: Faces) -> None:
    """A few labels, each with a line to write on."""
    cols, rows = size
    points = int(rows * random.uniform(0.013, 0.02))
    face, write, wide = script(random, faces, bool(random.random() < 0.5), points)
    draw.text((cols / 2, 0.06 * rows), write(random, 8), 255, font_of(face, 2 * points), anchor="ma")
    for number in range(int(random.integers(4, 9))):
        x, y = 0.1 * cols, (0.16 + 0.07 * number) * rows
        length = int(random.integers(3, 9))
        draw.text((x, y), write(random, length) + (":" if wide < 1 else "："), 255, face)
        after = x + (length + 2) * points * wide
        draw.line([(after, y + points), (0.7 * cols, y + points)], 255, max(1, points // 16))


def _slip(random: Random, draw: ImageDraw.ImageDraw, size: tuple[int, int], faces: Faces) -> None:
    """A receipt: names at the left, prices at the right."""
    cols, rows = size
    points = max(8, int(cols * random.uniform(0.035, 0.055)))
    face, write, wide = script(random, faces, bool(random.random() < 0.5), points)
    draw.text((cols / 2, 0.03 * rows), write(random, 8), 255, font_of(face, int(1.6 * points)), anchor="ma")
    y, pitch = 0.03 * rows + 3 * points, points * random.uniform(1.25, 1.7)
    while y < 0.93 * rows:
        draw.text(
            (0.06 * cols, y),
            write(random, int(random.integers(3, int(0.55 * cols / points / wide)))),
            255,
            face,
        )
        draw.text((0.94 * cols, y), f"{random.uniform(0.5, 300):.2f}", 255, face, anchor="ra")
        y += pitch * float(random.choice([1, 1, 1, 1, 2]))


def font_of(face: Font, size: int) -> Font:
    """The same font in another size."""
    return font(str(face.path).removeprefix(f"{_ROOT}/"), size)


Kind = Callable[[Random, ImageDraw.ImageDraw, tuple[int, int], Faces], None]

KINDS: dict[str, Kind] = {
    "latin": _latin,
    "chinese": _chinese,
    "table": _table,
    "form": _form,
    "slip": _slip,
}
