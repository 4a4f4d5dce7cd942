"""Face models for the image core: of each role the first one installed."""

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
"""The two models whose scores are averaged."""

LIVENESS_ALONE = "face-liveness"
"""Fallback where one of the two is missing."""

_CROP = 80
"""Side of the crop of `imgcore.face.liveness`, in pixels."""
_LIVE = 1
"""Index of a live face among its three logits."""


def missing_roles(liveness: bool) -> list[str]:
    """Return the roles without a model file, of liveness detection or of face comparison."""
    roles = (DETECTION, *(LIVENESS if liveness else (EMBEDDING,)))
    missing = [role for role in roles if find(choose(role)) is None]
    if liveness and find(choose(LIVENESS_ALONE)) is not None:
        return [role for role in missing if role not in LIVENESS]
    return missing


def load_detector(threads: int = 1, model: Model | None = None) -> Net:
    """Load the net for `imgcore.face.detect`, in some 20 ms.

    Parameters
    ----------
    model
        Model to load in place of the one in use.

    Raises
    ------
    ModelMissing
        There is none; the text has the remedy.
    """
    return open_net(model or choose(DETECTION), threads)


def load_embedder(threads: int = 1, model: Model | None = None) -> Embedder:
    """Load the model for `imgcore.face.embed`, in some 60 ms.

    Embeddings of two models cannot be compared.

    Parameters
    ----------
    model
        Model to load in place of the one in use.

    Raises
    ------
    ModelMissing
        There is none, or the manifest has no calibration of it; the text has the remedy.
    """
    model = model or choose(EMBEDDING)
    if model.similarity is None or model.alignment is None:
        raise ModelMissing(f"{model.name}: the manifest has no calibration or alignment of it")
    calibration = Calibration(model.similarity.middle, model.similarity.steepness)
    template = AlignmentTemplate(model.alignment.side, model.alignment.points)
    return Embedder(open_net(model, threads), template, model.alignment.colours == "RGB", calibration)


def load_liveness_nets(threads: int = 1) -> tuple[LivenessNet, ...]:
    """Load the nets for `imgcore.face.liveness`, in some 80 ms.

    Raises
    ------
    ModelMissing
        One of the two and their fallback are missing; the text has the remedy.
    """
    both = [choose(role) for role in LIVENESS]
    alone = choose(LIVENESS_ALONE)
    if any(find(model) is None for model in both) and find(alone) is not None:
        return (_liveness_net(alone, threads),)
    try:
        return tuple(_liveness_net(model, threads) for model in both)
    except ModelMissing as missing:
        raise ModelMissing(
            f"{missing}, or one that stands in: gaopai models fetch --only {alone.name}"
        ) from missing


def _liveness_net(model: Model, threads: int) -> LivenessNet:
    if model.surroundings is None:
        raise ModelMissing(f"{model.name}: the manifest does not say what it wants to see")
    net = open_net(model, threads)
    if (model.surroundings.side, model.surroundings.live) != (_CROP, _LIVE):
        net = _adapted(net, model.surroundings)
    return LivenessNet(net, model.surroundings.scale)


def _adapted(net: Net, wanted: Surroundings) -> Net:
    """Adapt a net of another input size and order of logits to crops of 80 px and the live face second."""
    order = [wanted.live if at == _LIVE else _LIVE if at == wanted.live else at for at in range(3)]

    def adapted(values: Floats) -> list[Floats]:
        crop = np.ascontiguousarray(values[0].transpose(1, 2, 0).astype(np.uint8))
        larger = np.asarray(cv2.resize(crop, (wanted.side, wanted.side)), np.uint8)
        return [np.asarray(net(planes(larger))[0], np.float32)[:, order]]

    return adapted
