"""Tables are compared cell by cell, and pictures that are stored turned come out as they were."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.text.cells import cells_right
from benchmarks.text.made import stored_turned
from benchmarks.text.real import RealPicture
from imgcore.tables import Table, TableCell
from synthetic.documents.data_tables import make_table_page

TRUE = [(0, 0, 1, 2, "Head"), (1, 0, 1, 1, "a"), (1, 1, 1, 1, "1,234.50")]


def table(*cells: tuple[int, int, int, int, str]) -> Table:
    box = np.zeros((4, 2), np.float32)
    return Table(4, 3, [TableCell(*cell, box) for cell in cells], box, True)


def test_a_cell_is_right_with_its_text_its_place_and_its_spans() -> None:
    assert cells_right(TRUE, [table(*TRUE)]) == 3
    assert cells_right(TRUE, [table(TRUE[0], TRUE[1], (1, 1, 1, 1, "1,234.60"))]) == 2
    assert cells_right(TRUE, [table((0, 0, 1, 1, "Head"), *TRUE[1:])]) == 2
    assert cells_right(TRUE, [table(TRUE[0], (1, 1, 1, 1, "a"), TRUE[2])]) == 2
    assert cells_right(TRUE, []) == 0


def test_a_table_below_a_title_is_moved_and_not_wrong() -> None:
    moved = [(row + 1, column, rows, columns, text) for row, column, rows, columns, text in TRUE]
    assert cells_right(TRUE, [table((0, 0, 1, 2, "Title"), *moved)]) == 3


@pytest.mark.parametrize("ruled", [True, False])
def test_drawn_tables_have_cells_that_do_not_overlap(ruled: bool) -> None:
    page = make_table_page(3, "en", ruled)
    places = [
        (cell.row + row, cell.column + column)
        for cell in page.cells
        for row in range(cell.row_span)
        for column in range(cell.column_span)
    ]
    assert len(places) == len(set(places)) > 15
    assert page.picture.min() < 100 and all(cell.text for cell in page.cells)


def test_a_picture_stored_in_any_way_is_seen_as_it_was(tmp_path: Path) -> None:
    picture = np.zeros((40, 64, 3), np.uint8)
    picture[:16, :32] = (0, 0, 255)
    picture[24:, 40:] = (0, 255, 0)
    (tmp_path / "one.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    seen = list(stored_turned(RealPicture("one.png", tmp_path / "one.png", {})))
    assert len(seen) == 7
    assert all(image.shape == picture.shape for _, image in seen)
    assert all(np.abs(image.astype(int) - picture).mean() < 6 for _, image in seen)
