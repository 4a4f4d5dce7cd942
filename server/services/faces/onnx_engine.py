"""The engine of faces: the picture core with the models of the manifest."""

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
    absent,
    load_detector,
    load_embedder,
    load_judges,
)

_FIND = LocalizedText("查找人脸", "find faces")
_COMPARE = LocalizedText("比对人脸", "compare faces")
_JUDGE = LocalizedText("检测活体", "tell living faces")

M = TypeVar("M")


class OnnxFaceEngine:
    """See `server.services.faces.engine.FaceEngine`; each model is loaded when it is first needed.

    One that is missing is looked for again each time: it may be fetched while the service runs.
    """

    def __init__(self, settings: LivenessSettings = DEFAULTS) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._detector: Net | None = None
        self._embedder: Embedder | None = None
        self._judges: Sequence[LivenessNet] | None = None

    def hindrance(self, living: bool) -> GaopaiError | None:
        # Looked for and not loaded: that takes a second, and pages ask before anybody needs them.
        if DETECTION in (lacking := absent(living)):
            return FaceModelMissing(role=DETECTION, purpose=_FIND)
        purpose = _JUDGE if living else _COMPARE
        return FaceModelMissing(role=lacking[0], purpose=purpose) if lacking else None

    def find(self, image: Image, live: bool = False) -> Sequence[Face]:
        return detect(image, self._detecting(), LIVE_SIDE if live else PICTURE_SIDE)

    def embed(self, image: Image, face: Face) -> Floats:
        return embed(image, face, self._embedding())

    def similarity(self, one: Floats, other: Floats) -> float:
        return similarity(one, other, self._embedding().calibration)

    def examine(self, paired: bool, action: Action | None = None) -> LivenessSession:
        return LivenessSession(self._judging(), self._settings, paired, action)

    def _detecting(self) -> Net:
        with self._lock:
            if self._detector is None:
                self._detector = _loaded(load_detector, DETECTION, _FIND)
            return self._detector

    def _judging(self) -> Sequence[LivenessNet]:
        with self._lock:
            if self._judges is None:
                self._judges = _loaded(load_judges, LIVENESS[0], _JUDGE)
            return self._judges

    def _embedding(self) -> Embedder:
        with self._lock:
            if self._embedder is None:
                self._embedder = _loaded(load_embedder, EMBEDDING, _COMPARE)
            return self._embedder


def _loaded(load: Callable[[], M], role: str, purpose: LocalizedText) -> M:
    try:
        return load()
    except ModelMissing as missing:
        # Its own text names folders of this machine.
        raise FaceModelMissing(role=role, purpose=purpose) from missing
