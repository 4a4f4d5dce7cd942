"""The compiled relighting and its twin find alike."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.relight")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._relight", reason="kernels not built")


def job(seed: int, shape: tuple[int, int], channels: int) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(seed)
    light, image = (random.integers(0, 256, (*shape, channels), np.uint8) for _ in range(2))
    return light, image, random.integers(0, 256, (256, 256), np.uint8)


@given(
    st.integers(0, 1 << 30),
    st.sampled_from([(1, 1), (1, 50), (50, 1), (2, 2), (3, 2), (17, 39)]),
    st.sampled_from([1, 3]),
)
@settings(max_examples=40)
def test_they_find_the_same(seed: int, shape: tuple[int, int], channels: int) -> None:
    given_ = job(seed, shape, channels)
    np.testing.assert_array_equal(compiled.relight(*given_), twin.relight(*given_))


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_what_does_not_fit_is_refused(kernel: ModuleType) -> None:
    light, image, table = job(1, (4, 5), 3)
    with pytest.raises(ValueError, match="differ"):
        kernel.relight(np.ascontiguousarray(light[:, :, :1]), image, table)
    with pytest.raises(ValueError, match="256"):
        kernel.relight(light, image, table[:255])
