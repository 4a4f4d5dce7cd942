"""The compiled structure tensors and their twin are the same."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.structure_tensor")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._structure_tensor", reason="kernels not built")


@given(st.integers(0, 1 << 30), st.integers(2, 16), st.integers(2, 70), st.integers(2, 70))
def test_both_give_the_same_sums(seed: int, cell: int, rows: int, cols: int) -> None:
    grey = np.random.default_rng(seed).integers(0, 256, (rows, cols), np.uint8)
    expected = twin.structure_tensors(grey, cell)
    given_sums = compiled.structure_tensors(grey, cell)
    assert given_sums.shape == expected.shape and given_sums.dtype == np.float32
    np.testing.assert_allclose(given_sums, expected, rtol=1e-6)


def test_bars_lie_across_their_gradient() -> None:
    grey = np.tile(np.repeat(np.array([0, 255], np.uint8), 3), (32, 8))
    across, down, mixed = compiled.structure_tensors(np.ascontiguousarray(grey), 8)[1, 1]
    assert across > 100 * max(down, abs(mixed), 1)
    across, down, _ = compiled.structure_tensors(np.ascontiguousarray(grey.T), 8)[1, 1]
    assert down > 100 * max(across, 1)
