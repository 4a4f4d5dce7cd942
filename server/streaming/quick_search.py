"""Search of thumbnails for outlines, tracked from one frame to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from imgcore.curve.gutter import gutter_of
from imgcore.outline import find_outline_fast, find_outlines, track_outline
from imgcore.outline.overlap import iou
from imgcore.rotate import rotate
from imgcore.types import Image, Outline, Points
from server.devices.ports.camera import Frame
from server.streaming.full_search import GetDocumentNets
from server.streaming.pixels import pixels
from server.streaming.planes import EIGHTH
from server.streaming.thumbnail import Thumbnail
from server.streaming.variants import Overlay, Variant

FINE_PIXELS = 200
"""A frame whose eighth is smaller is small enough to be decoded for each search."""
WHOLE_SECONDS = 1.5
"""Interval of searches of the whole picture while a page is tracked, as a larger one may have come."""
CERTAIN = 0.85
"""Confidence from which a find in grey decides; below, colours are searched too, which take half as long
again. White paper on a white desk may have an edge in them alone."""
_SAME = 0.9
"""Intersection over union from which finds in grey and in colour are the same page."""


class QuickFind(NamedTuple):
    """Outlines as closed lines in pixels of the turned frame, and whether they are in doubt."""

    lines: Sequence[Points]
    doubtful: bool


class QuickSearch:
    """Search for the outlines of one variant."""

    def __init__(self, variant: Variant, documents: GetDocumentNets) -> None:
        self._variant = variant
        self._documents = documents
        self._tracked: Outline | None = None
        self._tracked_shape: tuple[int, ...] = ()
        self._in_colour: bool | None = None
        self._whole_at = 0.0
        self._factor = EIGHTH

    def search(self, frame: Frame, thumbnail: Thumbnail, now: float) -> QuickFind:
        """Search the thumbnail of a frame, or the frame itself if that is small.

        Raises
        ------
        BrokenFrame, ModelDamaged
        """
        pictures = self._pictures(frame, thumbnail)
        overlay = self._variant.overlay
        if overlay is Overlay.OUTLINES:
            outlines = find_outlines(pictures.colour(), self._documents())
            return QuickFind([self._enlarged(outline.corners) for outline in outlines], not outlines)
        self._tracked, doubtful = self._page(pictures, now)
        if overlay is Overlay.GUTTER:
            gutter = gutter_of(pictures.grey, self._tracked)
            return QuickFind([] if gutter is None else [self._enlarged(gutter)], doubtful)
        return QuickFind([] if self._tracked is None else [self._enlarged(self._tracked.corners)], doubtful)

    def follow(self, page: Outline) -> None:
        """Track a page from now on, given in pixels of the turned frame."""
        corners = np.asarray((page.corners + 0.5) / self._factor - 0.5, np.float32)
        self._tracked, self._in_colour = Outline(corners, page.score), None

    def _pictures(self, frame: Frame, thumbnail: Thumbnail) -> _Pictures:
        self._factor = EIGHTH
        if max(thumbnail.grey.shape) >= FINE_PIXELS:
            return _Pictures(thumbnail, self._variant.rotate)
        self._factor = next((r for r in (4, 2) if max(frame.size) // r >= FINE_PIXELS), 1)
        luma, red, blue = cv2.split(cv2.cvtColor(pixels(frame, self._factor), cv2.COLOR_BGR2YCrCb))
        planes = [np.asarray(plane, np.uint8) for plane in (luma, blue, red)]
        return _Pictures(Thumbnail(planes[0], tuple(planes[1:])), self._variant.rotate)

    def _page(self, pictures: _Pictures, now: float) -> tuple[Outline | None, bool]:
        """Find the page near its last position, or else in the whole picture; True if that is in doubt."""
        same_size = self._tracked_shape == pictures.grey.shape
        if self._tracked is not None and same_size and now - self._whole_at < WHOLE_SECONDS:
            for in_colour in (False, True) if self._in_colour is None else (self._in_colour,):
                page = track_outline(pictures.colour() if in_colour else pictures.grey, self._tracked)
                if page is not None:
                    self._in_colour = in_colour
                    return page, False
        self._whole_at, self._tracked_shape = now, pictures.grey.shape
        return self._whole(pictures)

    def _whole(self, pictures: _Pictures) -> tuple[Outline | None, bool]:
        self._in_colour = False
        grey = find_outline_fast(pictures.grey)
        if grey is not None and grey.score >= CERTAIN:
            return grey, False
        colour = find_outline_fast(pictures.colour())
        if colour is None:
            return grey, True
        if grey is not None:
            differ = iou(grey.corners.astype(float), colour.corners.astype(float)) < _SAME
            if grey.score > colour.score:
                return grey, True
        self._in_colour = True
        return colour, colour.score < CERTAIN or (grey is not None and differ)

    def _enlarged(self, line: Points) -> Points:
        # Pixel centres are at integers: the centre of a reduced pixel is not a multiple of it.
        return np.asarray((line + 0.5) * self._factor - 0.5, np.float32)


class _Pictures:
    """The turned thumbnail, in grey and in colour."""

    def __init__(self, thumbnail: Thumbnail, clockwise: int) -> None:
        self._thumbnail = thumbnail
        self._clockwise = clockwise
        self.grey: Image = rotate(thumbnail.grey, clockwise)

    def colour(self) -> Image:
        return rotate(self._thumbnail.colour(), self._clockwise)
