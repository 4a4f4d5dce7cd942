"""A sheet bent without stretching; the NumPy twin of ``_bent_sheet``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_PARALLEL = 1e-7
"""Least convergence that is reckoned with, as the formulas divide by it; less is nearly parallel."""


def bend_sheets(ruling: Floats, curvature: Floats, places: Floats, reach: float) -> Floats:
    """Map points of flat sheets to their positions in space once the sheets are bent.

    A developable surface is straight along its rulings. Here those run through one point (a cone), or
    are parallel (a cylinder); a curve across them, the spine, turns about each ruling by `curvature`.

    Parameters
    ----------
    ruling
        float64 ``(b, 2)``: the direction of the spine in the middle of the sheet, in radians from x, and
        how the rulings converge: 1 over the distance of their common point from the middle.
    curvature
        float64 ``(b, 2 n - 1)``, 1 over a radius, evenly along the spine from ``-reach`` to ``reach``;
        every other value is that midway between two nodes. `n` at least 2.
    places
        float64 ``(b, m, 2)``, x and y on the flat sheets, from their middle.
    reach
        Length of the spine to either side of the middle; places beyond continue its last step.

    Returns
    -------
    ndarray
        float64 ``(b, m, 3)``, in units of the places; the middle stays at the origin, and the sheet is
        tangent to the plane z = 0 there.
    """
    angle = ruling[:, :1]
    cone = ruling[:, 1:]
    cone = np.where(np.abs(cone) < _PARALLEL, _PARALLEL, cone)
    cos = np.cos(angle)
    sin = np.sin(angle)
    across = places[..., 0] * cos + places[..., 1] * sin
    along = places[..., 1] * cos - places[..., 0] * sin
    at = np.arctan2(cone * across, 1 + cone * along) / cone
    out = (np.hypot(cone * across, 1 + cone * along) - 1) / cone
    nodes = curvature.shape[1] // 2 + 1
    step = 2 * reach / (nodes - 1)
    spine, tangent, lines, turns = _integrated(cone, curvature, step)
    index = np.clip(((at / reach + 1) / 2 * (nodes - 1)).astype(np.intp), 0, nodes - 2)
    rest = ((at / reach + 1) / 2 * (nodes - 1) - index)[..., None]
    bent = _hermite(spine, tangent, index, rest, step)
    bent += out[..., None] * _hermite(lines, turns, index, rest, step)
    # The spine is x at the middle of the ruling's own frame, the ruling y.
    return np.stack(
        [bent[..., 0] * cos - bent[..., 1] * sin, bent[..., 0] * sin + bent[..., 1] * cos, bent[..., 2]], -1
    )


def _integrated(cone: Floats, curvature: Floats, step: float) -> tuple[Floats, Floats, Floats, Floats]:
    """The spine, its tangent, the rulings, and how those change, at the nodes: each ``(b, n, 3)``."""
    frames = _moving_frames(cone, curvature[:, 1::2], step)
    line = frames[:, :, 0]
    tangent = frames[:, :, 1]
    normal = frames[:, :, 2]
    bends = curvature[:, ::2, None] * normal - cone[..., None] * line
    steps = step / 2 * (tangent[:, 1:] + tangent[:, :-1]) - step**2 / 12 * (bends[:, 1:] - bends[:, :-1])
    spine = np.concatenate([np.zeros_like(steps[:, :1]), np.cumsum(steps, axis=1)], axis=1)
    spine -= spine[:, [spine.shape[1] // 2]]
    return spine, tangent, line, cone[..., None] * tangent


def _moving_frames(cone: Floats, curvature: Floats, step: float) -> Floats:
    """Ruling, tangent and normal along the spine, ``(b, n, 3, 3)``; at the middle y, x and z."""
    count, links = curvature.shape
    turn = np.zeros((count, links, 3, 3))
    turn[..., 0, 1] = cone
    turn[..., 1, 0] = -cone
    turn[..., 1, 2] = curvature
    turn[..., 2, 1] = -curvature
    speed = np.sqrt(cone**2 + curvature**2)[..., None, None]
    first = np.sin(speed * step) / speed
    second = (1 - np.cos(speed * step)) / speed**2
    turned = np.eye(3) + first * turn + second * (turn @ turn)
    frames = np.empty((count, links + 1, 3, 3))
    middle = (links + 1) // 2
    frames[:, middle] = np.array([(0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)])
    for node in range(middle, links):
        frames[:, node + 1] = turned[:, node] @ frames[:, node]
    for node in range(middle, 0, -1):
        frames[:, node - 1] = turned[:, node - 1].transpose(0, 2, 1) @ frames[:, node]
    return frames


def _hermite(
    values: Floats, slopes: Floats, index: npt.NDArray[np.intp], rest: Floats, step: float
) -> Floats:
    """Between nodes ``(b, n, 3)``, at `rest` of the way from the `index`-th to the next."""
    batch = np.arange(len(values))[:, None]
    square = rest**2
    cube = rest**3
    return np.asarray(
        (2 * cube - 3 * square + 1) * values[batch, index]
        + (cube - 2 * square + rest) * step * slopes[batch, index]
        + (3 * square - 2 * cube) * values[batch, index + 1]
        + (cube - square) * step * slopes[batch, index + 1]
    )
