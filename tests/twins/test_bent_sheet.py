"""The compiled bent sheet and its twin lie alike, and neither stretches."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

twin = import_module("imgcore.kernels.bent_sheet")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._bent_sheet", reason="kernels not built")
REACH = 1.1


def sheets(seed: int, count: int, nodes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rulings that meet well outside of the sheet, or nowhere; and curvatures up to a radius of a half."""
    random = np.random.default_rng(seed)
    ruling = np.stack([random.uniform(0, np.pi, count), random.uniform(-0.8, 0.8, count)], axis=1)
    ruling[::3, 1] = 0
    at = np.linspace(-1, 1, 2 * nodes - 1)
    curvature = np.polynomial.legendre.legval(at, random.uniform(-0.5, 0.5, (4, count)))
    places = random.uniform(-0.5, 0.5, (count, 40, 2)) * (1, 1.4)
    return ruling, np.ascontiguousarray(curvature), places


@given(st.integers(0, 1 << 30), st.sampled_from([1, 2, 15]), st.sampled_from([2, 9, 33]))
@settings(max_examples=50)
def test_they_put_places_alike(seed: int, count: int, nodes: int) -> None:
    job = sheets(seed, count, nodes)
    one = compiled.bend_sheets(*job, REACH)
    other = twin.bend_sheets(*job, REACH)
    np.testing.assert_allclose(one, other, atol=1e-9)


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
@pytest.mark.parametrize("seed", range(5))
def test_nothing_stretches(kernel: ModuleType, seed: int) -> None:
    ruling, curvature, places = sheets(seed, 6, 65)
    step = 1e-5
    here, right, below = (
        kernel.bend_sheets(ruling, curvature, places + aside, REACH)
        for aside in ((0.0, 0.0), (step, 0.0), (0.0, step))
    )
    across = (right - here) / step
    down = (below - here) / step
    np.testing.assert_allclose(np.linalg.norm(across, axis=-1), 1, atol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(down, axis=-1), 1, atol=2e-3)
    np.testing.assert_allclose((across * down).sum(axis=-1), 0, atol=2e-3)


@pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
def test_a_round_bend_is_round(kernel: ModuleType) -> None:
    places = np.stack([np.linspace(-0.5, 0.5, 11), np.full(11, 0.2)], axis=1)[None]
    radius = 0.4
    bent = kernel.bend_sheets(np.zeros((1, 2)), np.full((1, 65), 1 / radius), places, REACH)[0]
    angle = places[0, :, 0] / radius
    truth = np.stack([radius * np.sin(angle), places[0, :, 1], radius * (1 - np.cos(angle))], axis=1)
    np.testing.assert_allclose(bent, truth, atol=1e-5)
