"""Pictures that the net of ``document_verification`` learns from: real ones in views, laid ones, made ones.

Real are those of ``lab/collected.json`` that are marked ``"fit": true``, and pages and desks of public
repositories (`SOURCES`). Documents and pages, real and made, are laid on all grounds there are: a card on a
form is what measures confuse. Some are cut by the picture's border, on one to three sides; and some pictures
show what is rectangular and no document.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from models.training.finger_hands import Sprite
from models.training.verification_pieces import SEED, any_piece
from models.training.verification_stock import FEWEST, LONG, Stock, TrainingPicture
from models.training.whole_page_judge import HARD, make
from synthetic.datasets.ambiguous import seen_corners
from synthetic.datasets.tabletops import make_counter, single
from synthetic.datasets.whole_pages import KINDS, make_whole_page, photographed
from synthetic.documents.slips import Slip, rounded
from synthetic.scene import camera, light
from synthetic.scene.fittings import fittings, playing_mat
from synthetic.scene.laying import Shadow, lay
from synthetic.scene.layout import Habit, in_heap, seen
from synthetic.scene.litter import litter
from synthetic.scene.surfaces import any_colour, worktop

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]
Random = np.random.Generator

LEAST = 0.5
LEAST_CUT = 0.15
"""Share of a document that a view shows at least, or none of it; and where the border is to cut one."""
TRIES = 12
_SHADOW = Shadow(7, (0.8, 7), 0.35, (0.02, 0.4), (0.3, 0.08))
_HELD = 0.2
_FINGER = (0.07, 0.3)
_TIP = (0.0, 0.5)
"""Share of laid documents that a hand holds; a finger's width and the way of its tip into the document, as
shares of the document's shorter side."""
_UNDERLAID = 0.12
"""Share of single documents with something larger below them."""
_ARM = 900
"""Rows of a sprite that are added below the wrist."""
_STREWN = Habit((0.15, 0.5), 0.012, gap=0.006, anyhow=0.6, sideways=0, level=0, tries=100)


class Kind(StrEnum):
    """Kinds of pictures."""

    REAL = "real photographs in views"
    LAID = "documents laid on others"
    CUT = "documents that the border cuts"
    ROOM = "rooms, screens, boards and mats for games"
    PAGE = "real pages"
    SCREEN = "made pages with the most boxes on them"
    MADE = "made desks and pages"


SHARES = {
    Kind.REAL: 0.22,
    Kind.LAID: 0.27,
    Kind.CUT: 0.16,
    Kind.ROOM: 0.12,
    Kind.PAGE: 0.13,
    Kind.SCREEN: 0.04,
}
"""Shares of the kinds; the rest is made."""


def subject(number: int, stock: Stock) -> TrainingPicture:
    """Return a picture; the same for the same number and stock."""
    random = np.random.default_rng([number, 97])
    return _MAKERS[_chosen(random)](random, stock, SEED + number)


def kind_of(number: int) -> Kind:
    """Return the kind of the picture of a number."""
    return _chosen(np.random.default_rng([number, 97]))


def _chosen(random: Random) -> Kind:
    return tuple(Kind)[int(np.searchsorted(np.cumsum([*SHARES.values()]), random.random()))]


def _real(random: Random, stock: Stock, _: int) -> TrainingPicture:
    return other_view(random, _photograph(random, stock))


def _on_others(random: Random, stock: Stock, _: int) -> TrainingPicture:
    made = laid(random, ground(random, stock), stock)
    return other_view(random, made) if random.random() < 0.25 else made


def _cut(random: Random, stock: Stock, _: int) -> TrainingPicture:
    is_real = random.random() < 0.4
    whole = _photograph(random, stock) if is_real else laid(random, ground(random, stock), stock)
    return other_view(random, whole, _frame_through, LEAST_CUT)


def _room(random: Random, stock: Stock, _: int) -> TrainingPicture:
    if stock.desks and random.random() < 0.5:
        return other_view(random, TrainingPicture(stock.desks[random.integers(len(stock.desks))], ()))
    room = in_room(random, stock)
    return other_view(random, room, _frame if random.random() < 0.7 else _frame_through, LEAST_CUT)


