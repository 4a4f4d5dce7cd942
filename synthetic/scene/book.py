"""An open book: two pages that rise from the gutter and fall to the edge.

The surface is a cylinder along the gutter. Seen from `EYE` above the desk a point at
height z moves away from the middle by EYE / (EYE - z), which bends the text lines as in
a photograph; its slope makes the shading.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.arrays import Image, Points
from synthetic.documents.ink import BLACK, GREY, Ink
from synthetic.scene import texture
from synthetic.scene.sheet import RESOLUTION, Sheet
from synthetic.text.typeface import Typefaces

PAGE_WIDTH, PAGE_HEIGHT = 150.0, 215.0
RISE = 20.0
"""Height of a page's highest line above the desk, millimetres."""
EYE = 420.0
"""Height of the lens above the desk, millimetres."""

CHAPTERS = (
    (
        "第三章　窗口与长队",
        "3  The counter and the queue",
        "从前，办一件小事要排很长的队。窗口里的人把纸一张张翻过去，又一张张递回来，墙上的钟走得比人慢。"
        "后来桌上多了一盏灯，灯下有一只安静的眼睛：纸放上去，轻轻一声，便留下了它的样子。"
        "人们不再抱着复印件来回奔走，队伍也就慢慢短了。有人说，这不过是一架照相机；"
        "有人说，它替许多人省下了许多个下午。两种说法都对。",
        "Once a small matter took a long queue. Papers went in through the window and came back out, page "
        "by page, and the clock on the wall was slower than the people. Then a lamp was put on the desk, "
        "and under the lamp a quiet eye. A sheet was laid down, it clicked softly, and its likeness stayed. ",
    ),
    (
        "第四章　一张纸的旅行",
        "4  A sheet of paper travels",
        "一张纸从桌面出发，先被灯光照亮，再被镜头看见。它也许放得有些歪，也许被手指压住一角，"
        "也许因为装订而微微拱起。看见它的程序要先找到四条边，把它扶正、摊平，再把阴影一点点擦去，"
        "只留下字和印章。做完这些，纸就可以还给主人了。",
        "A sheet sets out from the desk: lit by the lamp, then seen by the lens. It may lie a little askew, "
        "a finger may hold its corner, the binding may bend it. Find its edges, set it straight, lay it "
        "flat, wipe the shadows off until only words and seals remain, and give it back. ",
    ),
)

Line = npt.NDArray[np.floating[Any]]


class Profile(NamedTuple):
    """One page from the gutter to the edge: as printed, as seen from above, height and slope; millimetres."""

    printed: Line
    seen: Line
    height: Line
    slope: Line


def profile() -> Profile:
    """Sampled finely from the gutter to the edge."""
    run = np.linspace(0.0, 1.0, 600)
    height = RISE * 6.75 * run * (1.0 - run) ** 2
    reach = np.interp(0.0, [0.0, 1.0], [PAGE_WIDTH * 0.965, PAGE_WIDTH])
    across = run * reach
    slope = np.gradient(height, across)
    printed = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(across), np.diff(height)))])
    return Profile(printed * PAGE_WIDTH / printed[-1], across * EYE / (EYE - height), height, slope)


def book(rng: np.random.Generator, faces: Typefaces) -> Sheet:
    """The spread, its corners those of the cover seen from above."""
    curve = profile()
    left, right = (_page(rng, faces, place) for place in (0, 1))
    half = [_bent(page, curve, side) for page, side in ((left, -1), (right, 1))]
    picture = np.hstack([half[0][0], half[1][0]])
    cover = np.hstack([half[0][1], half[1][1]])
    return Sheet(
        np.ascontiguousarray(picture), np.ascontiguousarray(cover), RESOLUTION, _corners(curve), lift=5.0
    )


def _corners(curve: Profile) -> Points:
    x, y = float(curve.seen[-1]), PAGE_HEIGHT / 2
    return np.array([[-x, -y], [x, -y], [x, y], [-x, y]], np.float32)


