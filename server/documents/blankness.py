"""Which pages are blank, at as little cost as can be: a page of text is told by its upper part."""

from __future__ import annotations

import io
import threading

import cv2
import numpy as np

from imgcore.blank_page import is_blank, is_crowded
from imgcore.jpeg import UnsupportedJpeg, Workspace, scan_top
from imgcore.types import Image, ImageError
from server.documents import drawing, pdf
from server.documents.jpeg import Jpeg
from server.documents.picture import Picture, picture_of
from server.documents.source import Source

_SHARES = (0.12, 0.35)
"""Shares of a JPEG that are looked at first; to look at all of it is not cheaper than to decode it small."""
_LEAST_SIDE = 800
"""Pixels of the long side that `is_blank` needs: 70 dots an inch of A4."""
_DOTS = 100.0
"""A page of a PDF is drawn with so many."""
_REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
    (1, cv2.IMREAD_COLOR),
)


class Glances:
    """Looks at pages; any thread may ask."""

    def __init__(self) -> None:
        self._own = threading.local()

    def blank(self, picture: Picture) -> bool:
        """Whether a page is blank.

        Raises
        ------
        imgcore.types.ImageError
            The picture is damaged.
        """
        if not isinstance(picture, Jpeg):
            return is_blank(picture.image)
        return not self._is_crowded(picture) and is_blank(_reduced(picture))

    def blank_page(self, source: Source, number: int, limit_pixels: int) -> bool:
        """Whether a page of a file is blank; one of a PDF is not drawn finer than that takes.

        Raises
        ------
        server.documents.faults.DocumentFault, imgcore.types.ImageError
            As `picture_of`.
        """
        if source.document is None:
            return self.blank(picture_of(source, number, limit_pixels))
        with source.lock:
            stored = pdf.stored_jpeg(source.document, number, limit_pixels)
        if stored is not None:
            return self.blank(stored)
        return is_blank(drawing.draw_page(io.BytesIO(source.data), number, limit_pixels, _DOTS)[0])

    def _is_crowded(self, jpeg: Jpeg) -> bool:
        workspace: Workspace | None = getattr(self._own, "workspace", None)
        if workspace is None:
            workspace = self._own.workspace = Workspace()
        try:
            return any(is_crowded(scan_top(jpeg.data, share, workspace)) for share in _SHARES)
        except UnsupportedJpeg:
            return False


def _reduced(jpeg: Jpeg) -> Image:
    """The picture as small as `is_blank` can do with."""
    long = max(jpeg.width, jpeg.height)
    flags = next((flag for step, flag in _REDUCED if long >= _LEAST_SIDE * step), cv2.IMREAD_COLOR)
    data = np.frombuffer(jpeg.data, np.uint8)
    pixels = cv2.imdecode(data, flags | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise ImageError("the JPEG data is damaged or of an unsupported kind")
    return np.asarray(pixels, np.uint8)
