"""Where the documents are, found a few times a second beside the stream.

The display draws the newest outlines and never waits for the finder. What is searched is the
thumbnail that falls off when a frame is drawn on; a scene that rests is not searched again, so
that its outline rests too.
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
"""Five searches a second follow a hand that lays a page down; more are hardly seen."""
REST = 4.0
"""Rest after a search, in times of what it took: never more than a fifth of a core."""
AGAIN_SECONDS = 2.0
"""A resting scene is searched again so often: the light may have changed little by little."""
FRAME_SECONDS = 10.0
"""Longer than the preview waits: what ends it is said there."""
FAILED_SECONDS = 10.0
"""Rest after a search that failed unexpectedly, which the next one may do too."""
HOLD_SECONDS = 0.6
"""How long the last outline stays when a search fails: a passing hand must not make it blink."""
COLOUR_SECONDS = 0.7
"""How often a page that grey does not show is looked for in colour, which costs a decoding."""
COLOUR_PIXELS = 400
"""The longer side of the picture that is searched in colour is at least this."""
FINE_PIXELS = 200
"""A frame whose eighth is smaller is small enough to be decoded for each search."""
JUMP = 0.005
"""Of a document's extent: a move by more is drawn as it is, one by less may be noise and is halved."""
WHOLE_SECONDS = 1.5
"""A page that moves is followed, and the whole picture is searched so often: a larger one may have come."""


GetDocumentNets = Callable[[], DocumentNets | None]
"""Asked in the thread that searches: loading them takes a moment."""


class Outliner:
    """Keeps the newest outlines of a hub for one variant while its task runs."""

    def __init__(self, hub: Hub, painter: Painter, executor: Executor, search: OutlineSearch) -> None:
        self._hub = hub
        self._painter = painter
        self._executor = executor
        self._search = search
        self._found: Sequence[Points] = ()

    @property
    def newest(self) -> Sequence[Points]:
        """Closed lines in pixels of the turned frame; one of two points is just a line."""
        return self._found

    async def run(self) -> None:
        """Search until cancelled or the camera fails, which the preview tells."""
        try:
            await self._follow()
        except (GaopaiError, HubClosed) as ended:
            log.debug("the outline search of %s ended: %s", self._hub.name, type(ended).__name__)

    async def _follow(self) -> None:
        with self._hub.watch() as watch:
            while True:
                started = time.monotonic()
                frame = await watch.next(FRAME_SECONDS)
                begun = time.monotonic()
                worked = await self._look(frame, begun)
                now = time.monotonic()
                due = max(REST * (now - begun), started + INTERVAL_SECONDS - now, 0.0)
                await asyncio.sleep(due if worked else FAILED_SECONDS)

    async def _look(self, frame: Frame, now: float) -> bool:
        """Search one frame; return whether that went as expected."""
        loop = asyncio.get_running_loop()
        work = (frame, self._painter.thumbnail, now)
        try:
            self._found = await loop.run_in_executor(self._executor, self._search.update, *work)
        except BrokenFrame:
            log.debug("%s sent a broken frame", self._hub.name)
        except Exception as error:  # noqa: BLE001 - whatever it was, the preview goes on
            report("outline search", error)
            self._found = ()
            return False
        return True


class OutlineSearch:
    """What is known of the scene from one search to the next."""

    def __init__(self, variant: Variant, documents: GetDocumentNets) -> None:
        self._variant = variant
        self._documents = documents
        self._space = Workspace()
        self._scene = ChangeDetector()
        self._searched_at = 0.0
        self._found: Sequence[Points] = ()
        self._found_at = 0.0
        self._colour_at = 0.0
        self._followed: Outline | None = None
        self._followed_in: tuple[int, ...] = ()
        self._whole_at = 0.0

    def update(self, frame: Frame, thumbnail: Image | None, now: float) -> Sequence[Points]:
        """The outlines as of a frame.

        Parameters
        ----------
        thumbnail
            Of about this frame, grey, at an eighth, not turned; None to make one.
        now
            Seconds, monotonic.

        Raises
        ------
        BrokenFrame, ModelDamaged
        """
        if thumbnail is None:
            thumbnail = eighth(frame, self._space)
        rests = not self._scene.changed(thumbnail)
        if rests and now - self._searched_at < AGAIN_SECONDS:
            return self._found
        self._searched_at = now
        found = self._look(frame, thumbnail, now)
        if found:
            self._found, self._found_at = _steady(self._found, found, rests), now
        elif found is not None and now - self._found_at > HOLD_SECONDS:
            self._found = ()
        return self._found

    def _look(self, frame: Frame, thumbnail: Image, now: float) -> Sequence[Points] | None:
        """What is there; None when that was not looked at closely enough to say nothing."""
        factor = EIGHTH
        if max(thumbnail.shape) < FINE_PIXELS:
            factor = next((r for r in (4, 2) if max(frame.size) // r >= FINE_PIXELS), 1)
            thumbnail = pixels(frame, factor)
        picture = rotate(thumbnail, self._variant.rotate)
        if self._variant.overlay is Overlay.OUTLINES:
            outlines = find_outlines(picture, self._documents())
            return [_enlarged(outline.corners, factor) for outline in outlines]
        if self._variant.overlay is Overlay.GUTTER:
            self._followed = self._follow(picture, now)
            gutter = gutter_of(picture, self._followed)
            return [] if gutter is None else [_enlarged(gutter, factor)]
        outline = self._followed = self._follow(picture, now)
        if outline is None:
            return self._look_in_colour(frame, now)
        return [_enlarged(outline.corners, factor)]

    def _follow(self, picture: Image, now: float) -> Outline | None:
        """The page near where it was, or else wherever it is."""
        same_size = self._followed_in == picture.shape
        if self._followed is not None and same_size and now - self._whole_at < WHOLE_SECONDS:
            outline = track_outline(picture, self._followed)
            if outline is not None:
                return outline
        self._whole_at, self._followed_in = now, picture.shape
        return find_outline_fast(picture)

    def _look_in_colour(self, frame: Frame, now: float) -> Sequence[Points] | None:
        """White paper on a white desk has an edge in colour, if it has one at all."""
        if now - self._colour_at < COLOUR_SECONDS:
            return None
        self._colour_at = now
        reduce = next((r for r in (8, 4, 2) if max(frame.size) // r >= COLOUR_PIXELS), 1)
        outline = find_outline(rotate(pixels(frame, reduce), self._variant.rotate))
        return [] if outline is None else [_enlarged(outline.corners, reduce)]


def _enlarged(line: Points, factor: int) -> Points:
    # Pixel centres are at integers: the centre of a reduced pixel is not a multiple of it.
    return np.asarray((line + 0.5) * factor - 0.5, np.float32)


def _steady(old: Sequence[Points], new: Sequence[Points], rests: bool) -> Sequence[Points]:
    """`new`, held to `old` where a document rests, so that its outline does not tremble."""
    if [len(line) for line in old] != [len(line) for line in new]:
        return new
    return [_held(before, after, rests) for before, after in zip(old, new, strict=True)]


def _held(before: Points, after: Points, rests: bool) -> Points:
    away = float(np.abs(after - before).max())
    if rests and away <= EIGHTH:
        # Less than a pixel of what was searched: noise, as nothing in the scene has moved.
        return before
    if away > JUMP * float(np.ptp(after, axis=0).max()):
        return after
    return np.asarray((before + after) / 2, np.float32)
