"""Barcodes in the frames of a camera, stable from one search to the next, shared by all subscribers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np

from imgcore.barcode import Code, read_codes
from imgcore.barcode.patches import contains
from imgcore.barcode.reader import Effort
from imgcore.jpeg import Workspace
from imgcore.types import Image, Points
from server.devices.ports.camera import Frame, Size
from server.errors import GaopaiError
from server.runtime.background import report, supervise
from server.streaming.hub import Hub, HubClosed
from server.streaming.looks import Pace, looks
from server.streaming.painter import FrameSink, PreviewPicture, eighth
from server.streaming.pixels import ChangeDetector, grey

AGAIN_SECONDS = 2.0
"""Interval of searches in an unchanging scene, in seconds: a lens that finds its focus changes none of its
cells."""
MISSES = 3
"""Number of searches in a row that a barcode has to be missed by to be gone; a shadow or a blur lasts for
fewer."""
STILL_PIXELS = 2.0
"""Movement of a barcode below which it has not moved, in pixels."""
STILL_SHARE = 0.02
"""Movement of a barcode below which it has not moved, as a share of its extent."""
ENOUGH_PIXELS = 1.9e6
"""Number of pixels that a frame decoded at a half or a quarter has to keep."""


@dataclass(frozen=True, slots=True, eq=False)
class VisibleBarcodes:
    """Barcodes in sight, in pixels of a picture of that size."""

    barcodes: tuple[Code, ...]
    size: Size

    def turned(self, clockwise: int) -> VisibleBarcodes:
        """Return these barcodes in the picture turned by 0, 90, 180 or 270 degrees."""
        barcodes = self.barcodes
        size = self.size
        for _ in range(clockwise // 90):
            barcodes = tuple(_at(barcode, _quarter_turned(barcode.corners, size)) for barcode in barcodes)
            size = Size(size.height, size.width)
        return VisibleBarcodes(barcodes, size)


NOTHING = VisibleBarcodes((), Size(0, 0))
"""No barcodes, in a picture of no size."""


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """Barcode that is followed from search to search.

    Attributes
    ----------
    missed
        Number of searches in a row that have missed it.
    """

    barcode: Code
    missed: int = 0


def read_live_barcodes(image: Image) -> Sequence[Code]:
    """Return the barcodes of a camera's frame, with little effort."""
    return read_codes(image, effort=Effort.LIVE)


class BarcodeTracker:
    """Follows the barcodes of a camera from one search to the next.

    Parameters
    ----------
    read
        Reads the barcodes of a grey picture.
    """

    def __init__(self, read: Callable[[Image], Sequence[Code]] = read_live_barcodes) -> None:
        self._read = read
        self._space = Workspace()
        self._scene = ChangeDetector()
        self._tracks: list[_Track] = []
        self._visible = NOTHING
        self._size = NOTHING.size
        self._settled = False
        self._searched_at = 0.0

    def update(self, frame: Frame, now: float) -> VisibleBarcodes:
        """Search a frame; return the visible barcodes, the same object as before if nothing has changed.

        Corners are in pixels of the frame, not turned. An unchanging scene is searched until two searches
        agree, and then every `AGAIN_SECONDS`.

        Parameters
        ----------
        now
            Seconds, monotonic.
        """
        unchanged = not self._scene.changed(eighth(frame, self._space).grey)
        if unchanged and self._settled and now - self._searched_at < AGAIN_SECONDS:
            return self._visible
        if frame.size != self._size:
            self._tracks = []
            self._size = frame.size
        self._searched_at = now
        tracks = _updated(self._tracks, self._search(frame))
        self._settled = (
            unchanged and _same(tracks, self._tracks) and not any(track.missed for track in tracks)
        )
        self._tracks = tracks
        if not _same(tracks, self._visible.barcodes):
            self._visible = VisibleBarcodes(tuple(track.barcode for track in tracks), frame.size)
        return self._visible

    def _search(self, frame: Frame) -> list[Code]:
        reduce = next((r for r in (4, 2) if frame.size.width * frame.size.height >= ENOUGH_PIXELS * r * r), 1)
        found = self._read(grey(frame, reduce))
        return [_at(barcode, _enlarged(barcode.corners, reduce)) for barcode in found]


def _updated(tracks: Sequence[_Track], found: Sequence[Code]) -> list[_Track]:
    """Return the tracks after a search, in the order in which they came into sight."""
    matches = _matched(tracks, found)
    updated = []
    for number, track in enumerate(tracks):
        if number in matches:
            updated.append(_Track(_steadied(track.barcode, found[matches[number]])))
        elif track.missed + 1 < MISSES and not any(_overlap(track.barcode, barcode) for barcode in found):
            updated.append(_Track(track.barcode, track.missed + 1))
    return updated + [_Track(barcode) for place, barcode in enumerate(found) if place not in matches.values()]


def _matched(tracks: Sequence[_Track], found: Sequence[Code]) -> dict[int, int]:
    """Match tracks with found barcodes, by index: of equal barcodes the nearest, however far."""
    pairs = sorted(
        (float(np.hypot(*(track.barcode.corners.mean(axis=0) - code.corners.mean(axis=0)))), number, place)
        for number, track in enumerate(tracks)
        for place, code in enumerate(found)
        if (track.barcode.text, track.barcode.symbology) == (code.text, code.symbology)
    )
    matched: dict[int, int] = {}
    for _, number, place in pairs:
        if number not in matched and place not in matched.values():
            matched[number] = place
    return matched


def _steadied(before: Code, after: Code) -> Code:
    """Return `after`, or `before` if it has not moved, so that the sensor's noise is no change."""
    away = float(np.abs(after.corners - before.corners).max())
    extent = float(np.ptp(after.corners, axis=0).max())
    return before if away < max(STILL_PIXELS, STILL_SHARE * extent) else after


def _overlap(one: Code, other: Code) -> bool:
    """Return whether two barcodes lie on each other, as two printed ones cannot."""
    return contains(one.corners, *other.corners.mean(axis=0)) or contains(
        other.corners, *one.corners.mean(axis=0)
    )


def _same(tracks: Sequence[_Track], before: Sequence[_Track] | Sequence[Code]) -> bool:
    barcodes = [one.barcode if isinstance(one, _Track) else one for one in before]
    return len(tracks) == len(barcodes) and all(
        track.barcode is barcode for track, barcode in zip(tracks, barcodes, strict=True)
    )


def _at(barcode: Code, corners: Points) -> Code:
    return replace(barcode, corners=corners)


def _quarter_turned(corners: Points, size: Size) -> Points:
    return np.stack([size.height - 1 - corners[:, 1], corners[:, 0]], axis=1).astype(np.float32)


def _enlarged(corners: Points, factor: int) -> Points:
    # Pixel centres are at integers: the centre of a reduced pixel is not a multiple of it.
    return np.asarray((corners + 0.5) * factor - 0.5, np.float32)


log = logging.getLogger(__name__)

PACE = Pace()


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
        self, hub: Hub, executor: Executor, search: Callable[[], BarcodeTracker] = BarcodeTracker
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
        search = self._search()
        loop = asyncio.get_running_loop()

        async def look(frame: Frame, now: float) -> None:
            self._publish(await loop.run_in_executor(self._executor, search.update, frame, now))

        try:
            with self._hub.watch() as watch:
                async for _ in looks(watch.next, look, PACE, partial(report, "barcode search")):
                    pass
        except (GaopaiError, HubClosed) as ended:
            log.debug("the search for barcodes of %s ended: %s", self._hub.name, type(ended).__name__)

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
        self._newest = visible
        self._sent = False
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
