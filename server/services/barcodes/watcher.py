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

    def see(self, seen: VisibleBarcodes) -> None:
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
        self._onlookers: set[BarcodeSubscriber] = set()
        self._task: asyncio.Task[None] | None = None
        self._seen = NOTHING

    def add(self, onlooker: BarcodeSubscriber) -> None:
        """Tell `onlooker` what is in sight, now and whenever that changes."""
        self._onlookers.add(onlooker)
        if self._task is None or self._task.done():
            self._seen = NOTHING
            self._task = asyncio.create_task(self._run(), name=f"codes of {self._hub.name}")
        elif self._seen.codes:
            onlooker.see(self._seen)

    def remove(self, onlooker: BarcodeSubscriber) -> None:
        """Tell nothing more to `onlooker`; no error if it was not there."""
        self._onlookers.discard(onlooker)
        if not self._onlookers and self._task is not None:
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
            # The error's text may quote what a code says.
            log.warning("a search for codes of %s met an unexpected %s", self._hub.name, type(error).__name__)
            return False
        return True

    def _tell(self, seen: VisibleBarcodes) -> None:
        if seen is self._seen:
            return
        self._seen = seen
        for onlooker in list(self._onlookers):
            onlooker.see(seen)


SendBarcodes = Callable[[VisibleBarcodes], None]
"""Sends the codes in sight, in pixels of the picture as the client sees it; never blocks."""


class Line(Protocol):
    """How a preview's client keeps up."""

    @property
    def started(self) -> bool:
        """Whether a frame has left: the first one is the answer, nothing comes before it."""

    def ready(self) -> bool:
        """Whether the last frame has been taken up."""


class BarcodeSubscription:
    """Tells a client of codes whenever they change; of the newest only, where it is slow."""

    def __init__(self, lookout: BarcodeWatcher, line: Line, tell: SendBarcodes) -> None:
        self._lookout = lookout
        self._line = line
        self._tell = tell
        self._clockwise = 0
        self._seen = NOTHING
        self._told = True
        self._knows = False
        """Whether the client was told of codes last, and not of none."""

    def begin(self, clockwise: int) -> None:
        """Look out from now on, for a picture that is turned so."""
        self._clockwise = clockwise
        self._lookout.add(self)

    def turn(self, clockwise: int) -> None:
        """The picture is turned otherwise now."""
        if clockwise != self._clockwise:
            self._clockwise = clockwise
            self._told = False
            self.catch_up()

    def see(self, seen: VisibleBarcodes) -> None:
        self._seen, self._told = seen, False
        self.catch_up()

    def catch_up(self) -> None:
        """Tell what has not been told, if the client can take it."""
        if self._told or not (self._line.started and self._line.ready()):
            return
        self._told = True
        if self._seen.codes or self._knows:
            self._knows = bool(self._seen.codes)
            self._tell(self._seen.turned(self._clockwise))

    def end(self) -> None:
        """Tell nothing more."""
        self._lookout.remove(self)
