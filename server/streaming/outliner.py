"""Where the documents are, found a few times a second beside the stream.

The display draws the newest outlines and never waits for the finder.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np

from imgcore.outline import find_outline_fast, find_outlines
from imgcore.rotate import rotate
from imgcore.types import Outline, Points
from server.devices.ports.camera import Frame
from server.streaming.hub import Hub
from server.streaming.variants import BrokenFrame, Mark, Variant, pixels

INTERVAL_SECONDS = 0.1
"""Ten searches a second follow a moving hand; more are not seen."""
FRAME_SECONDS = 5.0
THUMBNAIL_PIXELS = 400
"""The longer side of the picture that is searched is at least this."""
HOLD_SECONDS = 0.4
"""How long the last outline stays when a search fails: a passing hand must not make it blink."""


def find(frame: Frame, variant: Variant) -> Sequence[Outline]:
    """The outlines in one frame, in pixels of the turned frame.

    Raises
    ------
    BrokenFrame
    """
    reduce = next((r for r in (8, 4, 2) if max(frame.size) // r >= THUMBNAIL_PIXELS), 1)
    thumbnail = rotate(pixels(frame, reduce), variant.rotate)
    if variant.mark is Mark.OUTLINES:
        found = list(find_outlines(thumbnail))
    else:
        outline = find_outline_fast(thumbnail)
        found = [] if outline is None else [outline]
    # Pixel centres are at integers: the centre of a reduced pixel is not a multiple of it.
    return [
        replace(outline, corners=np.asarray((outline.corners + 0.5) * reduce - 0.5, np.float32))
        for outline in found
    ]


class Outliner:
    """Keeps the newest outlines of a hub for one variant while its task runs."""

    def __init__(self, hub: Hub, variant: Variant, executor: Executor) -> None:
        self._hub = hub
        self._variant = variant
        self._executor = executor
        self._found: Sequence[Outline] = ()
        self._found_at = 0.0

    @property
    def newest(self) -> Sequence[Outline]:
        """In pixels of the turned frame; empty when nothing is there."""
        return self._found

    async def run(self) -> None:
        """Search until cancelled; ends with the hub's error."""
        loop = asyncio.get_running_loop()
        with self._hub.watch() as watch:
            while True:
                started = time.monotonic()
                frame = await watch.next(FRAME_SECONDS)
                try:
                    self._take(await loop.run_in_executor(self._executor, find, frame, self._variant))
                except BrokenFrame:
                    continue
                await asyncio.sleep(max(0.0, started + INTERVAL_SECONDS - time.monotonic()))

    def _take(self, found: Sequence[Outline]) -> None:
        now = time.monotonic()
        if found:
            self._found = _steady(self._found, found)
            self._found_at = now
        elif now - self._found_at > HOLD_SECONDS:
            self._found = ()


def _steady(old: Sequence[Outline], new: Sequence[Outline]) -> Sequence[Outline]:
    """`new`, averaged with `old` where a document rests, so that its outline does not tremble."""
    if len(old) != len(new):
        return new
    return [
        replace(after, corners=_blend(before.corners, after.corners))
        for before, after in zip(old, new, strict=True)
    ]


def _blend(before: Points, after: Points) -> Points:
    span = float(np.ptp(after, axis=0).max())
    if float(np.abs(after - before).max()) > 0.02 * span:
        return after
    return np.asarray(0.7 * before + 0.3 * after, np.float32)
