"""Huffman tables laid out for the entropy kernels.

A code set serves one kind of component: its DC and its AC table, for reading and writing.
Reading looks up `LOOKUP_BITS` bits at once; longer codes are rare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LOOKUP_BITS = 13
"""Bits of one look-up; ``imgcore/kernels/_codes.pxd`` has the same number."""
END_OF_BLOCK = 128
"""Added to the place in a block when a code says that the rest of the block is 0."""
NO_SKIP = 192 << 8
"""Entry of the skips where no code fits into the look-up."""


class BadTable(ValueError):
    """Raised for code lengths that no prefix code has."""


@dataclass(frozen=True, slots=True)
class HuffmanTable:
    """One table of a DHT segment.

    Attributes
    ----------
    counts
        Number of codes of 1..16 bits.
    symbols
        In the order of their codes.
    """

    counts: tuple[int, ...]
    symbols: bytes

    def codes(self) -> list[tuple[int, int, int]]:
        """List (code, length, symbol) in ascending order.

        Raises
        ------
        BadTable
        """
        found = []
        code = 0
        place = 0
        for length, count in enumerate(self.counts, 1):
            if code + count > 1 << length or place + count > len(self.symbols):
                raise BadTable("the codes overflow their lengths")
            found += [(code + n, length, self.symbols[place + n]) for n in range(count)]
            code = (code + count) << 1
            place = place + count
        return found


@dataclass(frozen=True, slots=True, eq=False)
class CodeSets:
    """Code sets stacked along the first axis.

    Attributes
    ----------
    looks
        uint32 ``(n, 3, 2**LOOKUP_BITS)``, by the next bits; 0 where the code is longer. 0, 1: the DC or
        AC code that begins so, with its value, as ``bits | symbol << 8 | value << 16``; a value that
        does not fit is 0, which no value is. 2: a whole DC code with its value and the AC codes after
        it, as ``bits | k << 8 | value << 16``.
    skips
        uint16 ``(n, 2**LOOKUP_BITS)``: as many AC codes as fit, as ``bits | advance of k << 8``;
        `NO_SKIP` where none does. In both, the value of the last AC code need not fit, as it is passed
        over, and k gains `END_OF_BLOCK` when that code says so.
    longs
        int32 ``(n, 2, 17, 2)``, by length: the first code above that length, left aligned to 16
        bits, and the offset from a code to its place in `symbols`.
    symbols
        uint8 ``(n, 2, 256)``.
    words
        uint32 ``(n, 2, 256)``, by symbol: ``length << 16 | code``, 0 where there is none.
    """

    lookups: npt.NDArray[np.uint32]
    skips: npt.NDArray[np.uint16]
    longs: npt.NDArray[np.int32]
    symbols: npt.NDArray[np.uint8]
    words: npt.NDArray[np.uint32]


def code_sets(pairs: Sequence[tuple[HuffmanTable, HuffmanTable]]) -> CodeSets:
    """Build the code sets for (DC, AC) pairs of tables.

    Raises
    ------
    BadTable
    """
    return CodeSets(
        np.stack([_lookups(dc, ac) for dc, ac in pairs]),
        np.stack([_skips(_single(ac)) for _, ac in pairs]),
        np.stack([[_longs(table) for table in pair] for pair in pairs]).astype(np.int32),
        np.stack([[_symbols(table) for table in pair] for pair in pairs]),
        np.stack([[_words(table) for table in pair] for pair in pairs]),
    )


def _lookups(dc: HuffmanTable, ac: HuffmanTable) -> npt.NDArray[np.uint32]:
    singles = [_single(dc), _single(ac)]
    return np.stack([*map(_valued, singles), _firsts(*singles)])


def _single(table: HuffmanTable) -> npt.NDArray[np.uint32]:
    """``length | symbol << 8`` by pattern."""
    look = np.zeros(1 << LOOKUP_BITS, np.uint32)
    for code, length, symbol in table.codes():
        if length <= LOOKUP_BITS:
            first = code << (LOOKUP_BITS - length)
            look[first : first + (1 << (LOOKUP_BITS - length))] = length | symbol << 8
    return look


def _valued(single: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Add to each pattern its value where that fits into the look-up."""
    length = (single & 0xFF).astype(int)
    size = (single >> 8 & 15).astype(int)
    fits = (single != 0) & (length + size <= LOOKUP_BITS) & (size > 0)
    bits = np.arange(1 << LOOKUP_BITS) >> np.where(fits, LOOKUP_BITS - length - size, 0) & (1 << size) - 1
    values = np.where(bits >> np.maximum(size - 1, 0), bits, bits - (1 << size) + 1)
    extra = np.where(fits, size | (values & 0xFFFF) << 16, 0)
    return (single + extra).astype(np.uint32)


def _firsts(dc: npt.NDArray[np.uint32], ac: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    valued = _valued(dc)
    symbol = dc >> 8
    fits = (dc != 0) & (symbol <= 15) & ((symbol == 0) | (valued >> 16 != 0))
    bits, k = _walk(ac, np.where(fits, valued & 0xFF, LOOKUP_BITS).astype(np.uint32), start=1)
    return np.where(fits, bits | k << 8 | valued & 0xFFFF0000, 0).astype(np.uint32)


def _skips(ac: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint16]:
    bits, advance = _walk(ac, np.zeros(1 << LOOKUP_BITS, np.uint32), start=0)
    return np.where(bits > 0, bits | advance << 8, NO_SKIP).astype(np.uint16)


def _walk(
    ac: npt.NDArray[np.uint32], bits: npt.NDArray[np.uint32], start: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Decode all patterns side by side from `bits` on, one AC code a round, until no further one fits."""
    patterns = np.arange(1 << LOOKUP_BITS, dtype=np.uint32)
    k = np.full_like(patterns, start)
    open_ = np.ones(patterns.shape, bool)
    while open_.any():
        entry = ac[(patterns << bits) & ((1 << LOOKUP_BITS) - 1)]
        symbol = entry >> 8
        size = symbol & 15
        length = entry & 0xFF
        # A size of 0 is the end of the block or a run of 16; other runs without a value are no baseline.
        end = symbol == 0
        valid = (entry != 0) & ((size != 0) | end | (symbol == 0xF0))
        advance = np.where(end, END_OF_BLOCK, (symbol >> 4) + 1)
        open_ &= (
            valid & (bits + length <= LOOKUP_BITS) & (k + advance <= np.where(end, 63 + END_OF_BLOCK, 64))
        )
        bits = np.where(open_, bits + length + size, bits)
        k = np.where(open_, k + advance, k)
        open_ &= k < 64
    return bits, k


def _longs(table: HuffmanTable) -> list[list[int]]:
    rows = [[0, 0]]
    code = 0
    place = 0
    for length, count in enumerate(table.counts, 1):
        rows.append([(code + count) << (16 - length), place - code])
        code = (code + count) << 1
        place = place + count
    return rows


def _symbols(table: HuffmanTable) -> npt.NDArray[np.uint8]:
    return np.frombuffer(table.symbols.ljust(256, b"\0")[:256], np.uint8)


def _words(table: HuffmanTable) -> npt.NDArray[np.uint32]:
    words = np.zeros(256, np.uint32)
    for code, length, symbol in table.codes():
        words[symbol] = length << 16 | code
    return words
