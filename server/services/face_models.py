"""The models of faces, as the image core wants them: loaded from the manifest, one role after the other."""

from __future__ import annotations

from imgcore.face import Calibration, Embedder, Judge, Net, Template
from models.locate import ModelMissing
from models.manifest import find_model
from models.session import open_net

DETECTION = "face-detection"
EMBEDDING = "face-embedding"
LIVENESS = (("face-liveness-near", 2.7), ("face-liveness-far", 4.0))
"""Each role, and how much it sees in sides of a face's box."""

_POINTS = ((0.3156, 0.4616), (0.6826, 0.4616), (0.5003, 0.6405), (0.3495, 0.8247), (0.6534, 0.8247))
_SIDE = 128
TEMPLATE = Template(_SIDE, tuple((x * _SIDE, y * _SIDE) for x, y in _POINTS))
"""Intel's, for face-reidentification-retail-0095."""


def load_detector(threads: int = 1) -> Net:
    """The net that `imgcore.face.detect` takes; some 20 ms.

    Raises
    ------
    ModelMissing
        It is not there; the text says what to do.
    """
    return open_net(find_model(DETECTION), threads)


def load_embedder(threads: int = 1) -> Embedder:
    """The model that `imgcore.face.embed` takes; some 60 ms.

    Raises
    ------
    ModelMissing
        It is not there, or has no calibration; the text says what to do.
    """
    model = find_model(EMBEDDING)
    if model.similarity is None:
        raise ModelMissing(f"{model.role}: the manifest has no calibration of it")
    calibration = Calibration(model.similarity.middle, model.similarity.steepness)
    return Embedder(open_net(model, threads), TEMPLATE, False, calibration)


def load_judges(threads: int = 1) -> tuple[Judge, ...]:
    """The nets that `imgcore.face.liveness` takes; some 80 ms.

    Raises
    ------
    ModelMissing
        One is not there; the text says what to do.
    """
    return tuple(Judge(open_net(find_model(role), threads), scale) for role, scale in LIVENESS)
