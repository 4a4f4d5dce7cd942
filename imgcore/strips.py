"""Work on a picture strip by strip, which a second thread shares where the caller lends one.

What is made of a strip depends on the picture alone, so that the result is the same, byte by byte, whoever
made it and in whatever order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import ContextVar

import cv2
import numpy as np

from imgcore.stopping import question, stop_here
from imgcore.types import Image

ROWS = 256
"""Rows of a strip: some 5 ms of work at the width of a page, so that two threads end nearly together."""

_lent: ContextVar[Executor | None] = ContextVar("lent", default=None)


@contextmanager
def lent(executor: Executor | None) -> Iterator[None]:
    """Let the work of this thread be shared by a thread of `executor`; None for no other."""
    token = _lent.set(executor)
    try:
        yield
    finally:
        _lent.reset(token)


def for_strips(work: Callable[[int, int], None], rows: int, strip: int = ROWS) -> None:
    """Call a function for all strips of a picture, in any order, where a thread was lent from two threads.

    Parameters
    ----------
    work
        Takes the first row of a strip and the row after its last one; releases Python's lock for most of it.
    rows
        Rows of the picture.
    strip
        Rows of a strip; the last one may have fewer.

    Raises
    ------
    imgcore.stopping.WorkStopped
        The work was stopped between two strips.
    """
    tops = iter(range(0, rows, strip))
    # The other thread knows nothing of what this one's work asks.
    asked = question()

    def share() -> None:
        for top in tops:
            stop_here(asked)
            work(top, min(top + strip, rows))

    executor = _lent.get() if rows > strip else None
    other = None if executor is None else executor.submit(share)
    try:
        share()
    finally:
        # One that has not begun by now has nothing left to do, and may wait behind others for long.
        if other is not None and not other.cancel():
            other.result()


def by_squares(image: Image, factor: int) -> Image:
    """Reduce a picture by means of whole squares, which is exact and five times faster than of parts.

    Parameters
    ----------
    image
        BGR or grey.
    factor
        Side of a square. Rows and columns beyond the last whole one are left out, unless there is none.
    """
    rows, cols = (max(1, side // factor) for side in image.shape[:2])
    small = np.empty((rows, cols, *image.shape[2:]), image.dtype)

    def reduce(top: int, bottom: int) -> None:
        squares = image[top * factor : bottom * factor, : cols * factor]
        cv2.resize(squares, (cols, bottom - top), small[top:bottom], interpolation=cv2.INTER_AREA)

    for_strips(reduce, rows, max(1, ROWS // factor))
    return small
