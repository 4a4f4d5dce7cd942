"""What is compared of a face: a vector in which faces of one person point the same way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.face.align import Template, align
from imgcore.face.detect import Face
from imgcore.face.net import Floats, Net, planes
from imgcore.types import Image


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the cosine of two vectors of one model means: ``1 / (1 + exp(-steepness (cosine - middle)))``.

    Attributes
    ----------
    middle
        The cosine that is a similarity of 0.5.
    steepness
        How fast the similarity rises there, four times its slope.
    """

    middle: float
    steepness: float


@dataclass(frozen=True, slots=True, eq=False)
class Embedder:
    """A model that embeds faces, and how it wants them.

    Attributes
    ----------
    net
        Takes one aligned face, 0..255, and gives one vector.
    template
        How the face is aligned.
    rgb
        Whether it wants red first; else blue.
    calibration
        What its cosines mean; vectors of two models do not compare.
    """

    net: Net
    template: Template
    rgb: bool
    calibration: Calibration


def embed(image: Image, face: Face, embedder: Embedder) -> Floats:
    """The face as a unit vector, float32 ``(n,)``.

    Raises
    ------
    ImageError
        No picture.
    """
    aligned = align(image, face.points, embedder.template)
    seen = np.ascontiguousarray(aligned[:, :, ::-1]) if embedder.rgb else aligned
    vector = np.ravel(np.asarray(embedder.net(planes(seen))[0], np.float64))
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


def similarity(one: Floats, other: Floats, calibration: Calibration) -> float:
    """How alike two faces are, 0..1; the calibration says what share of different people reaches a value.

    Parameters
    ----------
    one, other
        Unit vectors of the model the calibration belongs to.
    """
    cosine = float(np.dot(np.asarray(one, np.float64), np.asarray(other, np.float64)))
    return float(calibrated(np.float64(cosine), calibration))


def calibrated(
    cosine: npt.NDArray[np.float64] | np.float64, calibration: Calibration
) -> npt.NDArray[np.float64]:
    """The similarities of cosines, 0..1."""
    return np.asarray(1 / (1 + np.exp(-calibration.steepness * (cosine - calibration.middle))), np.float64)
