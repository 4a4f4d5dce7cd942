"""Least squares by Levenberg and Marquardt, for residuals that are cheap to evaluate in batches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Residuals = Callable[[Floats], Floats]
"""Function from parameters ``(b, n)`` to residuals ``(b, m)``."""

_STEP = 1e-5
"""Change of a parameter by which slopes are measured."""
_DAMPING = 1e-2
"""Damping of the first step, in parts of the diagonal of the normal equations."""
_LEAST = 1e-7
"""Least damping, in parts of the diagonal of the normal equations."""
_MOST = 1e6
"""Damping, in parts of the diagonal of the normal equations, above which no lower sum is looked for."""
_ENOUGH = 1e-4
"""Relative decrease of the sum below which a step is the last."""


def levenberg_marquardt(
    residuals_from: Callable[[Floats], Residuals], start: Floats, most: int
) -> tuple[Floats, float]:
    """Find a local minimum of the sum of squared residuals; returns the parameters and that sum.

    Parameters
    ----------
    residuals_from
        Gives the residuals to use around certain parameters ``(n,)``, so that correspondences, for one,
        are computed once a step.
    start
        float64 ``(n,)``; if residuals are not finite there, it is the result, and the sum infinite.
    most
        Largest number of steps.

    References
    ----------
    D. Marquardt, "An algorithm for least-squares estimation of nonlinear parameters", 1963.
    """
    parameters = start
    damping = _DAMPING
    aside = np.vstack([np.zeros(len(start)), np.eye(len(start)) * _STEP])
    ask = residuals_from(parameters)
    values = ask(parameters + aside)
    cost = _sum(values)
    for _ in range(most if np.isfinite(cost) else 0):
        step = _step(values, damping)
        tried = residuals_from(parameters + step)(parameters + step + aside)
        lower = _sum(tried)
        if not lower < cost:
            damping *= 6
            if damping > _MOST:
                break
            continue
        done = cost - lower < _ENOUGH * cost
        parameters = parameters + step
        values = tried
        cost = lower
        damping = max(damping / 4, _LEAST)
        if done:
            break
    return parameters, cost


def _sum(values: Floats) -> float:
    """Sum of the squares of the first row; infinite if any value is not finite."""
    total = float(values[0] @ values[0])
    return total if np.isfinite(values).all() else np.inf


def _step(values: Floats, damping: float) -> Floats:
    """Compute a damped step from residuals `values` at the parameters and a little aside along each."""
    slope = (values[1:] - values[0]) / _STEP
    square = slope @ slope.T
    damped = square + damping * np.diag(np.diag(square) + 1e-9)
    return np.asarray(np.linalg.solve(damped, -slope @ values[0]))
