"""Reading of a document that lies somewhere on a photograph."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from imgcore.crop import page_transform, warp
from imgcore.outline import find_page
from imgcore.text.line import TextLine
from imgcore.text.reader import TextReader
from imgcore.types import Image, Points


def read_document(reader: TextReader, image: Image, careful: bool = False) -> list[TextLine]:
    """Read the document on a photograph, seen from straight above; the whole picture where none is found.

    The lines lie where they are on the photograph.

    Parameters
    ----------
    image
        BGR or grey.
    careful
        As for `TextReader.read`.

    Raises
    ------
    ImageError
        As `TextReader.read`.
    """
    outline = find_page(image).outline if image.size else None
    if outline is None:
        return reader.read(image, careful)
    matrix, size = page_transform(outline.corners, image.shape)
    back = np.linalg.inv(matrix)
    return [
        replace(line, corners=_moved(line.corners, back))
        for line in reader.read(warp(image, matrix, size), careful)
    ]


def _moved(corners: Points, matrix: np.ndarray) -> Points:
    return np.asarray(cv2.perspectiveTransform(corners[None], matrix)[0], np.float32)