def _bent(page: Image, curve: Profile, side: int) -> tuple[Image, Image]:
    """One page as seen from above, and its cover; `side` is -1 left of the gutter, 1 right."""
    width, height = _canvas(curve)
    x = (np.arange(width) + 0.5) / RESOLUTION
    y = (np.arange(height) + 0.5 - height / 2) / RESOLUTION
    printed, rise = np.interp(x, curve.seen, curve.printed), np.interp(x, curve.seen, curve.height)
    across = (printed if side > 0 else PAGE_WIDTH - printed) * RESOLUTION
    down = y[:, None] * ((EYE - rise) / EYE)[None, :] * RESOLUTION + PAGE_HEIGHT * RESOLUTION / 2
    across_map = np.broadcast_to(across.astype(np.float32), down.shape)
    bent = cv2.remap(
        page,
        np.ascontiguousarray(across_map),
        down.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    cover = _cover(down, curve, x)
    shaded = np.clip(bent * _shade(curve, x, side)[None, :, None], 0, 255).astype(np.uint8)
    return (shaded, cover) if side > 0 else (shaded[:, ::-1], cover[:, ::-1])


def _cover(down: Line, curve: Profile, x: Line) -> Image:
    """255 on the page, falling over one pixel at its edges."""
    beyond = np.maximum(-down, down - PAGE_HEIGHT * RESOLUTION)
    beyond = np.maximum(beyond, ((x - curve.seen[-1]) * RESOLUTION)[None, :])
    return np.asarray(np.clip(0.5 - beyond, 0.0, 1.0) * 255).astype(np.uint8)


def _canvas(curve: Profile) -> tuple[int, int]:
    """Columns and rows of one bent page, with room for the bulge."""
    width = round((float(curve.seen[-1]) + 1.0) * RESOLUTION)
    height = round((PAGE_HEIGHT * EYE / (EYE - RISE) + 2.0) * RESOLUTION)
    return width, height


def _shade(curve: Profile, x: Line, side: int) -> npt.NDArray[np.float32]:
    """Lambert's law under a lamp from the left, and the gutter's dark."""
    slope = np.interp(x, curve.seen, curve.slope) * side
    lambert = (1.0 + 0.40 * slope) / np.sqrt(1.0 + slope * slope)
    gutter = 1.0 - 0.38 * np.exp(-((x / 7.0) ** 2))
    return np.asarray(lambert * gutter, np.float32)


def _page(rng: np.random.Generator, faces: Typefaces, place: int) -> Image:
    """A printed page, flat."""
    size = (round(PAGE_WIDTH * RESOLUTION), round(PAGE_HEIGHT * RESOLUTION))
    ink = Ink(texture.paper(rng, size, (226, 238, 242)))
    zh, en, body, prose = CHAPTERS[place]
    ink.text((20, 30), faces.pick(zh, en), faces.bold, 6.4)
    if faces.chinese:
        ink.text((20, 37), en, faces.serif, 3.4, GREY)
    _body(ink, faces, faces.pick(body, prose))
    ink.line([(20, 196), (130, 196)], 0.2, GREY)
    ink.text((75, 203), f"{42 + place}", faces.serif, 3.4, GREY, "ms")
    return ink.sheet()


def _body(ink: Ink, faces: Typefaces, words: str) -> None:
    """Fill the page's column with `words`, over and over."""
    count, em = (23, 4.7) if faces.chinese else (50, 4.4)
    rest = ("\u3000\u3000" + words if faces.chinese else words) * 4
    for y in np.arange(48.0, 192.0, 8.2):
        end = _line_end(rest, count, faces.chinese)
        ink.text((20, float(y)), rest[:end].strip(" "), faces.serif, em, BLACK)
        rest = rest[end:]


def _line_end(text: str, count: int, chinese: bool) -> int:
    """Where a line of about `count` characters may break: no stop begins a line, no word is cut."""
    if chinese:
        return count + 1 if text[count] in "，。；：、" else count
    return text.rindex(" ", 0, count) + 1
