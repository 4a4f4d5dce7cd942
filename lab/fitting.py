"""Fits of regressions and small nets: a logistic regression by SciPy, the steps of Adam, one hidden layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.optimize
import scipy.special

Doubles = npt.NDArray[np.float64]

SHARPNESS = 1e-10
"""Largest slope at which a fit has ended, as a share of the weight of all samples."""


def logistic(
    inputs: Doubles, wanted: Doubles, weight: Doubles, damping: Doubles, least: float = -np.inf
) -> Doubles:
    """Return the weights of a logistic regression, whose last input is a constant.

    Parameters
    ----------
    inputs
        Samples, ``(n, inputs)``; a column of ones at the end gives the offset.
    wanted
        Chance of each sample, from 0 to 1.
    weight
        Weight of each sample.
    damping
        Half of it times the square of each weight is added to the loss.
    least
        Lower bound of all weights but the last.
    """

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        odds = inputs @ weights
        missed = weight * (np.logaddexp(0, odds) - wanted * odds)
        slope = inputs.T @ (weight * (scipy.special.expit(odds) - wanted)) + damping * weights
        return float(missed.sum() + 0.5 * damping @ weights**2), slope

    bounds = [(least, None)] * (inputs.shape[1] - 1) + [(None, None)]
    ends = {"maxiter": 10_000, "maxfun": 100_000, "ftol": 0.0, "gtol": SHARPNESS * float(weight.sum())}
    start = np.zeros(inputs.shape[1])
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=ends)
    return np.asarray(found.x, np.float64)


class Adam:
    """Steps of Adam (Kingma and Ba, 2015) with its usual constants, and decay of weights apart from them.

    Parameters
    ----------
    decay
        Share of each weight that a step at a rate of 1 takes from it.
    """

    def __init__(self, decay: float = 0.0) -> None:
        self._decay = decay
        self._steps = 0
        self._first: list[npt.NDArray[np.floating]] = []
        self._second: list[npt.NDArray[np.floating]] = []

    def step(
        self,
        layers: Sequence[npt.NDArray[np.floating]],
        slopes: Sequence[npt.NDArray[np.floating]],
        rate: float,
    ) -> list[npt.NDArray[np.floating]]:
        """Return the layers after one step against their slopes, each of its own type."""
        self._steps += 1
        rate = float(rate)  # NumPy's own numbers would make doubles of single floats.
        self._first = self._first or [np.zeros_like(layer) for layer in layers]
        self._second = self._second or [np.zeros_like(layer) for layer in layers]
        moved = []
        for number, (layer, slope) in enumerate(zip(layers, slopes, strict=True)):
            self._first[number] = 0.9 * self._first[number] + 0.1 * slope
            self._second[number] = 0.999 * self._second[number] + 0.001 * slope**2
            first = self._first[number] / (1 - 0.9**self._steps)
            second = self._second[number] / (1 - 0.999**self._steps)
            moved.append(layer - rate * (first / (np.sqrt(second) + 1e-8) + self._decay * layer))
        return moved


@dataclass(frozen=True, slots=True)
class Course:
    """Course of a fit by Adam.

    Attributes
    ----------
    steps
        Number of steps.
    batch
        Number of samples, drawn at random, of each step.
    rate
        Rate of the first step; it falls evenly to 0.
    decay
        Half of it times the square of each weight, but for offsets, is added to the loss.
    noise
        Standard deviation of what is added to each input anew at each step.
    """

    steps: int
    batch: int
    rate: float
    decay: float
    noise: float = 0.0


def begun_layers(random: np.random.Generator, inputs: int, hidden: int) -> list[Doubles]:
    """Return random weights and offsets of a hidden layer, then those of the output."""
    return [
        random.normal(size=(inputs, hidden)) / np.sqrt(inputs),
        np.zeros(hidden),
        random.normal(size=hidden) / (2 * np.sqrt(hidden)),
        np.zeros(1),
    ]


def fit_hidden_layer(
    random: np.random.Generator,
    layers: Sequence[Doubles],
    inputs: Doubles,
    wanted: Doubles,
    weight: Doubles,
    course: Course,
) -> list[Doubles]:
    """Return the layers of a net with one hidden layer of tanh, fitted from `layers` on.

    Parameters
    ----------
    layers
        As `begun_layers` gives them.
    inputs
        Samples, ``(n, inputs)``, of mean 0 and spread 1.
    wanted
        Chance of each sample, from 0 to 1: the net gives the logarithm of its odds.
    weight
        Weight of each sample, 1 on average.
    """
    adam = Adam()
    fitted = list(layers)
    for step in range(1, course.steps + 1):
        some = random.integers(0, len(inputs), course.batch)
        seen = inputs[some]
        if course.noise:
            seen = seen + random.normal(size=seen.shape) * course.noise
        slopes = _slopes(fitted, seen, wanted[some], weight[some], course.decay)
        moved = adam.step(fitted, slopes, course.rate * (1 - step / (course.steps + 1)))
        fitted = [np.asarray(layer, np.float64) for layer in moved]
    return fitted


def _slopes(
    layers: Sequence[Doubles], inputs: Doubles, wanted: Doubles, weight: Doubles, decay: float
) -> list[Doubles]:
    first, bias, second, offset = layers
    hidden = np.tanh(inputs @ first + bias)
    chance = 1 / (1 + np.exp(-np.clip(hidden @ second + offset, -30, 30)))
    error = weight * (chance - wanted) / len(wanted)
    back = np.outer(error, second) * (1 - hidden**2)
    return [
        inputs.T @ back + decay * first,
        back.sum(axis=0),
        hidden.T @ error + decay * second,
        error.sum(keepdims=True),
    ]
