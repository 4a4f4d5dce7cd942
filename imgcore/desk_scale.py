"""Scale of a camera over a desk: the map from its pictures to millimetres."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import ImageError

Floats = npt.NDArray[np.float64]

_SAME_SHAPE = 0.01
"""Greatest difference of aspects at which two modes of a sensor show the same part of the desk."""
_UNIFORM = 0.02
"""Greatest difference of the scales along the sides of a picture that has one resolution."""
_QUARTERS = {
    0: np.eye(3),
    90: np.array([(0.0, 1.0, 0.0), (-1.0, 0.0, 1.0), (0.0, 0.0, 1.0)]),
    180: np.array([(-1.0, 0.0, 1.0), (0.0, -1.0, 1.0), (0.0, 0.0, 1.0)]),
    270: np.array([(0.0, -1.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)]),
}
"""From fractions of the turned picture to fractions of the picture before, by degrees clockwise."""


@dataclass(frozen=True, slots=True)
class DeskScale:
    """Map from pictures of a fixed camera to millimetres on the desk below it.

    Attributes
    ----------
    homography
        The nine coefficients by rows, from fractions of a picture's width and height to millimetres.
    aspect
        Width over height of the pictures; those of another shape show another part of the desk.

    Raises
    ------
    ImageError
        The coefficients map no picture to a desk.
    """

    homography: tuple[float, ...]
    aspect: float

    def __post_init__(self) -> None:
        finite = len(self.homography) == 9 and bool(np.isfinite([*self.homography, self.aspect]).all())
        if not finite or self.aspect <= 0 or abs(np.linalg.det(self._matrix())) < 1e-9:
            raise ImageError("the scale of the desk is damaged")

    def rotated(self, clockwise: int) -> DeskScale:
        """Return the scale of the pictures turned by 0, 90, 180 or 270 degrees."""
        matrix = self._matrix() @ _QUARTERS[clockwise]
        aspect = self.aspect if clockwise % 180 == 0 else 1 / self.aspect
        return DeskScale(tuple(map(float, matrix.ravel())), aspect)

    def size(self, quad: Floats, picture: tuple[int, ...]) -> tuple[float, float] | None:
        """Return width and height in millimetres of a sheet that lies on the desk.

        None for a picture of another shape than those it was measured in.
        """
        sides = self._sides(quad, picture)
        return None if sides is None else (float(sides[::2].mean()), float(sides[1::2].mean()))

    def dots(self, quad: Floats, picture: tuple[int, ...]) -> float:
        """Return the dots per inch of a part of a picture as it is; 0 where perspective leaves it none."""
        sides = self._sides(quad, picture)
        if sides is None:
            return 0.0
        scales = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1) / sides
        return float(scales.mean() * 25.4) if scales.max() < scales.min() * (1 + _UNIFORM) else 0.0

    def _sides(self, quad: Floats, picture: tuple[int, ...]) -> Floats | None:
        if abs(picture[0] / picture[1] / self.aspect - 1) > _SAME_SHAPE:
            return None
        corners = cv2.perspectiveTransform(_fractions(quad, picture)[None], self._matrix())[0]
        return np.asarray(np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1), np.float64)

    def _matrix(self) -> Floats:
        return np.array(self.homography, np.float64).reshape(3, 3)


def _fractions(quad: Floats, picture: tuple[int, ...]) -> Floats:
    return np.asarray((np.asarray(quad, np.float64) + 0.5) / picture, np.float64)
