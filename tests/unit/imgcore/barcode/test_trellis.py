"""Bars that blur has merged: the likeliest path, and what a fit makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.barcode.comb import Bits, best_comb, find_comb
from imgcore.barcode.groups import Piece
from imgcore.barcode.pharmacode import value_of
from imgcore.barcode.trellis import likely_paths
from tests.unit.imgcore.barcode.profiles import Press, edges_of, pharmacode_widths, printed

SOFT = Press(pixels=2, blur=1.1, noise=1, phase=0.3, quiet=6)


def bits(value: int) -> Bits:
    return np.array(pharmacode_widths(value)[::2]) == 3


def piece_of(value: int, press: Press, seed: int = 0) -> Piece:
    edges = edges_of(pharmacode_widths(value), press)
    return Piece(printed(pharmacode_widths(value), press, seed), float(edges[0]), float(edges[-1]))


@pytest.mark.parametrize("value", [83, 1411, 23204, 84213, 111111, 131069])
def test_the_likeliest_path_is_what_was_printed(value: int) -> None:
    paths = likely_paths(piece_of(value, SOFT), 2.2, least=len(bits(value)) // 2)
    assert paths
    np.testing.assert_array_equal(paths[0], bits(value))


def test_bars_seen_bound_how_many_there_are() -> None:
    piece = piece_of(84213, SOFT)
    assert all(len(path) >= 16 for path in likely_paths(piece, 2.2, least=16))
    assert likely_paths(piece, 2.2, least=17) == []


def test_another_code_is_no_comb() -> None:
    widths = (2.0, 1.0, 1.0, 3.0, 4.0, 1.0, 1.0, 2.0, 3.0, 4.0, 1.0, 1.0, 2.0)
    press = Press(pixels=4, blur=0.7)
    edges = edges_of(widths, press)
    piece = Piece(printed(widths, press), float(edges[0]), float(edges[-1]))
    comb = best_comb(piece, likely_paths(piece, 2.8, 6), 2.8)
    assert comb is None or comb.variation > 0.25
    assert find_comb(piece, edges, 2.8) is None


def test_the_best_of_several_paths_has_the_others_as_rivals() -> None:
    piece = piece_of(84213, SOFT)
    wrong = bits(84213)
    wrong[4] = ~wrong[4]
    comb = best_comb(piece, [wrong, bits(84213)], 2.2)
    assert comb is not None
    np.testing.assert_array_equal(comb.wide, bits(84213))
    assert comb.bars.error < comb.rival < np.inf
    assert best_comb(piece, [], 2.2) is None
    assert best_comb(piece, [np.ones(5, bool)], 2.2) is None


@pytest.mark.parametrize("cut", [slice(2, None), slice(None, -2)], ids=["first", "last"])
def test_a_bar_missed_at_an_end_is_found(cut: slice) -> None:
    press = Press(pixels=3, blur=0.8, quiet=6)
    wide = np.array([0, 1, 0, 1, 1, 0, 1, 0], bool)
    piece = piece_of(value_of(wide), press)
    edges = edges_of(pharmacode_widths(value_of(wide)), press)[cut]
    comb = find_comb(Piece(piece.levels, float(edges[0]), float(edges[-1])), edges, 2.4)
    assert comb is not None
    np.testing.assert_array_equal(comb.wide, wide)


def test_doubtful_bars_taken_for_the_other_kind_are_put_right() -> None:
    piece, right = piece_of(84213, SOFT), 0
    for bar in range(1, 15):
        wrong = bits(84213)
        wrong[bar] = ~wrong[bar]
        comb = best_comb(piece, [wrong], 2.2)
        right += comb is not None and bool((comb.wide == bits(84213)).all())
    assert right >= 3


def test_measures_of_a_comb() -> None:
    press = Press(pixels=4, quiet=6)
    comb = find_comb(piece_of(84213, press), edges_of(pharmacode_widths(84213), press), 1.2)
    assert comb is not None
    assert comb.gap == pytest.approx(8, abs=0.05)
    assert comb.width(False) == pytest.approx(0.5, abs=0.01)
    assert comb.width(True) == pytest.approx(1.5, abs=0.01)
    assert comb.variation < 0.01
    assert comb.deviation < 0.01
    assert comb.excess < 0.01
