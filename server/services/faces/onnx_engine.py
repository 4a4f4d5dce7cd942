"""Face engine of the picture core with the ONNX models of the manifest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from imgcore.face import Embedder, Face, LivenessNet, Net, detect, embed, similarity
from imgcore.face.action import Action
from imgcore.face.detect import LIVE_SIDE, PICTURE_SIDE
from imgcore.face.liveness_session import LivenessSession
from imgcore.face.liveness_settings import DEFAULTS, LivenessSettings
from imgcore.face.net import Floats
from imgcore.types import Image
from models.locate import ModelMissing
from server.errors import FaceModelMissing, GaopaiError, LocalizedText
from server.services.faces.models import (
    DETECTION,
    EMBEDDING,
    LIVENESS,
    load_detector,
    load_embedder,
    load_liveness_nets,
    missing_roles,
)

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
        if DETECTION in (missing := missing_roles(liveness)):
            return FaceModelMissing(role=DETECTION, purpose=_FIND)
        purpose = _DETECT_LIVENESS if liveness else _COMPARE
        return FaceModelMissing(role=missing[0], purpose=purpose) if missing else None

    def find(self, image: Image, live: bool = False) -> Sequence[Face]:
        return detect(image, self._get_detector(), LIVE_SIDE if live else PICTURE_SIDE)

    def embed(self, image: Image, face: Face) -> Floats:
        return embed(image, face, self._get_embedder())

    def similarity(self, one: Floats, other: Floats) -> float:
        return similarity(one, other, self._get_embedder().calibration)

    def liveness_examiner(self, paired: bool, action: Action | None = None) -> LivenessSession:
        return LivenessSession(self._get_liveness_nets(), self._settings, paired, action)

    def _get_detector(self) -> Net:
        with self._lock:
            if self._detector is None:
                self._detector = _loaded(load_detector, DETECTION, _FIND)
            return self._detector

    def _get_liveness_nets(self) -> Sequence[LivenessNet]:
        with self._lock:
            if self._liveness_nets is None:
                self._liveness_nets = _loaded(load_liveness_nets, LIVENESS[0], _DETECT_LIVENESS)
            return self._liveness_nets

    def _get_embedder(self) -> Embedder:
        with self._lock:
            if self._embedder is None:
                self._embedder = _loaded(load_embedder, EMBEDDING, _COMPARE)
            return self._embedder


def _loaded(load: Callable[[], M], role: str, purpose: LocalizedText) -> M:
    try:
        return load()
    except ModelMissing as missing:
        # Its own text, with folders of this machine, is not for pages.
        raise FaceModelMissing(role=role, purpose=purpose) from missing
