"""Measurement of a desk's scale from one view of a sheet of known size."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.desk_scale import DeskScale
from imgcore.least_squares import Residuals, levenberg_marquardt

Floats = npt.NDArray[np.float64]

CORNER_ERROR: Final = 2.5e-4
"""Standard deviation of a corner's coordinates, in picture diagonals."""
_FOCAL: Final = 0.85
"""Focal length of most cameras over desks, in picture diagonals."""
_FOCAL_SPREAD: Final = 0.35
"""Standard deviation of the logarithm of the focal length."""
_TILT: Final = 0.25
"""Standard deviation of the desk's slope across and along the picture; cameras look down, more or less."""
_STEPS: Final = 60
"""Largest number of steps of the fit."""


def measure_desk(quad: Floats, picture: tuple[int, int], sides: tuple[float, float]) -> DeskScale:
    """Measure the scale of the desk that a sheet of known size lies on.

    A pinhole camera with square pixels is fitted to the corners. The homography alone would do for a large
    sheet; far from a small one its perspective is the corners' errors, which lens and tilt keep in bounds.

    Parameters
    ----------
    quad
        float64 ``(4, 2)``, pixels, clockwise; its boundary, as for `imgcore.crop.crop`.
    picture
        Width and height of the picture; its centre is taken for the optical axis.
    sides
        Sides of the sheet in millimetres, either first.
    """
    diagonal = float(np.hypot(*picture))
    corners = (np.asarray(quad, np.float64) - (np.array(picture) - 1) / 2) / diagonal
    unit = float(np.sqrt(sides[0] * sides[1]))
    sheet = _sheet(corners, sides) / unit
    view, _ = min(
        (_fitted(sheet, corners, start) for start in _starts(sheet, corners)), key=lambda fit: fit[1]
    )
    focal, rotation, away = _camera(view)
    to_picture = np.diag([focal, focal, 1.0]) @ np.column_stack([rotation[:, 0], rotation[:, 1], away])
    width, height = np.array(picture) / diagonal
    from_fractions = np.array([(width, 0, -width / 2), (0, height, -height / 2), (0, 0, 1)])
    matrix = np.diag([unit, unit, 1.0]) @ np.linalg.inv(to_picture) @ from_fractions
    return DeskScale(tuple(map(float, (matrix / matrix[2, 2]).ravel())), picture[0] / picture[1])


def _sheet(corners: Floats, sides: tuple[float, float]) -> Floats:
    """Return the sheet's corners in its own plane ``(4, 3)``, its longer side along the longer one seen."""
    lengths = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    lying = lengths[0] + lengths[2] > lengths[1] + lengths[3]
    width, height = (max(sides), min(sides)) if lying else (min(sides), max(sides))
    return np.array([(-1.0, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)]) * (width / 2, height / 2, 0)


def _starts(sheet: Floats, corners: Floats) -> list[Floats]:
    """Return both tilts that explain a sheet seen from far away: log focal, rotation and place ``(7,)``."""
    camera = np.diag([_FOCAL, _FOCAL, 1.0])
    _, turns, places, _ = cv2.solvePnPGeneric(sheet, corners, camera, None, flags=cv2.SOLVEPNP_IPPE)
    return [np.concatenate([[0.0], t.ravel(), p.ravel()]) for t, p in zip(turns, places, strict=True)]


def _fitted(sheet: Floats, corners: Floats, start: Floats) -> tuple[Floats, float]:
    def residuals(views: Floats) -> Floats:
        return np.array([_residuals(view, sheet, corners) for view in views])

    def residuals_from(_: Floats) -> Residuals:
        return residuals

    return levenberg_marquardt(residuals_from, start, _STEPS)


def _residuals(view: Floats, sheet: Floats, corners: Floats) -> Floats:
    focal, rotation, away = _camera(view)
    space = sheet @ rotation.T + away
    errors = space[:, :2] / space[:, 2:] * focal - corners
    priors = (view[0] / _FOCAL_SPREAD, *rotation[:2, 2] / _TILT)
    return np.concatenate([errors.ravel() / CORNER_ERROR, priors])


def _camera(view: Floats) -> tuple[float, Floats, Floats]:
    return _FOCAL * float(np.exp(view[0])), np.asarray(cv2.Rodrigues(view[1:4])[0], np.float64), view[4:7]
