"""One pass over a JPEG's entropy-coded data.

`layout` is an ``imgcore.jpeg.layout.JpegLayout`` throughout: kernels take what they need of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from imgcore.jpeg.huffman import CodeSets
    from imgcore.jpeg.layout import JpegLayout

PADDING = 4096
"""Zero bytes behind the plain bytes, into which a reader may look; `imgcore.jpeg.workspace` has the same
number."""

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

_MARKER = re.compile(rb"(?<!\xff)\xff++([\x01-\xfe])", re.DOTALL)
"""A marker, and the fill bytes before it. It begins at the first of these only: from each of many, it would
look through all that follow."""
_STUFFED = re.compile(rb"(?<!\xff)\xff++\x00")
"""A byte of ones that is data, and the zero stuffed behind it. It begins at the first fill byte only: from
each of many, it would look through all that follow."""


def jpeg_unstuff(data: Bytes, start: int, clean: Bytes, ends: Offsets) -> tuple[int, bool]:
    """Undo the byte stuffing of everything from `start` to the first marker that is no restart.

    Parameters
    ----------
    clean
        Receives the plain bytes and 4096 zeros; at least that much longer than what is read.
    ends
        Receives the end of each restart interval in `clean`; as many as there can be.

    Returns
    -------
    tuple of int and bool
        Number of restart intervals, and True if the end marker was there.
    """
    if clean.size < data.size - start + PADDING:
        raise ValueError("the clean buffer is too small")
    source = data[start:].tobytes()
    at = 0
    plain = bytearray()
    count = 0
    complete = False
    for match in _MARKER.finditer(source):
        marker = match[1][0]
        plain += _STUFFED.sub(b"\xff", source[at : match.start()])
        at = match.end()
        if not (0xD0 <= marker <= 0xD7 and count + 1 < ends.size):
            complete = marker == 0xD9
            break
        ends[count] = len(plain)
        count += 1
    else:
        plain += _STUFFED.sub(b"\xff", source[at:].rstrip(b"\xff"))
    ends[count] = len(plain)
    clean[: len(plain)] = np.frombuffer(bytes(plain), np.uint8)
    clean[len(plain) : len(plain) + PADDING] = 0
    return count + 1, complete


def jpeg_stuff(clean: Bytes, ends: Offsets, data: Bytes, start: int) -> int:
    """Write the intervals of `clean` with byte stuffing, restart markers and EOI into `data`.

    Returns
    -------
    int
        End of the written data.
    """
    if data.size - start < 2 * ends[-1] + 2 * ends.size + 2:
        raise ValueError("the output buffer is too small")
    whole = b""
    begin = 0
    for number, end in enumerate(ends.tolist()):
        marker = 0xD9 if number == ends.size - 1 else 0xD0 + number % 8
        whole += clean[begin:end].tobytes().replace(b"\xff", b"\xff\x00") + bytes([0xFF, marker])
        begin = end
    data[start : start + len(whole)] = np.frombuffer(whole, np.uint8)
    return start + len(whole)


def jpeg_scan(
    clean: Bytes,
    ends: Offsets,
    layout: JpegLayout,
    planes: Sequence[Bytes],
    bits: npt.NDArray[np.uint32],
    dcs: npt.NDArray[np.int16],
) -> int:
    """Decode all MCUs once, for thumbnails of the planes and an index of the MCUs' positions.

    Parameters
    ----------
    clean
        Padded by 4096 zeros.
    planes
        One ``(down * v, across * h)`` for each component that is wanted, the first ones; receive the
        mean of each block.
    bits, dcs
        ``(n,)`` and ``(n, components)``; receive the first bit of each MCU and the DC predictors before
        it, and in the last entry the end of the data. With less than ``mcus + 1`` entries not all are
        read.

    Returns
    -------
    int
        Number of complete MCUs.
    """
    across, down = layout.mcus
    sampling = layout.sampling
    predictors = np.zeros(len(sampling), int)
    reader = BitReader(clean)
    end = int(ends[0]) * 8
    segment = 0
    total = min(across * down, bits.size - 1)
    for mcu in range(total):
        if layout.interval and mcu and mcu % layout.interval == 0:
            segment += 1
            if segment >= ends.size:
                return _end(mcu, reader, predictors, bits, dcs)
            reader.at = int(ends[segment - 1]) * 8
            end = int(ends[segment]) * 8
            predictors[:] = 0
        _end(mcu, reader, predictors, bits, dcs)
        try:
            blocks = list(read_mcu(reader, layout, predictors))
        except BrokenCode:
            return _end(mcu, reader, predictors, bits, dcs)
        row, column = divmod(mcu, across)
        for component, plane in enumerate(planes):
            h, v, _ = sampling[component].tolist()
            dcs_here = [int(block[0]) for number, block in blocks if number == component]
            means = np.array(dcs_here) * int(layout.quants[component, 0]) + 4 >> 3
            place = np.s_[row * v : (row + 1) * v, column * h : (column + 1) * h]
            plane[place] = np.clip(means + 128, 0, 255).reshape(v, h)
        if reader.at > end:
            return _end(mcu, reader, predictors, bits, dcs)
    return _end(total, reader, predictors, bits, dcs)


def _end(
    mcu: int,
    reader: BitReader,
    predictors: npt.NDArray[np.int_],
    bits: npt.NDArray[np.uint32],
    dcs: npt.NDArray[np.int16],
) -> int:
    bits[mcu] = reader.at
    dcs[mcu, : predictors.size] = predictors.astype(np.int16)
    return mcu


class BrokenCode(ValueError):
    """Raised for bits that no code of the table begins with, and for more coefficients than a block has."""


class BitReader:
    """Reader of an unstuffed bit stream, from bit `at` on."""

    def __init__(self, clean: Bytes) -> None:
        self._bits = np.unpackbits(clean)
        self.at = 0

    def number(self, count: int) -> int:
        """Read the next `count` bits as an unsigned number."""
        value = 0
        for bit in self._bits[self.at : self.at + count].tolist():
            value = value << 1 | bit
        self.at += count
        return value

    def signed(self, size: int) -> int:
        """Read a value of `size` bits, as JPEG writes signed numbers."""
        value = self.number(size)
        return value if size and value >> (size - 1) else value - (1 << size) + 1

    def symbol(self, codes: dict[tuple[int, int], int]) -> int:
        """Read the next code and return its symbol.

        Raises
        ------
        BrokenCode
        """
        begin = self.at
        for length in range(1, 17):
            self.at = begin
            found = codes.get((length, self.number(length)))
            if found is not None:
                return found
        raise BrokenCode()


def dictionary(sets: CodeSets, which: int, kind: int) -> dict[tuple[int, int], int]:
    """Map (length, code) to the symbol of one table; `kind` is 0 for DC, 1 for AC."""
    words = sets.words[which, kind]
    return {(int(words[n]) >> 16, int(words[n]) & 0xFFFF): n for n in range(256) if words[n]}


def read_mcu(
    reader: BitReader, layout: JpegLayout, predictors: npt.NDArray[np.int_]
) -> Iterator[tuple[int, npt.NDArray[np.int_]]]:
    """Yield (component, coefficients in stream order) of each block; the predictors are updated.

    Raises
    ------
    BrokenCode
    """
    for component in layout.blocks.tolist():
        which = layout.components[component].codes
        block = np.zeros(64, int)
        predictors[component] += reader.signed(_small(reader.symbol(dictionary(layout.sets, which, 0))))
        if abs(predictors[component]) > 2047:
            raise BrokenCode()
        block[0] = predictors[component]
        _read_ac(reader, dictionary(layout.sets, which, 1), block)
        yield component, block


def _small(size: int) -> int:
    if size > 15:
        raise BrokenCode()
    return size


def _read_ac(reader: BitReader, codes: dict[tuple[int, int], int], block: npt.NDArray[np.int_]) -> None:
    place = 1
    while place < 64:
        run, size = divmod(reader.symbol(codes), 16)
        if size == 0 and run not in (0, 15):
            raise BrokenCode()
        if size == 0 and run == 0:
            return
        place += run
        if place > 63:
            raise BrokenCode()
        block[place] = reader.signed(size) if size else 0
        place += 1
