"""Error rates and fits on scores whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.fingerprint.model import calibration_curve, fit
from benchmarks.fingerprint.rates import equal_error_rate, false_non_match_rate


@pytest.mark.parametrize(
    ("same", "different", "expected"),
    [
        ([5, 6, 7], [1, 2, 3], 0.0),
        ([1, 2, 3], [5, 6, 7], 1.0),
        ([1, 5, 6, 7], [2, 0, 0, 0], 0.25),
        ([3, 3], [3, 3], 0.5),
    ],
)
def test_the_equal_error_rate_is_where_both_errors_meet(
    same: list[float], different: list[float], expected: float
) -> None:
    assert equal_error_rate(np.array(same, float), np.array(different, float)) == pytest.approx(expected)


def test_what_is_missed_counts_at_the_rate_that_is_allowed() -> None:
    different = np.arange(1000.0)
    assert false_non_match_rate(np.array([999.5, 998.5, 997.5, 1.0]), different, 1e-3) == 0.25 + 0.25
    assert false_non_match_rate(np.array([999.5, 998.5]), different, 0.5) == 0


def test_a_curve_gives_the_share_that_is_above() -> None:
    """Answers whose logarithm of the rate is a straight line: an exponential distribution."""
    random = np.random.default_rng(0)
    answers, rarity = calibration_curve(random.exponential(1 / np.log(10), 100_000))
    np.testing.assert_allclose(answers[1:], rarity[1:], atol=0.1)
    assert rarity[0] == 0


def test_a_fitted_scale_keeps_its_promise_on_others() -> None:
    random = np.random.default_rng(1)
    scale = fit(random.normal(3, 1, (300, 2)), random.normal(0, 1, (30_000, 2)))
    fresh = random.normal(0, 1, (100_000, 2))
    rarities = np.array([scale.neg_log_fmr(scale.score(line)) for line in fresh])
    assert np.mean(rarities >= 2) == pytest.approx(1e-2, rel=0.2)
    assert np.mean(rarities >= 3) == pytest.approx(1e-3, rel=0.4)
    assert min(scale.weights) > 0
