"""A colour and an infrared camera calibrated to each other, by a person who stood before both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from imgcore.face.detect import Face
from imgcore.face.infrared import InfraredSight, depth, eye_distance, see
from imgcore.face.liveness_settings import DEFAULTS, Affine, InfraredSettings
from imgcore.types import Image

Floats = npt.NDArray[np.float64]

AGAINST_PRINTS = ("least_contrast", "least_relief", "least_texture")
"""The settings that tell a head from a print; where they must be weak, the camera hardly does."""

LEAST = 4
"""Pairs with a face in both pictures that it takes."""

_NEAR = 0.35
"""Eye distances in infrared within which a point agrees: the two lenses see a person at another distance
moved against each other by that much."""
_AGREEING = 0.6
"""Share of all points that must agree."""
_BRIGHTER = 1.25
"""What is allowed is so many times the brightest face."""
_KEPT = 0.5
"""What is asked for is this share of the least that a real person showed."""
_ROOM = 0.8
"""Share of it up to which a usual threshold is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
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
class Pairing:
    """What the pairs came to.

    Attributes
    ----------
    settings
        With the affine, and with thresholds that leave a margin below what these pairs showed.
    weak
        Which thresholds against prints had to be set below those that were given.
    pairs
        How many there were.
    agreeing
        0..1, share of the points that the affine carries to where they are.
    least_overlap
        0..1, the least intersection over union of a box carried over.
    moved
        How far the person moved, in widths of the face. Where it is little, the affine holds only there.
    depth
        Eye distances by which the nose left the plane of eyes and mouth, mean, and its standard error. Where
        a print shows as much, it tells nothing; it is therefore not among the settings.
    """

    settings: InfraredSettings
    weak: tuple[str, ...]
    pairs: int
    agreeing: float
    least_overlap: float
    moved: float
    depth: tuple[float, float]


class PairingFailed(Exception):
    """Nothing can be concluded from the pairs; the text says what to do."""


def pairing(pairs: Sequence[Pair], settings: InfraredSettings = DEFAULTS.infrared) -> Pairing:
    """Calibrate a pair of cameras.

    Parameters
    ----------
    pairs
        A real person at several places: near, far, left, right. `LEAST` or more.
    settings
        What is not found out keeps its value.

    Raises
    ------
    PairingFailed
        Too few pairs, or they contradict each other.
    ImageError
        No picture.
    """
    if len(pairs) < LEAST:
        raise PairingFailed(
            f"a face was found in both pictures of {len(pairs)} pairs only, and it takes {LEAST}: "
            "look into the cameras, with light on the face and the infrared light on"
        )
    affine, agreeing = _fitted(pairs)
    settings = replace(settings, affine=affine, aspects=_aspects(pairs))
    sights = [see((pair.colour, pair.face), pair.infrared, [pair.partner], settings) for pair in pairs]
    depths = np.array([depth(pair.face.points, pair.partner.points) for pair in pairs])
    error = float(np.hypot(*depths.std(axis=0)) / np.sqrt(len(pairs)))
    found = _with_margin(sights, settings)
    return Pairing(
        found,
        tuple(name for name in AGAINST_PRINTS if getattr(found, name) < getattr(settings, name)),
        len(pairs),
        agreeing,
        min(sight.shared for sight in sights if sight.shared is not None),
        _way(pairs),
        (float(np.hypot(*depths.mean(axis=0))), error),
    )


def _fitted(pairs: Sequence[Pair]) -> tuple[Affine, float]:
    """Scale and shift between the pictures, and the share of points that agree.

    Two lenses in one housing look the same way through square pixels: a rotation would only be read from the
    parallax of noses. Every two pairs propose one, and the one with which most points agree is refined.
    """
    from_ = np.array([pair.face.points for pair in pairs], np.float64)
    to = np.array([pair.partner.points for pair in pairs], np.float64)
    near = _NEAR * float(np.median([eye_distance(pair.partner.points) for pair in pairs]))
    proposed = [_moved(from_[[i, j]], to[[i, j]]) for i, j in combinations(range(len(pairs)), 2)]
    agreed = max((_agreeing(from_, to, one, near) for one in proposed), key=lambda points: int(points.sum()))
    share = float(agreed.mean())
    if share < _AGREEING:
        raise PairingFailed(
            f"only {share:.0%} of the points agree: are the pictures of one person, taken at the same "
            "moments, by two cameras in one housing?"
        )
    return _in_fractions(*_moved(from_[agreed], to[agreed]), pairs[0]), share


def _moved(from_: Floats, to: Floats) -> tuple[float, Floats]:
    """The scale and shift that bring points nearest to others in least squares."""
    from_, to = from_.reshape(-1, 2), to.reshape(-1, 2)
    away = from_ - from_.mean(axis=0)
    scale = float((away * to).sum() / max(float((away**2).sum()), 1e-9))
    return scale, to.mean(axis=0) - scale * from_.mean(axis=0)


def _agreeing(from_: Floats, to: Floats, moved: tuple[float, Floats], near: float) -> npt.NDArray[np.bool_]:
    scale, shift = moved
    return np.asarray(np.linalg.norm(from_ * scale + shift - to, axis=-1) <= near)


def _in_fractions(scale: float, shift: Floats, pair: Pair) -> Affine:
    """Scale and shift of pixels for fractions of width and height."""
    from_ = np.array(pair.colour.shape[1::-1], np.float64)
    to = np.array(pair.infrared.shape[1::-1], np.float64)
    (across, down), (x, y) = (scale * from_ / to).tolist(), (shift / to).tolist()
    return (across, 0.0, x, 0.0, down, y)


def _aspects(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Width over height of all pictures in colour, and of all in infrared."""
    shapes = {(_aspect(pair.colour), _aspect(pair.infrared)) for pair in pairs}
    if len(shapes) > 1:
        raise PairingFailed("the pictures differ in shape: take all of each camera at one size")
    return shapes.pop()


def _aspect(image: Image) -> float:
    return round(float(image.shape[1] / image.shape[0]), 4)


def _way(pairs: Sequence[Pair]) -> float:
    middles = np.array([pair.face.points.mean(axis=0) for pair in pairs])
    width = float(np.median([pair.face.box[2] for pair in pairs]))
    return float(np.hypot(*np.ptp(middles, axis=0))) / max(width, 1.0)


def _with_margin(sights: Sequence[InfraredSight], settings: InfraredSettings) -> InfraredSettings:
    """Light is given room only; what tells a head from a print is asked as far as this camera shows it."""
    shapes = [sight.shape for sight in sights if sight.shape is not None]
    bright = [shape.brightness for shape in shapes]
    saturated = max(shape.saturated for shape in shapes)
    return replace(
        settings,
        unlit=min(settings.unlit, _KEPT * min(sight.light for sight in sights)),
        brightness=(
            min(settings.brightness[0], _KEPT * min(bright)),
            max(settings.brightness[1], min(250.0, max(bright) * _BRIGHTER)),
        ),
        most_saturated=max(settings.most_saturated, min(1.0, saturated / _KEPT)),
        least_contrast=1.0 + _asked([shape.contrast - 1 for shape in shapes], settings.least_contrast - 1),
        least_relief=_asked([shape.relief for shape in shapes], settings.least_relief),
        least_texture=_asked([shape.texture for shape in shapes], settings.least_texture),
    )


def _asked(shown: Sequence[float], usual: float) -> float:
    """A share of the least that was shown; the usual threshold where that is more and leaves room."""
    least = max(0.0, min(shown))
    return max(_KEPT * least, min(usual, _ROOM * least))
