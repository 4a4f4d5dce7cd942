"""Broadcast of a camera's frames to its viewers: one task per variant, one picture per frame."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import NamedTuple

from imgcore.outline.desk.memory import DeskMemory
from imgcore.types import CropOutcome, Points
from server.devices.ports.camera import Frame
from server.errors import DeviceFailed, DeviceNotOpen, GaopaiError
from server.runtime.background import report, supervise
from server.streaming.hub import Hub, HubClosed
from server.streaming.looks import Pace, looks
from server.streaming.outline_motion import OutlineMotion
from server.streaming.outline_search import OutlineSearch
from server.streaming.painter import FrameSink, Painter, PreviewPicture, Variant
from server.streaming.pixels import BrokenFrame, PlaneUnpacker, StillSceneThrottle
from server.streaming.quick_search import GetDocumentNets, full_search

PACE = Pace(rest=0.0)
"""Pace of quick searches: one takes little of its fifth of a second, and its outline is waited for."""


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
        self._motion = OutlineMotion()
        self.newest: Sequence[Points] = ()
        """Outlines as closed lines in pixels of the turned frame; one of two points is just a line."""
        self.crop = search.crop if search.variant.searches else None
        """Outcome that a capture's crop would have, in the same pixels; None where none is searched."""

    async def run(self) -> None:
        """Search until cancelled or the camera fails, which the preview reports."""
        try:
            with self._hub.watch() as watch:
                async for frame, _ in looks(watch.next, self._search_frame, PACE, self._failed):
                    self._begin_full_search(frame)
        except (GaopaiError, HubClosed) as ended:
            log.debug("the outline search of %s ended: %s", self._hub.name, type(ended).__name__)
        finally:
            if self._full is not None:
                self._full.cancel()

    async def _search_frame(self, frame: Frame, now: float) -> None:
        """Search one frame quickly."""
        loop = asyncio.get_running_loop()
        work = (frame, self._painter.thumbnail, now)
        self.newest = await loop.run_in_executor(self._executor, self._search.update, *work)
        self._motion.note(self.newest, frame.time)
        self.crop = self._search.crop

    def at(self, time: float) -> Sequence[Points]:
        """Return the newest outlines in a frame of that time, moved as the page was seen to move."""
        return self._motion.at(time)

    def _failed(self, error: Exception) -> None:
        """Report it, and draw nothing that may be old; the preview continues whatever it was."""
        report("outline search", error)
        self.newest = ()
        self._motion.rest(())

    def _begin_full_search(self, frame: Frame) -> None:
        """Search a frame as a capture would, where that is wanted, none runs and no capture is waited for."""
        if self._hub.captures or (self._full is not None and not self._full.done()):
            return
        if self._search.wants_full(time.monotonic()):
            self._full = supervise("full outline search", lambda: self._search_in_full(frame), restart=False)

    async def _search_in_full(self, frame: Frame) -> None:
        search = self._search
        loop = asyncio.get_running_loop()
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
        self._motion.rest(self.newest)
        self.crop = search.crop


log = logging.getLogger(__name__)

FRAME_SECONDS = 8.0
"""Timeout of a frame; slow sensors take three seconds to start."""


class PreviewThreads(NamedTuple):
    """Threads for pictures, for quick outline searches, and for those that a capture makes."""

    previews: Executor
    outlines: Executor
    full_searches: Executor


