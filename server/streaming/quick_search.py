"""Search of thumbnails for outlines, tracked from one frame to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from imgcore.curve.gutter import gutter_of, gutter_within
from imgcore.outline import (
    DocumentNets,
    Finding,
    find_documents,
    find_outline_fast,
    find_page,
    track_outline,
    trusting,
)
from imgcore.outline.desk.known import find_known
from imgcore.outline.desk.memory import DeskMemory
from imgcore.rotate import rotate
from imgcore.settings import WhenUnsure
from imgcore.types import DoubtedCrop, Image, Outline, Points, Prior, quad_of
from server.devices.ports.camera import Frame
from server.streaming.painter import Overlay, Variant
from server.streaming.pixels import EIGHTH, Thumbnail, pixels

FINE_PIXELS = 200
"""Long side of a frame's eighth, in pixels, below which the frame is small enough to be decoded for each
search."""
WHOLE_SECONDS = 1.5
"""Interval of searches of the whole picture while a page is tracked, in seconds, as a larger one may have
come."""
MOVING_SECONDS = 4.0
"""Interval of searches of the whole picture while a page is tracked in a scene that goes on moving, in
seconds: for one of them, a page can be tracked four times."""
NEAR = 8.0
"""Pixels of the searched picture that a page moves at most between two searches to be tracked in the next."""


class QuickFind(NamedTuple):
    """Outlines as closed lines in pixels of the turned frame, and whether there is any document."""

    lines: Sequence[Points]
    document: bool


class QuickSearch:
    """Search for the outlines of one variant."""

    def __init__(self, variant: Variant, documents: GetDocumentNets) -> None:
        self._variant = variant
        self._documents = documents
        self._tracked: Outline | None = None
        self._tracked_shape: tuple[int, ...] = ()
        self._in_colour: bool | None = None
        self._whole_at = 0.0
        self._fast = True
        self._factor = EIGHTH

    def search(self, frame: Frame, thumbnail: Thumbnail, now: float, rested_at: float) -> QuickFind:
        """Search the thumbnail of a frame, or the frame itself if that is small.

        Parameters
        ----------
        now, rested_at
            Times of the frame, and of the last one of a scene at rest; seconds, monotonic.
        """
        pictures = self._pictures(frame, thumbnail)
        overlay = self._variant.overlay
        if overlay is Overlay.OUTLINES:
            outlines = find_documents(pictures.colour(), self._documents()).outlines
            return QuickFind([self._enlarged(outline.corners) for outline in outlines], bool(outlines))
        page = self._page(pictures, now, rested_at)
        self._tracked = page
        if overlay is Overlay.GUTTER:
            gutter = gutter_of(pictures.grey, page)
            return QuickFind([] if gutter is None else [self._enlarged(gutter)], page is not None)
        return QuickFind([] if page is None else [self._enlarged(page.corners)], page is not None)

    def follow(self, page: Outline, now: float) -> None:
        """Track a page that a search of the whole frame has found, given in pixels of the turned frame."""
        corners = np.asarray((page.corners + 0.5) / self._factor - 0.5, np.float32)
        self._tracked = Outline(corners, page.score)
        self._in_colour = None
        self._whole_at = now
        self._fast = False

    def _pictures(self, frame: Frame, thumbnail: Thumbnail) -> _Pictures:
        self._factor = EIGHTH
        if max(thumbnail.grey.shape) >= FINE_PIXELS:
            return _Pictures(thumbnail, self._variant.rotate)
        self._factor = next((r for r in (4, 2) if max(frame.size) // r >= FINE_PIXELS), 1)
        luma, red, blue = cv2.split(cv2.cvtColor(pixels(frame, self._factor), cv2.COLOR_BGR2YCrCb))
        planes = [np.asarray(plane, np.uint8) for plane in (luma, blue, red)]
        return _Pictures(Thumbnail(planes[0], tuple(planes[1:])), self._variant.rotate)

    def _page(self, pictures: _Pictures, now: float, rested_at: float) -> Outline | None:
        """Find the page near its last position, or else in the whole picture."""
        before = self._tracked
        shape = pictures.grey.shape
        if before is not None and self._tracked_shape == shape and self._may_track(now, rested_at):
            page = self._track(pictures, before)
            if page is not None:
                return page
        self._whole_at = now
        self._tracked_shape = shape
        page = self._whole(pictures)
        self._fast = before is None or page is None or np.abs(page.corners - before.corners).max() > NEAR
        return page

    def _may_track(self, now: float, rested_at: float) -> bool:
        if rested_at > self._whole_at:
            return now - rested_at < WHOLE_SECONDS
        return not self._fast and now - self._whole_at < MOVING_SECONDS

    def _track(self, pictures: _Pictures, before: Outline) -> Outline | None:
        for in_colour in (False, True) if self._in_colour is None else (self._in_colour,):
            page = track_outline(pictures.colour() if in_colour else pictures.grey, before)
            if page is not None:
                self._in_colour = in_colour
                return page
        return None

    def _whole(self, pictures: _Pictures) -> Outline | None:
        """Find the page in colour, where white paper on a white desk may have an edge, or else in grey."""
        page = find_outline_fast(pictures.colour())
        self._in_colour = page is not None
        return page or find_outline_fast(pictures.grey)

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


GetDocumentNets = Callable[[], DocumentNets | None]
"""Called in the thread of the search, as loading the nets takes a moment."""


class FullFind(NamedTuple):
    """Lines to be drawn, the page they belong to, and what was not trusted, in pixels of the turned frame."""

    lines: Sequence[Points]
    page: Outline | None
    doubted: tuple[DoubtedCrop, ...] = ()
    prior: Prior = Prior.PICTURE


def full_search(
    frame: Frame,
    variant: Variant,
    documents: GetDocumentNets,
    memory: DeskMemory | None = None,
    rests: bool = False,
) -> FullFind:
    """Search a frame by the finder that a capture with the variant's crop uses; it takes as long.

    Parameters
    ----------
    memory
        Memory of the camera's desk, which learns from a scene that rests.
    """
    picture = pixels(frame)
    if memory is not None and rests:
        memory.learn(picture)
    desk = None if memory is None else memory.desk_in(picture.shape[1::-1], variant.rotate)
    image = rotate(picture, variant.rotate)
    several = variant.overlay is Overlay.OUTLINES
    known = find_known(image, desk, several, documents)
    finding = _found(image, variant, documents) if known is None else known
    prior = Prior.PICTURE if known is None else Prior.DESK
    if variant.when_unsure is WhenUnsure.CROP:
        finding, _ = trusting(finding)
    doubted = tuple(DoubtedCrop(quad_of(each.corners), str(reason)) for each, reason in finding.doubted)
    page = finding.outline
    if several or page is None:
        return FullFind([outline.corners for outline in finding.outlines], None, doubted, prior)
    lines = [page.corners] if variant.overlay is Overlay.OUTLINE else _gutter(image, page)
    return FullFind(lines, page, doubted, prior)


def _found(image: Image, variant: Variant, documents: GetDocumentNets) -> Finding:
    if variant.overlay is Overlay.OUTLINES:
        return find_documents(image, documents())
    finding = find_page(image)
    return finding if finding.outlines else find_page(image, documents())


def _gutter(image: Image, page: Outline) -> Sequence[Points]:
    line = gutter_within(image, page.corners.astype(np.float64))
    return [] if line is None else [line.astype(np.float32)]
