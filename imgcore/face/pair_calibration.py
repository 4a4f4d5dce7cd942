"""Calibration of a colour and an infrared camera to each other, by a person who stood before both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from imgcore.face.detect import Face
from imgcore.face.infrared import InfraredMeasurement, depth, eye_distance, measure_pair
from imgcore.face.liveness_settings import DEFAULTS, Affine, InfraredSettings
from imgcore.types import Image

Floats = npt.NDArray[np.float64]

AGAINST_PRINTS = ("least_contrast", "least_relief", "least_texture")
"""Thresholds against prints; if they must be weak, the camera hardly tells a head from a print."""

LEAST = 4
"""Least number of pairs with a face in both pictures."""

_NEAR = 0.35
"""Eye distances in infrared within which a point is an inlier: the parallax of the two lenses at another
distance is as much."""
_AGREEING = 0.6
"""Least share of inliers."""
_BRIGHTER = 1.25
"""Largest allowed brightness over the brightest face."""
_KEPT = 0.5
"""Thresholds as a share of the least value that a real person showed."""
_ROOM = 0.8
"""Share of the least value that a real person showed up to which a usual threshold is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class FacePairSample:
    """One person in both pictures at one moment.

    Attributes
    ----------
    colour, infrared
        The pictures, uint8, BGR or grey.
    face, partner
        The face in each.
    """

    colour: Image = field(repr=False)
    face: Face
    infrared: Image = field(repr=False)
    partner: Face


@dataclass(frozen=True, slots=True)
class PairCalibration:
    """Result of the calibration.

    Attributes
    ----------
    settings
        Settings with the affine map, and with thresholds that leave a margin below the values of these pairs.
    weak
        Names of the thresholds against prints that had to be set below those that were given.
    pairs
        Number of pairs.
    agreeing
        0..1, share of points that are inliers of the affine map.
    least_overlap
        0..1, the least intersection over union of a mapped box.
    moved
        Movement of the person, in widths of the face. If it is little, the affine map holds only there.
    depth
        Displacement of the nose against the plane of eyes and mouth in eye distances, mean and standard
        error. It is not among the settings, as a print may show as much.
    """

    settings: InfraredSettings
    weak: tuple[str, ...]
    pairs: int
    agreeing: float
    least_overlap: float
    moved: float
    depth: tuple[float, float]


class CalibrationFailed(Exception):
    """Raised if the pairs do not suffice; the text says what to do."""


def calibrate_pair(
    pairs: Sequence[FacePairSample], settings: InfraredSettings = DEFAULTS.infrared
) -> PairCalibration:
    """Calibrate a pair of cameras.

    Parameters
    ----------
    pairs
        A real person at several places: near, far, left, right. `LEAST` or more.
    settings
        Settings that are not calibrated keep their value.

    Raises
    ------
    CalibrationFailed
        Too few pairs, or they contradict each other.
    ImageError
        No picture.
    """
    if len(pairs) < LEAST:
        raise CalibrationFailed(
            f"a face was found in both pictures of {len(pairs)} pairs only, and it takes {LEAST}: "
            "look into the cameras, with light on the face and the infrared light on"
        )
    affine, agreeing = _fitted(pairs)
    settings = replace(settings, affine=affine, aspects=_aspects(pairs))
    measurements = [
        measure_pair((pair.colour, pair.face), pair.infrared, [pair.partner], settings) for pair in pairs
    ]
    depths = np.array([depth(pair.face.points, pair.partner.points) for pair in pairs])
    error = float(np.hypot(*depths.std(axis=0)) / np.sqrt(len(pairs)))
    found = _with_margin(measurements, settings)
    return PairCalibration(
        found,
        tuple(name for name in AGAINST_PRINTS if getattr(found, name) < getattr(settings, name)),
        len(pairs),
        agreeing,
        min(measured.iou for measured in measurements if measured.iou is not None),
        _movement(pairs),
        (float(np.hypot(*depths.mean(axis=0))), error),
    )


