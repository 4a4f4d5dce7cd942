"""Fits end where the loss has its minimum, within their bounds."""

from __future__ import annotations

import numpy as np
import pytest

from lab.fitting import Adam, Course, begun_layers, fit_hidden_layer, logistic

SAMPLES = 400


def samples() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs with a column of ones, whether each sample is of the class, and its weight."""
    random = np.random.default_rng(1)
    inputs = np.column_stack([random.normal(size=(SAMPLES, 3)), np.ones(SAMPLES)])
    odds = inputs @ np.array([2.0, -1.0, 0.0, 0.5])
    return inputs, (random.random(SAMPLES) < 1 / (1 + np.exp(-odds))) * 1.0, random.uniform(0.5, 2, SAMPLES)


def test_a_regression_ends_where_the_loss_is_flat() -> None:
    inputs, wanted, weight = samples()
    damping = np.array([1.0, 1.0, 1.0, 1e-6])
    found = logistic(inputs, wanted, weight, damping)
    slope = inputs.T @ (weight * (1 / (1 + np.exp(-inputs @ found)) - wanted)) + damping * found
    assert np.abs(slope).max() < 1e-4
    assert found[0] > 1 > 0 > found[1]


def test_a_weight_below_its_bound_stays_on_it() -> None:
    inputs, wanted, weight = samples()
    found = logistic(inputs, wanted, weight, np.full(4, 0.1), least=0.0)
    assert found[0] > 1
    assert found[1] == 0.0


def test_adam_finds_the_bottom_and_begins_with_a_step_of_its_rate() -> None:
    bottom = np.array([3.0, -2.0])
    layers = [np.zeros(2), np.ones(1, np.float32)]
    adam = Adam()
    for step in range(2000):
        before = layers[0]
        layers = adam.step(layers, [layers[0] - bottom, np.zeros(1, np.float32)], np.float64(0.02))
        if step == 0:
            assert np.abs(layers[0] - before) == pytest.approx(0.02, rel=1e-4)
    assert layers[0] == pytest.approx(bottom, abs=1e-3)
    assert layers[1] == np.ones(1) and layers[1].dtype == np.float32


def test_decay_draws_weights_to_zero() -> None:
    (layer,) = Adam(decay=0.5).step([np.ones(1)], [np.zeros(1)], 0.1)
    assert layer == pytest.approx(0.95)


def test_a_hidden_layer_learns_what_no_weighted_sum_tells() -> None:
    random = np.random.default_rng(2)
    inputs = random.normal(size=(SAMPLES, 2))
    wanted = (inputs[:, 0] * inputs[:, 1] > 0).astype(float)
    course = Course(steps=1500, batch=100, rate=0.03, decay=1e-4)
    begun = begun_layers(random, 2, 8)
    kept = [layer.copy() for layer in begun]
    hidden, bias, output, offset = fit_hidden_layer(random, begun, inputs, wanted, np.ones(SAMPLES), course)
    odds = np.tanh(inputs @ hidden + bias) @ output + offset
    assert ((odds > 0) == (wanted > 0)).mean() > 0.95
    assert all((one == other).all() for one, other in zip(begun, kept, strict=True))
