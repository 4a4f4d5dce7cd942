"""Bars, blur and light fitted together."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.barcode.bar_fit import fit_bars, ink_coverage
from imgcore.barcode.runs import find_runs
from tests.unit.imgcore.barcode.profiles import Press, edges_of, pharmacode_widths, printed

WIDTHS = pharmacode_widths(84213)


@pytest.mark.parametrize("blur", [0.2, 0.5, 0.9])
def test_a_fit_finds_the_edges_that_were_printed(blur: float) -> None:
    press = Press(pixels=2, blur=blur, spread=0.2, shade=0.3, phase=0.37)
    profile = printed(WIDTHS, press)
    runs = find_runs(profile)
    fit = fit_bars(profile, np.eye(len(runs.edges)), runs.edges, blur=0.8)
    true = edges_of(WIDTHS, press)
    assert np.abs(fit.edges - true).max() < 0.03
    assert fit.error < 0.002
    # The pixels' own aperture adds to the blur.
    assert fit.blur == pytest.approx(np.hypot(blur * 2, 12**-0.5), rel=0.05)
    # Half height is off by more, the more so under blur.
    assert np.abs(runs.edges - true).max() > max(0.05, 0.3 * blur)


def test_levels_without_and_under_ink() -> None:
    press = Press(pixels=3, blur=0.4, white=200, black=60, shade=0.25)
    profile = printed(WIDTHS, press)
    fit = fit_bars(profile, np.eye(len(WIDTHS) + 1), edges_of(WIDTHS, press) + 0.2, blur=1.0)
    light = 1 - 0.25 * np.linspace(0, 1, len(profile))
    np.testing.assert_allclose(fit.white, 200 * light, atol=1)
    np.testing.assert_allclose(fit.black, 60 * light, atol=1)
    assert fit.contrast == pytest.approx(140 * light.mean(), abs=1)


def test_another_bar_shows_as_an_error_of_the_ground() -> None:
    press = Press(pixels=3, blur=0.4)
    profile = printed(WIDTHS, press)
    edges = edges_of(WIDTHS, press)
    assert fit_bars(profile, np.eye(len(edges)), edges, 1.2).ground_error < 0.01
    short = edges[:-2]
    assert fit_bars(profile, np.eye(len(short)), short, 1.2).ground_error > 0.15


def test_ink_is_conserved_under_blur() -> None:
    edges = np.array([20.3, 24.1, 30.0, 31.5])
    for blur in (0.29, 1.0, 2.5):
        assert ink_coverage(60, edges, blur).sum() == pytest.approx(5.3, abs=0.03)
        assert (ink_coverage(60, edges, blur) > -1e-3).all()


def test_a_profile_that_shows_no_bars_gives_numbers_all_the_same() -> None:
    fit = fit_bars(np.full(40, 90, np.float32), np.eye(4), np.array([10.0, 14, 20, 24]), 1.0)
    assert np.isfinite(fit.edges).all()
    assert abs(fit.contrast) < 1
