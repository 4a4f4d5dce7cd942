"""Model of blurred bars, fitted to an edge profile.

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
"""Most steps of a fit."""
_STILL = 1e-4
"""Relative decrease of the squared error in a step below which a fit is done."""


@dataclass(frozen=True, slots=True, eq=False)
class BarFit:
    """Bars, blur and light fitted to a profile.

    Attributes
    ----------
    edges
        float64 ``(2 * bars,)``, begin and end of each bar in turn, in samples.
    parameters
        float64 ``(p,)``, parameters of the edges.
    blur
        Standard deviation in samples, the pixels' aperture included.
    white, black
        float64 ``(n,)``, levels without and under ink along the profile.
    residual
        float64 ``(n,)``, profile less the model, in levels.
    """

    edges: Lengths
    parameters: Lengths
    blur: float
    white: Lengths
    black: Lengths
    residual: Lengths

    @property
    def contrast(self) -> float:
        """Mean height of bars, in levels; negative where they are lighter than their ground."""
        return float((self.white - self.black).mean())

    @property
    def error(self) -> float:
        """Root mean square of the residual, in shares of the contrast."""
        return float(np.sqrt(np.square(self.residual).mean())) / max(abs(self.contrast), 1e-6)

    @property
    def ground_error(self) -> float:
        """Root mean square of the residual on the ground of the worse side: large next to further bars."""
        places = np.arange(len(self.residual))
        before = places < self.edges[0] - self.blur
        after = places > self.edges[-1] + self.blur
        worst = max(
            (float(np.square(self.residual[side]).mean()) for side in (before, after) if side.any()),
            default=0.0,
        )
        return float(np.sqrt(worst)) / max(abs(self.contrast), 1e-6)


def fit_bars(profile: Profile, design: Matrix, parameters: Lengths, blur: float) -> BarFit:
    """Fit bars, blur and light to a profile by damped least squares.

    Parameters
    ----------
    profile
        float32 ``(n,)``, the bars and the light ground on both sides of them.
    design
        float64 ``(2 * bars, p)``: edges are its product with the parameters.
    parameters
        float64 ``(p,)``, initial values; edges within about half a bar of the true ones.
    blur
        Initial standard deviation, in samples.

    Returns
    -------
    BarFit
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
        state = step
        damping = damping / 5
        if before - state.cost < _STILL * before:
            break
    return state.bars()


def ink_coverage(size: int, edges: Lengths, blur: float) -> Lengths:
    """Compute the share of ink in each of `size` samples, bars blurred by `blur` samples."""
    ink, places, _ = _spread(size, edges, blur)
    return _summed(size, places, ink) + _hard(size, edges)


def edge_response(away: Matrix) -> Matrix:
    """Share of ink `away` standard deviations past the leading edge of a bar."""
    # The normal distribution to 2e-4, by a logistic curve with a cubic term.
    return 1 / (1 + np.exp(-np.clip(away * (1.5976 + 0.07056 * away * away), -60, 60)))


class _State:
    """One iterate of the fit; the light, which is linear, is solved."""

    def __init__(self, levels: Lengths, design: Matrix, light: Matrix, parameters: Lengths, blur: float):
        self.levels = levels
        self.design = design
        self.light = light
        self.parameters = parameters
        self.blur = blur
        self.edges = design @ parameters
        size = len(levels)
        ink, self.places, self.slopes = _spread(size, self.edges, blur)
        cover = _summed(size, self.places, ink) + _hard(size, self.edges)
        self.basis = np.hstack([light * (1 - cover)[:, None], light * cover[:, None]])
        ridge = 1e-6 * size * np.eye(self.basis.shape[1])
        self.coefficients = np.linalg.solve(self.basis.T @ self.basis + ridge, self.basis.T @ levels)
        self.residual = levels - self.basis @ self.coefficients
        self.cost = float(self.residual @ self.residual)

    @property
    def white(self) -> Lengths:
        return np.asarray(self.light @ self.coefficients[: self.light.shape[1]])

    @property
    def black(self) -> Lengths:
        return np.asarray(self.light @ self.coefficients[self.light.shape[1] :])

    def bars(self) -> BarFit:
        return BarFit(self.edges, self.parameters, self.blur, self.white, self.black, self.residual)

    def step(self, damping: float) -> _State:
        """Take one damped step, the levels moving with the edges."""
        jacobian = self._jacobian()
        full = np.hstack([jacobian, self.basis])
        normal = full.T @ full
        normal[np.diag_indices_from(normal)] *= 1 + damping
        normal[np.diag_indices_from(normal)] += 1e-9
        move = np.linalg.solve(normal, full.T @ self.residual)[: jacobian.shape[1]]
        blur = min(max(self.blur + move[-1], 0.7 * self.blur, _LEAST_BLUR), 1.5 * self.blur)
        return _State(self.levels, self.design, self.light, self.parameters + move[:-1], float(blur))

    def _jacobian(self) -> Matrix:
        """Derivatives of the modelled levels by each parameter and the blur, ``(n, p + 1)``."""
        size = len(self.levels)
        height = self.black - self.white
        away = (self.places - self.edges[:, None]) / self.blur
        columns = [_summed(size, self.places, -self.slopes * column[:, None]) for column in self.design.T]
        columns.append(_summed(size, self.places, -self.slopes * away))
        return np.column_stack(columns) * height[:, None]


def _spread(size: int, edges: Lengths, blur: float) -> tuple[Matrix, npt.NDArray[np.intp], Matrix]:
    """Around each edge: ink added by the blur, its samples, and the ink's slope; ``(edges, samples)``."""
    reach = int(np.ceil(4 * blur)) + 1
    places = np.floor(np.clip(edges, -reach, size + reach))[:, None].astype(np.intp)
    places = places + np.arange(-reach, reach + 2)
    away = (places - edges[:, None]) / blur
    sign = np.where(np.arange(len(edges)) % 2, -1.0, 1.0)[:, None]
    slope = np.exp(-0.5 * away * away) / (blur * np.sqrt(2 * np.pi))
    return sign * (edge_response(away) - (away >= 0)), places, sign * slope


def _summed(size: int, places: npt.NDArray[np.intp], weights: Matrix) -> Lengths:
    inside = (places >= 0) & (places < size)
    return np.asarray(np.bincount(places[inside], weights[inside], size)[:size], np.float64)


def _hard(size: int, edges: Lengths) -> Lengths:
    """Ink of sharp bars in whole samples."""
    sign = np.where(np.arange(len(edges)) % 2, -1.0, 1.0)
    first = np.clip(np.ceil(edges), 0, size).astype(np.intp)
    return np.asarray(np.cumsum(np.bincount(first, sign, size + 1)[:size]), np.float64)
