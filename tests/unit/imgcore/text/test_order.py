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


def columns(texts: str, left: float, top: float, lines: int, width: float = 300) -> list[TextLine]:
    """Columns of prose, a letter a line, side by side."""
    return [
        line(texts[lines * c + r], left + (width + 30) * c, top + 26 * r, width)
        for c in range(len(texts) // lines)
        for r in range(lines)
    ]


def test_a_caption_between_columns_is_read_after_them_and_parts_none() -> None:
    """Lines beside it are shorter."""
    near = {"c": (20, 210), "d": (20, 210), "i": (420, 230), "j": (420, 230)}
    lines = [
        line(one.text, *(near[one.text][0], float(one.corners[0, 1]), near[one.text][1]))
        if one.text in near
        else one
        for one in columns("abcdefghijkl", 20, 100, 6)
    ]
    caption = [line("x", 260, 152, 140, 18), line("y", 260, 178, 140, 18)]
    assert read([*lines, *caption]) == "abcdefghijklxy"


def test_two_lines_that_were_found_as_one_part_no_columns() -> None:
    lines = [one for one in columns("abcdefghijkl", 20, 100, 6) if one.text not in "ci"]
    assert read([*lines, line("c", 20, 152, 560)]) == "abcdefghjkl"


def test_an_open_book_is_read_page_by_page() -> None:
    """A page has columns, and a title across both."""
    pages = [
        [*columns("abcdefgh", 20, 100, 4), line("t", 20, 40, 600, 40)],
        [*columns("ijklmnop", 800, 100, 4), line("u", 800, 260, 600, 40)],
    ]
    assert read([*pages[0], *pages[1]]) == "tabcdefghijklmnopu"


def test_tiers_of_vertical_text_are_read_one_below_the_other() -> None:
    tiers = [
        line("abcdefgh"[4 * tier + c], 400 - 40 * c, 10 + 430 * tier, 400, 25, vertical=True)
        for tier in (0, 1)
        for c in range(4)
    ]
    assert read(tiers) == "abcdefgh"


def test_rows_of_a_curled_page_follow_their_lines() -> None:
    """Half of the page rises, so that the figures of a row stand beside the words of the one above."""
    rows = []
    for number, (words, figures) in enumerate(("ab", "cd", "ef", "gh")):
        long = line(words, 20, 100 + 30 * number, 300)
        rise = np.array([0, -24, -24, 0], np.float32)
        rows.append(TextLine(words, 1, long.corners + np.stack([rise * 0, rise], 1), long.spans))
        rows.append(line(figures, 360, 100 + 30 * number - 28, 40))
    # The rest of the page is level.
    level = [line("ijklmn"[at], 20, 300 + 30 * at, 600) for at in range(6)]
    assert read([*rows, *level]) == "abcdefghijklmn"


def test_thousands_of_lines_take_no_time() -> None:
    lines = [line("a", 20 + 130 * (at % 20), 25 * (at // 20), 100) for at in range(1500)]
    assert len(reading_order(lines)) == len(lines)


def test_words_in_a_picture_do_not_mix_the_columns_above_it() -> None:
    prose = columns("abcdefghijklmnop", 20, 40, 8)
    beside = [line("xyz"[at], 460 + 70 * at, 300 + 25 * at, 60 + 50 * (at == 1)) for at in range(3)]
    assert read([*prose, *beside]).startswith("abcdefghijklmnop")
