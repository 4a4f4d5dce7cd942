"""Search of a camera's frames for the next page, for automatic captures."""

from __future__ import annotations

from typing import Protocol

from imgcore.jpeg import Workspace
from imgcore.next_page.watch import PageWatch, Sighting
from imgcore.types import Image
from server.devices.ports.camera import Frame
from server.streaming.painter import eighth
from server.streaming.pixels import pixels
from server.streaming.planes import EIGHTH

SMALL = 120
"""Long side below which a thumbnail at an eighth shows no hand; then it is made at a quarter."""
LARGE_PIXELS = 4_500_000
"""Pixels from which a frame is decoded at half its size."""


class PageSearch(Protocol):
    """Protocol for a search that keeps state from one frame to the next, as `NextPageSearch`."""

    def look(self, frame: Frame, now: float) -> Sighting:
        """Look at a frame at a time in seconds, monotonic. Runs in a thread."""

    def forget(self) -> None:
        """Take the last page for unseen, as it could not be kept."""


class NextPageSearch:
    """Search for the next page in thumbnails; a frame is decoded only where something came to rest."""

    def __init__(self) -> None:
        self._watch = PageWatch()
        self._space = Workspace()

    def look(self, frame: Frame, now: float) -> Sighting:
        """Look at a frame at a time in seconds, monotonic.

        Raises
        ------
        BrokenFrame
        """
        reduce = 2 if frame.size.width * frame.size.height > LARGE_PIXELS else 1
        return self._watch.update(thumbnail(frame, self._space), now, lambda: pixels(frame, reduce))

    def forget(self) -> None:
        self._watch.forget()


def thumbnail(frame: Frame, space: Workspace) -> Image:
    """Return a frame at an eighth of its size, or at a quarter where that shows no hand."""
    if max(frame.size) // EIGHTH < SMALL:
        return pixels(frame, EIGHTH // 2)
    return eighth(frame, space).colour()
