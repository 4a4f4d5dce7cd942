"""The compiled following of ridges and its twin go the same way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest

twin = import_module("imgcore.kernels.ridge_growth")
compiled: ModuleType = pytest.importorskip("imgcore.kernels._ridge_growth", reason="kernels not built")
KERNELS = pytest.mark.parametrize("kernel", [compiled, twin], ids=["compiled", "twin"])
STEP = 8
AGREED = 0.55


def ridges(rows: int, cols: int, stretch: float = 1.0, turn: float = 0.0) -> np.ndarray:
    """Rings around a point beside the middle, with an ending; turned in radians about the corner."""
    y, x = np.mgrid[:rows, :cols].astype(np.float64)
    u = x * np.cos(turn) + y * np.sin(turn)
    v = (y * np.cos(turn) - x * np.sin(turn)) / stretch
    phase = 2 * np.pi * np.hypot(u - 40, 1.1 * (v - 50)) / 4.5 + np.arctan2(v - 30, u - 60)
    return np.cos(phase).astype(np.float32)


def seed(*places: float, turn: float = 0.0) -> np.ndarray:
    return np.array([[*places, np.cos(turn), -np.sin(turn), np.sin(turn), np.cos(turn)]], np.float32)


@pytest.mark.parametrize(("stretch", "turn"), [(1.0, 0.0), (1.06, 0.0), (0.95, 0.05)])
def test_they_find_the_same(stretch: float, turn: float) -> None:
    fixed = ridges(100, 90)
    moved = ridges(110, 96, stretch, turn)
    moved[:20, :30] = 0
    place = (60 * np.cos(turn) - stretch * 40 * np.sin(turn), 60 * np.sin(turn) + stretch * 40 * np.cos(turn))
    arguments = (fixed, moved, seed(60, 40, *place, turn=turn), STEP, AGREED)
    one = compiled.grow_ridges(*arguments)
    other = twin.grow_ridges(*arguments)
    assert one.shape == other.shape == (12, 11, 7)
    assert (one[..., 0] > AGREED).sum() > 60
    np.testing.assert_allclose(one, other, atol=2e-3)


@KERNELS
def test_what_has_moved_is_followed_all_over(kernel: ModuleType) -> None:
    fixed = ridges(120, 120)
    moved = np.zeros_like(fixed)
    moved[5:, 9:] = fixed[:-5, :-9]
    found = kernel.grow_ridges(fixed, moved, seed(60, 60, 69, 65), STEP, AGREED)
    inner = found[1:-2, 1:-2]
    assert inner[..., 0].min() > 0.95
    y, x = np.mgrid[1:13, 1:13] * STEP + STEP // 2
    np.testing.assert_allclose(inner[..., 1] - x, 9, atol=0.3)
    np.testing.assert_allclose(inner[..., 2] - y, 5, atol=0.3)


@KERNELS
def test_what_is_stretched_is_followed_though_the_seed_knows_nothing_of_it(kernel: ModuleType) -> None:
    found = kernel.grow_ridges(ridges(120, 100), ridges(150, 100, 1.12), seed(60, 48, 60, 53.8), STEP, AGREED)
    grown = found[found[..., 0] > AGREED]
    assert len(grown) > 100
    assert np.median(grown[:, 6]) == pytest.approx(1.12, abs=0.04)


@KERNELS
def test_other_ridges_are_not_followed_far(kernel: ModuleType) -> None:
    level = np.tile(np.cos(np.arange(120) * 2 * np.pi / 3.7), (120, 1)).astype(np.float32)
    found = kernel.grow_ridges(ridges(120, 120), level, seed(60, 60, 60, 60), STEP, AGREED)
    assert (found[..., 0] > AGREED).sum() < 20


@KERNELS
@pytest.mark.parametrize(
    "place", [(-5, 10, 10, 10), (500, 10, 10, 10), (30, 30, -900, 30), (30, 30, 1e9, -1e9)]
)
def test_seeds_outside_find_nothing(kernel: ModuleType, place: tuple[float, ...]) -> None:
    found = kernel.grow_ridges(ridges(60, 60), ridges(60, 60), seed(*place), STEP, AGREED)
    assert (found[..., 0] == -2).all()


@KERNELS
def test_where_nothing_is_known_nothing_is_found(kernel: ModuleType) -> None:
    empty = np.zeros((60, 60), np.float32)
    assert (kernel.grow_ridges(ridges(60, 60), empty, seed(30, 30, 30, 30), STEP, AGREED)[..., 0] == -2).all()
    assert (kernel.grow_ridges(empty, ridges(60, 60), seed(30, 30, 30, 30), STEP, AGREED)[..., 0] == -2).all()


@KERNELS
@pytest.mark.parametrize("shape", [(0, 0), (5, 60), (1, 1)])
def test_small_pictures_do(kernel: ModuleType, shape: tuple[int, int]) -> None:
    found = kernel.grow_ridges(np.ones(shape, np.float32), ridges(60, 60), seed(1, 1, 1, 1), STEP, AGREED)
    assert found.shape == (shape[0] // STEP, shape[1] // STEP, 7)


@KERNELS
def test_wrong_seeds_and_steps_are_refused(kernel: ModuleType) -> None:
    with pytest.raises(ValueError, match="matrix"):
        kernel.grow_ridges(ridges(60, 60), ridges(60, 60), np.zeros((1, 6), np.float32), STEP, AGREED)
    with pytest.raises(ValueError, match="step"):
        kernel.grow_ridges(ridges(60, 60), ridges(60, 60), seed(1, 1, 1, 1), 0, AGREED)


def test_threads_may_follow_at_once() -> None:
    arguments = (ridges(150, 150), ridges(150, 150), seed(60, 60, 60, 60), STEP, AGREED)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: compiled.grow_ridges(*arguments), range(8)))
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])
