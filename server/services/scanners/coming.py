"""Pages as they come: their rows, made small and told while the scanner is still at work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from server.devices.ports.scanner import ScannedRows
from server.runtime.background import supervise
from server.services.pools import ThreadPools

WIDTH = 480
"""Greatest width of such a picture, in pixels."""
QUALITY = 60
"""Quality of its JPEG: it is looked at for a second."""
WAITING = 4
"""Most pieces that wait to be made small: a scanner sends some four a second; more are left out."""


@dataclass(frozen=True, slots=True)
class ComingRows:
    """Some rows of a page that is coming, as a JPEG.

    Attributes
    ----------
    top, height
        Place in the small picture of the page, in its pixels.
    page_height
        Height of the whole picture in these pixels; None while it is not known.
    """

    jpeg: bytes
    top: int
    width: int
    height: int
    page_height: int | None


class ComingPages:
    """Makes rows of coming pages small, one piece after the other, and tells of them.

    Parameters
    ----------
    tell
        Called in the event loop with each piece, until `close`.
    """

    def __init__(self, pools: ThreadPools, tell: Callable[[ComingRows], None]) -> None:
        self._pools = pools
        self._tell = tell
        self._waiting: deque[ScannedRows] = deque()
        self._work: asyncio.Task[None] | None = None
        self._closed = False

    def take(self, rows: ScannedRows) -> None:
        """Take rows, which follow those before; never waits."""
        if self._closed or len(self._waiting) >= WAITING:
            rows.discard()
            return
        self._waiting.append(rows)
        if self._work is None or self._work.done():
            self._work = supervise("look at a page that is scanned", self._show, restart=False)

    def close(self) -> None:
        """Tell of nothing more."""
        self._closed = True
        while self._waiting:
            self._waiting.popleft().discard()

    async def _show(self) -> None:
        while self._waiting:
            rows = self._waiting.popleft()
            try:
                small = await self._pools.run(made_small, rows)
            finally:
                rows.discard()
            if small is not None and not self._closed:
                self._tell(small)


def made_small(rows: ScannedRows) -> ComingRows | None:
    """Return rows at the scale of a small picture of their page; None where they are less than one of its."""
    scale = min(1.0, WIDTH / rows.page_width)
    width = max(1, round(rows.page_width * scale))
    top = round(rows.top * scale)
    height = round((rows.top + rows.rows) * scale) - top
    if height < 1:
        return None
    small = np.asarray(cv2.resize(rows.pixels(), (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
    return ComingRows(jpeg, top, width, height, round(rows.page_lines * scale) or None)
