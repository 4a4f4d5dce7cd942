"""Least squares by Levenberg and Marquardt, for residuals that are cheap to ask for many at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from imgcore.curve.grid import Floats

Residuals = Callable[[Floats], Floats]
"""Of parameters ``(b, n)``: ``(b, m)``."""

_STEP = 1e-5
_DAMPING, _LEAST, _MOST = 1e-2, 1e-7, 1e6
_ENOUGH = 1e-4
"""A step that lowers the sum by a smaller part of it is the last."""


def descend(residuals_from: Callable[[Floats], Residuals], start: Floats, most: int) -> tuple[Floats, float]:
    """Parameters near a local minimum of the sum of squared residuals, and that sum.

    Parameters
    ----------
    residuals_from
        Gives the residuals to use about certain parameters ``(n,)``: what lies nearest there, for one,
        is looked up once a step.
    start
        float64 ``(n,)``; where residuals are not finite there, it is the answer, and the sum infinite.
    most
        Steps at most.

    References
    ----------
    D. Marquardt, "An algorithm for least-squares estimation of nonlinear parameters", 1963.
    """
    parameters, damping = start, _DAMPING
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
        parameters, values, cost, damping = parameters + step, tried, lower, max(damping / 4, _LEAST)
        if done:
            break
    return parameters, cost


def _sum(values: Floats) -> float:
    """Of the squares of the first row; infinite where one is not finite."""
    total = float(values[0] @ values[0])
    return total if np.isfinite(values).all() else np.inf


def _step(values: Floats, damping: float) -> Floats:
    """`values` are the residuals at the parameters, and a little aside along each."""
    slope = (values[1:] - values[0]) / _STEP
    square = slope @ slope.T
    damped = square + damping * np.diag(np.diag(square) + 1e-9)
    return np.asarray(np.linalg.solve(damped, -slope @ values[0]))
