"""An open book: two pages that rise from the gutter and fall to the edge, seen from straight above."""

from __future__ import annotations

import numpy as np

from synthetic.arrays import Floats, Image, Random
from synthetic.documents.ink import GREY, Ink
from synthetic.scene.curl import Leaf, View, cylinder, see
from synthetic.scene.sheet import RESOLUTION, Sheet
from synthetic.text.typeface import Typefaces

WIDTH = 150.0
HEIGHT = 215.0
"""Millimetres of a page."""
RISE = 20.0
"""Height of a page's highest line above the desk, millimetres."""
EYE = 420.0
"""Height of the lens above the desk, millimetres."""
STRIPS = 60
LAMP = 0.40
"""Tangent of the angle that the light comes from, at the left."""

CHAPTERS = (
    (
        ("第三章　窗口与长队", "3  The counter and the queue"),
        "从前，办一件小事要排很长的队。窗口里的人把纸一张张翻过去，又一张张递回来，墙上的钟走得比人慢。"
        "后来桌上多了一盏灯，灯下有一只安静的眼睛：纸放上去，轻轻一声，便留下了它的样子。"
        "人们不再抱着复印件来回奔走，队伍也就慢慢短了。有人说，这不过是一架照相机；"
        "有人说，它替许多人省下了许多个下午。两种说法都对。",
        "Once a small matter took a long queue. Papers went in through the window and came back out, page "
        "by page, and the clock on the wall was slower than the people. Then a lamp was put on the desk, "
        "and under the lamp a quiet eye. A sheet was laid down, it clicked softly, and its likeness stayed. ",
    ),
    (
        ("第四章　一张纸的旅行", "4  A sheet of paper travels"),
        "一张纸从桌面出发，先被灯光照亮，再被镜头看见。它也许放得有些歪，也许被手指压住一角，"
        "也许因为装订而微微拱起。看见它的程序要先找到四条边，把它扶正、摊平，再把阴影一点点擦去，"
        "只留下字和印章。做完这些，纸就可以还给主人了。",
        "A sheet sets out from the desk: lit by the lamp, then seen by the lens. It may lie a little askew, "
        "a finger may hold its corner, the binding may bend it. Find its edges, set it straight, lay it "
        "flat, wipe the shadows off until only words and seals remain, and give it back. ",
    ),
)


def book(random: Random, faces: Typefaces) -> Sheet:
    """Return the spread, its corners those of the cover seen from above."""
    away = np.linspace(0, 1, STRIPS + 1)
    slopes = _slopes()
    pages = [_page(random, faces, place) for place in (0, 1)]
    left = Leaf(pages[0], -slopes[::-1], _light(-slopes[::-1], away[::-1]))
    leaves = [left, Leaf(pages[1], slopes, _light(slopes, away))]
    view = _view(cylinder(leaves))
    bent = see(leaves, HEIGHT / WIDTH, view)
    first = bent.grids[0][:, 0]
    last = bent.grids[1][:, -1]
    corners = np.array([first[0], last[0], last[1], first[1]]) - (np.array(view.size) - 1) / 2
    return Sheet(bent.picture, bent.cover, RESOLUTION, (corners / RESOLUTION).astype(np.float32), lift=5.0)


def _slopes() -> Floats:
    """Return a page's slopes from the gutter to the edge, evenly along the paper."""
    run = np.linspace(0.0, 1.0, 600)
    height = RISE * 6.75 * run * (1.0 - run) ** 2
    across = 0.965 * WIDTH * run
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(across), np.diff(height)))])
    even = np.linspace(0.0, along[-1], STRIPS + 1)
    return np.interp(even, along, np.gradient(height, across))


def _light(slopes: Floats, away: Floats) -> Floats:
    """Return Lambert's law under a lamp from the left, and the gutter's dark; `away` is in page widths."""
    gutter = 1.0 - 0.38 * np.exp(-((away * WIDTH / 7.0) ** 2))
    return np.asarray(gutter * (1.0 + LAMP * slopes) / np.sqrt(1.0 + slopes**2))


def _view(profile: Floats) -> View:
    """Return a camera above the middle, `RESOLUTION` at the desk, that just sees the spread."""
    width = 2 * WIDTH * profile[:, 0].max() + 6.0
    height = HEIGHT * EYE / (EYE - RISE) + 2.0
    cols = round(width * RESOLUTION)
    rows = round(height * RESOLUTION)
    zoom = EYE * RESOLUTION
    away = EYE / WIDTH
    x = (cols - 1) / 2
    y = (rows - 1) / 2
    matrix = np.array([(zoom, 0, -x, x * away), (0, zoom, -y, y * away), (0, 0, -1, away)])
    return View(matrix, (cols, rows))


def _page(random: Random, faces: Typefaces, place: int) -> Image:
    """Return a printed page, flat."""
    ink = Ink(random, faces, (WIDTH, HEIGHT), (226, 238, 242), RESOLUTION)
    title, *body = CHAPTERS[place]
    ink.text((20, 30), title, "bold", 6.4)
    ink.gloss((20, 37), title[1], 3.4)
    _body(ink, faces.pick(*body))
    ink.rule(20, 130, 196)
    ink.centred((75, 203), f"{42 + place}", "serif", 3.4, GREY)
    return ink.sheet()


def _body(ink: Ink, words: str) -> None:
    """Fill the page's column with `words`, over and over."""
    chinese = ink.faces.chinese
    count, em = (23, 4.7) if chinese else (50, 4.4)
    rest = ("\u3000\u3000" + words if chinese else words) * 4
    for y in np.arange(48.0, 192.0, 8.2):
        end = _line_end(rest, count, chinese)
        ink.text((20, float(y)), rest[:end].strip(" "), "serif", em)
        rest = rest[end:]


def _line_end(text: str, count: int, chinese: bool) -> int:
    """Return how many characters a line takes, about `count`: no stop begins a line, no word is cut."""
    if chinese:
        return count + 1 if text[count] in "，。；：、" else count
    return text.rindex(" ", 0, count) + 1
