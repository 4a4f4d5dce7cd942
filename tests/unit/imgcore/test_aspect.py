"""The aspect of a sheet, from quadrilaterals whose sheet, tilt and lens are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quality.proportions import A4, cropped, view
from imgcore.aspect import sheet_aspect

PICTURE = (1400, 1000)
SEEDS = range(40)


def errors(aspect: float) -> np.ndarray:
    views = [view(seed, aspect) for seed in SEEDS]
    return np.array([abs(np.log(sheet_aspect(each.quad, each.picture) / aspect)) for each in views])


@pytest.mark.parametrize("aspect", [A4, 1 / A4, 85.6 / 53.98])
def test_a_standard_sheet_has_its_own_aspect_at_almost_any_tilt(aspect: float) -> None:
    assert np.mean(errors(aspect) < 1e-9) > 0.9


def test_a_standard_sheet_of_a_cropped_picture_has_its_own_aspect_at_most_tilts() -> None:
    views = [cropped(seed, view(seed, A4)) for seed in range(200)]
    found = np.array([sheet_aspect(each.quad, each.picture) for each in views])
    assert np.mean(np.abs(np.log(found / A4)) < 1e-9) > 0.7


@pytest.mark.parametrize("aspect", [0.3, 1.0, 240 / 140])
def test_another_sheet_keeps_its_aspect(aspect: float) -> None:
    assert np.median(errors(aspect)) < 0.01


def test_a_format_is_taken_within_the_uncertainty_only() -> None:
    # Seen from straight above an aspect is certain, and this sheet's is a hundredth off A4's.
    height = 700.0
    for factor, aspect in ((1.0, A4), (1.0003, A4), (1.01, 1.01 * A4)):
        width = height * A4 * factor
        quad = np.add([(0, 0), (width, 0), (width, height), (0, height)], (400, 150))
        assert sheet_aspect(quad, PICTURE) == pytest.approx(aspect, rel=1e-4)


@given(
    st.lists(st.floats(-0.24, 0.24), min_size=8, max_size=8),
    st.floats(5, 5000),
    st.floats(5, 5000),
    st.floats(-2000, 2000),
)
def test_every_convex_quadrilateral_has_one(
    bent: list[float], width: float, height: float, off: float
) -> None:
    quad = (np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) + np.reshape(bent, (4, 2))) * (width, height) + off
    assert 0 < sheet_aspect(quad, PICTURE) < np.inf
