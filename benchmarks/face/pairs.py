"""Similarities of pairs of faces, by a detector and an embedder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.face import sets
from imgcore.face import Embedder, Net, detect, embed
from imgcore.face.embed import calibrated
from models.locate import ModelMissing
from models.manifest import load_manifest
from server.services.faces.onnx_engine import load_detector, load_embedder

RATE = 1e-3
"""Share of pairs of different people that are accepted at the threshold of `accepted_at_rate`."""


@dataclass(frozen=True, slots=True)
class FaceModels:
    """Names of a detector and an embedder in the manifest."""

    detector: str
    embedder: str

    def are_here(self) -> bool:
        """Return whether both can be loaded."""
        try:
            load_detector(model=load_manifest()[self.detector])
            load_embedder(model=load_manifest()[self.embedder])
        except ModelMissing:
            return False
        return True


PREFERRED = FaceModels("yunet-n", "reid-0095")
"""Models that the service takes where it has them."""
REGISTRY = FaceModels("yunet-s", "dlib-resnet-v1")
"""Models that a package index carries."""


@dataclass(frozen=True, slots=True, eq=False)
class PairResults:
    """Detections and similarities of all pairs.

    Attributes
    ----------
    found
        bool ``(pictures,)``: True where a face was found.
    similarities
        ``(pairs,)``, 0..1.
    """

    found: npt.NDArray[np.bool_]
    similarities: npt.NDArray[np.float64]


def compare(pairs: sets.FacePairs, models: FaceModels) -> PairResults:
    """Find the largest face of each picture, and compare all pairs."""
    known = load_manifest()
    embedder = load_embedder(model=known[models.embedder])
    vectors, found = _vectors(pairs.files, load_detector(model=known[models.detector]), embedder)
    cosines = np.einsum("ij,ij->i", vectors[pairs.first], vectors[pairs.second]).astype(np.float64)
    # Nothing is said of a picture without a face: it matches nobody.
    cosines[~(found[pairs.first] & found[pairs.second])] = -1
    return PairResults(found, np.asarray(calibrated(cosines, embedder.calibration), np.float64))


def accepted_at_rate(pairs: sets.FacePairs, similarities: npt.NDArray[np.float64]) -> dict[str, float]:
    """Return the share of pairs of one person that are accepted where `RATE` of all others is, by set."""
    ranked = np.sort(similarities[~pairs.same])[::-1]
    threshold = ranked[int(RATE * len(ranked))]
    return {
        name: float(np.mean(similarities[pairs.same & (pairs.sets == name)] > threshold))
        for name in sets.SETS
    }


def _vectors(
    files: Sequence[str], detector: Net, embedder: Embedder
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Return the embedding of the largest face of each picture, and a mask of the pictures that have one."""
    vectors = []
    for name in files:
        image = sets.picture(name)
        faces = detect(image, detector)
        vectors.append(embed(image, faces[0], embedder) if faces else None)
    length = next(len(vector) for vector in vectors if vector is not None)
    filled = [np.zeros(length, np.float32) if vector is None else vector for vector in vectors]
    return np.array(filled), np.array([vector is not None for vector in vectors])
