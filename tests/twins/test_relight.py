"""The compiled relighting and its twin find alike."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.relight")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._relight", reason="kernels not built")


def job(seed: int, shape: tuple[int, int], channels: int, lines: int = 3) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(seed)
    light = random.integers(0, 16321, (lines, shape[1], channels), np.int16)
    image = random.integers(0, 256, (*shape, channels), np.uint8)
    return light, image, random.integers(0, 256, (256, 256), np.uint8)


@given(
    st.integers(0, 1 << 30),
    st.sampled_from([(1, 1), (1, 50), (50, 1), (2, 2), (3, 2), (17, 39)]),
    st.sampled_from([1, 3]),
    st.sampled_from([1, 2, 5, 40]),
)
@settings(max_examples=60)
def test_they_find_the_same(seed: int, shape: tuple[int, int], channels: int, lines: int) -> None:
    given_ = job(seed, shape, channels, lines)
    np.testing.assert_array_equal(compiled.relight(*given_), twin.relight(*given_))


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_light_is_interpolated_as_a_picture_is_enlarged(kernel: ModuleType) -> None:
    small = np.random.default_rng(2).integers(0, 256, (12, 1, 1), np.uint8)
    table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 256, axis=1)
    flat = np.zeros((100, 40, 1), np.uint8)
    light = np.repeat(small.astype(np.int16) * 64, 40, axis=1)
    expected = np.asarray(cv2.resize(small, (1, 100)), np.int16)
    # Sharpening leaves the straight parts between two lines of light.
    apart = np.abs(kernel.relight(light, flat, table)[:, 20, 0] - expected[:, 0])
    assert np.median(apart) <= 1


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_what_does_not_fit_is_refused(kernel: ModuleType) -> None:
    light, image, table = job(1, (4, 5), 3)
    with pytest.raises(ValueError, match="differ"):
        kernel.relight(np.ascontiguousarray(light[:, :, :1]), image, table)
    with pytest.raises(ValueError, match="256"):
        kernel.relight(light, image, table[:255])
