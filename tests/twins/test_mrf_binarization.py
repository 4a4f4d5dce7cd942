"""The compiled Markov random field and its twin label alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.mrf_binarization")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._mrf_binarization", reason="kernels not built")


def planes(seed: int, rows: int, cols: int) -> tuple[Any, Any, Any]:
    """Few levels, so that ties occur, and sparse edges."""
    random = np.random.default_rng(seed)
    plane = random.choice(np.array((0, 90, 100, 240, 255), np.uint8), (rows, cols))
    edges = (random.random((rows, cols)) < 0.3).astype(np.uint8) * 255
    return plane, edges, np.linspace(-80, 60, 256).astype(np.int16)


@given(
    st.integers(0, 1 << 30),
    st.sampled_from([(1, 1), (1, 50), (50, 1), (2, 2), (17, 23)]),
    st.sampled_from([0, 1, 60, 127]),
)
@settings(max_examples=60)
def test_they_label_alike(seed: int, shape: tuple[int, int], pairwise: int) -> None:
    job = planes(seed, *shape)
    one, other = (kernel.binarize_mrf(*job, pairwise) for kernel in (compiled, twin))
    assert one.dtype == other.dtype == bool
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_ink_spreads_to_the_edge_and_no_further(kernel: ModuleType) -> None:
    plane = np.full((21, 21), 200, np.uint8)
    plane[6:15, 6:15] = 80
    edges = np.zeros_like(plane)
    edges[6:15, 6:15] = 255
    edges[7:14, 7:14] = 0
    ink = kernel.binarize_mrf(plane, edges, np.zeros(256, np.int16), 60)
    assert ink[6:15, 6:15].all()
    assert ink.sum() == 81


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_what_does_not_fit_is_refused(kernel: ModuleType) -> None:
    plane, edges, preference = planes(1, 5, 6)
    with pytest.raises(ValueError, match="differ"):
        kernel.binarize_mrf(plane, np.ascontiguousarray(edges[:4]), preference, 60)
    with pytest.raises(ValueError, match="256"):
        kernel.binarize_mrf(plane, edges, preference[:255], 60)
    with pytest.raises(ValueError, match="pairwise"):
        kernel.binarize_mrf(plane, edges, preference, 128)


def test_threads_do_not_disturb_each_other() -> None:
    jobs = [planes(seed, 200, 300) for seed in range(8)]
    alone = [compiled.binarize_mrf(*job, 60) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: compiled.binarize_mrf(*job, 60), jobs))
    np.testing.assert_array_equal(alone, together)


def gradients(seed: int, rows: int, cols: int) -> tuple[Any, Any, Any, Any]:
    """Rises about where the limit of a sharp edge lies, and the levels around them."""
    random = np.random.default_rng(seed)
    across, down = (random.integers(-1100, 1100, (rows, cols)).astype(np.int16) for _ in range(2))
    darkest, brightest = np.sort(random.integers(0, 256, (2, rows, cols)).astype(np.uint8), axis=0)
    return across, down, darkest, brightest


@given(
    st.integers(0, 1 << 30),
    st.sampled_from([(1, 1), (1, 50), (50, 1), (17, 23)]),
    st.sampled_from([0, 1, 4, 127]),
)
@settings(max_examples=60)
def test_they_double_alike(seed: int, shape: tuple[int, int], ratio: int) -> None:
    one = gradients(seed, *shape)
    other = gradients(seed, *shape)
    for kernel, job in ((compiled, one), (twin, other)):
        kernel.double_where_sharp(*job, ratio, 25)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_a_rise_at_once_is_doubled_and_a_slow_one_is_not(kernel: ModuleType) -> None:
    across = np.array([[-400, 399, 96, 320]], np.int16)
    down = np.array([[0, 0, 0, 160]], np.int16)
    darkest = np.array([[100, 100, 100, 100]], np.uint8)
    brightest = np.array([[200, 200, 124, 200]], np.uint8)
    kernel.double_where_sharp(across, down, darkest, brightest, 4, 25)
    assert across.tolist() == [[-800, 399, 96, 640]] and down.tolist() == [[0, 0, 0, 320]]


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_gradients_that_do_not_fit_are_refused(kernel: ModuleType) -> None:
    across, down, darkest, brightest = gradients(1, 5, 6)
    with pytest.raises(ValueError, match="differ"):
        kernel.double_where_sharp(across, np.ascontiguousarray(down[:4]), darkest, brightest, 4, 25)
    with pytest.raises(ValueError, match="ratio"):
        kernel.double_where_sharp(across, down, darkest, brightest, 128, 25)
