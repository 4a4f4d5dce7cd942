"""Face engine with an InsightFace model pack; liveness detection uses the models of the manifest."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from imgcore.face import AlignmentTemplate, Calibration, Face, align, similarity
from imgcore.face.action import Action
from imgcore.face.detect import LIVE_SIDE, PICTURE_SIDE
from imgcore.face.liveness_session import LivenessSession
from imgcore.face.net import Floats, colour
from imgcore.types import Image, Points
from models.locate import ModelMissing
from server.errors import FaceModelMissing, GaopaiError, LocalizedText
from server.services.faces.onnx_engine import OnnxFaceEngine

INSTALL = "pip install --editable '.[insightface]', then pip install --no-deps 'insightface>=2.1'"
CALIBRATION = Calibration(0.4094, 12.0)
"""Of MobileFaceNet-y1: cosine 0.48 is a similarity of 0.7. Other nets of the family were not measured."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelPack:
    """What a pack has, as InsightFace's `FaceAnalysis` opens it.

    Attributes
    ----------
    detection
        Its ``detect(image, input_size, det_thresh=)`` gives boxes with scores, ``(n, 5)``, and points
        ``(n, 5, 2)``.
    recognition
        Its ``get_feat(image)`` embeds an aligned face of 112 x 112.
    """

    detection: Any
    recognition: Any


def open_pack(folder: Path, threads: int = 1) -> ModelPack:
    """The nets of a pack, on the processor; some seconds.

    Its files are the user's own: nothing is downloaded, and no hash is known.

    Raises
    ------
    ModelMissing
        There is no such folder, it is no pack, or the library is not there; the text says what to do.
    """
    # Without a folder the library would look for one on the network.
    if not any(folder.glob("*.onnx")):
        raise ModelMissing(f"{folder} has no models; [faces] insightface_pack names the folder of a pack")
    models = _analysed(folder, threads)
    missing = {"detection", "recognition"} - models.keys()
    if missing:
        raise ModelMissing(f"{folder} is no whole pack: it has no model of {' and '.join(sorted(missing))}")
    if not models["detection"].use_kps:
        raise ModelMissing(f"{folder}: its detector gives no points of faces")
    models["detection"].prepare(-1)
    models["recognition"].prepare(-1)
    return ModelPack(models["detection"], models["recognition"])


def _analysed(folder: Path, threads: int) -> dict[str, Any]:
    try:
        import onnxruntime  # noqa: PLC0415 - its load takes longer than most commands
        from insightface.app import FaceAnalysis  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as exc:
        raise ModelMissing(f"{exc}; type: {INSTALL}") from exc
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            analysis = FaceAnalysis(
                name=str(folder.resolve()), allowed_modules=["detection", "recognition"],
                providers=["CPUExecutionProvider"], sess_options=options,
            )  # fmt: skip
    except Exception as exc:
        # What is wrong with somebody's files shows itself in asserts, protobuf's errors and the runtime's.
        raise ModelMissing(f"{folder} cannot be opened as a pack ({type(exc).__name__})") from exc
    return dict(analysis.models)


GATE = 0.5
"""Score from which SCRFD has found a face, as its authors use it."""

TEMPLATE = AlignmentTemplate(
    112, ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
)
"""ArcFace's."""

log = logging.getLogger(__name__)


class InsightFaceEngine:
    """See `server.services.faces.engine.FaceEngine`; the pack is opened when it is first needed.

    Parameters
    ----------
    folder
        Of the pack.
    nets
        Tells who is alive.
    opened
        Opens the pack.
    """

    def __init__(
        self, folder: Path, nets: OnnxFaceEngine, opened: Callable[[Path], ModelPack] = open_pack
    ) -> None:
        self._folder = folder
        self._nets = nets
        self._open = opened
        self._lock = threading.Lock()
        self._pack: ModelPack | None = None

    def hindrance(self, living: bool) -> GaopaiError | None:
        try:
            self._opened()
            if living:
                self._nets.examine(paired=False)
        except FaceModelMissing as missing:
            return missing
        return None

    def find(self, image: Image, live: bool = False) -> Sequence[Face]:
        side = LIVE_SIDE if live else PICTURE_SIDE
        boxes, points = self._opened().detection.detect(colour(image), (side, side), det_thresh=GATE)
        found = [_face(box, marks) for box, marks in zip(boxes, points, strict=True)]
        return sorted(found, key=lambda face: -face.area)

    def embed(self, image: Image, face: Face) -> Floats:
        # Not the library's own alignment: it warns with newer versions of what it is built on.
        aligned = align(image, face.points, TEMPLATE)
        vector = np.ravel(np.asarray(self._opened().recognition.get_feat(aligned), np.float64))
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)

    def similarity(self, one: Floats, other: Floats) -> float:
        return similarity(one, other, CALIBRATION)

    def examine(self, paired: bool, action: Action | None = None) -> LivenessSession:
        return self._nets.examine(paired, action)

    def _opened(self) -> ModelPack:
        with self._lock:
            if self._pack is None:
                self._pack = self._load()
            return self._pack

    def _load(self) -> ModelPack:
        try:
            return self._open(self._folder)
        except ModelMissing as missing:
            log.warning("the pack of InsightFace cannot be used: %s", missing)
            purpose = LocalizedText("查找和比对人脸", "find or compare faces")
            raise FaceModelMissing(role="insightface_pack", purpose=purpose) from missing


def _face(box: Floats, points: Points) -> Face:
    left, top, right, bottom, score = (float(value) for value in box)
    return Face((left, top, right - left, bottom - top), np.asarray(points, np.float32), score)
