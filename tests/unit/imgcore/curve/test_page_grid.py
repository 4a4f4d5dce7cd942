"""The page-grid net as the image core sees it: what goes in, what comes out, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from imgcore.curve.grid import COLS, ROWS, VIEW
from imgcore.curve.page_grid import page_grid


@pytest.mark.parametrize("shape", [(VIEW[1], VIEW[0], 3), (300, 200, 3), (300, 200)])
def test_a_grid_over_all_the_picture_ends_in_its_last_pixels(shape: tuple[int, ...]) -> None:
    seen: list[npt.NDArray[Any]] = []

    def net(values: npt.NDArray[Any]) -> Sequence[npt.NDArray[Any]]:
        seen.append(values)
        whole = np.stack(np.meshgrid(np.linspace(-1, 1, COLS), np.linspace(-1, 1, ROWS)))
        return whole[None].astype(np.float16), np.zeros(3, np.float16)

    picture = np.zeros(shape, np.uint8)
    if picture.ndim == 3:
        picture[:, :, 2] = 255
    grid = page_grid(net)(picture)
    assert grid.shape == (ROWS, COLS, 2)
    assert grid.dtype == np.float32
    np.testing.assert_array_equal(grid[[0, -1], [0, -1]], [(0, 0), (shape[1] - 1, shape[0] - 1)])
    (values,) = seen
    assert (values.shape, values.dtype) == ((1, 3, VIEW[1], VIEW[0]), np.float16)
    assert values.mean(axis=(0, 2, 3)).tolist() == ([1, 0, 0] if picture.ndim == 3 else [0, 0, 0])
