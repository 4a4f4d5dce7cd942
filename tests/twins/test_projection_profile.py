"""The compiled projection profile and its twin count alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.projection_profile")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._projection_profile", reason="kernels not built")
SLOPES = np.tan(np.radians(np.arange(-15, 15.1, 0.5)))


def points(seed: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.uniform(-300, 300, count)
    y = random.uniform(-40, 640, count)
    weight = random.integers(1, 256, count).astype(np.int32)
    return x.astype(np.float32), y.astype(np.float32), weight


@given(
    st.integers(0, 1 << 30),
    st.sampled_from([0, 1, 2, 500, 3000]),
    st.sampled_from([1, 2, 3, 5, 600]),
    st.sampled_from([1, 2, 4]),
)
@settings(max_examples=60)
def test_they_give_the_same_scores(seed: int, count: int, length: int, window: int) -> None:
    x, y, weight = points(seed, count)
    one = compiled.projection_scores(x, y, weight, SLOPES, length, window)
    other = twin.projection_scores(x, y, weight, SLOPES, length, window)
    # Sums of squares beyond 2 ** 53 depend on their order.
    np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_level_lines_score_best_at_no_slope(kernel: ModuleType) -> None:
    x = np.tile(np.arange(-200, 200, dtype=np.float32), 10)
    y = np.repeat(np.arange(100, 300, 20, dtype=np.float32), 400)
    scores = kernel.projection_scores(x, y, np.ones(len(x), np.int32), SLOPES, 500, 2)
    assert SLOPES[scores.argmax()] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_the_grid_of_pixels_does_not_favour_level(kernel: ModuleType) -> None:
    """A blurred line that rises by a pixel over its length; rows alone would call it level."""
    rise = 1 / 400
    rows, cols = np.mgrid[-6.0:7.0, -200.0:200.0]
    weight = np.rint(200 * np.exp(-0.5 * np.square(rows + rise * cols))).astype(np.int32)
    x, y = (axis.ravel().astype(np.float32) for axis in (cols * 4, (rows + 20) * 4))
    slopes = np.arange(-4, 9) * rise / 4
    scores = kernel.projection_scores(x, y, weight.ravel(), slopes, 200, 4)
    assert slopes[scores.argmax()] == pytest.approx(rise)


def test_threads_do_not_disturb_each_other() -> None:
    jobs = [points(seed, 20_000) for seed in range(8)]
    alone = [compiled.projection_scores(*job, SLOPES, 600, 2) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: compiled.projection_scores(*job, SLOPES, 600, 2), jobs))
    np.testing.assert_array_equal(alone, together)
