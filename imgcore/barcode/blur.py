"""Bars as a blurred picture shows them, fitted to a profile.

Half-way between two levels lies an edge only where its neighbours are far. From a blur of half a
module on they are not, and narrow bars look wide. Fitting bars, blur and light together to the
samples gives the widths that were printed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.barcode.runs import Lengths, Profile

Matrix = npt.NDArray[np.float64]

_LEAST_BLUR = 0.29
"""Standard deviation of a pixel's own aperture, in pixels."""
_STEPS = 12
_STILL = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """What a profile is taken for.

    Attributes
    ----------
    edges
        float64 ``(2 * bars,)``, where bars begin and end in turn, in samples.
    parameters
        float64 ``(p,)``, what the edges come from.
    blur
        Standard deviation in samples, the pixels' aperture included.
    white, black
        float64 ``(n,)``, levels without and under ink along the profile.
    left
        float64 ``(n,)``, profile less what is expected, in levels.
    """

    edges: Lengths
    parameters: Lengths
    blur: float
    white: Lengths
    black: Lengths
    left: Lengths

    @property
    def contrast(self) -> float:
        """Mean height of bars, in levels; negative where they are lighter than their ground."""
        return float((self.white - self.black).mean())

    @property
    def error(self) -> float:
        """Root mean square of what is left, in shares of the contrast."""
        return float(np.sqrt(np.square(self.left).mean())) / max(abs(self.contrast), 1e-6)

    @property
    def ground_error(self) -> float:
        """As `error`, on the ground on the worse side: what is there belongs to more bars than these."""
        places = np.arange(len(self.left))
        before, after = places < self.edges[0] - self.blur, places > self.edges[-1] + self.blur
        worst = max(
            (float(np.square(self.left[side]).mean()) for side in (before, after) if side.any()), default=0.0
        )
        return float(np.sqrt(worst)) / max(abs(self.contrast), 1e-6)


def fit_bars(profile: Profile, design: Matrix, parameters: Lengths, blur: float) -> Bars:
    """Bars, blur and light that explain a profile best, by damped least squares.

    Parameters
    ----------
    profile
        float32 ``(n,)``, the bars and the light ground on both sides of them.
    design
        float64 ``(2 * bars, p)``: edges are its product with the parameters.
    parameters
        float64 ``(p,)``, where to begin; edges within about half a bar of where they are.
    blur
        Standard deviation to begin with, in samples.

    Returns
    -------
    Bars
        Under light and ink that change along the profile as a polynomial, of second degree
        from six bars on.
    """
    levels = np.asarray(profile, np.float64)
    degree = 2 if len(design) >= 12 else 1
    light = np.vander(np.linspace(-1, 1, len(levels)), degree + 1)
    state = _State(levels, design, light, parameters, max(blur, _LEAST_BLUR))
    damping = 1e-3
    for _ in range(_STEPS):
        step = state.step(damping)
        before = state.cost
        if step.cost >= before:
            damping *= 10
            continue
        state, damping = step, damping / 5
        if before - state.cost < _STILL * before:
            break
    return state.bars()


def covered(size: int, edges: Lengths, blur: float) -> Lengths:
    """Share of ink in each of `size` samples, bars blurred by `blur` samples."""
    ink, places, _ = _spread(size, edges, blur)
    return _summed(size, places, ink) + _hard(size, edges)


def passed(away: Matrix) -> Matrix:
    """Share of ink so many standard deviations past an edge, where bars begin there."""
    # The normal distribution to 2e-4, by a logistic curve with a cubic term.
    return 1 / (1 + np.exp(-np.clip(away * (1.5976 + 0.07056 * away * away), -60, 60)))


class _State:
    """One place in the search, with what is linear, the light, solved."""

    def __init__(self, levels: Lengths, design: Matrix, light: Matrix, parameters: Lengths, blur: float):
        self.levels, self.design, self.light = levels, design, light
        self.parameters, self.blur = parameters, blur
        self.edges = design @ parameters
        size = len(levels)
        ink, self.places, self.slopes = _spread(size, self.edges, blur)
        cover = _summed(size, self.places, ink) + _hard(size, self.edges)
        self.basis = np.hstack([light * (1 - cover)[:, None], light * cover[:, None]])
        ridge = 1e-6 * size * np.eye(self.basis.shape[1])
        self.mixed = np.linalg.solve(self.basis.T @ self.basis + ridge, self.basis.T @ levels)
        self.left = levels - self.basis @ self.mixed
        self.cost = float(self.left @ self.left)

    @property
    def white(self) -> Lengths:
        return np.asarray(self.light @ self.mixed[: self.light.shape[1]])

    @property
    def black(self) -> Lengths:
        return np.asarray(self.light @ self.mixed[self.light.shape[1] :])

    def bars(self) -> Bars:
        return Bars(self.edges, self.parameters, self.blur, self.white, self.black, self.left)

    def step(self, damping: float) -> _State:
        """The next place, levels moving with it."""
        rises = self._rises()
        full = np.hstack([rises, self.basis])
        normal = full.T @ full
        normal[np.diag_indices_from(normal)] *= 1 + damping
        normal[np.diag_indices_from(normal)] += 1e-9
        move = np.linalg.solve(normal, full.T @ self.left)[: rises.shape[1]]
        blur = min(max(self.blur + move[-1], 0.7 * self.blur, _LEAST_BLUR), 1.5 * self.blur)
        return _State(self.levels, self.design, self.light, self.parameters + move[:-1], float(blur))

    def _rises(self) -> Matrix:
        """How the expected levels change with each parameter and the blur, ``(n, p + 1)``."""
        size, height = len(self.levels), self.black - self.white
        away = (self.places - self.edges[:, None]) / self.blur
        moved = [_summed(size, self.places, -self.slopes * column[:, None]) for column in self.design.T]
        moved.append(_summed(size, self.places, -self.slopes * away))
        return np.column_stack(moved) * height[:, None]


def _spread(size: int, edges: Lengths, blur: float) -> tuple[Matrix, npt.NDArray[np.intp], Matrix]:
    """About each edge: ink that blur brings there, the samples, and the ink's slope; ``(edges, samples)``."""
    reach = int(np.ceil(4 * blur)) + 1
    places = np.floor(np.clip(edges, -reach, size + reach))[:, None].astype(np.intp)
    places = places + np.arange(-reach, reach + 2)
    away = (places - edges[:, None]) / blur
    sign = np.where(np.arange(len(edges)) % 2, -1.0, 1.0)[:, None]
    slope = np.exp(-0.5 * away * away) / (blur * np.sqrt(2 * np.pi))
    return sign * (passed(away) - (away >= 0)), places, sign * slope


def _summed(size: int, places: npt.NDArray[np.intp], weights: Matrix) -> Lengths:
    inside = (places >= 0) & (places < size)
    return np.asarray(np.bincount(places[inside], weights[inside], size)[:size], np.float64)


def _hard(size: int, edges: Lengths) -> Lengths:
    """Ink without blur, whole samples."""
    sign = np.where(np.arange(len(edges)) % 2, -1.0, 1.0)
    first = np.clip(np.ceil(edges), 0, size).astype(np.intp)
    return np.asarray(np.cumsum(np.bincount(first, sign, size + 1)[:size]), np.float64)
