"""Detection of blank pages at little cost: a page of text is recognized by its upper part."""

from __future__ import annotations

import io
import threading

import cv2
import numpy as np

from imgcore.jpeg import UnsupportedJpeg, Workspace, scan_top
from imgcore.paper.blank_page import is_blank, is_crowded
from imgcore.types import Image, ImageError
from server.documents import pdf, rendering
from server.documents.input_file import InputFile, Picture, picture_of
from server.documents.jpeg import Jpeg

_SHARES = (0.12, 0.35)
"""Shares of a JPEG's coded data that are looked at first, from the top; to look at all of it is not cheaper
than to decode it small."""
_LEAST_SIDE = 800
"""Pixels of the long side that `is_blank` needs: those of an A4 page at 70 dots an inch."""
_DOTS = 100.0
"""Dots an inch with which a page of a PDF is rendered to see whether it is blank."""


class BlankPageDetector:
    """Tells blank pages from others, in any thread."""

    def __init__(self) -> None:
        self._local = threading.local()

    def blank(self, picture: Picture) -> bool:
        """Return whether a page is blank.

        Raises
        ------
        imgcore.types.ImageError
            The picture is damaged.
        """
        if not isinstance(picture, Jpeg):
            return is_blank(picture.image)
        return not self._is_crowded(picture) and is_blank(_reduced(picture))

    def blank_page(self, source: InputFile, number: int, limit_pixels: int) -> bool:
        """Return whether a page of a file is blank; one of a PDF is rendered no finer than that takes.

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
        return is_blank(rendering.render_page(io.BytesIO(source.data), number, limit_pixels, _DOTS)[0])

    def _is_crowded(self, jpeg: Jpeg) -> bool:
        workspace: Workspace | None = getattr(self._local, "workspace", None)
        if workspace is None:
            workspace = Workspace()
            self._local.workspace = workspace
        try:
            return any(is_crowded(scan_top(jpeg.data, share, workspace)) for share in _SHARES)
        except UnsupportedJpeg:
            return False


def _reduced(jpeg: Jpeg) -> Image:
    """Return the picture as small as `is_blank` allows."""
    reduced = (
        (8, cv2.IMREAD_REDUCED_COLOR_8),
        (4, cv2.IMREAD_REDUCED_COLOR_4),
        (2, cv2.IMREAD_REDUCED_COLOR_2),
    )
    long = max(jpeg.width, jpeg.height)
    flags = next((flag for step, flag in reduced if long >= _LEAST_SIDE * step), cv2.IMREAD_COLOR)
    data = np.frombuffer(jpeg.data, np.uint8)
    pixels = cv2.imdecode(data, flags | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise ImageError("the JPEG data is damaged or of an unsupported kind")
    return np.asarray(pixels, np.uint8)
