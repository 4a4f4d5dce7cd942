"""The compiled look-up of pairs and its twin find alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.pair_lookup")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._pair_lookup", reason="kernels not built")


def planes(seed: int, shape: tuple[int, int], channels: int, shared: bool) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(seed)
    first = random.integers(0, 256, (*shape, 1 if shared else channels), np.uint8)
    return (
        first,
        random.integers(0, 256, (*shape, channels), np.uint8),
        random.integers(0, 256, (256, 256), np.uint8),
    )


@given(
    st.integers(0, 1 << 30),
    st.sampled_from([(1, 1), (1, 50), (50, 1), (7, 9)]),
    st.sampled_from([1, 3]),
    st.booleans(),
)
@settings(max_examples=40)
def test_they_find_the_same(seed: int, shape: tuple[int, int], channels: int, shared: bool) -> None:
    job = planes(seed, shape, channels, shared)
    np.testing.assert_array_equal(compiled.pair_lookup(*job), twin.pair_lookup(*job))


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_the_table_is_read_by_row_then_column(kernel: ModuleType) -> None:
    table = np.zeros((256, 256), np.uint8)
    table[3, 7] = 1
    table[7, 3] = 2
    first = np.full((1, 1, 1), 3, np.uint8)
    second = np.full((1, 1, 1), 7, np.uint8)
    assert kernel.pair_lookup(first, second, table).item() == 1


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_what_does_not_fit_is_refused(kernel: ModuleType) -> None:
    first, second, table = planes(1, (4, 5), 3, False)
    with pytest.raises(ValueError, match="differ"):
        kernel.pair_lookup(first[:, :, :2], second, table)
    with pytest.raises(ValueError, match="256"):
        kernel.pair_lookup(first, second, table[:255])


def test_threads_do_not_disturb_each_other() -> None:
    jobs = [planes(seed, (200, 300), 3, True) for seed in range(8)]
    alone = [compiled.pair_lookup(*job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: compiled.pair_lookup(*job), jobs))
    np.testing.assert_array_equal(alone, together)