def _page(random: Random, stock: Stock, _: int) -> TrainingPicture:
    sheets = stock.pages if random.random() < 0.7 else stock.sheets
    return other_view(random, TrainingPicture(_inside(random, sheets[random.integers(len(sheets))]), ()))


def _screen(random: Random, _: Stock, seed: int) -> TrainingPicture:
    page = make_whole_page(seed, str(random.choice(HARD)), float(random.uniform(0.4, 0.65)))
    page = photographed(page, seed) if random.random() < 0.3 else page
    return TrainingPicture(page.picture, (), page)


def _made(random: Random, _: Stock, seed: int) -> TrainingPicture:
    if random.random() < 0.45:
        scene = make_counter(seed, ((576, 432), (576, 324), (432, 576))[random.integers(3)])
        return TrainingPicture(scene.picture, _visible(scene.quads, scene.picture))
    drawn = make(seed)
    return TrainingPicture(drawn.picture, _visible(drawn.quads, drawn.picture), drawn.page)


_MAKERS: dict[Kind, Callable[[Random, Stock, int], TrainingPicture]] = {
    Kind.REAL: _real,
    Kind.LAID: _on_others,
    Kind.CUT: _cut,
    Kind.ROOM: _room,
    Kind.PAGE: _page,
    Kind.SCREEN: _screen,
    Kind.MADE: _made,
}


def _photograph(random: Random, stock: Stock) -> TrainingPicture:
    return stock.photographs[random.integers(len(stock.photographs))]


def in_room(random: Random, stock: Stock) -> TrainingPicture:
    """Return fittings or a mat for games, bare or with documents on them."""
    size = ((640, 480), (720, 405), (480, 640))[random.integers(3)]
    wall = np.clip((fittings if random.random() < 0.75 else playing_mat)(random, size), 0, 255)
    if random.random() < 0.5:
        return laid(random, wall, stock)
    lit = light.uneven(random, wall) if random.random() < 0.7 else wall
    picture = camera.photograph(random, lit, random.uniform(0.3, 1.3), (0.3, 5), (50, 97))
    return TrainingPicture(np.asarray(picture, np.uint8), ())


def _inside(random: Random, picture: Picture) -> Picture:
    """Leave out what may be seen around a page."""
    rows, cols = picture.shape[:2]
    low = random.uniform(0.03, 0.16, 2)
    high = 1 - random.uniform(0.03, 0.16, 2)
    return picture[int(low[0] * rows) : int(high[0] * rows), int(low[1] * cols) : int(high[1] * cols)]


def _visible(quads: Sequence[Floats], picture: Picture) -> list[Floats]:
    size = (picture.shape[1], picture.shape[0])
    shown = [np.asarray(seen_corners(np.asarray(quad, np.float64), size), np.float64) for quad in quads]
    return [quad for quad in shown if len(quad) > 2 and _area(quad) > 0.002 * size[0] * size[1]]


def _area(quad: Floats) -> float:
    return float(cv2.contourArea(cv2.convexHull(quad.astype(np.float32)))) if len(quad) > 2 else 0.0


def other_view(
    random: Random,
    one: TrainingPicture,
    framed: Callable[[Random, TrainingPicture], Floats] | None = None,
    least: float = LEAST,
) -> TrainingPicture:
    """Return a part of a picture from aside, turned, mirrored, in other light; it shows a document or not.

    Parameters
    ----------
    framed
        Chooses the corners of what is shown.
    least
        Share of each document that is shown at least, or none of it.
    """
    for _ in range(TRIES):
        frame = (framed or _frame)(random, one)
        extent = np.array([np.linalg.norm(frame[end] - frame[0]) for end in (1, 3)])
        if extent.min() < FEWEST:
            continue
        scale = min(1.6, random.uniform(440, LONG) / extent.max())
        matrix, size = _turned(random, frame, np.maximum(64, np.rint(extent * scale)))
        moved = [cv2.perspectiveTransform(quad[None], matrix)[0] for quad in one.documents]
        parts = [_area(np.asarray(seen_corners(quad, size))) / _area(quad) for quad in moved]
        if all(part > least or part == 0 for part in parts):
            part = cv2.warpPerspective(one.picture, matrix, size, borderMode=cv2.BORDER_REPLICATE)
            picture = in_other_light(random, np.asarray(part, np.uint8))
            return TrainingPicture(picture, _visible(moved, picture))
    return one


