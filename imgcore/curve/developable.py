"""Projection of a developable sheet, which bends but does not stretch, by a pinhole camera."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.curve.grid import Floats
from imgcore.kernels import bend_sheets

FOCAL = 0
"""Index of the parameter of the focal length, the logarithm of its ratio to the initial one."""
TURN = slice(1, 4)
"""Indices of the parameters of the sheet's rotation after the pose of the flat sheet, a rotation vector."""
MOVE = slice(4, 7)
"""Indices of the parameters of the sheet's translation after the pose of the flat sheet, in widths of the
sheet."""
ANGLE = 7
"""Index of the parameter of the spine's direction in the middle of the sheet, in radians from x."""
ASPECT = 8
"""Index of the parameter of the sheet's height over its width, the logarithm of its ratio to the initial
one."""
CONE = 9
"""Index of the parameter of the rulings' convergence, 1 over the distance of their common point in widths of
the sheet."""
BEND = slice(10, None)
"""Indices of the parameters of the spine's curvature, coefficients of Legendre polynomials."""
BENDS = 4
"""Number of coefficients of the curvature: paper bends once or twice from edge to edge."""
COUNT = 10 + BENDS
"""Number of parameters of a bent sheet."""

_NODES = 33
"""Number of nodes of the spine, evenly from end to end."""
_FOCAL = 1.3
"""Initial focal length over the picture's longer side: telephones and document cameras have 0.8 to 1.6,
and more if the picture was cut."""
_BEYOND = 1.25
"""Length of the spine over that to the sheet's corner, as it may turn while the sheet is fitted."""
_NEAR = 1e-3
"""Least distance of a place from the camera, in widths of the sheet: no parameters divide by 0."""


class Developable:
    """Bent sheets of one flat shape, seen by a pinhole camera.

    Parameters
    ----------
    corners
        float64 ``(4, 2)``, the sheet's corners in the picture, clockwise from its top left.
    size
        Width and height of the picture in pixels; its middle is the camera's axis.
    aspect
        The sheet's initial height over its width.
    """

    def __init__(self, corners: Floats, size: tuple[int, int], aspect: float) -> None:
        self._middle = (np.array(size) - 1) / 2
        self._focal = _FOCAL * max(size)
        self._aspect = aspect
        self._reach = float(np.hypot(1, aspect)) / 2 * _BEYOND
        self._turn, self._move = _flat_pose((corners - self._middle) / self._focal, aspect)
        at = np.linspace(-1, 1, 2 * _NODES - 1)
        self._basis = np.polynomial.legendre.legvander(at, BENDS - 1).T

    def project(self, parameters: Floats, places: Floats) -> Floats:
        """Project places of bent sheets into the picture.

        Parameters
        ----------
        parameters
            float64 ``(b, COUNT)``; 0 is the flat sheet.
        places
            float64 ``(m, 2)``, right and down, 0..1 on the sheet.

        Returns
        -------
        ndarray
            float64 ``(b, m, 2)``, pixels of the picture.
        """
        heights = self._aspect * np.exp(parameters[:, ASPECT])
        flat = (places - 0.5) * np.stack([np.ones_like(heights), heights], axis=1)[:, None]
        ruling = np.ascontiguousarray(parameters[:, [ANGLE, CONE]])
        sheet = bend_sheets(ruling, parameters[:, BEND] @ self._basis, flat, self._reach)
        turns = np.stack([cv2.Rodrigues(vector)[0] for vector in parameters[:, TURN]]) @ self._turn
        seen = sheet @ turns.transpose(0, 2, 1) + (self._move + parameters[:, MOVE])[:, None]
        focal = self._focal * np.exp(parameters[:, FOCAL])[:, None, None]
        return np.asarray(focal * seen[..., :2] / np.maximum(seen[..., 2:], _NEAR) + self._middle)


def _flat_pose(corners: Floats, aspect: float) -> tuple[Floats, Floats]:
    """Rotation ``(3, 3)`` and translation ``(3,)`` of a flat sheet of width 1; `corners` in focal lengths."""
    flat = np.array([(-0.5, -aspect / 2), (0.5, -aspect / 2), (0.5, aspect / 2), (-0.5, aspect / 2)])
    seen = cv2.getPerspectiveTransform(flat.astype(np.float32), corners.astype(np.float32))
    scale = float(np.sqrt(np.linalg.norm(seen[:, 0]) * np.linalg.norm(seen[:, 1])))
    across, down, move = np.asarray(seen, np.float64).T / scale
    # The nearest rotation: corners of a bent sheet are no flat sheet's, nor is the focal length right.
    left, _, right = np.linalg.svd(np.stack([across, down, np.cross(across, down)], axis=1))
    return np.asarray(left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right), np.asarray(move)