def _fitted(pairs: Sequence[FacePairSample]) -> tuple[Affine, float]:
    """Fit scale and shift between the pictures; also returns the share of inliers.

    Two lenses in one housing look the same way through square pixels: a rotation would only be fitted to the
    parallax of noses. Every two pairs propose a map, and the one with most inliers is refined.
    """
    from_ = np.array([pair.face.points for pair in pairs], np.float64)
    to = np.array([pair.partner.points for pair in pairs], np.float64)
    near = _NEAR * float(np.median([eye_distance(pair.partner.points) for pair in pairs]))
    proposed = [_scale_and_shift(from_[[i, j]], to[[i, j]]) for i, j in combinations(range(len(pairs)), 2)]
    agreed = max((_agreeing(from_, to, one, near) for one in proposed), key=lambda points: int(points.sum()))
    share = float(agreed.mean())
    if share < _AGREEING:
        raise CalibrationFailed(
            f"only {share:.0%} of the points agree: are the pictures of one person, taken at the same "
            "moments, by two cameras in one housing?"
        )
    return _in_fractions(*_scale_and_shift(from_[agreed], to[agreed]), pairs[0]), share


def _scale_and_shift(from_: Floats, to: Floats) -> tuple[float, Floats]:
    """Fit the scale and shift from points to others in least squares."""
    from_ = from_.reshape(-1, 2)
    to = to.reshape(-1, 2)
    away = from_ - from_.mean(axis=0)
    scale = float((away * to).sum() / max(float((away**2).sum()), 1e-9))
    return scale, to.mean(axis=0) - scale * from_.mean(axis=0)


def _agreeing(from_: Floats, to: Floats, moved: tuple[float, Floats], near: float) -> npt.NDArray[np.bool_]:
    scale, shift = moved
    return np.asarray(np.linalg.norm(from_ * scale + shift - to, axis=-1) <= near)


def _in_fractions(scale: float, shift: Floats, pair: FacePairSample) -> Affine:
    """Convert scale and shift of pixels to those of fractions of width and height."""
    from_ = np.array(pair.colour.shape[1::-1], np.float64)
    to = np.array(pair.infrared.shape[1::-1], np.float64)
    (across, down) = (scale * from_ / to).tolist()
    (x, y) = (shift / to).tolist()
    return (across, 0.0, x, 0.0, down, y)


def _aspects(pairs: Sequence[FacePairSample]) -> tuple[float, float]:
    """Width over height of all pictures in colour, and of all in infrared."""
    shapes = {(_aspect(pair.colour), _aspect(pair.infrared)) for pair in pairs}
    if len(shapes) > 1:
        raise CalibrationFailed("the pictures differ in shape: take all of each camera at one size")
    return shapes.pop()


def _aspect(image: Image) -> float:
    return round(float(image.shape[1] / image.shape[0]), 4)


def _movement(pairs: Sequence[FacePairSample]) -> float:
    middles = np.array([pair.face.points.mean(axis=0) for pair in pairs])
    width = float(np.median([pair.face.box[2] for pair in pairs]))
    return float(np.hypot(*np.ptp(middles, axis=0))) / max(width, 1.0)


def _with_margin(measurements: Sequence[InfraredMeasurement], settings: InfraredSettings) -> InfraredSettings:
    """Relax limits of brightness only; set thresholds against prints as far as this camera shows relief."""
    shapes = [measured.shape for measured in measurements if measured.shape is not None]
    bright = [shape.brightness for shape in shapes]
    saturated = max(shape.saturated for shape in shapes)
    return replace(
        settings,
        unlit=min(settings.unlit, _KEPT * min(measured.light for measured in measurements)),
        brightness=(
            min(settings.brightness[0], _KEPT * min(bright)),
            max(settings.brightness[1], min(250.0, max(bright) * _BRIGHTER)),
        ),
        most_saturated=max(settings.most_saturated, min(1.0, saturated / _KEPT)),
        least_contrast=1.0
        + _threshold([shape.contrast - 1 for shape in shapes], settings.least_contrast - 1),
        least_relief=_threshold([shape.relief for shape in shapes], settings.least_relief),
        least_texture=_threshold([shape.texture for shape in shapes], settings.least_texture),
    )


def _threshold(shown: Sequence[float], usual: float) -> float:
    """Threshold at a share of the least value shown; the usual one if that is more and leaves a margin."""
    least = max(0.0, min(shown))
    return max(_KEPT * least, min(usual, _ROOM * least))
