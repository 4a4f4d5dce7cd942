"""Outline detection in a camera's frames, a few times a second beside the stream.

The preview draws the newest outlines and never waits for a search. Quick searches take the thumbnail
that drawing on a frame leaves as a by-product; a full search, in a thread of its own, tells what a capture
would cut out.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from concurrent.futures import Executor

from imgcore.types import Points
from server.devices.ports.camera import Frame
from server.errors import GaopaiError
from server.runtime.background import report, supervise
from server.streaming.hub import Hub, HubClosed
from server.streaming.outline_search import OutlineSearch
from server.streaming.painter import Painter
from server.streaming.pixels import BrokenFrame
from server.streaming.quick_search import full_search

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.2
"""Five searches a second follow a hand that lays a page down; more are hardly visible."""
FRAME_SECONDS = 10.0
"""Longer than the timeout of the preview, which reports why frames stopped."""
FAILED_SECONDS = 10.0
"""Pause after a search that failed unexpectedly, as the next one may fail too."""


class Outliner:
    """Newest outlines of a hub for one variant, found while `run` runs.

    Parameters
    ----------
    executor
        One thread for quick searches.
    full_searches
        One for those that a capture makes.
    """

    def __init__(
        self, hub: Hub, painter: Painter, search: OutlineSearch, executor: Executor, full_searches: Executor
    ) -> None:
        self._hub = hub
        self._painter = painter
        self._search = search
        self._executor = executor
        self._full_searches = full_searches
        self._full: asyncio.Task[None] | None = None
        self.newest: Sequence[Points] = ()
        """Outlines as closed lines in pixels of the turned frame; one of two points is just a line."""
        self.crop = search.crop if search.variant.searches else None
        """Outcome that a capture's crop would have, in the same pixels; None where none is searched."""

    async def run(self) -> None:
        """Search until cancelled or the camera fails, which the preview reports."""
        try:
            await self._search_frames()
        except (GaopaiError, HubClosed) as ended:
            log.debug("the outline search of %s ended: %s", self._hub.name, type(ended).__name__)
        finally:
            if self._full is not None:
                self._full.cancel()

    async def _search_frames(self) -> None:
        with self._hub.watch() as watch:
            while True:
                started = time.monotonic()
                frame = await watch.next(FRAME_SECONDS)
                succeeded = await self._search_frame(frame, time.monotonic())
                if succeeded:
                    self._begin_full_search(frame)
                pause = max(started + INTERVAL_SECONDS - time.monotonic(), 0.0)
                await asyncio.sleep(pause if succeeded else FAILED_SECONDS)

    async def _search_frame(self, frame: Frame, now: float) -> bool:
        """Search one frame quickly; return False after an unexpected failure."""
        loop = asyncio.get_running_loop()
        work = (frame, self._painter.thumbnail, now)
        try:
            self.newest = await loop.run_in_executor(self._executor, self._search.update, *work)
            self.crop = self._search.crop
        except BrokenFrame:
            log.debug("%s sent a broken frame", self._hub.name)
        except Exception as error:  # noqa: BLE001 - whatever it was, the preview continues
            report("outline search", error)
            self.newest = ()
            return False
        return True

    def _begin_full_search(self, frame: Frame) -> None:
        """Search a frame as a capture would, where that is wanted and none runs."""
        if self._full is not None and not self._full.done():
            return
        if self._search.wants_full(time.monotonic()):
            self._full = supervise("full outline search", lambda: self._search_in_full(frame), restart=False)

    async def _search_in_full(self, frame: Frame) -> None:
        search, loop = self._search, asyncio.get_running_loop()
        request = search.request_full(time.monotonic())
        work = (frame, search.variant, search.documents, search.memory, request.rests)
        try:
            found = await loop.run_in_executor(self._full_searches, full_search, *work)
        except BrokenFrame:
            log.debug("%s sent a broken frame", self._hub.name)
            return
        # In the thread of the quick searches, as these use the same state.
        adopted = (found, request, time.monotonic())
        self.newest = await loop.run_in_executor(self._executor, search.adopt, *adopted)
        self.crop = search.crop
