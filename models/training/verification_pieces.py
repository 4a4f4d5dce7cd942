"""Documents that ``verification_pictures`` lays on grounds: real ones, parts of pages, made ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from models.training.verification_stock import Stock
from synthetic.datasets.tabletops import any_pieces
from synthetic.datasets.whole_pages import KINDS, make_whole_page
from synthetic.documents.boxed import answer_sheet, game_card
from synthetic.documents.slips import Slip, print_lines, rounded
from synthetic.scene.layout import Piece
from synthetic.scene.surfaces import any_colour

Picture = npt.NDArray[np.uint8]
Random = np.random.Generator

SEED = 60_000_000


def any_piece(random: Random, stock: Stock) -> Piece:
    """Return a document: a real one, a part of a real page, a made page, or a made card, receipt or sheet."""
    style = random.random()
    if style < 0.3:
        return any_pieces(random, 1)[0]
    if style < 0.4:
        return Piece(game_card, 63, 88) if random.random() < 0.6 else Piece(answer_sheet, 148, 210)
    if style < 0.5:
        return _cover(random, stock)
    if style < 0.7:
        picture = stock.sheets[random.integers(len(stock.sheets))]
    elif style < 0.83:
        picture = _part(random, stock.pages[random.integers(len(stock.pages))])
    else:
        picture = make_whole_page(int(random.integers(SEED)), str(random.choice(KINDS)), 0.45).picture
        picture = _part(random, picture) if random.random() < 0.4 else picture
    sheet = np.rot90(picture, int(random.choice([0, 0, 0, 1, 2, 3]))).astype(np.float32)
    sheet = np.ascontiguousarray(
        sheet * (random.uniform(0.7, 1.05) * random.uniform(0.96, 1.04, 3)).astype(np.float32)
    )
    return Piece(
        _drawn_as(np.clip(sheet, 0, 255), random.random() < 0.25), sheet.shape[1] / 4, sheet.shape[0] / 4
    )


def _cover(random: Random, stock: Stock) -> Piece:
    """Return a card, a booklet or a book whose cover is a photograph, framed and with print on it or not."""
    shown = stock.desks if random.random() < 0.4 else [one.picture for one in stock.photographs]
    picture = _part(random, shown[random.integers(len(shown))])
    cols = int(random.uniform(200, 420))
    rows = int(random.uniform(200, 420))
    sheet = cv2.resize(picture, (cols, rows), interpolation=cv2.INTER_AREA).astype(np.float32)
    if random.random() < 0.6:
        top, left = (int(random.uniform(0.02, 0.25) * side) for side in (rows, cols))
        foot, right = (int(random.uniform(0.02, 0.4) * side) for side in (rows, cols))
        framed = np.empty_like(sheet)
        framed[:] = any_colour(random)
        framed[top : rows - foot, left : cols - right] = cv2.resize(
            sheet, (cols - right - left, rows - foot - top), interpolation=cv2.INTER_AREA
        )
        sheet = framed
    if random.random() < 0.6:
        high = int(random.uniform(0.15, 0.4) * rows)
        box = sheet[rows - high : rows - high // 8, cols // 12 : cols - cols // 12]
        box[:] = any_colour(random)
        print_lines(random, box, max(2, cols // 20), random.uniform(0, 255, 3))
    return Piece(_drawn_as(sheet, random.random() < 0.4), cols / 4, rows / 4)


def _drawn_as(sheet: npt.NDArray[np.float32], is_card: bool) -> Callable[..., Any]:
    rows, cols = sheet.shape[:2]
    cover = rounded((cols, rows), 0.06 * min(rows, cols)) if is_card else np.ones((rows, cols), np.float32)
    return lambda *_: Slip(sheet.copy(), np.asarray(cover, np.float32))


def _part(random: Random, picture: Picture) -> Picture:
    """Cut a slip or a card of any proportions out of a page."""
    rows, cols = picture.shape[:2]
    ratio = 2 ** random.uniform(-1.3, 1.3)
    width = min(cols, rows * ratio) * random.uniform(0.35, 1)
    height = width / ratio
    left, top = random.uniform(0, 1, 2) * (cols - width, rows - height)
    return picture[
        int(top) : max(int(top) + 8, int(top + height)), int(left) : max(int(left) + 8, int(left + width))
    ]
