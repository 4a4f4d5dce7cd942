"""Looks at a face camera's frames: where the faces are and, if wanted, whether the largest is alive."""

from __future__ import annotations

from imgcore.face.examination import Look
from server.devices.ports.camera import Frame
from server.services.face_engine import Examiner, FaceEngine
from server.streaming.face_watch import Sight
from server.streaming.pixels import pixels

ENOUGH_PIXELS = 1.5e6
"""A frame is decoded at a half while it keeps so many: a face at a counter has far more than is compared."""


class FaceEye:
    """See `server.streaming.face_watch.Eye`.

    Parameters
    ----------
    examiner
        Judges the largest face; None where nobody wants to know.
    """

    def __init__(self, engine: FaceEngine, examiner: Examiner | None = None) -> None:
        self._engine = engine
        self._examiner = examiner

    def look(self, colour: Frame, infrared: Frame | None) -> Sight:
        scale = 2 if colour.size.width * colour.size.height >= 4 * ENOUGH_PIXELS else 1
        image = pixels(colour, scale)
        faces = self._engine.find(image, live=True)
        if self._examiner is None:
            return Sight(colour, image, faces, scale)
        if infrared is None:
            look = Look(image, faces, colour.time)
        else:
            unseen = pixels(infrared)
            look = Look(image, faces, colour.time, unseen, self._engine.find(unseen, live=True))
        return Sight(colour, image, faces, scale, self._examiner.add(look))