def _turned(random: Random, frame: Floats, size: Floats) -> tuple[Floats, tuple[int, int]]:
    """Return where a part of a picture comes to lie, turned by quarters or mirrored, and the size of that."""
    ends = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * size
    if random.random() < 0.5:
        ends[:, 0] = size[0] - ends[:, 0]
    for _ in range(int(random.integers(4))):
        ends = np.column_stack([size[1] - ends[:, 1], ends[:, 0]])
        size = size[::-1]
    matrix = cv2.getPerspectiveTransform(frame.astype(np.float32), (ends - 0.5).astype(np.float32))
    return np.asarray(matrix, np.float64), (int(size[0]), int(size[1]))


def _frame(random: Random, one: TrainingPicture) -> Floats:
    """Choose the corners of what is shown."""
    size = np.array(one.picture.shape[1::-1], np.float64)
    most = random.choice([0.02, 0.15, 0.35])
    low = random.uniform(0, most, 2) * size
    high = (1 - random.uniform(0, most, 2)) * size
    if one.documents and random.random() < 0.7:
        points = np.concatenate(list(one.documents))
        low = np.minimum(low, points.min(axis=0) - 3)
        high = np.maximum(high, points.max(axis=0) + 3)
    low = np.clip(low, 0, size)
    high = np.clip(high, 0, size)
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * (high - low) + low
    inward = np.sign(corners.mean(axis=0) - corners)
    aside = random.uniform(0, random.choice([0, 0.04, 0.1]), (4, 2))
    return np.asarray(corners + inward * aside * (high - low), np.float64)


def _frame_through(random: Random, one: TrainingPicture) -> Floats:
    """Choose the corners of what is shown so that one to three sides cut a document."""
    frame = _frame(random, one)
    if not one.documents:
        return frame
    document = one.documents[int(random.integers(len(one.documents)))]
    low = document.min(axis=0)
    high = document.max(axis=0)
    begin = frame.min(axis=0)
    end = frame.max(axis=0)
    for side in random.permutation(4)[: int(random.choice([1, 1, 2, 3]))].tolist():
        axis = side % 2
        deep = random.uniform(0.03, 0.6)
        if side < 2:
            begin[axis] = low[axis] + deep * (high[axis] - low[axis])
        else:
            end[axis] = high[axis] - deep * (high[axis] - low[axis])
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * np.maximum(end - begin, 1) + begin
    return np.asarray(corners, np.float64)


def in_other_light(random: Random, picture: Picture) -> Picture:
    """Change gain and gamma, add noise, compress."""
    levels = 255 * (picture.astype(np.float32) / 255) ** np.float32(random.uniform(0.65, 1.5))
    levels *= (random.uniform(0.8, 1.15) * random.uniform(0.93, 1.07, 3)).astype(np.float32)
    shaken = camera.shaken(random, levels, random.uniform(0.3, 1.3), (0.3, 5))
    return np.asarray(camera.compressed(random, np.clip(shaken, 0, 255), (45, 97)), np.uint8)


def laid(random: Random, desk: npt.NDArray[np.float32], stock: Stock) -> TrainingPicture:
    """Lay one to three documents on a ground, which is changed."""
    size = (desk.shape[1], desk.shape[0])
    if random.random() < 0.15:
        litter(random, desk)
    count = int(random.choice([1, 1, 1, 2, 3]))
    if count == 1:
        placed = single(random, any_piece(random, stock), size, (0.22, 0.95), 0.1)
    else:
        pieces = [any_piece(random, stock) for _ in range(count)]
        placed = seen(random, in_heap(random, pieces, size, _STREWN), size, (0.0, 0.01, 0.03))
    if count == 1 and random.random() < _UNDERLAID:
        _underlay(random, desk, placed[0][1])
    for piece, quad in placed:
        lay(random, desk, piece.draw(random, piece.width, piece.height), quad, _SHADOW)
    if stock.hands and random.random() < _HELD:
        for _ in range(int(random.choice([1, 1, 2]))):
            _hold(random, desk, placed[-1][1], stock.hands[random.integers(len(stock.hands))])
    lit = light.uneven(random, desk) if random.random() < 0.7 else desk
    picture = camera.photograph(random, lit, random.uniform(0.3, 1.3), (0.3, 5), (50, 97))
    return TrainingPicture(np.asarray(picture, np.uint8), _visible([quad for _, quad in placed], picture))


