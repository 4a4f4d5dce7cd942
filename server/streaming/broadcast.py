"""A camera's frames on their way to its viewers: one task a variant, one picture a frame."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Executor

from imgcore.types import Points
from server.background import report, supervise
from server.devices.ports.camera import Frame
from server.errors import DeviceFailed, DeviceNotOpen, GaopaiError
from server.streaming.hub import Hub, HubClosed
from server.streaming.outliner import GetDocumentNets, Outliner, OutlineSearch
from server.streaming.painter import Painter
from server.streaming.pixels import BrokenFrame
from server.streaming.planes import PlaneUnpacker
from server.streaming.scene import StillSceneThrottle
from server.streaming.sink import FrameSink
from server.streaming.variants import PreviewPicture, Variant

log = logging.getLogger(__name__)

FRAME_SECONDS = 8.0
"""A camera that sends nothing for so long has failed; slow sensors take three to start."""


class Broadcast:
    """Who watches one hub, by variant. No viewer of a variant, no work for it.

    Parameters
    ----------
    documents
        Gives what outlines of several documents are found with.
    still_fps
        Pictures a second of a scene in which nothing moves; 0 shows all.
    """

    def __init__(
        self,
        hub: Hub,
        painters: Executor,
        searchers: Executor,
        documents: GetDocumentNets,
        still_fps: int = 0,
    ) -> None:
        self._documents = documents
        self._still_fps = still_fps
        self._hub = hub
        self._painters = painters
        self._searchers = searchers
        self._unpacker = PlaneUnpacker()
        self._viewers: dict[Variant, set[FrameSink]] = {}
        self._tasks: dict[Variant, asyncio.Task[None]] = {}

    def add(self, viewer: FrameSink, variant: Variant) -> None:
        """Show frames of `variant` to `viewer` from now on."""
        self._viewers.setdefault(variant, set()).add(viewer)
        if variant not in self._tasks:
            self._tasks[variant] = supervise("preview", lambda: self._serve(variant))

    def remove(self, viewer: FrameSink) -> None:
        """Show nothing more to `viewer`; no error if it was not there."""
        for variant, viewers in list(self._viewers.items()):
            viewers.discard(viewer)
            if not viewers:
                self._drop(variant)

    def move(self, viewer: FrameSink, variant: Variant) -> None:
        """Give a present viewer another variant; its picture never stops in between."""
        if any(viewer in viewers for viewers in self._viewers.values()):
            for viewers in self._viewers.values():
                viewers.discard(viewer)
            self.add(viewer, variant)
            for old in [old for old, viewers in self._viewers.items() if not viewers]:
                self._drop(old)

    def end(self, error: GaopaiError) -> None:
        """Tell all viewers that the camera is gone and forget them."""
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
            viewer.end(error)

    async def _serve(self, variant: Variant) -> None:
        """Send pictures of one variant until its last viewer leaves or the camera fails."""
        painter = Painter(variant, self._unpacker, thumbnails=self._still_fps > 0)
        search = OutlineSearch(variant, self._documents)
        outliner = Outliner(self._hub, painter, self._searchers, search)
        searching = supervise("outline search", outliner.run) if variant.searches else None
        try:
            await self._stream(variant, painter, outliner)
        except HubClosed:
            self._finish(variant, DeviceNotOpen(opener="OpenCamera"))
        except GaopaiError as error:
            self._finish(variant, error)
        except Exception as error:  # noqa: BLE001 - told to all who watch
            report("preview", error)
            self._finish(variant, DeviceFailed(device=self._hub.name, reason="preview"))
        finally:
            if searching is not None:
                searching.cancel()

    def _finish(self, variant: Variant, error: GaopaiError) -> None:
        if self._tasks.get(variant) is not asyncio.current_task():
            # All viewers left while this task came to its end; those who are there now have another.
            return
        # This task ends by itself: it must not be cancelled from within.
        self._tasks.pop(variant, None)
        self._end(variant, error)

    async def _stream(self, variant: Variant, painter: Painter, outliner: Outliner) -> None:
        rest = StillSceneThrottle(self._still_fps) if self._still_fps else None
        with self._hub.watch() as watch:
            while True:
                frame = await watch.next(FRAME_SECONDS)
                viewers = self._viewers[variant]
                if not any(viewer.ready() for viewer in viewers):
                    continue
                outlines = outliner.newest
                try:
                    picture = await self._paint(painter, frame, outlines)
                except BrokenFrame:
                    log.debug("%s sent a broken frame", self._hub.name)
                    continue
                thumbnail = painter.thumbnail
                if rest and thumbnail is not None and not rest.passes(thumbnail, outlines, frame.time):
                    continue
                for viewer in list(viewers):
                    viewer.show(picture)

    async def _paint(self, painter: Painter, frame: Frame, outlines: Sequence[Points]) -> PreviewPicture:
        """Paint in a thread, or here where that is quicker than to wake one."""
        if painter.passes(frame, outlines):
            return painter.paint(frame, outlines)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._painters, painter.paint, frame, outlines)
