"""Lines of text of a page, as they travel from the process that read them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import msgspec
import numpy as np

from imgcore.text import TextLine
from server.children import memory
from server.decoding import faults
from server.decoding.packing import unpacked_list

LONGEST = 64 << 20
"""Bytes of all lines of a page: a full one has some hundred kilobytes."""

Point = tuple[float, float]
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


class PackedLine(msgspec.Struct, frozen=True, array_like=True):
    """A line of text of numbers and text only."""

    text: str
    score: float
    corners: tuple[Point, Point, Point, Point]
    spans: tuple[Point, ...]
    vertical: bool


def packed(lines: Iterable[TextLine]) -> bytes:
    """Pack lines for `unpacked`."""
    return msgspec.msgpack.encode(
        [
            PackedLine(
                one.text,
                one.score,
                tuple((float(x), float(y)) for x, y in one.corners),  # type: ignore[arg-type]
                tuple((float(start), float(end)) for start, end in one.spans),
                one.vertical,
            )
            for one in lines
        ]
    )


def unpacked(content: memory.Piece) -> tuple[TextLine, ...]:
    """Unpack lines.

    Raises
    ------
    server.documents.faults.DocumentFault
        They are none, or lie nowhere.
    """
    found = unpacked_list(content, PackedLine, LONGEST)
    if not all(map(_plausible, found)):
        raise faults.malformed_answer()
    return tuple(
        TextLine(
            one.text,
            one.score,
            np.array(one.corners, np.float32),
            np.array(one.spans, np.float32).reshape(-1, 2),
            one.vertical,
        )
        for one in found
    )


def _plausible(line: PackedLine) -> bool:
    """Return whether a line lies somewhere, and has no characters that no page shows and XML cannot hold."""
    numbers = (line.score, *(value for pair in (*line.corners, *line.spans) for value in pair))
    shown = _UNSHOWN.search(line.text) is None
    return shown and len(line.spans) == len(line.text) and all(map(math.isfinite, numbers))
