"""Face engine with an InsightFace model pack; liveness detection uses the models of the manifest."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
from server.config import FacesConfig
from server.errors import FaceModelMissing, GaopaiError, LocalizedText
from server.services.faces.engine import FaceEngine, LivenessMethod, liveness_settings
from server.services.faces.onnx_engine import OnnxFaceEngine

INSTALL = "pip install --editable '.[insightface]', then pip install --no-deps 'insightface>=2.1'"
CALIBRATION = Calibration(0.4094, 12.0)
"""Calibration of MobileFaceNet-y1: cosine 0.48 is a similarity of 0.7. Other nets were not measured."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelPack:
    """Models of a pack, as InsightFace's `FaceAnalysis` opens them.

    Attributes
    ----------
    detection
        Detector whose ``detect(image, input_size, det_thresh=)`` returns boxes with scores, ``(n, 5)``,
        and points, ``(n, 5, 2)``.
    recognition
        Embedder whose ``get_feat(image)`` embeds an aligned face of 112 x 112.
    """

    detection: Any
    recognition: Any


def open_pack(folder: Path, threads: int = 1) -> ModelPack:
    """Load the models of a pack on the CPU, which takes some seconds.

    The files are the user's own: nothing is downloaded, and no hash is checked.

    Raises
    ------
    ModelMissing
        The folder or the library is missing, or it is no pack; the text has the remedy.
    """
    # Without a folder the library would look for one on the network.
    if not any(folder.glob("*.onnx")):
        raise ModelMissing(
            f"{folder} has no models; [faces] insightface_pack names the folder of a pack",
            f"{folder} 中没有模型；[faces] insightface_pack 应为模型包所在的文件夹",
        )
    models = _analysed(folder, threads)
    missing = {"detection", "recognition"} - models.keys()
    if missing:
        raise ModelMissing(
            f"{folder} is no whole pack: it has no model of {' and '.join(sorted(missing))}",
            f"{folder} 不是完整的模型包：没有 {'、'.join(sorted(missing))} 模型",
        )
    if not models["detection"].use_kps:
        raise ModelMissing(
            f"{folder}: its detector gives no points of faces", f"{folder}：其检测模型不给出人脸的关键点"
        )
    models["detection"].prepare(-1)
    models["recognition"].prepare(-1)
    return ModelPack(models["detection"], models["recognition"])


def _analysed(folder: Path, threads: int) -> dict[str, Any]:
    try:
        import onnxruntime  # noqa: PLC0415 - its load takes longer than most commands
        from insightface.app import FaceAnalysis  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as exc:
        raise ModelMissing(f"{exc}; type: {INSTALL}", f"{exc}；请执行 {INSTALL}") from exc
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            analysis = FaceAnalysis(
                name=str(folder.resolve()), allowed_modules=["detection", "recognition"],
                providers=["CPUExecutionProvider"], sess_options=options,
            )  # fmt: skip
    except Exception as exc:
        # Broken files raise assertion errors, and errors of protobuf and the runtime.
        raise ModelMissing(
            f"{folder} cannot be opened as a pack ({type(exc).__name__})",
            f"不能把 {folder} 作为模型包打开（{type(exc).__name__}）",
        ) from exc
    return dict(analysis.models)


DETECTION_THRESHOLD = 0.5
"""Score from which SCRFD has found a face, as its authors use it."""

TEMPLATE = AlignmentTemplate(
    112, ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
)
"""Alignment points of ArcFace."""

log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class InsightFaceEngine:
    """`FaceEngine` with an InsightFace model pack, which is opened when it is first needed.

    Parameters
    ----------
    folder
        Folder of the pack.
    nets
        Engine for liveness detection.
    opened
        Opens the pack.
    """

    _folder: Path
    _nets: OnnxFaceEngine
    _open: Callable[[Path], ModelPack] = open_pack
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _pack: ModelPack | None = field(default=None, init=False)

    def missing_model(self, liveness: bool) -> GaopaiError | None:
        try:
            self._opened()
            if liveness:
                self._nets.liveness_examiner(paired=False)
        except FaceModelMissing as missing:
            return missing
        return None

    def find(self, image: Image, live: bool = False) -> Sequence[Face]:
        side = LIVE_SIDE if live else PICTURE_SIDE
        detector = self._opened().detection
        boxes, points = detector.detect(colour(image), (side, side), det_thresh=DETECTION_THRESHOLD)
        found = [_face(box, marks) for box, marks in zip(boxes, points, strict=True)]
        return sorted(found, key=lambda face: -face.area)

    def embed(self, image: Image, face: Face) -> Floats:
        # Not the library's own alignment, which warns with newer versions of its dependencies.
        aligned = align(image, face.points, TEMPLATE)
        vector = np.ravel(np.asarray(self._opened().recognition.get_feat(aligned), np.float64))
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)

    def similarity(self, one: Floats, other: Floats) -> float:
        return similarity(one, other, CALIBRATION)

    def liveness_methods(self, paired: bool) -> tuple[LivenessMethod, ...]:
        self._opened()
        return self._nets.methods_beside_detection(paired)

    def liveness_examiner(self, paired: bool, action: Action | None = None) -> LivenessSession:
        return self._nets.liveness_examiner(paired, action)

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


def face_engine(config: FacesConfig) -> FaceEngine:
    """Return the engine that a configuration asks for."""
    nets = OnnxFaceEngine(liveness_settings(config.liveness))
    if config.insightface_pack:
        return InsightFaceEngine(Path(config.insightface_pack).expanduser(), nets)
    return nets
