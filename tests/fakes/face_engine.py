"""An engine of faces that sees whom the test says, and tells people apart by a number."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import cv2
import numpy as np
import pybase64

from imgcore.face import Face, LivenessResult, LivenessVerdict
from imgcore.face.action import Action
from imgcore.face.liveness import LivenessReason
from imgcore.face.liveness_session import FaceSample
from imgcore.face.net import Floats
from imgcore.types import Image
from server.errors import GaopaiError
from server.services.faces.engine import LivenessMethod
from tests.patience import PATIENCE

ALIVE = LivenessResult(LivenessVerdict.LIVE, 0.97, LivenessReason.REACHES)
PRINTED = LivenessResult(LivenessVerdict.NOT_LIVE, 0.1, LivenessReason.BELOW)
UNSURE = LivenessResult(LivenessVerdict.CANNOT_TELL, 0.5, LivenessReason.MORE_LOOKS)

SIDE = 200


def portrait(person: int, faces: int = 1, level: int = 120) -> Image:
    """A picture of that person, 1 to 250, with so many faces, of that grey level."""
    image = np.full((SIDE, SIDE, 3), level, np.uint8)
    image[0, :2, 0] = person, faces
    return image


def coded(image: Image, suffix: str = ".png") -> str:
    """The picture in base64; only a PNG keeps the person."""
    done, data = cv2.imencode(suffix, image)
    assert done
    return pybase64.b64encode_as_string(data.tobytes())


def face(person: int, width: float = 80.0, left: float = 20.0) -> Face:
    """A face of that person."""
    return Face((left, 20.0, width, width), np.full((5, 2), person, np.float32), 0.95)


class FakeFaceEngine:
    """See `server.services.faces.engine.FaceEngine`.

    Attributes
    ----------
    before
        The faces before every camera.
    verdict
        What every look at them says of life.
    alike
        Similarity of one person's pictures.
    missing
        Raised instead of an answer.
    methods
        Means of liveness detection.
    examined
        ``(paired, action)`` of each examination.
    looks
        All that examinations were shown.
    held
        Cleared, no look comes to an end.
    """

    def __init__(self) -> None:
        self.before: list[Face] = [face(1)]
        self.verdict = ALIVE
        self.alike = 0.9
        self.missing: GaopaiError | None = None
        self.methods: tuple[LivenessMethod, ...] = (LivenessMethod.MODEL, LivenessMethod.CUES)
        self.examined: list[tuple[bool, Action | None]] = []
        self.looks: list[FaceSample] = []
        self.held = threading.Event()
        self.held.set()

    def missing_model(self, liveness: bool) -> GaopaiError | None:
        return self.missing

    def liveness_methods(self, paired: bool) -> tuple[LivenessMethod, ...]:
        if self.missing is not None:
            raise self.missing
        return self.methods

    def find(self, image: Image, live: bool = False) -> Sequence[Face]:
        if self.missing is not None:
            raise self.missing
        if live:
            assert self.held.wait(PATIENCE)
            return tuple(self.before)
        person, count = (int(value) for value in image[0, :2, 0])
        return [face(person + place, 80.0 - 20 * place) for place in range(count)]

    def embed(self, image: Image, face: Face) -> Floats:
        return np.asarray([face.points[0, 0]], np.float32)

    def similarity(self, one: Floats, other: Floats) -> float:
        return self.alike if one[0] == other[0] else 0.123456

    def liveness_examiner(self, paired: bool, action: Action | None = None) -> FakeExaminer:
        if self.missing is not None:
            raise self.missing
        self.examined.append((paired, action))
        return FakeExaminer(self)


class FakeExaminer:
    """See `server.services.faces.engine.Examiner`."""

    def __init__(self, engine: FakeFaceEngine) -> None:
        self._engine = engine

    def add(self, look: FaceSample) -> LivenessResult:
        self._engine.looks.append(look)
        return self._engine.verdict
