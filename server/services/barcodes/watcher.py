"""Barcode detection on the frames of a camera, shared by all subscribers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol

from server.devices.ports.camera import Frame
from server.errors import GaopaiError
from server.runtime.background import report, supervise
from server.services.barcodes.tracker import NOTHING, BarcodeTracker, VisibleBarcodes
from server.streaming.hub import Hub, HubClosed
from server.streaming.pixels import BrokenFrame
from server.streaming.variants import FrameSink, PreviewPicture

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.2
"""Five searches a second: a document laid down is read before the hand is away."""
REST = 3.0
"""Pause after a search as a multiple of its duration: never more than a quarter of a core."""
FRAME_SECONDS = 10.0
"""Longer than the timeout of the preview, which reports why frames stopped."""
FAILED_SECONDS = 10.0
"""Pause after a search that failed unexpectedly, as the next one may fail too."""


class BarcodeSearch(Protocol):
    """Protocol for a search that keeps state from one frame to the next, as `BarcodeTracker`."""

    def update(self, frame: Frame, now: float) -> VisibleBarcodes:
        """Search a frame; return the same object as before if nothing has changed. Runs in a thread."""


class BarcodeSubscriber(Protocol):
    """Protocol for a subscriber to the barcodes in sight."""

    def update(self, visible: VisibleBarcodes) -> None:
        """Receive barcodes that have changed or moved, in pixels of the camera's frame; never blocks."""


class BarcodeWatcher:
    """Barcodes in a hub's frames for any number of subscribers; without one, it does no work.

    Parameters
    ----------
    search
        Makes a new search.
    """

    def __init__(
        self, hub: Hub, executor: Executor, search: Callable[[], BarcodeSearch] = BarcodeTracker
    ) -> None:
        self._hub = hub
        self._executor = executor
        self._search = search
        self._subscribers: set[BarcodeSubscriber] = set()
        self._task: asyncio.Task[None] | None = None
        self._visible = NOTHING

    def subscribe(self, subscriber: BarcodeSubscriber) -> None:
        """Update `subscriber` with the barcodes in sight, now and whenever they change."""
        self._subscribers.add(subscriber)
        if self._task is None or self._task.done():
            self._visible = NOTHING
            self._task = supervise("barcode watcher", self._run)
        elif self._visible.barcodes:
            subscriber.update(self._visible)

    def unsubscribe(self, subscriber: BarcodeSubscriber) -> None:
        """End a subscription; no error if there was none."""
        self._subscribers.discard(subscriber)
        if not self._subscribers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        """Search until the last subscriber leaves or the camera fails, which its previews report."""
        try:
            await self._search_frames()
        except (GaopaiError, HubClosed) as ended:
            log.debug("the search for barcodes of %s ended: %s", self._hub.name, type(ended).__name__)

    async def _search_frames(self) -> None:
        search = self._search()
        with self._hub.watch() as watch:
            while True:
                started = time.monotonic()
                frame = await watch.next(FRAME_SECONDS)
                begun = time.monotonic()
                succeeded = await self._search_frame(search, frame, begun)
                now = time.monotonic()
                pause = max(REST * (now - begun), started + INTERVAL_SECONDS - now, 0.0)
                await asyncio.sleep(pause if succeeded else FAILED_SECONDS)

    async def _search_frame(self, search: BarcodeSearch, frame: Frame, now: float) -> bool:
        """Search one frame; return False after an unexpected failure."""
        loop = asyncio.get_running_loop()
        try:
            self._publish(await loop.run_in_executor(self._executor, search.update, frame, now))
        except BrokenFrame:
            log.debug("%s sent a broken frame", self._hub.name)
        except Exception as error:  # noqa: BLE001 - whatever it was, the preview continues
            report("barcode search", error)
            return False
        return True

    def _publish(self, visible: VisibleBarcodes) -> None:
        if visible is self._visible:
            return
        self._visible = visible
        for subscriber in list(self._subscribers):
            subscriber.update(visible)


SendBarcodes = Callable[[VisibleBarcodes], None]
"""Sends the barcodes in sight, in pixels of the picture as the client sees it; never blocks."""


class BarcodeSubscription:
    """`FrameSink` that also sends barcodes whenever they change, to a slow client only the newest.

    Parameters
    ----------
    sink
        Destination of the pictures; barcodes are sent when it is ready.
    """

    def __init__(self, watcher: BarcodeWatcher, sink: FrameSink, send: SendBarcodes) -> None:
        self._watcher = watcher
        self._sink = sink
        self._send = send
        self._rotation = 0
        self._newest = NOTHING
        self._sent = True
        self._some_sent = False
        """True if the last message had barcodes, False if it said that there are none."""

    def begin(self, rotation: int) -> None:
        """Subscribe, for a picture turned clockwise by `rotation` degrees."""
        self._rotation = rotation
        self._watcher.subscribe(self)

    def turn(self, rotation: int) -> None:
        """Continue with another rotation of the picture."""
        if rotation != self._rotation:
            self._rotation = rotation
            self._sent = False
            self._catch_up()

    def update(self, visible: VisibleBarcodes) -> None:
        self._newest, self._sent = visible, False
        self._catch_up()

    # The sink --------------------------------------------------------------------------

    @property
    def started(self) -> bool:
        return self._sink.started

    def ready(self) -> bool:
        return self._sink.ready()

    def show(self, picture: PreviewPicture) -> None:
        # Before the picture, which makes the sink busy.
        self._catch_up()
        self._sink.show(picture)

    def discard(self) -> None:
        self._watcher.unsubscribe(self)
        self._sink.discard()

    def end(self, error: GaopaiError) -> None:
        self._watcher.unsubscribe(self)
        self._sink.end(error)

    def _catch_up(self) -> None:
        """Send the newest barcodes if they are unsent and the client keeps up, after its first picture."""
        if self._sent or not (self._sink.started and self._sink.ready()):
            return
        self._sent = True
        if self._newest.barcodes or self._some_sent:
            self._some_sent = bool(self._newest.barcodes)
            self._send(self._newest.turned(self._rotation))
