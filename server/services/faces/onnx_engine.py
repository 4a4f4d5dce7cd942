"""Face engine on ONNX models of the manifest: of each role the first that is installed."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import cv2
import numpy as np

from imgcore.face import (
    AlignmentTemplate,
    Calibration,
    Embedder,
    Face,
    LivenessNet,
    Net,
    detect,
    embed,
    similarity,
)
from imgcore.face.action import TURNS, Action
from imgcore.face.detect import LIVE_SIDE, PICTURE_SIDE
from imgcore.face.liveness_session import LivenessSession
from imgcore.face.liveness_settings import DEFAULTS, LivenessSettings
from imgcore.face.net import Floats, planes
from imgcore.types import Image
from models.locate import ModelMissing, choose, find
from models.manifest import Model, Surroundings
from models.session import open_net
from server.errors import FaceModelMissing, GaopaiError, LocalizedText
from server.services.faces.engine import LivenessMethod

DETECTION = "face-detection"
EMBEDDING = "face-embedding"
LIVENESS = ("face-liveness-near", "face-liveness-far")
"""The two models whose scores are averaged."""

LIVENESS_ALONE = "face-liveness"
"""Name of the model that stands in where one of the two for liveness is missing."""

_CROP = 80
"""Side of the crop of `imgcore.face.liveness`, in pixels."""
_LIVE = 1
"""Index of a live face among the three logits of `imgcore.face.liveness`."""


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
            f"{missing}, or one that stands in: gaopai models fetch --only {alone.name}",
            f"{missing.zh}；或用一个替代模型：gaopai models fetch --only {alone.name}",
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


_FIND = LocalizedText("查找人脸", "find faces")
_COMPARE = LocalizedText("比对人脸", "compare faces")
_DETECT_LIVENESS = LocalizedText("检测活体", "tell living faces")

M = TypeVar("M")


class OnnxFaceEngine:
    """`FaceEngine` with the models of the manifest, each loaded when it is first needed.

    A missing model is searched for again each time, as it may be fetched while the service runs.
    """

    def __init__(self, settings: LivenessSettings = DEFAULTS) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._detector: Net | None = None
        self._embedder: Embedder | None = None
        self._liveness_nets: Sequence[LivenessNet] | None = None

    def missing_model(self, liveness: bool) -> GaopaiError | None:
        # Files are searched for, not loaded: that takes a second, and pages ask before they need them.
        if find(choose(DETECTION)) is None:
            return FaceModelMissing(role=DETECTION, purpose=_FIND)
        if not liveness and find(choose(EMBEDDING)) is None:
            return FaceModelMissing(role=EMBEDDING, purpose=_COMPARE)
        return None

    def liveness_methods(self, paired: bool) -> tuple[LivenessMethod, ...]:
        self._get_detector()
        return self.methods_beside_detection(paired)

    def methods_beside_detection(self, paired: bool) -> tuple[LivenessMethod, ...]:
        """Return the means of liveness detection of faces that another engine finds."""
        infrared = (LivenessMethod.INFRARED,) if paired else ()
        if self._get_liveness_nets():
            return LivenessMethod.MODEL, LivenessMethod.CUES, *infrared
        return LivenessMethod.CUES, *infrared, LivenessMethod.ACTION

    def find(self, image: Image, live: bool = False) -> Sequence[Face]:
        return detect(image, self._get_detector(), LIVE_SIDE if live else PICTURE_SIDE)

    def embed(self, image: Image, face: Face) -> Floats:
        return embed(image, face, self._get_embedder())

    def similarity(self, one: Floats, other: Floats) -> float:
        return similarity(one, other, self._get_embedder().calibration)

    def liveness_examiner(self, paired: bool, action: Action | None = None) -> LivenessSession:
        nets = self._get_liveness_nets()
        actions = () if action is None else (action,)
        if not nets and action in (None, Action.NEARER):
            # A picture that is brought nearer comes nearer, too.
            actions = (*actions, secrets.choice(TURNS))
        return LivenessSession(nets, self._settings, paired, actions)

    def _get_detector(self) -> Net:
        with self._lock:
            if self._detector is None:
                self._detector = _loaded(load_detector, DETECTION, _FIND)
            return self._detector

    def _get_liveness_nets(self) -> Sequence[LivenessNet]:
        """Return the nets of liveness detection, none where no model of them is here."""
        with self._lock:
            if self._liveness_nets is None and _has_liveness_model():
                self._liveness_nets = _loaded(load_liveness_nets, LIVENESS[0], _DETECT_LIVENESS)
            return self._liveness_nets or ()

    def _get_embedder(self) -> Embedder:
        with self._lock:
            if self._embedder is None:
                self._embedder = _loaded(load_embedder, EMBEDDING, _COMPARE)
            return self._embedder


def _has_liveness_model() -> bool:
    both = all(find(choose(role)) is not None for role in LIVENESS)
    return both or find(choose(LIVENESS_ALONE)) is not None


def _loaded(load: Callable[[], M], role: str, purpose: LocalizedText) -> M:
    try:
        return load()
    except ModelMissing as missing:
        # Its own text, with folders of this machine, is not for pages.
        raise FaceModelMissing(role=role, purpose=purpose) from missing
