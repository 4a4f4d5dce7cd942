"""Fields that the network took for paper are found by their edges; shadows and lamps are no fields."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from imgcore.paper.missed_fields import find_missed_fields

SHAPE = (480, 340)
COLUMN = np.s_[120:280, 40:120]
ROW = np.s_[200:222, 40:300]
PALE_BLUE = (1.0, 0.965, 0.94)

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def _paper(seed: int = 1) -> Floats:
    """Return warm paper with grain in a light that falls off, float64 ``(rows, cols, 3)``."""
    light = np.linspace(1.0, 0.8, SHAPE[1])[None, :, None]
    grain = np.random.default_rng(seed).normal(1, 0.004, (*SHAPE, 1))
    return np.asarray(np.array([205.0, 222.0, 230.0]) * light * grain)


def _found(page: Floats, fields: Mask | None = None) -> Mask:
    known = np.zeros(SHAPE, np.bool_) if fields is None else fields
    return find_missed_fields(np.clip(page, 0, 255).astype(np.uint8), ~known, known)


def test_a_pale_column_of_a_table_is_a_field() -> None:
    page = _paper()
    page[COLUMN] *= PALE_BLUE
    found = _found(page)
    assert found[COLUMN].mean() > 0.95
    assert found.sum() < 1.2 * found[COLUMN].size


def test_a_pale_column_that_was_found_in_part_is_found_whole() -> None:
    page = _paper()
    page[COLUMN] *= PALE_BLUE
    part = np.zeros(SHAPE, np.bool_)
    part[200:280, 80:120] = True
    assert (_found(page, part) | part)[COLUMN].mean() > 0.95


def test_a_shadow_of_cold_light_is_no_field() -> None:
    page = _paper()
    page[COLUMN] *= np.array(PALE_BLUE) * 0.8
    assert not _found(page).any()


def test_a_lamp_of_another_colour_is_no_field() -> None:
    page = _paper()
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    near = np.exp(-((rows - 200) ** 2 + (cols - 90) ** 2) / (2 * 70**2))[:, :, None]
    page *= 1 + near * (np.array([1.0, 0.93, 0.88]) - 1)
    assert not _found(page).any()


def test_the_rest_of_a_grey_row_belongs_to_the_part_that_was_found() -> None:
    page = _paper()
    page[ROW] *= 0.82
    part = np.zeros(SHAPE, np.bool_)
    part[200:222, 100:180] = True
    found = _found(page, part) | part
    assert found[ROW].mean() > 0.95
    assert found.sum() < 1.1 * found[ROW].size


def test_a_soft_shadow_beside_a_field_is_no_part_of_it() -> None:
    page = _paper()
    part = np.zeros(SHAPE, np.bool_)
    part[200:222, 100:180] = True
    page[part] *= 0.82
    away = np.abs(np.arange(SHAPE[0]) - 211)[:, None, None] / 40
    page[:, 180:] *= 1 - 0.18 * np.exp(-(away**2))
    assert not _found(page, part)[:, 190:].any()


@pytest.mark.parametrize("shape", [(1, 1), (2, 2, 3), (1, 400, 3), (16, 16), (16, 16, 3), (480, 2, 3)])
def test_pictures_of_one_colour_have_none(shape: tuple[int, ...]) -> None:
    for level in (0, 128, 255):
        picture = np.full(shape, level, np.uint8)
        paper = np.ones(shape[:2], np.bool_)
        assert not find_missed_fields(picture, paper, ~paper).any()
        assert not find_missed_fields(picture, ~paper, paper).any()
