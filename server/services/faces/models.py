"""The models of faces, as the image core wants them: of each role the first that is here."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.face import AlignmentTemplate, Calibration, Embedder, LivenessNet, Net
from imgcore.face.net import Floats, planes
from models.locate import ModelMissing, choose, find
from models.manifest import Model, Surroundings
from models.session import open_net

DETECTION = "face-detection"
EMBEDDING = "face-embedding"
LIVENESS = ("face-liveness-near", "face-liveness-far")
"""Both are asked, and their answers averaged."""

LIVENESS_ALONE = "face-liveness"
"""Stands in where one of the two is not there."""

_CROP = 80
"""Pixels of the crop that `imgcore.face.liveness` cuts out."""
_LIVE = 1
"""Which of three logits it takes for a living face."""


def absent(living: bool) -> list[str]:
    """Which roles lack a file here of those that judging faces for life takes, or else comparing them."""
    roles = (DETECTION, *(LIVENESS if living else (EMBEDDING,)))
    lacking = [role for role in roles if find(choose(role)) is None]
    if living and find(choose(LIVENESS_ALONE)) is not None:
        return [role for role in lacking if role not in LIVENESS]
    return lacking


def load_detector(threads: int = 1, model: Model | None = None) -> Net:
    """The net that `imgcore.face.detect` takes; some 20 ms.

    Parameters
    ----------
    model
        Another one than that in use.

    Raises
    ------
    ModelMissing
        There is none; the text says what to do.
    """
    return open_net(model or choose(DETECTION), threads)


def load_embedder(threads: int = 1, model: Model | None = None) -> Embedder:
    """The model that `imgcore.face.embed` takes; some 60 ms.

    Vectors of two models do not compare.

    Parameters
    ----------
    model
        Another one than that in use.

    Raises
    ------
    ModelMissing
        There is none, or the manifest does not say how to use it; the text says what to do.
    """
    model = model or choose(EMBEDDING)
    if model.similarity is None or model.alignment is None:
        raise ModelMissing(f"{model.name}: the manifest has no calibration or alignment of it")
    calibration = Calibration(model.similarity.middle, model.similarity.steepness)
    template = AlignmentTemplate(model.alignment.side, model.alignment.points)
    return Embedder(open_net(model, threads), template, model.alignment.colours == "RGB", calibration)


def load_judges(threads: int = 1) -> tuple[LivenessNet, ...]:
    """The nets that `imgcore.face.liveness` takes; some 80 ms.

    Raises
    ------
    ModelMissing
        There are not both, and none that stands in for them; the text says what to do.
    """
    both = [choose(role) for role in LIVENESS]
    alone = choose(LIVENESS_ALONE)
    if any(find(model) is None for model in both) and find(alone) is not None:
        return (_judge(alone, threads),)
    try:
        return tuple(_judge(model, threads) for model in both)
    except ModelMissing as missing:
        raise ModelMissing(
            f"{missing}, or one that stands in: gaopai models fetch --only {alone.name}"
        ) from missing


def _judge(model: Model, threads: int) -> LivenessNet:
    if model.surroundings is None:
        raise ModelMissing(f"{model.name}: the manifest does not say what it wants to see")
    net = open_net(model, threads)
    if (model.surroundings.side, model.surroundings.live) != (_CROP, _LIVE):
        net = _adapted(net, model.surroundings)
    return LivenessNet(net, model.surroundings.scale)


def _adapted(net: Net, wanted: Surroundings) -> Net:
    """A net of another size and order of answers, for crops of 80 px and the living face second."""
    order = [wanted.live if at == _LIVE else _LIVE if at == wanted.live else at for at in range(3)]

    def judge(values: Floats) -> list[Floats]:
        crop = np.ascontiguousarray(values[0].transpose(1, 2, 0).astype(np.uint8))
        larger = np.asarray(cv2.resize(crop, (wanted.side, wanted.side)), np.uint8)
        return [np.asarray(net(planes(larger))[0], np.float32)[:, order]]

    return judge
