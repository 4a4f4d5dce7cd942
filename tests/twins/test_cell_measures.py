"""The compiled measures of cells and their twins are the same."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.cell_measures")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._cell_measures", reason="kernels not built")
both = pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
seeds = st.integers(0, 1 << 30)
sides = st.integers(1, 70)


@given(seeds, st.integers(2, 16), sides, sides)
def test_both_find_the_same_greys(seed: int, cell: int, rows: int, cols: int) -> None:
    grey = np.random.default_rng(seed).integers(0, 256, (rows, cols), np.uint8)
    found = compiled.cell_greys(grey, cell)
    assert found.shape == (3, rows // cell, cols // cell) and found.dtype == np.uint8
    np.testing.assert_array_equal(found, twin.cell_greys(grey, cell))


@both
def test_a_cell_has_its_extremes_and_its_mean(kernel: ModuleType) -> None:
    grey = np.full((8, 16), 100, np.uint8)
    # the last in a row that does not count for extremes
    grey[2, 4] = 10
    grey[4, 6] = 250
    grey[3, 3] = 0
    np.testing.assert_array_equal(kernel.cell_greys(grey, 8)[:, 0], [[10, 100], [250, 100], [99, 100]])
    for cell in (1, 65):
        with pytest.raises(ValueError, match="64"):
            kernel.cell_greys(grey, cell)


@given(seeds, sides, sides, st.integers(1, 3))
def test_both_measure_the_same_components(seed: int, rows: int, cols: int, channels: int) -> None:
    random = np.random.default_rng(seed)
    count, labels = cv2.connectedComponents(random.integers(0, 2, (rows, cols), np.uint8))
    inside = random.integers(0, 2, (rows, cols), np.uint8)
    values = random.normal(0, 1, (rows, cols, channels)).astype(np.float32)
    for one, other in zip(
        compiled.component_statistics(labels, inside, values, count),
        twin.component_statistics(labels, inside, values, count),
        strict=True,
    ):
        assert one.dtype == other.dtype and one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@both
def test_components_have_their_boxes_and_sums(kernel: ModuleType) -> None:
    labels = np.zeros((5, 6), np.int32)
    labels[1:4, 2] = 1
    labels[3, 2:5] = 1
    inside = np.ones((5, 6), np.uint8)
    inside[3] = 0
    areas, boxes, sums = kernel.component_statistics(labels, inside, np.ones((5, 6, 1), np.float32), 3)
    np.testing.assert_array_equal(areas, [0, 5, 0])
    np.testing.assert_array_equal(boxes, [(0, 0, 0, 0), (2, 1, 3, 3), (0, 0, 0, 0)])
    np.testing.assert_array_equal(sums[:, 0], [0, 2, 0])


@both
def test_components_that_do_not_fit_are_refused(kernel: ModuleType) -> None:
    labels = np.ones((4, 5), np.int32)
    inside = np.ones((4, 5), np.uint8)
    values = np.ones((4, 5, 1), np.float32)
    for count, label in ((1, 1), (2, 2), (2, -1), (0, 0)):
        with pytest.raises(ValueError, match="count"):
            kernel.component_statistics(labels * label, inside, values, count)
    with pytest.raises(ValueError, match="shape"):
        kernel.component_statistics(labels, inside[:3], values, 2)


@given(seeds, sides, sides, st.integers(1, 60))
def test_both_find_the_same_rectangle(seed: int, rows: int, cols: int, spare: int) -> None:
    random = np.random.default_rng(seed)
    tensors = random.random((rows, cols, 3)).astype(np.float32)
    inside = random.integers(0, 2, (rows, cols), np.uint8)
    inside[rows // 2, cols // 2] = 1
    spare = max(spare, 3)
    given_rectangle = compiled.cell_rectangle(tensors, inside, spare)
    np.testing.assert_allclose(
        given_rectangle, twin.cell_rectangle(tensors, inside, spare), rtol=1e-4, atol=1e-3
    )


@both
def test_the_rectangle_lies_along_the_gradient(kernel: ModuleType) -> None:
    inside = np.zeros((20, 30), np.uint8)
    inside[4:9, 3:25] = 1
    tensors = np.zeros((20, 30, 3), np.float32)
    tensors[..., 1] = 2.0  # down, as lines of print have it
    strength, angle, *ends = kernel.cell_rectangle(tensors, inside, 200)
    assert strength == 2 * inside.sum() and abs(angle) == pytest.approx(np.pi / 2)
    assert sorted(np.abs(ends)) == pytest.approx([3, 4, 8, 24], abs=1e-6)
    inside[19, 29] = 1
    assert kernel.cell_rectangle(tensors, inside, 50)[2:] == pytest.approx(ends, abs=1e-6)
    with pytest.raises(ValueError, match="no cell"):
        kernel.cell_rectangle(tensors, np.zeros_like(inside), 50)
    with pytest.raises(ValueError, match="shape"):
        kernel.cell_rectangle(tensors[:, 1:], inside, 50)
    with pytest.raises(ValueError, match="share"):
        kernel.cell_rectangle(tensors, inside, 0)