class Broadcast:
    """Sends the frames of one hub to viewers, by variant; a variant without viewers costs no work.

    Parameters
    ----------
    documents
        Returns the nets for outlines of several documents.
    still_fps
        Frame rate of an unchanging scene; 0 for all frames.
    memory
        Memory of the desk below the camera, which outline searches teach; None for a new one.
    """

    def __init__(
        self,
        hub: Hub,
        threads: PreviewThreads,
        documents: GetDocumentNets,
        still_fps: int = 0,
        memory: DeskMemory | None = None,
    ) -> None:
        self.memory = memory or DeskMemory()
        self._documents = documents
        self._still_fps = still_fps
        self._hub = hub
        self._threads = threads
        self._unpacker = PlaneUnpacker()
        self._viewers: dict[Variant, set[FrameSink]] = {}
        self._tasks: dict[Variant, asyncio.Task[None]] = {}

    def add(self, viewer: FrameSink, variant: Variant) -> None:
        """Send pictures of `variant` to `viewer` from now on."""
        self._viewers.setdefault(variant, set()).add(viewer)
        if variant not in self._tasks:
            self._tasks[variant] = supervise("preview", lambda: self._serve(variant))

    def remove(self, viewer: FrameSink) -> None:
        """Send nothing more to `viewer`; no error if it was not added."""
        for variant, viewers in list(self._viewers.items()):
            viewers.discard(viewer)
            if not viewers:
                self._drop(variant)

    def move(self, viewer: FrameSink, variant: Variant) -> None:
        """Send another variant to a viewer, without a gap; nothing happens if it was not added."""
        if any(viewer in viewers for viewers in self._viewers.values()):
            for viewers in self._viewers.values():
                viewers.discard(viewer)
            self.add(viewer, variant)
            for old in [old for old, viewers in self._viewers.items() if not viewers]:
                self._drop(old)

    def end(self, error: GaopaiError) -> None:
        """End the streams of all viewers with an error, and forget them."""
        for variant in list(self._viewers):
            self._end(variant, error)

    def _drop(self, variant: Variant) -> None:
        self._viewers.pop(variant, None)
        task = self._tasks.pop(variant, None)
        if task is not None:
            task.cancel()

    def _end(self, variant: Variant, error: GaopaiError) -> None:
        viewers = self._viewers.get(variant, set())
        self._drop(variant)
        for viewer in viewers:
            try:
                viewer.end(error)
            except Exception as fault:  # noqa: BLE001 - the others are told all the same
                report("preview", fault)

    async def _serve(self, variant: Variant) -> None:
        """Send pictures of one variant until its last viewer leaves or the camera fails."""
        try:
            await self._stream(variant)
        except HubClosed:
            self._finish(variant, DeviceNotOpen(opener="OpenCamera"))
        except GaopaiError as error:
            self._finish(variant, error)
        except Exception as error:  # noqa: BLE001 - all viewers get the error
            report("preview", error)
            self._finish(variant, DeviceFailed.by_defect(self._hub.name, error))

    def _finish(self, variant: Variant, error: GaopaiError) -> None:
        if self._tasks.get(variant) is not asyncio.current_task():
            # All viewers left while this task ended; the viewers of now have another task.
            return
        # This task ends by itself and must not be cancelled by `_drop`.
        self._tasks.pop(variant, None)
        self._end(variant, error)

    async def _stream(self, variant: Variant) -> None:
        painter = Painter(variant, self._unpacker, thumbnails=self._still_fps > 0)
        search = OutlineSearch(variant, self._documents, memory=self.memory)
        outliner = Outliner(self._hub, painter, search, self._threads.outlines, self._threads.full_searches)
        searching = supervise("outline search", outliner.run) if variant.searches else None
        try:
            await self._show(variant, painter, outliner)
        finally:
            if searching is not None:
                searching.cancel()

    async def _show(self, variant: Variant, painter: Painter, outliner: Outliner) -> None:
        throttle = StillSceneThrottle(self._still_fps) if self._still_fps else None
        with self._hub.watch() as watch:
            while True:
                frame = await watch.next(FRAME_SECONDS)
                viewers = self._viewers[variant]
                if not any(viewer.ready() for viewer in viewers):
                    continue
                outlines = outliner.at(frame.time)
                crop = outliner.crop
                try:
                    picture = await self._paint(painter, frame, outlines, crop)
                except BrokenFrame:
                    log.debug("%s sent a broken frame", self._hub.name)
                    continue
                small = painter.thumbnail
                if (
                    throttle
                    and small is not None
                    and not throttle.passes(small.grey, crop or outlines, frame.time)
                ):
                    continue
                for viewer in list(viewers):
                    viewer.show(picture)

    async def _paint(
        self, painter: Painter, frame: Frame, outlines: Sequence[Points], crop: CropOutcome | None
    ) -> PreviewPicture:
        """Paint in a thread, or here if the frame needs no work, which is faster than a thread switch."""
        if painter.passes(frame, outlines):
            return painter.paint(frame, outlines, crop)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads.previews, painter.paint, frame, outlines, crop)
