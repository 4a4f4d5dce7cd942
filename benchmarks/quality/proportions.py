"""Accuracy of a sheet's side ratio: views of known sheets through a pinhole camera, and photographs of A4."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.desk_calibration import measure_desk

Floats = npt.NDArray[np.float64]

STEEPEST = 55.0
PICTURES = ((1920, 1080), (2592, 1944), (3264, 2448), (4032, 3024))
FOCAL = 0.85
FOCAL_SPREAD = 0.25
"""Median focal length in diagonals of the picture, and the standard deviation of its logarithm."""
CORNER_PIXELS = 1.0
"""Standard deviation of a corner's coordinates in a picture of 2500 pixels across."""
SMALLEST_SHARE = 0.12
"""Of the picture, that a sheet covers at least."""
GREATEST_MARGIN = 0.15
"""Around a sheet in a cropped picture, in its width or height."""
A4 = 2**-0.5


A4_SIDES = (210.0, 297.0)
DESK_STEEPEST = 30.0
DESK = (430.0, 320.0)
"""Millimetres that a document camera shows, about."""


@dataclass(frozen=True, eq=False)
class SheetView:
    """A quadrilateral in a picture of that width and height, the sheet's aspect, and its tilt in degrees."""

    quad: Floats
    picture: tuple[int, int]
    aspect: float
    tilt: float


def view(seed: int, aspect: float) -> SheetView:
    """Draw a view of a flat sheet at any tilt and turn, whole in the picture, its corners a little off."""
    rng = np.random.default_rng(seed)
    while True:
        picture = PICTURES[rng.integers(len(PICTURES))]
        picture = picture[::-1] if rng.random() < 0.3 else picture
        tilt, quad = _seen(rng, aspect, picture)
        inside = (quad > 0).all() and (quad < np.array(picture)).all()
        if inside and cv2.contourArea(quad.astype(np.float32)) > SMALLEST_SHARE * picture[0] * picture[1]:
            noise = CORNER_PIXELS * float(np.hypot(*picture)) / 2500
            return SheetView(quad + rng.normal(0, noise, (4, 2)), picture, aspect, tilt)


def cropped(seed: int, whole: SheetView) -> SheetView:
    """Crop a view's picture to its sheet with a margin of its own on each side, as people do by hand."""
    corners = whole.quad
    rng = np.random.default_rng(seed)
    least = corners.min(axis=0)
    greatest = corners.max(axis=0)
    margins = rng.uniform(0, GREATEST_MARGIN, (2, 2)) * (greatest - least)
    start = np.maximum(0, np.floor(least - margins[0]))
    width, height = (np.minimum(whole.picture, np.ceil(greatest + margins[1])) - start).astype(int).tolist()
    return SheetView(corners - start, (width, height), whole.aspect, whole.tilt)


def _seen(rng: np.random.Generator, aspect: float, picture: tuple[int, int]) -> tuple[float, Floats]:
    tilt = rng.uniform(0, STEEPEST)
    about = rng.uniform(0, 2 * np.pi)
    turn = rng.uniform(0, 2 * np.pi)
    focal = _focal(rng, picture)
    away = np.array([rng.uniform(-0.4, 0.4), rng.uniform(-0.3, 0.3), rng.uniform(1.2, 5)])
    turned = cv2.Rodrigues(np.array([0, 0, turn]))[0]
    matrix = _tilted(tilt, about) @ turned
    return tilt, _projected(_sheet(aspect**0.5, aspect**-0.5) @ matrix.T + away, focal, picture)


def desk_errors(seed: int, ruler: tuple[float, float]) -> float:
    """Return the greater relative error of an A4 sheet's sides on a desk measured by another sheet."""
    rng = np.random.default_rng(seed)
    picture = PICTURES[rng.integers(len(PICTURES))]
    focal = _focal(rng, picture)
    matrix = _tilted(rng.uniform(0, DESK_STEEPEST), rng.uniform(0, 2 * np.pi))
    away = np.array([0, 0, 1.3 * focal * DESK[0] / picture[0]])
    noise = CORNER_PIXELS * float(np.hypot(*picture)) / 2500

    def lying(sides: tuple[float, float]) -> Floats:
        while True:
            turned = cv2.Rodrigues(np.array([0, 0, rng.uniform(-0.5, 0.5) + np.pi / 2 * rng.integers(4)]))[0]
            place = np.append(rng.uniform(-0.5, 0.5, 2) * (DESK[0] - max(sides), DESK[1] - min(sides)), 0)
            quad = _projected((_sheet(*sides) @ turned.T + place) @ matrix.T + away, focal, picture)
            if (quad > 0).all() and (quad < np.array(picture)).all():
                return np.asarray(quad + rng.normal(0, noise, (4, 2)), np.float64)

    scale = measure_desk(lying(ruler), picture, ruler)
    size = scale.size(lying(A4_SIDES), picture)
    assert size is not None
    return float(np.abs(np.array(sorted(size)) / A4_SIDES - 1).max())


def _focal(rng: np.random.Generator, picture: tuple[int, int]) -> float:
    return FOCAL * float(np.exp(rng.normal(0, FOCAL_SPREAD))) * float(np.hypot(*picture))


def _tilted(degrees: float, about: float) -> Floats:
    axis = np.radians(degrees) * np.array([np.cos(about), np.sin(about), 0])
    return np.asarray(cv2.Rodrigues(axis)[0], np.float64)


def _sheet(width: float, height: float) -> Floats:
    return np.array([(-1.0, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)]) * (width / 2, height / 2, 0)


def _projected(space: Floats, focal: float, picture: tuple[int, int]) -> Floats:
    return np.asarray(space[:, :2] / space[:, 2:] * focal + (np.array(picture) - 1) / 2, np.float64)
