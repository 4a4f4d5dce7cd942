"""Tasks about documents, in the process that reads text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import cv2
import numpy as np

from imgcore.fields import DocumentReader
from imgcore.outline import DocumentNets, ScoringNet
from imgcore.privacy import Copier
from imgcore.text import TextReader
from imgcore.types import Image
from models.arrays import read_arrays
from models.locate import choose
from models.session import open_net
from server.children import memory
from server.decoding import documents, wire


def run(
    task: wire.ReadDocuments | wire.HidePrivate, text: TextReader, image: Image
) -> tuple[bytes, Iterable[memory.Piece]]:
    """Do a task; return the packed answer and the content that goes along.

    Raises
    ------
    imgcore.privacy.UnreadablePage, models.locate.ModelMissing
    """
    page = image if image.ndim == 3 else np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    reader = DocumentReader(text, _nets())
    if isinstance(task, wire.ReadDocuments):
        return wire.encode(wire.DocumentsRead()), [documents.packed(reader.read(page, task.crop))]
    copy = Copier(text, reader).copy(page, task.kinds, task.faces)
    pixels = np.ascontiguousarray(copy.image)
    return wire.encode(wire.PrivateHidden(pixels.shape, dict(copy.hidden))), [pixels.data]


@cache
def _nets() -> DocumentNets:
    """Return the project's own nets, which lie beside the code and are read at the first document."""
    scoring = ScoringNet(**read_arrays(choose("document-scoring")))
    return DocumentNets(open_net(choose("document-segmentation")), scoring)
