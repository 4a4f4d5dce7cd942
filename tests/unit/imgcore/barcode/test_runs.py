"""Where bars begin and end, whatever light, ink and blur do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgcore.barcode.bar_groups import bar_groups
from imgcore.barcode.runs import Runs, find_runs
from tests.unit.imgcore.barcode.profiles import Press, edges_of, msi_widths, printed

WIDTHS = (2.0, 1.0, 1.0, 2.0, 4.0, 1.0, 1.0, 3.0, 2.0)


def test_edges_are_true_to_a_tenth_of_a_module() -> None:
    press = Press(pixels=4, blur=0.3, phase=0.37)
    runs = find_runs(printed(WIDTHS, press))
    assert runs.bars == 5
    assert np.abs(runs.edges - edges_of(WIDTHS, press)).max() < 0.4
    np.testing.assert_allclose(runs.widths, np.array(WIDTHS[::2]) * 4, atol=0.8)
    np.testing.assert_allclose(runs.spaces[1:-1], np.array(WIDTHS[1::2]) * 4, atol=0.8)


@pytest.mark.parametrize(
    "press",
    [
        Press(pixels=3, blur=0.5, shade=0.6),
        Press(pixels=3, blur=0.3, white=130, black=110, noise=0.3),
        Press(pixels=3, blur=0.6, spread=0.3, noise=2),
        Press(pixels=3, blur=0.6, spread=-0.3, noise=2),
        Press(pixels=2, blur=0.6),
        Press(pixels=1.5, blur=0.5, noise=2),
        Press(pixels=4, blur=0.3, noise=12),
    ],
    ids=["shade", "20 levels", "thick ink", "thin ink", "blur", "1.5 pixels", "noise"],
)
def test_every_bar_is_found(press: Press) -> None:
    runs = find_runs(printed(WIDTHS, press, seed=2), smooth=1.0 if press.noise > 5 else 0.0)
    assert runs.bars == 5
    assert np.abs(runs.edges - edges_of(WIDTHS, press)).max() < 0.6 * press.pixels


def test_smoothing_takes_away_noise_that_would_be_bars() -> None:
    profile = printed(WIDTHS, Press(pixels=4, blur=0.3, noise=10, white=200, black=100), seed=1)
    assert find_runs(profile).bars > 5
    assert find_runs(profile, smooth=2.0).bars == 5


def test_light_bars_on_a_dark_ground() -> None:
    profile = printed(WIDTHS, Press())
    np.testing.assert_allclose(
        find_runs(255 - profile, inverse=True).edges, find_runs(profile).edges, atol=1e-4
    )
    assert find_runs(255 - profile).bars == 4


def test_a_bar_that_is_cut_off_is_left_out() -> None:
    press = Press(pixels=4, quiet=8)
    profile = printed(WIDTHS, press)
    assert find_runs(profile[8 * 4 + 4 :]).bars == 4


@pytest.mark.parametrize("size", [0, 1, 4, 5, 30])
def test_nothing_on_empty_ground(size: int) -> None:
    assert find_runs(np.full(size, 200, np.float32)).bars == 0


@settings(max_examples=60)
@given(st.lists(st.floats(0, 255, width=32), max_size=120))
def test_edges_ascend_in_pairs_on_anything(levels: list[float]) -> None:
    runs = find_runs(np.array(levels, np.float32))
    assert len(runs.edges) % 2 == 0
    assert (np.diff(runs.edges) > 0).all()
    assert len(runs.edges) == 0 or (runs.edges[0] >= 0 and runs.edges[-1] <= len(levels) - 1)


def test_groups_are_those_with_room_about_them() -> None:
    # Two codes of three bars, and a single bar.
    starts = np.array([20, 25, 30, 60, 65, 70, 120], np.float64)
    edges = np.column_stack([starts, starts + 2]).ravel()
    runs = Runs(edges, 150, np.ones(len(edges)))
    found = [(group.first, group.bars) for group in bar_groups(runs, 2, 6, quiet=2.0)]
    assert found == [(0, 3), (3, 3)]
    assert [group.before for group in bar_groups(runs, 2, 6, quiet=2.0)] == [20.5, 28.0]


def test_a_piece_keeps_neighbours_out() -> None:
    press = Press(pixels=3, blur=0.5, quiet=6)
    both = np.concatenate([printed(WIDTHS, press), printed(msi_widths("12"), press)])
    group = next(iter(bar_groups(find_runs(both), 5, 5, quiet=1.2)))
    segment, first = group.segment(both, least=0, most=1000)
    assert first < 5
    assert len(segment.levels) < len(printed(WIDTHS, press)) + 6 * 3
    assert segment.levels[-3:].min() > 220
    wider, _ = group.segment(both, least=60, most=1000)
    assert wider.levels[-6:].min() < 100
    turned = segment.turned()
    assert turned.end - turned.start == pytest.approx(segment.end - segment.start)
    np.testing.assert_array_equal(turned.levels[::-1], segment.levels)
