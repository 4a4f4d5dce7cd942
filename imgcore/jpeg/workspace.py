"""Buffers that live as long as a camera: a fresh one a frame would cost page faults."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.jpeg.layout import Layout
from imgcore.kernels import jpeg_stuff

PADDING = 4096
"""Bytes a reader may look past the end; ``imgcore/kernels/_bits.pxd`` has the same number."""

MCU_BYTES = 1024
"""What an MCU made anew may take, on the average over a frame; a line is never so rich."""

Bytes = npt.NDArray[np.uint8]


class Workspace:
    """Scratch memory of one thread of work; grows to what the largest frame needs.

    Attributes
    ----------
    clean
        The entropy-coded data without byte stuffing, padded.
    ends
        int64 ``(n,)``: where each restart interval of `clean` ends, in bytes.
    bits
        uint32 ``(mcus + 1,)``: where each MCU begins, in bits of `clean`.
    dcs
        int16 ``(mcus + 1, components)``: the DC predictors before each MCU.
    """

    def __init__(self) -> None:
        self.clean = np.empty(0, np.uint8)
        self.edited = np.empty(0, np.uint8)
        self.output = np.empty(0, np.uint8)
        self.blocks = np.empty((0, 64), np.int16)
        self.filled = np.empty(0, np.uint64)
        self.ends = np.empty(0, np.int64)
        self.edited_ends = np.empty(0, np.int64)
        self.bits = np.empty(0, np.uint32)
        self.dcs = np.empty((0, 4), np.int16)

    def fit(self, size: int, layout: Layout) -> None:
        """Make room for a frame of `size` bytes."""
        across, down = layout.mcus
        mcus = across * down
        intervals = 1 + (mcus - 1) // layout.interval if layout.interval else 1
        if self.clean.size < size + PADDING:
            self.clean = np.empty(size + size // 2 + PADDING, np.uint8)
        if self.ends.size < intervals:
            self.ends = np.empty(intervals, np.int64)
            self.edited_ends = np.empty(intervals, np.int64)
        if self.bits.size < mcus + 1:
            self.bits = np.empty(mcus + 1, np.uint32)
            self.dcs = np.empty((mcus + 1, 4), np.int16)

    def fit_edit(self, size: int, mcus: int, header: int, intervals: int) -> None:
        """Make room to write `size` clean bytes with `mcus` MCUs made anew."""
        room = size + mcus * MCU_BYTES + 2 * PADDING
        if self.edited.size < room:
            self.edited = np.empty(room + room // 4, np.uint8)
        # Stuffing doubles a byte of ones; data of ones only are possible, if not likely.
        whole = header + 2 * room + 2 * intervals + 2
        if self.output.size < whole:
            self.output = np.empty(whole + whole // 4, np.uint8)

    def fit_blocks(self, count: int) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint64]]:
        """Room for `count` blocks of coefficients, and for which of them are not zero."""
        if self.filled.size < count:
            self.blocks = np.empty((count, 64), np.int16)
            self.filled = np.empty(count, np.uint64)
        return self.blocks, self.filled

    def wrap(self, header: bytes, intervals: int) -> bytes:
        """`header`, then the edited data with byte stuffing and markers, as one JPEG."""
        self.output[: len(header)] = np.frombuffer(header, np.uint8)
        end = jpeg_stuff(self.edited, self.edited_ends[:intervals], self.output, len(header))
        return self.output[:end].tobytes()
