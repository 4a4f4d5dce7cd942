"""Looks at the newest frames of a camera, as often as helps and not so often that anybody waits for them."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple, TypeVar

from server.streaming.pixels import BrokenFrame

log = logging.getLogger(__name__)

FRAME_SECONDS = 10.0
"""Timeout of a frame in seconds, longer than that of the preview, which reports why frames stopped."""
FAILED_SECONDS = 10.0
"""Pause after a look that failed unexpectedly, in seconds, as the next one may fail too."""

F = TypeVar("F")
T = TypeVar("T")


class Pace(NamedTuple):
    """Pace of looks.

    Attributes
    ----------
    seconds
        Least time from one look to the next: five a second follow a hand that lays a page down.
    rest
        Pause after a look as a multiple of its duration; three is a quarter of a core at most.
    longest_rest
        Longest such pause, in seconds.
    """

    seconds: float = 0.2
    rest: float = 3.0
    longest_rest: float = math.inf


def _always() -> bool:
    return True


async def looks(
    newest: Callable[[float], Awaitable[F]],
    look: Callable[[F, float], Awaitable[T]],
    pace: Pace,
    failed: Callable[[Exception], object] | None = None,
    wanted: Callable[[], bool] = _always,
) -> AsyncIterator[tuple[F, T]]:
    """Yield the newest frame and what was seen in it, again and again.

    Parameters
    ----------
    newest
        Waits for the newest frame, so many seconds at most; what it raises ends the looks.
    look
        Looks at a frame at a time in seconds, monotonic. After `BrokenFrame` the next one is looked at.
    failed
        Hears of a look that failed unexpectedly, after which looks go on; without it they end.
    wanted
        Returns whether another look is wanted.
    """
    while wanted():
        started = time.monotonic()
        frame = await newest(FRAME_SECONDS)
        begun = time.monotonic()
        pause = 0.0
        try:
            seen = await look(frame, begun)
        except BrokenFrame:
            log.debug("a frame was broken")
        except Exception as error:
            if failed is None:
                raise
            failed(error)
            pause = FAILED_SECONDS
        else:
            pause = min(pace.rest * (time.monotonic() - begun), pace.longest_rest)
            yield frame, seen
        await asyncio.sleep(max(started + pace.seconds - time.monotonic(), pause))
