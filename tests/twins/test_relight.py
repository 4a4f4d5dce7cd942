"""The compiled relighting and its twin find alike."""

from __future__ import annotations

from importlib import import_module
from itertools import pairwise
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.relight")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._relight", reason="kernels not built")


def relit(kernel: ModuleType, gain: Any, image: Any, black: Any) -> Any:
    result = np.zeros_like(image)
    kernel.relight(gain, image, black, result)
    return result


def job(seed: int, shape: tuple[int, int], channels: int, lines: int = 3) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(seed)
    gain = random.integers(0, 1 << 15, (lines, shape[1], channels), np.int16)
    image = random.integers(0, 256, (*shape, channels), np.uint8)
    return gain, image, random.integers(0, 1 << 14, gain.shape, np.int16)


@given(
    st.integers(0, 1 << 30),
    st.sampled_from([(1, 1), (1, 50), (50, 1), (2, 2), (3, 2), (17, 39)]),
    st.sampled_from([1, 3]),
    st.sampled_from([1, 2, 5, 40]),
)
@settings(max_examples=60)
def test_they_find_the_same(seed: int, shape: tuple[int, int], channels: int, lines: int) -> None:
    given_ = job(seed, shape, channels, lines)
    np.testing.assert_array_equal(relit(compiled, *given_), relit(twin, *given_))


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
@pytest.mark.parametrize("cuts", [(0, 1, 2, 3, 17), (0, 16, 17), (0, 0, 8, 17)])
def test_strips_are_the_whole(kernel: ModuleType, cuts: tuple[int, ...]) -> None:
    gain, image, black = job(5, (17, 39), 3, 4)
    strips = np.zeros_like(image)
    for top, bottom in reversed(list(pairwise(cuts))):
        kernel.relight(gain, image, black, strips, top, bottom)
    np.testing.assert_array_equal(strips, relit(kernel, gain, image, black))


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_the_gain_is_interpolated_as_a_picture_is_enlarged(kernel: ModuleType) -> None:
    small = np.random.default_rng(2).integers(0, 4096, (12, 1, 1), np.int16)
    flat = np.full((100, 40, 1), 100, np.uint8)
    expected = np.asarray(cv2.resize(small, (1, 100)), np.int64) * 100 / 2048
    wide = np.repeat(small, 40, axis=1)
    # Sharpening leaves the straight parts between two lines of the gain.
    apart = np.abs(relit(kernel, wide, flat, np.zeros_like(wide))[:, 20, 0] - expected[:, 0])
    assert np.median(apart) <= 1


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_levels_are_amplified_from_the_black_point_on(kernel: ModuleType) -> None:
    image = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=0).reshape(-1, 1, 1)
    gain = np.full((1, 1, 1), 3 * 1024, np.int16)
    black = np.full((1, 1, 1), 8 * 30, np.int16)
    found = relit(kernel, gain, image, black)[1::3, 0, 0]
    np.testing.assert_allclose(found, np.clip(1.5 * np.arange(256) - 30, 0, 255), atol=1)


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_what_does_not_fit_is_refused(kernel: ModuleType) -> None:
    gain, image, black = job(1, (4, 5), 3)
    with pytest.raises(ValueError, match="differ"):
        relit(kernel, np.ascontiguousarray(gain[:, :, :1]), image, black)
    with pytest.raises(ValueError, match="differ"):
        kernel.relight(gain, image, black, image[:3].copy())
    for rows in ((-1, 2), (3, 2), (0, 5)):
        with pytest.raises(ValueError, match="rows"):
            kernel.relight(gain, image, black, np.zeros_like(image), *rows)
    with pytest.raises(ValueError, match="differ"):
        relit(kernel, gain, image, np.ascontiguousarray(black[:1]))