def _underlay(random: Random, desk: npt.NDArray[np.float32], document: Floats) -> None:
    """Lay a mat, a tray or a folder below a document."""
    middle = document.mean(axis=0)
    along = document[1] - document[0]
    across = document[3] - document[0]
    away = random.uniform(0.04, 0.3, 4)
    out = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    quad = np.array(
        [
            corner + x * away[0 if x < 0 else 1] * along + y * away[2 if y < 0 else 3] * across
            for corner, (x, y) in zip(document, out, strict=True)
        ]
    )
    quad += random.normal(size=2) * 0.02 * np.linalg.norm(document - middle, axis=1).mean()
    ratio = float(np.linalg.norm(across)) / max(1.0, float(np.linalg.norm(along)))
    size = (400, int(np.clip(400 * ratio, 100, 900)))
    colour = np.empty((size[1], size[0], 3), np.float32)
    colour[:] = any_colour(random) * np.float32(random.uniform(0.2, 1))
    if random.random() < 0.5:
        rim = int(random.uniform(3, 20))
        colour[rim:-rim, rim:-rim] = any_colour(random) * np.float32(random.uniform(0.2, 1))
    lay(random, desk, Slip(colour, rounded(size, float(random.uniform(0, 40)))), quad, _SHADOW)


def _hold(random: Random, desk: npt.NDArray[np.float32], document: Floats, hand: Sprite) -> None:
    """Lay a hand on a picture that comes from beyond a document and touches it."""
    side = int(random.integers(4))
    one = document[side]
    other = document[(side + 1) % 4]
    inwards = np.mean(document, axis=0) - (one + other) / 2
    short = min(np.linalg.norm(other - one), 2 * np.linalg.norm(inwards))
    turn = np.arctan2(inwards[1], inwards[0]) + random.normal() * 0.5
    inwards = np.array([np.cos(turn), np.sin(turn)])
    place = one + random.uniform(0.05, 0.95) * (other - one) + random.uniform(*_TIP) * short * inwards
    scale = random.uniform(*_FINGER) * short / hand.width
    across = random.choice([-1, 1]) * np.array([-inwards[1], inwards[0]])
    linear = scale * np.column_stack([across, -inwards])
    tip = np.argwhere(hand.cover > 0.5)[0]
    move = np.column_stack([linear, place - linear @ tip[::-1]]).astype(np.float32)
    size = (desk.shape[1], desk.shape[0])
    cover, colour = (
        cv2.warpAffine(cv2.copyMakeBorder(part, 0, _ARM, 0, 0, cv2.BORDER_REPLICATE), move, size)
        for part in (hand.cover, hand.colour)
    )
    shade = cv2.GaussianBlur(np.roll(cover, random.integers(0, 9, 2), (0, 1)), (0, 0), random.uniform(2, 9))
    desk *= 1 - np.float32(random.uniform(0.05, 0.4)) * shade[:, :, None]
    tone = (
        np.float32(random.uniform(0.45, 1.05)) * hand.own * random.uniform(0.95, 1.05, 3).astype(np.float32)
    )
    desk += cover[:, :, None] * (np.clip(255 * tone * colour, 0, 255) - desk)


def ground(random: Random, stock: Stock) -> npt.NDArray[np.float32]:
    """Return what documents lie on, float32 BGR: a page, real or made, a desk, real or made."""
    style = random.random()
    if style < 0.3:
        sheets = stock.pages if random.random() < 0.8 else stock.sheets
        picture = _inside(random, sheets[random.integers(len(sheets))])
    elif style < 0.55 and stock.desks:
        picture = stock.desks[random.integers(len(stock.desks))]
    elif style < 0.75:
        picture = _inside(
            random, make_whole_page(int(random.integers(SEED)), str(random.choice(KINDS)), 0.55).picture
        )
    else:
        size = ((640, 480), (720, 405), (480, 640))[random.integers(3)]
        return np.ascontiguousarray(worktop(random, size), np.float32)
    seen_so = other_view(random, TrainingPicture(picture, ())).picture
    return np.ascontiguousarray(seen_so.astype(np.float32) * np.float32(random.uniform(0.55, 1.05)))
