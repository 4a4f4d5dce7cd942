"""A bent sheet is told from its sides and its text lines."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.curve.developable import ANGLE, BEND, CONE, COUNT, TURN, Developable
from imgcore.curve.grid import COLS, ROWS, Grid, perspective_grid
from imgcore.curve.sheet_fit import NODES, blended, fit_sheet
from imgcore.curve.text_lines import LineSlopes
from imgcore.least_squares import levenberg_marquardt

SIZE = (1200, 1600)
CORNERS = np.array([(180.0, 150.0), (1010.0, 170.0), (1050.0, 1380.0), (140.0, 1350.0)])
LEVEL = LineSlopes(np.zeros((NODES[0] - 1, NODES[1] - 1)), np.full((NODES[0] - 1, NODES[1] - 1), 0.5))
UNKNOWN = LineSlopes(LEVEL.slope, np.zeros_like(LEVEL.weight))


def bent(angle: float, bend: float, cone: float = 0.0) -> Grid:
    """How a sheet of A4, bent like that and tilted a little, is seen."""
    parameters = np.zeros(COUNT)
    parameters[ANGLE] = angle
    parameters[CONE] = cone
    parameters[BEND] = (bend, -bend / 2, 0.3, 0.0)
    parameters[TURN] = (0.25, -0.1, 0.02)
    sheet = Developable(CORNERS, SIZE, 2**0.5)
    across, down = np.meshgrid(np.linspace(0, 1, COLS), np.linspace(0, 1, ROWS))
    places = np.stack([across.ravel(), down.ravel()], axis=1)
    return sheet.project(parameters[None], places)[0].reshape(ROWS, COLS, 2).astype(np.float32)


def with_inside_of_a_flat_one(truth: Grid) -> Grid:
    """The same sides, and an inside that knows nothing: stretched evenly between them."""
    across = np.linspace(0, 1, COLS)[None, :, None]
    down = np.linspace(0, 1, ROWS)[:, None, None]
    sides = truth[:, :1] * (1 - across) + truth[:, -1:] * across
    ends = truth[:1] * (1 - down) + truth[-1:] * down
    flat = perspective_grid(truth[[0, 0, -1, -1], [0, -1, -1, 0]], ROWS, COLS)
    corners = (
        flat[:1, :1] * (1 - across) * (1 - down)
        + flat[:1, -1:] * across * (1 - down)
        + flat[-1:, :1] * (1 - across) * down
        + flat[-1:, -1:] * across * down
    )
    return np.asarray(sides + ends - corners, np.float32)


def apart(one: Grid, other: Grid) -> float:
    return float(np.linalg.norm(one - other, axis=2).mean())


@pytest.mark.long
def test_bent_sheets_are_found_from_their_sides() -> None:
    before = []
    after = []
    for seed in range(9):
        random = np.random.default_rng(seed)
        bend = random.uniform(0.6, 1.4) * random.choice([-1, 1])
        truth = bent(random.uniform(0, np.pi), bend, random.normal(0, 0.4))
        guess = with_inside_of_a_flat_one(truth)
        before.append(apart(guess, truth))
        after.append(apart(fit_sheet(guess, UNKNOWN, SIZE).grid, truth))
    assert np.mean(before) > 2
    assert np.mean(after) < 0.5 * np.mean(before)


def test_a_sheet_that_is_right_stays() -> None:
    truth = bent(0.5, 1.0)
    fitted = fit_sheet(truth, UNKNOWN, SIZE)
    assert apart(fitted.grid, truth) < 1.5
    assert fitted.misfit < 20


def test_a_crumpled_grid_keeps_its_shape() -> None:
    crumpled = bent(0.0, 0.5)
    crumpled += np.random.default_rng(1).normal(0, 60, crumpled.shape).astype(np.float32)
    fitted = fit_sheet(crumpled, UNKNOWN, SIZE)
    assert fitted.misfit > 3000
    np.testing.assert_array_equal(blended(crumpled, fitted, 1.0), crumpled)


def test_text_lines_count() -> None:
    """Lines that slope over the grid turn the sheet's rows their way."""
    truth = bent(0.0, 1.0)
    sloping = LineSlopes(np.full_like(LEVEL.slope, 0.01), np.ones_like(LEVEL.weight))
    level, turned = (fit_sheet(truth, slopes, SIZE).grid for slopes in (LEVEL, sloping))
    middle = ROWS // 2
    rise = (turned - level)[middle, -6, 1] - (turned - level)[middle, 5, 1]
    assert rise > 1


@pytest.mark.parametrize("corners", [np.zeros((4, 2)), np.full((4, 2), 7.0)])
def test_a_grid_of_nothing_does_no_harm(corners: np.ndarray) -> None:
    fitted = fit_sheet(perspective_grid(CORNERS) * 0 + corners[0].astype(np.float32), LEVEL, SIZE)
    assert fitted.grid.shape == (ROWS, COLS, 2)


def test_the_least_squares_end_at_the_minimum() -> None:
    def residuals(many: np.ndarray) -> np.ndarray:
        x = many[:, :1]
        y = many[:, 1:]
        return np.concatenate([10 * (y - x**2), 1 - x], axis=1)

    found, cost = levenberg_marquardt(lambda _: residuals, np.array([-1.2, 1.0]), 200)
    np.testing.assert_allclose(found, (1, 1), atol=1e-2)
    assert cost < 1e-4
