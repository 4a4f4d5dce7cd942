"""One page off the glass: python-sane's raw read, and the check that the page is whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from server.devices.adapters.sane import faults, wire
from server.devices.adapters.sane.options import Refused

HEARTBEAT_SECONDS = 0.5
_SAMPLES = {"gray": 1, "color": 3}
"""Samples a pixel by the kind of frame."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The form of a page as the driver announces it; `lines` is -1 where it does not know."""

    samples: int
    width: int
    lines: int
    depth: int
    stride: int

    @classmethod
    def of(cls, device: Any) -> Parameters:
        kind, _, (width, lines), depth, stride = device.get_parameters()
        if kind not in _SAMPLES:
            # One colour after the other: python-sane would read three lines for each and keep one.
            raise Refused(faults.UNSUPPORTED)
        return cls(_SAMPLES[kind], width, lines, depth, stride)


class Reader:
    """Reads the pages of one device.

    Parameters
    ----------
    alive
        Called while lines arrive, twice a second.
    stop
        Ends the scan; called when a page whose length nobody knows grows too large.

    Attributes
    ----------
    length_known
        True if the driver announced the length of the last page; else one that was stopped looks whole.
    """

    def __init__(
        self, device: Any, limit_pixels: int, alive: Callable[[], None], stop: Callable[[], None]
    ) -> None:
        self._device = device
        self._limit = limit_pixels
        self._alive = alive
        self._stop = stop
        self.length_known = True
        self._width = 1
        self._lines = 0
        self._next_beat = 0.0

    def read(self, dots: float) -> tuple[wire.PageMessage, bytearray]:
        """The page that was started, and its samples.

        Raises
        ------
        Refused
            Too large, or only a part of it arrived.
        _sane.error
        """
        announced = Parameters.of(self._device)
        self._width = announced.width
        self.length_known = announced.lines > 0
        self._check_size(announced.lines)
        # Not cancelled at its end: the feeder would let go of the other sheets. Samples of 16 bits are taken
        # as they are: where python-sane is to reduce them, it reads half of each line.
        try:
            data, *shape = self._device.dev.snap(1, 1, self._progress)
        finally:
            # Before what the driver says of its being stopped for that.
            self._check_size(self._lines)
        return _whole_page(announced, Parameters.of(self._device), shape, (data, dots)), data

    def _progress(self, lines: int, _: int) -> None:
        # Nothing may be raised here: python-sane would read through a null pointer.
        self._lines = lines
        if lines * self._width > self._limit:
            self._stop()
        now = time.monotonic()
        if now >= self._next_beat:
            self._next_beat = now + HEARTBEAT_SECONDS
            self._alive()

    def _check_size(self, lines: int) -> None:
        if self._width * lines > self._limit:
            size, limit = f"{self._width} x {lines}", f"{self._limit / 1e6:g} MP"
            raise Refused(faults.TOO_LARGE, f"{size};{limit}")


def _whole_page(
    before: Parameters, after: Parameters, shape: Sequence[int], content: tuple[bytearray, float]
) -> wire.PageMessage:
    width, height, samples, size = shape
    data, dots = content
    row = width * samples * size
    stride = before.stride if before.depth >= 8 else row
    if stride > row:
        # Rows padded by the driver: python-sane takes the stream for one without gaps.
        height = len(data) // stride
    lost = 1 if stride > row else 0
    announced = min((lines for lines in (before.lines, after.lines) if lines > 0), default=0)
    if height < 1 or height < announced - lost:
        raise Refused(faults.CUT_SHORT)
    return wire.PageMessage(width, height, samples, size, max(stride, row), dots, time.monotonic())
