"""Scratch buffers that live as long as a camera: fresh ones for each frame would cost page faults."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from imgcore.jpeg.layout import JpegLayout, UnsupportedJpeg
from imgcore.kernels import jpeg_stuff, jpeg_unstuff

PADDING = 4096
"""Bytes a reader may look past the end; ``imgcore/kernels/_bits.pxd`` has the same number."""

MCU_BYTES = 1024
"""Bytes that an MCU encoded anew may take, on the average over a frame; one with a line takes fewer."""
BLOCK_BYTES = 256
"""Bytes that a block of an MCU encoded anew may take, on the average over a frame."""

SIZE_LIMIT = 1 << 28
"""Bytes of one frame: its bits are counted in 32 bits."""

Bytes = npt.NDArray[np.uint8]
Kind = TypeVar("Kind", bound=np.generic)


def most_mcus(size: int, layout: JpegLayout) -> int:
    """Largest number of MCUs in `size` bytes: a block takes two codes, a code a bit at least."""
    return 8 * size // (2 * layout.blocks.size)


class Workspace:
    """Scratch memory of one thread of work; grows to what the largest frame needs.

    Attributes
    ----------
    frame
        Number of frames loaded so far.
    clean
        The entropy-coded data without byte stuffing, padded.
    ends
        int64 ``(n,)``: end of each restart interval of `clean`, in bytes.
    bits
        uint32 ``(n,)``: begin of each MCU, in bits of `clean`, and the end of the last one.
    dcs
        int16 ``(n, 4)``: the DC predictors before each MCU, by component.
    """

    def __init__(self) -> None:
        self.frame = 0
        self.clean = np.empty(0, np.uint8)
        self.edited = np.empty(0, np.uint8)
        self.output = np.empty(0, np.uint8)
        self.entries = np.empty((0, 2), np.uint32)
        self.pool = np.empty(0, np.uint8)
        self.ends = np.empty(0, np.int64)
        self.edited_ends = np.empty(0, np.int64)
        self.bits = np.empty(0, np.uint32)
        self.dcs = np.empty((0, 4), np.int16)

    def load(self, data: bytes, start: int, layout: JpegLayout) -> tuple[int, bool]:
        """Load a frame, whose coded data begin at `start`; the one before is lost.

        Returns
        -------
        tuple of int and bool
            Number of restart intervals, and True if the end marker was there.

        Raises
        ------
        UnusualJpeg
            There are too many bytes to count their bits.
        """
        size = len(data) - start
        if size > SIZE_LIMIT:
            raise UnsupportedJpeg("it is too long")
        self.frame += 1
        # A header may declare any number of MCUs: no more room is made than the data can fill.
        mcus = min(layout.count, most_mcus(size, layout))
        intervals = min(layout.intervals, 1 + size // 2)
        self.clean = self._fitted(self.clean, size + PADDING)
        self.ends = self._fitted(self.ends, intervals)
        self.edited_ends = self._fitted(self.edited_ends, intervals)
        self.bits = self._fitted(self.bits, mcus + 1)
        self.dcs = self._fitted(self.dcs, mcus + 1)
        return jpeg_unstuff(np.frombuffer(data, np.uint8), start, self.clean, self.ends[:intervals])

    def fit_edit(self, size: int, mcus: int, layout: JpegLayout, intervals: int) -> Bytes:
        """Return a buffer for `size` clean bytes with `mcus` MCUs of a layout encoded anew."""
        room = size + mcus * min(MCU_BYTES, layout.blocks.size * BLOCK_BYTES) + 2 * PADDING
        self.edited = self._fitted(self.edited, room)
        # Stuffing doubles a byte of ones; data of ones only are possible, if not likely.
        self.output = self._fitted(self.output, len(layout.header) + 2 * room + 2 * intervals + 2)
        # Whether there is room must not depend on the frames before.
        return self.edited[:room]

    def fit_pool(self, count: int, size: int) -> tuple[npt.NDArray[np.uint32], Bytes]:
        """Return buffers for the positions of `count` blocks and for `size` clean bytes in them."""
        self.entries = self._fitted(self.entries, count)
        self.pool = self._fitted(self.pool, size + 2 * PADDING)
        return self.entries, self.pool[: size + 2 * PADDING]

    def _fitted(self, array: npt.NDArray[Kind], count: int) -> npt.NDArray[Kind]:
        """Return `array` if it has `count` rows, else a larger one with a quarter to spare."""
        if len(array) >= count:
            return array
        return np.empty((count + count // 4, *array.shape[1:]), array.dtype)

    def wrap(self, header: bytes, intervals: int) -> bytes:
        """Join `header` and the edited data, with byte stuffing and markers, to one JPEG."""
        self.output[: len(header)] = np.frombuffer(header, np.uint8)
        end = jpeg_stuff(self.edited, self.edited_ends[:intervals], self.output, len(header))
        return self.output[:end].tobytes()
