"""Lists that decoding processes send packed; what comes back is not trusted."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec
import numpy as np

from imgcore.barcode import Code, Symbology
from imgcore.fields import Document
from imgcore.fields.document import FIELDS, KINDS
from imgcore.text import TextLine
from imgcore.types import Points
from server.children import memory
from server.decoding import faults

Packed = TypeVar("Packed")


def unpacked_list(content: memory.Piece, item: type[Packed], longest: int) -> list[Packed]:
    """Unpack a list of items.

    Raises
    ------
    server.documents.faults.DocumentFault
        It has more than `longest` bytes, or is no such list.
    """
    if len(content) > longest:
        raise faults.malformed_answer()
    try:
        return msgspec.msgpack.decode(content, type=list[item])  # type: ignore[valid-type]
    except msgspec.DecodeError as exc:
        raise faults.malformed_answer() from exc


LONGEST_BARCODES = 16 << 20
"""Limit of all barcodes of a page, in bytes: engines read some hundreds, of some kilobytes each."""

Point = tuple[float, float]
FARTHEST = 1e6
"""Limit of a coordinate, in pixels from the origin; what lies farther off is none of a picture, and no number
of a PDF."""


def _lies_near(points: Iterable[Point]) -> bool:
    return all(abs(value) <= FARTHEST for point in points for value in point)


class PackedBarcode(msgspec.Struct, frozen=True, array_like=True):
    """A barcode of numbers and text only."""

    text: str
    symbology: Symbology
    corners: tuple[Point, Point, Point, Point]
    alternatives: tuple[str, ...]
    checks: tuple[str, ...]


def packed_barcodes(barcodes: Iterable[Code]) -> bytes:
    """Pack barcodes for `unpacked_barcodes`."""
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


def unpacked_barcodes(content: memory.Piece) -> tuple[Code, ...]:
    """Unpack barcodes.

    Raises
    ------
    server.documents.faults.DocumentFault
        They are none, or lie nowhere.
    """
    found = unpacked_list(content, PackedBarcode, LONGEST_BARCODES)
    if not all(_lies_near(one.corners) for one in found):
        raise faults.malformed_answer()
    return tuple(
        Code(one.text, one.symbology, np.array(one.corners, np.float32), one.alternatives, one.checks)
        for one in found
    )


LONGEST_LINES = 64 << 20
"""Limit of all lines of a page, in bytes: a full one has some hundred kilobytes."""

_NEVER_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


class PackedLine(msgspec.Struct, frozen=True, array_like=True):
    """A line of text of numbers and text only."""

    text: str
    score: float
    corners: tuple[Point, Point, Point, Point]
    spans: tuple[Point, ...]
    vertical: bool


def packed_lines(lines: Iterable[TextLine]) -> bytes:
    """Pack lines for `unpacked_lines`."""
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


def unpacked_lines(content: memory.Piece) -> tuple[TextLine, ...]:
    """Unpack lines.

    Raises
    ------
    server.documents.faults.DocumentFault
        They are none, or lie nowhere.
    """
    found = unpacked_list(content, PackedLine, LONGEST_LINES)
    if not all(map(_plausible_line, found)):
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


def _plausible_line(line: PackedLine) -> bool:
    """Return whether a line lies somewhere, and has no characters that no page shows and XML cannot hold."""
    shown = _NEVER_SHOWN.search(line.text) is None
    near = math.isfinite(line.score) and _lies_near((*line.corners, *line.spans))
    return shown and near and len(line.spans) == len(line.text)


LONGEST_DOCUMENTS = 4 << 20
"""Limit of all documents of a page, in bytes: each has some ten fields of a line or two."""

_UNSHOWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
"""Control characters but for the end of a line, which zones have."""
_PROBLEM = re.compile(r"[A-Za-z]{1,20}\.[a-z]{1,20}")

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


class PackedDocument(msgspec.Struct, frozen=True, array_like=True):
    """A document of numbers and text only."""

    kind: str
    fields: dict[str, str]
    valid: bool | None
    problems: tuple[str, ...]
    corners: Quad


def packed_documents(documents: Iterable[Document]) -> bytes:
    """Pack documents for `unpacked_documents`; the places of their fields stay behind."""
    return msgspec.msgpack.encode(
        [
            PackedDocument(one.kind, dict(one.fields), one.valid, one.problems, _quad(one.corners))
            for one in documents
        ]
    )


def unpacked_documents(content: memory.Piece) -> tuple[Document, ...]:
    """Unpack documents.

    Raises
    ------
    server.documents.faults.DocumentFault
        They are none, or lie nowhere.
    """
    found = unpacked_list(content, PackedDocument, LONGEST_DOCUMENTS)
    if not all(map(_plausible_document, found)):
        raise faults.malformed_answer()
    return tuple(
        Document(one.kind, one.fields, one.valid, one.problems, np.array(one.corners, np.float32), {})
        for one in found
    )


def _plausible_document(one: PackedDocument) -> bool:
    """Return whether a document is of a known kind, has known fields, and lies somewhere."""
    known = one.kind in KINDS and one.fields.keys() <= FIELDS and all(map(_PROBLEM.fullmatch, one.problems))
    shown = not any(_UNSHOWN.search(text) for text in one.fields.values())
    return known and shown and _lies_near(one.corners)


def _quad(corners: Points) -> Quad:
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    return first, second, third, fourth
