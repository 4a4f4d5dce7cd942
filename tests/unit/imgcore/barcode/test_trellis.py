"""Bars that blur has merged: the likeliest path, and what a fit makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.barcode.bar_groups import ProfileSegment
from imgcore.barcode.pharmacode.decoder import value_of
from imgcore.barcode.pharmacode.fit import Bits, best_pharmacode_fit, fit_pharmacode
from imgcore.barcode.pharmacode.trellis import likely_paths
from tests.unit.imgcore.barcode.profiles import Press, edges_of, pharmacode_widths, printed

SOFT = Press(pixels=2, blur=1.1, noise=1, phase=0.3, quiet=6)


def bits(value: int) -> Bits:
    return np.array(pharmacode_widths(value)[::2]) == 3


def piece_of(value: int, press: Press, seed: int = 0) -> ProfileSegment:
    edges = edges_of(pharmacode_widths(value), press)
    return ProfileSegment(printed(pharmacode_widths(value), press, seed), float(edges[0]), float(edges[-1]))


@pytest.mark.parametrize("value", [83, 1411, 23204, 84213, 111111, 131069])
def test_the_likeliest_path_is_what_was_printed(value: int) -> None:
    paths = likely_paths(piece_of(value, SOFT), 2.2, least=len(bits(value)) // 2)
    assert paths
    np.testing.assert_array_equal(paths[0], bits(value))


def test_bars_seen_bound_how_many_there_are() -> None:
    segment = piece_of(84213, SOFT)
    assert all(len(path) >= 16 for path in likely_paths(segment, 2.2, least=16))
    assert likely_paths(segment, 2.2, least=17) == []


def test_another_code_is_no_comb() -> None:
    widths = (2.0, 1.0, 1.0, 3.0, 4.0, 1.0, 1.0, 2.0, 3.0, 4.0, 1.0, 1.0, 2.0)
    press = Press(pixels=4, blur=0.7)
    edges = edges_of(widths, press)
    segment = ProfileSegment(printed(widths, press), float(edges[0]), float(edges[-1]))
    fit = best_pharmacode_fit(segment, likely_paths(segment, 2.8, 6), 2.8)
    assert fit is None or fit.variation > 0.25
    assert fit_pharmacode(segment, edges, 2.8) is None


def test_the_best_of_several_paths_has_the_next_one_as_its_runner_up() -> None:
    segment = piece_of(84213, SOFT)
    wrong = bits(84213)
    wrong[4] = ~wrong[4]
    fit = best_pharmacode_fit(segment, [wrong, bits(84213)], 2.2)
    assert fit is not None
    np.testing.assert_array_equal(fit.wide, bits(84213))
    assert fit.bars.error < fit.runner_up < np.inf
    assert best_pharmacode_fit(segment, [], 2.2) is None
    assert best_pharmacode_fit(segment, [np.ones(5, bool)], 2.2) is None


@pytest.mark.parametrize("cut", [slice(2, None), slice(None, -2)], ids=["first", "last"])
def test_a_bar_missed_at_an_end_is_found(cut: slice) -> None:
    press = Press(pixels=3, blur=0.8, quiet=6)
    wide = np.array([0, 1, 0, 1, 1, 0, 1, 0], bool)
    segment = piece_of(value_of(wide), press)
    edges = edges_of(pharmacode_widths(value_of(wide)), press)[cut]
    fit = fit_pharmacode(ProfileSegment(segment.levels, float(edges[0]), float(edges[-1])), edges, 2.4)
    assert fit is not None
    np.testing.assert_array_equal(fit.wide, wide)


def test_doubtful_bars_taken_for_the_other_kind_are_put_right() -> None:
    segment = piece_of(84213, SOFT)
    right = 0
    for bar in range(1, 15):
        wrong = bits(84213)
        wrong[bar] = ~wrong[bar]
        fit = best_pharmacode_fit(segment, [wrong], 2.2)
        right += fit is not None and bool((fit.wide == bits(84213)).all())
    assert right >= 3


def test_measures_of_a_comb() -> None:
    press = Press(pixels=4, quiet=6)
    fit = fit_pharmacode(piece_of(84213, press), edges_of(pharmacode_widths(84213), press), 1.2)
    assert fit is not None
    assert fit.gap == pytest.approx(8, abs=0.05)
    assert fit.width(False) == pytest.approx(0.5, abs=0.01)
    assert fit.width(True) == pytest.approx(1.5, abs=0.01)
    assert fit.variation < 0.01
    assert fit.deviation < 0.01
    assert fit.excess < 0.01
