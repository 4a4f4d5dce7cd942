"""Barcode detection on the frames of a camera, shared by all subscribers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol

from server.background import report, supervise
from server.devices.ports.camera import Frame
from server.errors import GaopaiError
from server.services.barcodes.tracker import NOTHING, BarcodeTracker, VisibleBarcodes
from server.streaming.hub import Hub, HubClosed
from server.streaming.pixels import BrokenFrame

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.2
"""Five searches a second: a code laid down is read before the hand is away."""
REST = 3.0
"""Rest after a search, in times of what it took: never more than a quarter of a core."""
FRAME_SECONDS = 10.0
"""Longer than the preview waits: what ends it is said there."""
FAILED_SECONDS = 10.0
"""Rest after a search that failed unexpectedly, which the next one may do too."""


class BarcodeSearch(Protocol):
    """What is known from one frame to the next."""

    def update(self, frame: Frame, now: float) -> VisibleBarcodes:
        """The codes as of a frame; the object of before if nothing has changed. In a thread."""


class BarcodeSubscriber(Protocol):
    """One who wants to know of codes."""

    def update(self, visible: VisibleBarcodes) -> None:
        """Others are in sight than before, or elsewhere, in pixels of the camera's frame; never blocks."""


class BarcodeWatcher:
    """Who wants to know of a hub's codes. Nobody, no work.

    Parameters
    ----------
    search
        Makes a search that has seen nothing yet.
    """

    def __init__(
        self, hub: Hub, executor: Executor, search: Callable[[], BarcodeSearch] = BarcodeTracker
    ) -> None:
        self._hub = hub
        self._executor = executor
        self._search = search
        self._subscribers: set[BarcodeSubscriber] = set()
        self._task: asyncio.Task[None] | None = None
        self._seen = NOTHING

    def subscribe(self, subscriber: BarcodeSubscriber) -> None:
        """Tell `subscriber` what is in sight, now and whenever that changes."""
        self._subscribers.add(subscriber)
        if self._task is None or self._task.done():
            self._seen = NOTHING
            self._task = supervise("barcode watcher", self._run)
        elif self._seen.codes:
            subscriber.update(self._seen)

    def unsubscribe(self, subscriber: BarcodeSubscriber) -> None:
        """Tell nothing more to `subscriber`; no error if it was not there."""
        self._subscribers.discard(subscriber)
        if not self._subscribers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        """Search until the last one leaves or the camera fails, which the previews tell."""
        try:
            await self._follow()
        except (GaopaiError, HubClosed) as ended:
            log.debug("the search for codes of %s ended: %s", self._hub.name, type(ended).__name__)

    async def _follow(self) -> None:
        search = self._search()
        with self._hub.watch() as watch:
            while True:
                started = time.monotonic()
                frame = await watch.next(FRAME_SECONDS)
                begun = time.monotonic()
                worked = await self._look(search, frame, begun)
                now = time.monotonic()
                due = max(REST * (now - begun), started + INTERVAL_SECONDS - now, 0.0)
                await asyncio.sleep(due if worked else FAILED_SECONDS)

    async def _look(self, search: BarcodeSearch, frame: Frame, now: float) -> bool:
        """Search one frame; whether that went as expected."""
        loop = asyncio.get_running_loop()
        try:
            self._tell(await loop.run_in_executor(self._executor, search.update, frame, now))
        except BrokenFrame:
            log.debug("%s sent a broken frame", self._hub.name)
        except Exception as error:  # noqa: BLE001 - whatever it was, the preview goes on
            report("barcode search", error)
            return False
        return True

    def _tell(self, seen: VisibleBarcodes) -> None:
        if seen is self._seen:
            return
        self._seen = seen
        for subscriber in list(self._subscribers):
            subscriber.update(seen)
