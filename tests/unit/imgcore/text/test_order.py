"""Lines are put into the order in which they are read."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.text.line import TextLine
from imgcore.text.order import reading_order
from tests.fakes.text import line


def read(lines: list[TextLine], seed: int = 3) -> str:
    """The texts in reading order, whatever order they are found in."""
    shuffled = [lines[at] for at in np.random.default_rng(seed).permutation(len(lines))]
    return "".join(shuffled[at].text for at in reading_order(shuffled))


def test_nothing_has_no_order() -> None:
    assert reading_order([]) == []


def test_columns_of_prose_are_read_one_after_the_other_below_their_heading() -> None:
    heading = line("h", 150, 0, 400, 30)
    columns = [line("abcdefgh"[4 * c + r], 20 + 330 * c, 60 + 30 * r, 300) for c in (0, 1) for r in range(4)]
    # The columns' lines need not stand beside each other.
    uneven = [line("x", 20, 190, 300), line("y", 350, 185, 300)]
    assert read([heading, *columns, *uneven]) == "habcdxefghy"


def test_tables_are_read_row_by_row() -> None:
    cells = [
        line("abcdefghijkl"[3 * r + c], 20 + 200 * c, 40 * r, 60 + 10 * r)
        for r in range(4)
        for c in (0, 1, 2)
    ]
    assert read(cells) == "abcdefghijkl"


def test_prose_after_a_table_follows_it() -> None:
    cells = [line("abcdef"[2 * r + c], 20 + 200 * c, 40 * r, 60) for r in range(3) for c in (0, 1)]
    prose = [line("pqrs"[r], 20, 160 + 30 * r, 500) for r in range(4)]
    assert read([*cells, *prose]) == "abcdefpqrs"


def test_vertical_columns_are_read_from_the_right() -> None:
    assert read([line("abcd"[3 - c], 20 + 40 * c, 10, 400, 25, vertical=True) for c in range(4)]) == "abcd"


@pytest.mark.parametrize("degrees", [-12, 7, 90, 180])
def test_a_turned_page_keeps_its_order(degrees: float) -> None:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    lines = [line("abcdef"[r], 20, 40 * r, 600 - 60 * r) for r in range(6)]
    assert read([TextLine(one.text, 1, one.corners @ turn, one.spans) for one in lines]) == "abcdef"
