"""Private copies in a batch: pictures without what they should not tell."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import cv2
import numpy as np

from imgcore.fields import DocumentReader
from imgcore.privacy import Copier, Hidden, UnreadablePage
from imgcore.types import Image
from server.batch.faults import PageFault
from server.config import FaceLivenessConfig
from server.documents.text_reader import model_contents, text_reader
from server.errors import LocalizedText
from server.services.faces.liveness import liveness_settings
from server.services.faces.onnx_engine import OnnxFaceEngine
from server.services.pictures.model_cache import ModelCache

_UNSURE = LocalizedText(
    "内容不能可靠识别，没有制作副本", "it cannot be read surely enough; no copy of it was made"
)
_NOTHING = LocalizedText(
    "没有找到要遮盖的内容，没有制作副本",
    "nothing that was to be hidden was found; no copy of it was made",
)


def without_private(image: Image, kinds: Collection[str]) -> Image:
    """Return a picture in which nothing of some kinds of `imgcore.privacy.Hidden` is left.

    Raises
    ------
    PageFault
        It cannot be read surely, or has nothing of the kind.
    server.errors.GaopaiError
        A model is missing.
    """
    hidden = frozenset(map(Hidden, kinds))
    page = image if image.ndim == 3 else np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    faces = _faces().find(page) if Hidden.PORTRAIT in hidden else ()
    try:
        made = _copier().copy(page, hidden, [face.box for face in faces])
    except UnreadablePage as exc:
        raise PageFault(_UNSURE) from exc
    if not made.hidden:
        raise PageFault(_NOTHING)
    return made.image


@cache
def _copier() -> Copier:
    reader = text_reader(model_contents(), 1)
    return Copier(reader, DocumentReader(reader, ModelCache().documents()))


@cache
def _faces() -> OnnxFaceEngine:
    return OnnxFaceEngine(liveness_settings(FaceLivenessConfig()))
