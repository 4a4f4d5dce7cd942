"""Rows of a coming page, made small in the place where they belong."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import cv2
import numpy as np

from imgcore.types import Image
from server.services.pools import ThreadPools
from server.services.scanners.coming import WAITING, WIDTH, ComingPages, ComingRows, made_small
from tests.patience import PATIENCE


@dataclass
class Rows:
    """Rows of a page of 960 pixels whose grey is that of its place."""

    top: int
    rows: int
    page_lines: int = 1200
    page_width: int = 960
    discarded: int = 0

    def pixels(self) -> Image:
        return np.full((self.rows, self.page_width), self.top // 8, np.uint8)

    def discard(self) -> None:
        self.discarded += 1


def test_pieces_lie_below_each_other_at_the_scale_of_the_page() -> None:
    pieces = [made_small(Rows(top, 333)) for top in (0, 333, 666)]
    assert all(pieces)
    edges = [(piece.top, piece.top + piece.height) for piece in pieces if piece]
    assert [before[1] for before in edges[:-1]] == [after[0] for after in edges[1:]]
    assert edges[-1][1] == round(999 * WIDTH / 960)
    for piece in filter(None, pieces):
        seen = cv2.imdecode(np.frombuffer(piece.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert seen is not None and seen.shape == (piece.height, piece.width) == (piece.height, WIDTH)
        assert piece.page_height == 600


def test_what_is_less_than_a_row_is_left_out() -> None:
    assert made_small(Rows(1, 0)) is None
    small = made_small(Rows(0, 10, page_lines=0, page_width=100))
    assert small is not None and (small.width, small.height, small.page_height) == (100, 10, None)


async def test_more_than_can_be_shown_is_left_out_and_nothing_is_told_after_the_end() -> None:
    told: list[ComingRows] = []
    heard = asyncio.Event()

    def tell(rows: ComingRows) -> None:
        told.append(rows)
        if len(told) == WAITING:
            heard.set()

    pages = ComingPages(ThreadPools(), tell)
    pieces = [Rows(top * 10, 10) for top in range(WAITING + 6)]
    for piece in pieces:
        pages.take(piece)
    assert sum(piece.discarded for piece in pieces) == 6, "the last, at once"
    async with asyncio.timeout(PATIENCE):
        await heard.wait()
    assert [rows.top for rows in told] == [top * 5 for top in range(WAITING)]
    late = Rows(500, 10)
    pages.take(late)
    pages.close()
    later = Rows(600, 10)
    pages.take(later)
    await asyncio.sleep(0)
    assert (late.discarded, later.discarded) == (1, 1)
    assert len(told) == WAITING
    assert all(piece.discarded == 1 for piece in pieces)
