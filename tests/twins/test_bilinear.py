"""The compiled bilinear interpolation, its twin and OpenCV's own find alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.bilinear")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._bilinear", reason="kernels not built")
both = pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])


def job(
    seed: int, shape: tuple[int, int, int], kind: type, places: tuple[int, int] = (9, 31)
) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(seed)
    rows, cols, _ = shape
    x, y = (random.uniform(-5, size + 5, places).astype(np.float32) for size in (cols, rows))
    return random.integers(0, 256, shape).astype(kind), x, y


@given(
    st.integers(0, 1 << 30),
    st.sampled_from([(1, 1, 1), (1, 50, 3), (50, 1, 3), (7, 9, 1), (40, 60, 3), (5, 6, 4)]),
    st.sampled_from([np.uint8, np.float32]),
)
@settings(max_examples=40)
def test_they_find_the_same(seed: int, shape: tuple[int, int, int], kind: type) -> None:
    given_job = job(seed, shape, kind)
    found = compiled.sample_bilinear(*given_job)
    expected = twin.sample_bilinear(*given_job)
    assert found.dtype == expected.dtype == kind
    np.testing.assert_array_equal(found, expected)


@both
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_it_is_what_opencv_computes_since_5_0(kernel: ModuleType, kind: type) -> None:
    if int(cv2.__version__.partition(".")[0]) < 5:
        pytest.skip(f"OpenCV {cv2.__version__} rounds places to thirty-seconds of a pixel")
    picture, x, y = job(3, (60, 80, 3), kind, (200, 40))
    expected = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # Of sums in another order the last bit differs.
    tolerance = 0 if kind is np.uint8 else 1e-4
    np.testing.assert_allclose(kernel.sample_bilinear(picture, x, y), expected, rtol=0, atol=tolerance)


@both
def test_halves_are_rounded_to_even_and_the_border_continues(kernel: ModuleType) -> None:
    picture = np.array([[[0], [1], [4]]], np.uint8)
    x = np.array([[0.5, 1.5, -3, 9, np.nan, np.inf]], np.float32)
    assert kernel.sample_bilinear(picture, x, np.zeros_like(x)).ravel().tolist() == [0, 2, 0, 4, 0, 4]


@both
def test_what_does_not_fit_is_refused(kernel: ModuleType) -> None:
    picture, x, y = job(1, (4, 5, 3), np.uint8)
    for empty in (picture[:0], picture[:, :0].copy(), picture[:, :, :0].copy()):
        with pytest.raises(ValueError, match="has pixels"):
            kernel.sample_bilinear(empty, x, y)
    with pytest.raises(ValueError, match="an x and a y"):
        kernel.sample_bilinear(picture, x, y[:, 1:].copy())


def test_threads_do_not_disturb_each_other() -> None:
    jobs = [job(seed, (200, 300, 3), np.uint8, (500, 30)) for seed in range(8)]
    alone = [compiled.sample_bilinear(*each) for each in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda each: compiled.sample_bilinear(*each), jobs))
    np.testing.assert_array_equal(alone, together)
