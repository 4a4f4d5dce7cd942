"""The compiled samples and moments of bars and their twins are the same."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgcore.types import Image

twin = import_module("imgcore.kernels.bar_columns")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._bar_columns", reason="kernels not built")
both = pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
seeds = st.integers(0, 1 << 30)
sides = st.integers(2, 300)


def noise(seed: int, rows: int, cols: int) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (rows, cols), np.uint8)


def upright(x: float, y: float, half: float) -> npt.NDArray[np.float64]:
    """Bars that stand upright, `u` pixels from (x, y), and reach `half` pixels up and down."""
    bars = np.zeros((6, 4))
    bars[0, :2] = (x, 1)
    bars[1, 0] = y
    bars[3, 0] = half
    return bars


@given(seeds, sides, sides)
def test_both_take_the_same_samples(seed: int, rows: int, cols: int) -> None:
    random = np.random.default_rng(seed)
    bars = random.normal(0, 1, (6, 4)) * [rows / 2, 1, 1e-3, 1e-6]
    job = noise(seed, rows, cols), bars, np.arange(-5.0, cols + 5), np.linspace(-1, 1, 7, dtype=np.float32)
    given_samples = compiled.sample_columns(*job)
    expected = twin.sample_columns(*job)
    assert given_samples.shape == expected.shape == (7, cols + 10) and given_samples.dtype == np.uint8
    # A processor that adds a product without rounding it may take the next 32nd of a pixel.
    assert np.abs(given_samples.astype(int) - expected).max() <= 16


@both
def test_samples_lie_between_pixels(kernel: ModuleType) -> None:
    ramp = np.tile(np.arange(0, 160, 8, dtype=np.uint8), (9, 1))
    seen = kernel.sample_columns(ramp, upright(2.5, 4, 3), np.arange(4.0), np.array([-1, 0, 1], np.float32))
    np.testing.assert_array_equal(seen, np.tile([20, 28, 36, 44], (3, 1)))
    seen = kernel.sample_columns(
        np.ascontiguousarray(ramp.T), upright(4, 10, 2.5), np.zeros(1), np.float32([-1, 1])
    )
    np.testing.assert_array_equal(seen[:, 0], [60, 100])


@both
def test_beside_the_picture_its_border_counts(kernel: ModuleType) -> None:
    grey = np.array([[10, 20], [10, 20]], np.uint8)
    seen = kernel.sample_columns(grey, upright(-50, 0, 99), np.array([0.0, 999]), np.float32([-1, 1]))
    np.testing.assert_array_equal(seen, [[10, 20], [10, 20]])


@both
def test_bars_are_six_polynomials_over_a_picture(kernel: ModuleType) -> None:
    t = np.zeros(1, np.float32)
    with pytest.raises(ValueError, match="six"):
        kernel.sample_columns(noise(1, 4, 4), np.zeros((5, 4)), np.zeros(1), t)
    with pytest.raises(ValueError, match="two"):
        kernel.sample_columns(noise(1, 1, 4), np.zeros((6, 4)), np.zeros(1), t)


@given(seeds, st.integers(2, 60), sides)
def test_both_sum_the_same_gradients(seed: int, rows: int, cols: int) -> None:
    grey = noise(seed, rows, cols)
    given_sums = compiled.gradient_moments(grey)
    expected = twin.gradient_moments(grey)
    assert given_sums.shape == (5, 5) and given_sums.dtype == np.float64
    np.testing.assert_allclose(given_sums, expected, rtol=1e-4, atol=1e-5 * expected[0, 0] + 1e-9)


@both
def test_the_gradient_of_sheared_bars_tells_their_shear(kernel: ModuleType) -> None:
    y, x = np.mgrid[:40, :300]
    grey = np.asarray(128 + 100 * np.sin((x - 0.1 * y) / 3), np.uint8)
    moments = kernel.gradient_moments(grey)
    assert -moments[3, 0] / moments[0, 0] == pytest.approx(0.1, abs=0.01)
    with pytest.raises(ValueError, match="two"):
        kernel.gradient_moments(grey[:1])


@given(seeds, st.integers(1, 40), st.integers(20, 300), st.integers(0, 19))
def test_both_average_the_same_detail(seed: int, rows: int, cols: int, half: int) -> None:
    grey = noise(seed, rows, cols)
    given_means, expected = (one.detail_moments(grey, 2 * half + 1) for one in (compiled, twin))
    assert given_means.shape == (2, cols) and given_means.dtype == np.float32
    np.testing.assert_allclose(given_means, expected, rtol=1e-4, atol=1e-3)


@both
def test_light_that_changes_slowly_is_no_detail(kernel: ModuleType) -> None:
    light = np.tile(np.arange(100, dtype=np.uint8), (5, 1))
    means, squares = kernel.detail_moments(light, 11)
    assert np.abs(means[5:-5]).max() < 1e-3 and squares[5:-5].max() < 1e-3
    light[:, 50] += 100
    assert kernel.detail_moments(light, 11)[0, 50] == pytest.approx(100 * 10 / 11, abs=1e-3)
    for width in (0, 10, 201):
        with pytest.raises(ValueError, match="window"):
            kernel.detail_moments(light, width)
