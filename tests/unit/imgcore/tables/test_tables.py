"""Tables of drawn pages become cells, ruled or not; pages without any have none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imgcore.tables import Table, TableCell, find_tables
from imgcore.text import TextLine
from imgcore.text.crops import levelled
from imgcore.types import Image
from tests.fakes.text import line

ROWS = (("Name", "Pieces", "Sum"), ("Apples", "12", "1,234.50"), ("Pears", "7", "0.80"), ("Total", "19", "x"))
LEFT = 40
TOP = 60
WIDE = 220
HIGH = 40
BOX = np.zeros((4, 2), np.float32)


def page_of(rows: tuple[tuple[str, ...], ...], ruled: bool) -> tuple[Image, list[TextLine]]:
    picture = np.full((420, 760, 3), 245, np.uint8)
    lines = []
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            x = LEFT + WIDE * column
            y = TOP + HIGH * at
            lines.append(line(text, x + 12, y + 8, 11 * len(text), 24))
            if ruled:
                cv2.rectangle(picture, (x, y), (x + WIDE, y + HIGH), (30, 30, 30), 2)
    return picture, lines


def texts(table: Table) -> list[list[str]]:
    grid = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        grid[cell.row][cell.column] = cell.text
    return grid


@pytest.mark.parametrize("ruled", [True, False])
def test_cells_are_where_they_stand(ruled: bool) -> None:
    (table,) = find_tables(*page_of(ROWS, ruled))
    assert texts(table) == [list(row) for row in ROWS]
    assert table.ruled is ruled
    corner = next(cell for cell in table.cells if cell.text == "Apples").corners[0]
    assert np.allclose(corner, (LEFT, TOP + HIGH) if ruled else (LEFT + 12, TOP + HIGH + 8), atol=4)


def test_a_cell_over_several_columns_is_one() -> None:
    picture, lines = page_of(ROWS, ruled=True)
    cv2.rectangle(picture, (LEFT + 4, TOP + 4), (LEFT + 3 * WIDE - 4, TOP + HIGH - 4), (245, 245, 245), -1)
    title = line("Fruit of all the orchards", LEFT + 150, TOP + 8, 300, 24)
    (table,) = find_tables(picture, [title, *lines[3:]])
    first = table.cells[0]
    assert (first.text, first.row_span, first.column_span) == ("Fruit of all the orchards", 1, 3)
    assert len(table.cells) == 10


def test_a_line_that_runs_through_a_rule_is_parted_there() -> None:
    picture, lines = page_of(ROWS, ruled=True)
    # Characters end halfway to the next one.
    spans = np.array([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.585, 0.935, 1.0])
    joined = TextLine(
        "Apples12", 0.9, line("x", LEFT + 60, TOP + HIGH + 8, 195, 24).corners,
        np.stack([spans[:-1], spans[1:]], 1).astype(np.float32),
    )  # fmt: skip
    kept = [one for one in lines if one.text not in ("Apples", "12")]
    (table,) = find_tables(picture, [joined, *kept])
    assert texts(table)[1] == ["Apples", "12", "1,234.50"]


@pytest.mark.parametrize("degrees", [-4.0, 3.0])
def test_a_table_may_be_tilted(degrees: float) -> None:
    picture, lines = page_of(ROWS, ruled=True)
    turned, matrix = levelled(picture, degrees)
    moved = [
        TextLine(one.text, 1, (one.corners @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32), one.spans)
        for one in lines
    ]
    (table,) = find_tables(turned, moved)
    assert texts(table) == [list(row) for row in ROWS]
    wanted = np.array([LEFT, TOP]) @ matrix[:, :2].T + matrix[:, 2]
    assert np.allclose(table.corners[0], wanted, atol=6)


def test_prose_and_frames_are_no_tables() -> None:
    picture = np.full((600, 900, 3), 245, np.uint8)
    cv2.rectangle(picture, (10, 10), (880, 580), (30, 30, 30), 3)
    columns = [line("prose", 40 + 430 * c, 60 + 30 * r, 380, 22) for c in (0, 1) for r in range(12)]
    assert find_tables(picture, columns) == []
    assert find_tables(picture, []) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("12", 12.0), ("1,234.50", 1234.5), ("-7", -7.0), ("0.8", 0.8), ("0", 0.0)),
        *(("007", None), ("6222020200011223345", None), ("12%", None), ("1,23", None), ("", None)),
    ],
)
def test_numbers_are_numbers_and_numbers_of_accounts_are_texts(text: str, number: float | None) -> None:
    assert TableCell(0, 0, 1, 1, text, BOX).number == number


def test_heads_that_reach_over_the_next_column_leave_it_to_the_next_head() -> None:
    rows = (*(("Apples", "12", "1,234.50"),) * 6, ("Pears", "7", "0.80"))
    picture, lines = page_of(rows, ruled=False)
    heads = [
        line("All the fruit", LEFT + 12, TOP - 32, 220, 24),
        line("and all sums", LEFT + 240, TOP - 32, 170, 24),
    ]
    (table,) = find_tables(picture, [*heads, *lines])
    places = [
        (cell.row, column)
        for cell in table.cells
        for column in range(cell.column, cell.column + cell.column_span)
    ]
    assert len(places) == len(set(places)) == table.rows * table.columns
