"""The compiled filters along ridges and their twin answer alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest

twin = import_module("imgcore.kernels.ridge_response")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._ridge_response", reason="kernels not built")
KERNELS = pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])


def case(seed: int, rows: int, cols: int, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    level = random.normal(size=(4 * rows + side - 1, 4 * cols + side - 1)).astype(np.float32)
    chosen = random.integers(-1, 6, (rows, cols)).astype(np.int16)
    return level, chosen, random.normal(size=(6, 2, side, side)).astype(np.float32)


@pytest.mark.parametrize(("rows", "cols", "side"), [(5, 7, 9), (1, 1, 1), (3, 2, 21), (0, 4, 5)])
def test_they_answer_alike(rows: int, cols: int, side: int) -> None:
    arguments = case(1, rows, cols, side)
    one = compiled.filter_ridges(*arguments)
    other = twin.filter_ridges(*arguments)
    assert one.shape == other.shape == (2, 4 * rows, 4 * cols)
    np.testing.assert_allclose(one, other, atol=1e-3)


@KERNELS
def test_cells_without_a_filter_stay_empty(kernel: ModuleType) -> None:
    level, chosen, bank = case(2, 4, 4, 5)
    chosen[:] = -1
    chosen[1, 2] = 3
    response = kernel.filter_ridges(level, chosen, bank)
    assert response[:, 4:8, 8:12].all()
    response[:, 4:8, 8:12] = 0
    assert not response.any()


@KERNELS
def test_a_filter_is_answered_by_itself_most(kernel: ModuleType) -> None:
    random = np.random.default_rng(3)
    bank = random.normal(size=(1, 2, 7, 7)).astype(np.float32)
    level = np.zeros((14, 14), np.float32)
    level[2:9, 3:10] = bank[0, 0]
    response = kernel.filter_ridges(level, np.zeros((2, 2), np.int16), bank)
    assert np.unravel_index(response[0].argmax(), (8, 8)) == (2, 3)


@KERNELS
@pytest.mark.parametrize("fault", ["margin", "number", "even", "single"])
def test_sizes_that_do_not_fit_are_refused(kernel: ModuleType, fault: str) -> None:
    level, chosen, bank = case(4, 3, 3, 5)
    broken = {
        "margin": (level[:-1], chosen, bank),
        "number": (level, np.full_like(chosen, 6), bank),
        "even": (level, chosen, np.ascontiguousarray(bank[:, :, :4, :4])),
        "single": (level, chosen, np.ascontiguousarray(bank[:, :1])),
    }
    with pytest.raises(ValueError):
        kernel.filter_ridges(*broken[fault])


def test_threads_may_filter_at_once() -> None:
    arguments = case(5, 30, 30, 21)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: compiled.filter_ridges(*arguments), range(8)))
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])
