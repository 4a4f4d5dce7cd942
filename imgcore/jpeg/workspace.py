"""Buffers that live as long as a camera: a fresh one a frame would cost page faults."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from imgcore.jpeg.layout import Layout, UnusualJpeg
from imgcore.kernels import jpeg_stuff, jpeg_unstuff

PADDING = 4096
"""Bytes a reader may look past the end; ``imgcore/kernels/_bits.pxd`` has the same number."""

MCU_BYTES = 1024
"""What an MCU made anew may take, on the average over a frame; a line is never so rich."""

SIZE_LIMIT = 1 << 28
"""Bytes of one frame: its bits are counted in 32 bits."""

Bytes = npt.NDArray[np.uint8]
Kind = TypeVar("Kind", bound=np.generic)


def most_mcus(size: int, layout: Layout) -> int:
    """How many MCUs `size` bytes can hold: a block takes two codes, a code a bit at least."""
    return 8 * size // (2 * layout.blocks.size)


class Workspace:
    """Scratch memory of one thread of work; grows to what the largest frame needs.

    Attributes
    ----------
    frame
        How many frames it has served.
    clean
        The entropy-coded data without byte stuffing, padded.
    ends
        int64 ``(n,)``: where each restart interval of `clean` ends, in bytes.
    bits
        uint32 ``(n,)``: where each MCU begins, in bits of `clean`, and where the last one ends.
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

    def load(self, data: bytes, start: int, layout: Layout) -> tuple[int, bool]:
        """Take a frame, whose coded data begin at `start`; the one before is lost.

        Returns
        -------
        tuple of int and bool
            How many restart intervals it has, and whether the end marker was there.

        Raises
        ------
        UnusualJpeg
            There are too many bytes to count their bits.
        """
        size = len(data) - start
        if size > SIZE_LIMIT:
            raise UnusualJpeg("it is too long")
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

    def fit_edit(self, size: int, mcus: int, header: int, intervals: int) -> Bytes:
        """Room to write `size` clean bytes with `mcus` MCUs made anew."""
        room = size + mcus * MCU_BYTES + 2 * PADDING
        self.edited = self._fitted(self.edited, room)
        # Stuffing doubles a byte of ones; data of ones only are possible, if not likely.
        self.output = self._fitted(self.output, header + 2 * room + 2 * intervals + 2)
        # Whether there is room must not depend on the frames before.
        return self.edited[:room]

    def fit_pool(self, count: int, size: int) -> tuple[npt.NDArray[np.uint32], Bytes]:
        """Room for `size` clean bytes in `count` blocks, and for where each of them is."""
        self.entries = self._fitted(self.entries, count)
        self.pool = self._fitted(self.pool, size + 2 * PADDING)
        return self.entries, self.pool[: size + 2 * PADDING]

    def _fitted(self, array: npt.NDArray[Kind], count: int) -> npt.NDArray[Kind]:
        """`array` if it has `count` rows, else a larger one with something to spare."""
        if len(array) >= count:
            return array
        return np.empty((count + count // 4, *array.shape[1:]), array.dtype)

    def wrap(self, header: bytes, intervals: int) -> bytes:
        """`header`, then the edited data with byte stuffing and markers, as one JPEG."""
        self.output[: len(header)] = np.frombuffer(header, np.uint8)
        end = jpeg_stuff(self.edited, self.edited_ends[:intervals], self.output, len(header))
        return self.output[:end].tobytes()
