"""Face embeddings, and their comparison on a calibrated scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.face.align import AlignmentTemplate, align
from imgcore.face.detect import Face
from imgcore.face.net import Floats, planes
from imgcore.types import Image, Net


@dataclass(frozen=True, slots=True)
class Calibration:
    """Mapping of cosines of one model to similarities: ``1 / (1 + exp(-steepness (cosine - middle)))``.

    Attributes
    ----------
    middle
        Cosine that maps to a similarity of 0.5.
    steepness
        Four times the slope of the similarity there.
    """

    middle: float
    steepness: float


@dataclass(frozen=True, slots=True, eq=False)
class Embedder:
    """Face embedding model with its alignment and calibration.

    Attributes
    ----------
    net
        Net from one aligned face, 0..255, to one vector.
    template
        Alignment of the face.
    rgb
        True for RGB order, False for BGR.
    calibration
        Scale of its cosines; vectors of two models do not compare.
    """

    net: Net
    template: AlignmentTemplate
    rgb: bool
    calibration: Calibration


def embed(image: Image, face: Face, embedder: Embedder) -> Floats:
    """Embed a face as a unit vector, float32 ``(n,)``.

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
    """Similarity of two faces, 0..1; the calibration gives the share of different people that reach a value.

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
    """Map cosines to similarities, 0..1."""
    return np.asarray(1 / (1 + np.exp(-calibration.steepness * (cosine - calibration.middle))), np.float64)
