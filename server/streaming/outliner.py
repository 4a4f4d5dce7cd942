"""Outline detection in a camera's frames, a few times a second beside the stream.

The preview draws the newest outlines and never waits for a search. The search takes the thumbnail
that drawing on a frame leaves as a by-product; an unchanging scene is not searched again, so that
its outline does not move.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import numpy as np

from imgcore.curve.gutter import gutter_of
from imgcore.jpeg import Workspace
from imgcore.outline import (
    DocumentNets,
    find_outline,
    find_outline_fast,
    find_outlines,
    track_outline,
)
from imgcore.rotate import rotate
from imgcore.types import Image, Outline, Points
from server.background import report
from server.devices.ports.camera import Frame
from server.errors import GaopaiError
from server.streaming.hub import Hub, HubClosed
from server.streaming.painter import Painter, eighth
from server.streaming.pixels import BrokenFrame, pixels
from server.streaming.planes import EIGHTH
from server.streaming.scene import ChangeDetector
from server.streaming.variants import Overlay, Variant

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.2
"""Five searches a second follow a hand that lays a page down; more are hardly visible."""
REST = 4.0
"""Pause after a search as a multiple of its duration: never more than a fifth of a core."""
AGAIN_SECONDS = 2.0
"""Interval of searches in an unchanging scene, as the light may change little by little."""
FRAME_SECONDS = 10.0
"""Longer than the timeout of the preview, which reports why frames stopped."""
FAILED_SECONDS = 10.0
"""Pause after a search that failed unexpectedly, as the next one may fail too."""
HOLD_SECONDS = 0.6
"""Time that the last outline stays when nothing is found, so that a passing hand does not make it blink."""
COLOUR_SECONDS = 0.7
"""Interval of searches in colour, which cost a decoding, where grey shows no page."""
COLOUR_PIXELS = 400
"""Least longer side of the picture that is searched in colour."""
FINE_PIXELS = 200
"""A frame whose eighth is smaller is small enough to be decoded for each search."""
JUMP = 0.005
"""Share of a document's extent: larger moves are drawn in full, smaller ones may be noise and are halved."""
WHOLE_SECONDS = 1.5
"""Interval of searches of the whole picture while a page is tracked, as a larger one may have come."""


GetDocumentNets = Callable[[], DocumentNets | None]
"""Called in the thread of the search, as loading the nets takes a moment."""


class Outliner:
    """Newest outlines of a hub for one variant, found while `run` runs."""

    def __init__(self, hub: Hub, painter: Painter, executor: Executor, search: OutlineSearch) -> None:
        self._hub = hub
        self._painter = painter
        self._executor = executor
        self._search = search
        self._found: Sequence[Points] = ()

    @property
    def newest(self) -> Sequence[Points]:
        """Outlines as closed lines in pixels of the turned frame; one of two points is just a line."""
        return self._found

    async def run(self) -> None:
        """Search until cancelled or the camera fails, which the preview reports."""
        try:
            await self._search_frames()
        except (GaopaiError, HubClosed) as ended:
            log.debug("the outline search of %s ended: %s", self._hub.name, type(ended).__name__)

    async def _search_frames(self) -> None:
        with self._hub.watch() as watch:
            while True:
                started = time.monotonic()
                frame = await watch.next(FRAME_SECONDS)
                begun = time.monotonic()
                succeeded = await self._search_frame(frame, begun)
                now = time.monotonic()
                pause = max(REST * (now - begun), started + INTERVAL_SECONDS - now, 0.0)
                await asyncio.sleep(pause if succeeded else FAILED_SECONDS)

    async def _search_frame(self, frame: Frame, now: float) -> bool:
        """Search one frame; return False after an unexpected failure."""
        loop = asyncio.get_running_loop()
        work = (frame, self._painter.thumbnail, now)
        try:
            self._found = await loop.run_in_executor(self._executor, self._search.update, *work)
        except BrokenFrame:
            log.debug("%s sent a broken frame", self._hub.name)
        except Exception as error:  # noqa: BLE001 - whatever it was, the preview continues
            report("outline search", error)
            self._found = ()
            return False
        return True


