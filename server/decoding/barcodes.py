"""Barcodes of a page, as they travel from a decoding process."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec
import numpy as np

from imgcore.barcode import Code, Symbology
from server.children import memory
from server.decoding import faults
from server.decoding.packing import unpacked_list

LONGEST = 16 << 20
"""Bytes of all barcodes of a page: engines read some hundreds, of some kilobytes each."""

Point = tuple[float, float]


class PackedBarcode(msgspec.Struct, frozen=True, array_like=True):
    """A barcode of numbers and text only."""

    text: str
    symbology: Symbology
    corners: tuple[Point, Point, Point, Point]
    alternatives: tuple[str, ...]
    checks: tuple[str, ...]


def packed(barcodes: Iterable[Code]) -> bytes:
    """Pack barcodes for `unpacked`."""
    return msgspec.msgpack.encode(
        [
            PackedBarcode(
                one.text,
                one.symbology,
                tuple((float(x), float(y)) for x, y in one.corners),  # type: ignore[arg-type]
                one.alternatives,
                one.checks,
            )
            for one in barcodes
        ]
    )


def unpacked(content: memory.Piece) -> tuple[Code, ...]:
    """Unpack barcodes.

    Raises
    ------
    server.documents.faults.DocumentFault
        They are none, or lie nowhere.
    """
    found = unpacked_list(content, PackedBarcode, LONGEST)
    if not all(math.isfinite(value) for one in found for corner in one.corners for value in corner):
        raise faults.malformed_answer()
    return tuple(
        Code(one.text, one.symbology, np.array(one.corners, np.float32), one.alternatives, one.checks)
        for one in found
    )
