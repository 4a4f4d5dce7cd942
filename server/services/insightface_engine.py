"""The engine of faces with a pack of InsightFace's; who is alive is told by the models of the manifest."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from imgcore.face import Face, Template, align, similarity
from imgcore.face.action import Action
from imgcore.face.detect import LIVE_SIDE, PICTURE_SIDE
from imgcore.face.examination import Examination
from imgcore.face.net import Floats, colour
from imgcore.types import Image, Points
from models.locate import ModelMissing
from server.errors import FaceModelMissing, GaopaiError, Text
from server.services.face_nets import FaceNets
from server.services.insightface_pack import CALIBRATION, Pack, open_pack

GATE = 0.5
"""Score from which SCRFD has found a face, as its authors use it."""

TEMPLATE = Template(
    112, ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
)
"""ArcFace's."""

log = logging.getLogger(__name__)


class InsightFaceEngine:
    """See `server.services.face_engine.FaceEngine`; the pack is opened when it is first needed.

    Parameters
    ----------
    folder
        Of the pack.
    nets
        Tells who is alive.
    opened
        Opens the pack.
    """

    def __init__(self, folder: Path, nets: FaceNets, opened: Callable[[Path], Pack] = open_pack) -> None:
        self._folder = folder
        self._nets = nets
        self._open = opened
        self._lock = threading.Lock()
        self._pack: Pack | None = None

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

    def examine(self, paired: bool, action: Action | None = None) -> Examination:
        return self._nets.examine(paired, action)

    def _opened(self) -> Pack:
        with self._lock:
            if self._pack is None:
                self._pack = self._load()
            return self._pack

    def _load(self) -> Pack:
        try:
            return self._open(self._folder)
        except ModelMissing as missing:
            log.warning("the pack of InsightFace cannot be used: %s", missing)
            purpose = Text("查找和比对人脸", "find or compare faces")
            raise FaceModelMissing(role="insightface_pack", purpose=purpose) from missing


def _face(box: Floats, points: Points) -> Face:
    left, top, right, bottom, score = (float(value) for value in box)
    return Face((left, top, right - left, bottom - top), np.asarray(points, np.float32), score)