class OutlineSearch:
    """Outline search that keeps state from one frame to the next."""

    def __init__(self, variant: Variant, documents: GetDocumentNets) -> None:
        self._variant = variant
        self._documents = documents
        self._space = Workspace()
        self._scene = ChangeDetector()
        self._searched_at = 0.0
        self._found: Sequence[Points] = ()
        self._found_at = 0.0
        self._colour_at = 0.0
        self._tracked: Outline | None = None
        self._tracked_shape: tuple[int, ...] = ()
        self._whole_at = 0.0

    def update(self, frame: Frame, thumbnail: Image | None, now: float) -> Sequence[Points]:
        """Search a frame and return its outlines.

        Parameters
        ----------
        thumbnail
            Thumbnail of about this frame, grey, at an eighth, not turned; None to make one.
        now
            Seconds, monotonic.

        Raises
        ------
        BrokenFrame, ModelDamaged
        """
        if thumbnail is None:
            thumbnail = eighth(frame, self._space)
        unchanged = not self._scene.changed(thumbnail)
        if unchanged and now - self._searched_at < AGAIN_SECONDS:
            return self._found
        self._searched_at = now
        found = self._search(frame, thumbnail, now)
        if found:
            self._found, self._found_at = _steadied(self._found, found, unchanged), now
        elif found is not None and now - self._found_at > HOLD_SECONDS:
            self._found = ()
        return self._found

    def _search(self, frame: Frame, thumbnail: Image, now: float) -> Sequence[Points] | None:
        """Return the outlines found; None if the search was not thorough enough to exclude a page."""
        factor = EIGHTH
        if max(thumbnail.shape) < FINE_PIXELS:
            factor = next((r for r in (4, 2) if max(frame.size) // r >= FINE_PIXELS), 1)
            thumbnail = pixels(frame, factor)
        picture = rotate(thumbnail, self._variant.rotate)
        if self._variant.overlay is Overlay.OUTLINES:
            outlines = find_outlines(picture, self._documents())
            return [_enlarged(outline.corners, factor) for outline in outlines]
        if self._variant.overlay is Overlay.GUTTER:
            self._tracked = self._track(picture, now)
            gutter = gutter_of(picture, self._tracked)
            return [] if gutter is None else [_enlarged(gutter, factor)]
        outline = self._tracked = self._track(picture, now)
        if outline is None:
            return self._search_in_colour(frame, now)
        return [_enlarged(outline.corners, factor)]

    def _track(self, picture: Image, now: float) -> Outline | None:
        """Find the page near its last position, or else in the whole picture."""
        same_size = self._tracked_shape == picture.shape
        if self._tracked is not None and same_size and now - self._whole_at < WHOLE_SECONDS:
            outline = track_outline(picture, self._tracked)
            if outline is not None:
                return outline
        self._whole_at, self._tracked_shape = now, picture.shape
        return find_outline_fast(picture)

    def _search_in_colour(self, frame: Frame, now: float) -> Sequence[Points] | None:
        """Search in colour, where white paper on a white desk may have an edge; None between searches."""
        if now - self._colour_at < COLOUR_SECONDS:
            return None
        self._colour_at = now
        reduce = next((r for r in (8, 4, 2) if max(frame.size) // r >= COLOUR_PIXELS), 1)
        outline = find_outline(rotate(pixels(frame, reduce), self._variant.rotate))
        return [] if outline is None else [_enlarged(outline.corners, reduce)]


def _enlarged(line: Points, factor: int) -> Points:
    # Pixel centres are at integers: the centre of a reduced pixel is not a multiple of it.
    return np.asarray((line + 0.5) * factor - 0.5, np.float32)


def _steadied(old: Sequence[Points], new: Sequence[Points], unchanged: bool) -> Sequence[Points]:
    """Return `new`, smoothed with `old` where a document has not moved, so that outlines do not jitter."""
    if [len(line) for line in old] != [len(line) for line in new]:
        return new
    return [_smoothed(before, after, unchanged) for before, after in zip(old, new, strict=True)]


def _smoothed(before: Points, after: Points, unchanged: bool) -> Points:
    away = float(np.abs(after - before).max())
    if unchanged and away <= EIGHTH:
        # Less than a pixel of the searched thumbnail: noise, as nothing in the scene has moved.
        return before
    if away > JUMP * float(np.ptp(after, axis=0).max()):
        return after
    return np.asarray((before + after) / 2, np.float32)
