"""Pages of a SANE device, read row by row; and the rows of one that is still coming, for people to see."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from server.devices.adapters.sane import faults, wire
from server.devices.adapters.sane.area import Refused

HEARTBEAT_SECONDS = 0.5
"""Seconds between two messages that say that lines of a page arrive."""
READ_BYTES = 32 * 1024
"""Bytes that are asked for at a time: as many as `scanimage` asks for, which drivers are used to."""
SAMPLES = {"gray": 1, "color": 3}
"""Samples of a pixel by the kind of frame."""
GOOD = 0
"""Status of libsane for a call that worked."""
END_OF_FRAME = 5
"""Status of libsane for the end of a frame."""
ROWS_SECONDS = 0.25
"""Seconds between two pieces of a page that is coming."""
ROWS_PIXELS = 800
"""Pixels of a row, about, of such a piece: enough to be made smaller smoothly."""


class ReadFailed(Exception):
    """The driver did not deliver; its text is libsane's."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The form of a page as the driver announces it; `lines` is -1 where it does not know.

    Attributes
    ----------
    stride
        Bytes from one row to the next; never fewer than the pixels take.
    """

    samples: int
    width: int
    lines: int
    depth: int
    stride: int

    @classmethod
    def of(cls, device: Any) -> Parameters:
        kind, _, (width, lines), depth, stride = device.get_parameters()
        if kind not in SAMPLES or depth not in wire.DEPTHS:
            # One colour after the other is what three passes deliver.
            raise Refused(faults.UNSUPPORTED)
        row = wire.row_bytes(width, SAMPLES[kind], depth)
        return cls(SAMPLES[kind], width, lines, depth, max(1, row, stride))

    def least_lines(self, after: Parameters) -> int:
        """Return the lines of a whole page by what was announced before and after it, 0 where unknown."""
        return min((lines for lines in (self.lines, after.lines) if lines > 0), default=0)


@dataclass(eq=False, repr=False)
class Reader:
    """Reads the pages of one device.

    Parameters
    ----------
    alive
        Called while lines arrive, twice a second.
    open_ended
        True if pages may have fewer lines than were announced, as the scanner finds the end of each sheet.
    show
        Called with pieces of a page while it comes; None where nobody looks.

    Attributes
    ----------
    length_known
        True if the driver announced the length of the last page; else one that was stopped looks whole.
    """

    _device: Any
    _limit: int
    _alive: Callable[[], None]
    _open_ended: bool = False
    _show: Callable[[wire.RowsMessage, bytes], None] | None = None
    length_known: bool = field(default=True, init=False)
    _next_beat: float = field(default=0.0, init=False)

    def read(self, dots: float) -> tuple[wire.PageMessage, bytearray]:
        """The page that was started, and its samples.

        Raises
        ------
        Refused
            Too large, or only a part of it arrived.
        ReadFailed
        """
        form = Parameters.of(self._device)
        self.length_known = form.lines > 0 and not self._open_ended
        self._check_size(form, form.lines)
        data = self._samples(form)
        height = len(data) // form.stride
        least = 0 if self._open_ended else form.least_lines(Parameters.of(self._device))
        if height < max(1, least):
            raise Refused(faults.CUT_SHORT)
        page = wire.PageMessage(
            form.width, height, form.samples, form.depth, form.stride, dots=dots, time=time.monotonic()
        )
        return page, data

    def _samples(self, form: Parameters) -> bytearray:
        """Return all that comes; not cancelled at its end, or the feeder would let go of the other sheets."""
        data = bytearray()
        coming = None if self._show is None else _ComingPage(form, self._show)
        read = libsane().sane_read
        handle = handle_of(self._device)
        buffer = (ctypes.c_ubyte * READ_BYTES)()
        view = memoryview(buffer)
        length = ctypes.c_int()
        while True:
            status = read(handle, buffer, READ_BYTES, ctypes.byref(length))
            if status == END_OF_FRAME:
                return data
            if status != GOOD:
                raise ReadFailed(libsane().sane_strstatus(status).decode())
            # A driver that delivers nothing, for ever, is one that hangs.
            if length.value > 0:
                data += view[: length.value]
                self._check_size(form, len(data) // form.stride)
                self._beat()
                if coming is not None:
                    coming.see(data)

    def _beat(self) -> None:
        now = time.monotonic()
        if now >= self._next_beat:
            self._next_beat = now + HEARTBEAT_SECONDS
            self._alive()

    def _check_size(self, form: Parameters, lines: int) -> None:
        # Of a row without pixels, lines without end would be none.
        if max(1, form.width) * lines > self._limit:
            size = f"{form.width} x {lines}"
            limit = f"{self._limit / 1e6:g} MP"
            raise Refused(faults.TOO_LARGE, f"{size};{limit}")


class _ComingPage:
    """Page of which the rows are shown while they come, thinned to what a screen has room for."""

    def __init__(self, form: Parameters, show: Callable[[wire.RowsMessage, bytes], None]) -> None:
        self._form = form
        self._show = show
        self._step = max(1, form.width // ROWS_PIXELS)
        self._shown = 0
        self._next = time.monotonic() + ROWS_SECONDS

    def see(self, data: bytearray) -> None:
        """Show what came since, unless that was just done; a page that is done by then is not shown."""
        now = time.monotonic()
        rows = len(data) // self._form.stride
        if now < self._next or rows <= self._shown:
            return
        self._next = now + ROWS_SECONDS
        form = self._form
        picked = range(self._shown, rows, self._step)
        content = b"".join(self._thinned(data, row * form.stride) for row in picked)
        depth = 1 if form.depth == 1 else 8
        width = form.width if depth == 1 else len(range(0, form.width, self._step))
        stride = wire.row_bytes(width, form.samples, depth)
        message = wire.RowsMessage(
            width,
            len(picked),
            form.samples,
            depth,
            stride,
            top=self._shown,
            rows=rows - self._shown,
            page_width=form.width,
            page_lines=max(0, form.lines),
        )
        self._shown = rows
        self._show(message, content)

    def _thinned(self, data: bytearray, start: int) -> bytearray:
        """Return every n-th pixel of a row, by its upper eight bits; of single bits all."""
        form = self._form
        if form.depth == 1:
            return data[start : start + wire.row_bytes(form.width, form.samples, 1)]
        size = form.depth // 8
        pixel = form.samples * size
        end = start + form.width * pixel
        upper = size - 1 if sys.byteorder == "little" else 0
        row = bytearray(form.samples * len(range(0, form.width, self._step)))
        for sample in range(form.samples):
            first = start + sample * size + upper
            row[sample :: form.samples] = data[first : end : pixel * self._step]
        return row


@cache
def libsane() -> ctypes.CDLL:
    """Return the library, which python-sane has loaded."""
    library = ctypes.CDLL("libsane.so.1")
    library.sane_read.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    library.sane_strstatus.restype = ctypes.c_char_p
    return library


def handle_of(device: Any) -> int | None:
    """Return libsane's handle of an opened device; python-sane has it right behind the head of its object."""
    return ctypes.c_void_p.from_address(id(device.dev) + object.__basicsize__).value
