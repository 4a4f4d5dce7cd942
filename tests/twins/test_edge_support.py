"""The compiled edge support and its twin measure alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.edge_support")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._edge_support", reason="kernels not built")


def fields(random: np.random.Generator, rows: int, cols: int, channels: int) -> tuple[Any, Any]:
    angle = random.uniform(0, 2 * np.pi, (rows, cols, channels))
    length = random.uniform(0, 1, angle.shape)
    return (length * np.cos(angle)).astype(np.float32), (length * np.sin(angle)).astype(np.float32)


def lines(random: np.random.Generator, count: int, reach: float) -> Any:
    """Some run far out of the picture, some backwards: those have no samples."""
    angle = random.uniform(-np.pi, np.pi, count)
    begin = random.uniform(-reach, reach, count)
    return np.column_stack(
        [
            *(np.cos(angle), np.sin(angle), random.uniform(-reach, reach, count)),
            *(begin, begin + random.uniform(-5, reach, count)),
        ]
    )


@given(
    st.integers(0, 1 << 30),
    st.sampled_from([(1, 1, 1), (1, 40, 3), (30, 44, 1), (30, 44, 3)]),
    st.sampled_from([0, 1, 7]),
    st.sampled_from([0.5, 2.0]),
    st.tuples(st.integers(0, 3), st.integers(0, 5)),
)
@settings(max_examples=60)
def test_they_give_the_same_support(
    seed: int, shape: tuple[int, int, int], count: int, step: float, windows: tuple[int, int]
) -> None:
    random = np.random.default_rng(seed)
    across, down = fields(random, *shape)
    table = lines(random, count, max(shape))
    one = compiled.edge_support(across, down, table, step, *windows)
    other = twin.edge_support(across, down, table, step, *windows)
    assert one.shape == other.shape
    np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_an_edge_is_supported_all_along_and_noise_is_not(kernel: ModuleType) -> None:
    across = np.zeros((60, 60, 1), np.float32)
    down = np.zeros((60, 60, 1), np.float32)
    across[:, 20] = 1
    across[:, 40] = np.where(np.arange(60) % 2, 1, -1)[:, None]
    upright = np.array([(1, 0, -9.5, -30, 30), (1, 0, 10.5, -30, 30)], np.float64)
    edge, noise = kernel.edge_support(across, down, upright, 1.0, 2, 4)
    assert edge.min() > 0.9
    assert noise[5:-5].max() < 0.2


def test_threads_do_not_disturb_each_other() -> None:
    random = np.random.default_rng(1)
    across, down = fields(random, 300, 400, 3)
    jobs = [lines(random, 30, 300) for _ in range(8)]
    alone = [compiled.edge_support(across, down, job, 2.0, 3, 4) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: compiled.edge_support(across, down, job, 2.0, 3, 4), jobs))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("step", [0.0, -1.0, float("nan")])
def test_a_step_that_never_arrives_is_refused(step: float) -> None:
    field = np.zeros((5, 5, 1), np.float32)
    with pytest.raises(ValueError, match="step"):
        compiled.edge_support(field, field, np.zeros((1, 5)), step, 1, 1)
