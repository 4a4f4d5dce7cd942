"""Finds that decoding processes send packed; what comes back is not trusted."""

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
from imgcore.forms import FilledForm, FilledZone, FormZone, FoundForm, ZoneKind
from imgcore.tables import Table, TableCell
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
    return _decoded(content, list[item], longest)  # type: ignore[valid-type]


def _decoded(content: memory.Piece, kind: type[Packed], longest: int) -> Packed:
    if len(content) > longest:
        raise faults.malformed_answer()
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except msgspec.DecodeError as exc:
        raise faults.malformed_answer() from exc


LONGEST_BARCODES = 16 << 20
"""Limit of all barcodes of a page, in bytes: engines read some hundreds, of some kilobytes each."""

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
FARTHEST = 1e6
"""Limit of a coordinate, in pixels from the origin; what lies farther off is none of a picture, and no number
of a PDF."""


def _lies_near(points: Iterable[Point]) -> bool:
    return all(abs(value) <= FARTHEST for point in points for value in point)


class PackedBarcode(msgspec.Struct, frozen=True, array_like=True):
    """A barcode of numbers and text only."""

    text: str
    symbology: Symbology
    corners: Quad
    alternatives: tuple[str, ...]
    checks: tuple[str, ...]
    gs1: bool = False


def packed_barcodes(barcodes: Iterable[Code]) -> bytes:
    """Pack barcodes for `unpacked_barcodes`."""
    return msgspec.msgpack.encode(
        [
            PackedBarcode(
                one.text,
                one.symbology,
                _quad(one.corners),
                one.alternatives,
                one.checks,
                one.gs1,
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
        Code(
            one.text,
            one.symbology,
            np.array(one.corners, np.float32),
            one.alternatives,
            one.checks,
            one.gs1,
        )
        for one in found
    )


LONGEST_TEXT = 64 << 20
"""Limit of all text of a page, in bytes: a full one has some hundred kilobytes."""
MOST_PLACES = 1 << 20
"""Limit of the rows of a table times its columns: a page ruled all over has a tenth of them."""

_NEVER_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


class PackedLine(msgspec.Struct, frozen=True, array_like=True):
    """A line of text of numbers and text only."""

    text: str
    score: float
    corners: Quad
    spans: tuple[Point, ...]
    vertical: bool


class PackedCell(msgspec.Struct, frozen=True, array_like=True):
    """A cell of a table, of numbers and text only."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    corners: Quad


class PackedTable(msgspec.Struct, frozen=True, array_like=True):
    """A table of numbers and text only."""

    rows: int
    columns: int
    cells: tuple[PackedCell, ...]
    corners: Quad
    ruled: bool


class PackedText(msgspec.Struct, frozen=True, array_like=True):
    """The text on a page."""

    lines: tuple[PackedLine, ...]
    tables: tuple[PackedTable, ...] = ()


def packed_text(lines: Iterable[TextLine], tables: Iterable[Table] = ()) -> bytes:
    """Pack the text of a page for `unpacked_text`."""
    return msgspec.msgpack.encode(
        PackedText(
            tuple(
                PackedLine(
                    one.text,
                    one.score,
                    _quad(one.corners),
                    tuple((float(start), float(end)) for start, end in one.spans),
                    one.vertical,
                )
                for one in lines
            ),
            tuple(
                PackedTable(
                    one.rows, one.columns, tuple(map(_packed_cell, one.cells)), _quad(one.corners), one.ruled
                )
                for one in tables
            ),
        )
    )


def _packed_cell(cell: TableCell) -> PackedCell:
    return PackedCell(cell.row, cell.column, cell.row_span, cell.column_span, cell.text, _quad(cell.corners))


def unpacked_text(content: memory.Piece) -> tuple[tuple[TextLine, ...], tuple[Table, ...]]:
    """Unpack the lines and the tables of a page.

    Raises
    ------
    server.documents.faults.DocumentFault
        They are none, or lie nowhere.
    """
    found = _decoded(content, PackedText, LONGEST_TEXT)
    if not all(map(_plausible_line, found.lines)) or not all(map(_plausible_table, found.tables)):
        raise faults.malformed_answer()
    lines = (
        TextLine(
            one.text,
            one.score,
            np.array(one.corners, np.float32),
            np.array(one.spans, np.float32).reshape(-1, 2),
            one.vertical,
        )
        for one in found.lines
    )
    tables = (
        Table(
            one.rows,
            one.columns,
            [_cell(cell) for cell in one.cells],
            np.array(one.corners, np.float32),
            one.ruled,
        )
        for one in found.tables
    )
    return tuple(lines), tuple(tables)


def _cell(one: PackedCell) -> TableCell:
    return TableCell(
        one.row, one.column, one.row_span, one.column_span, one.text, np.array(one.corners, np.float32)
    )


def _plausible_line(line: PackedLine) -> bool:
    """Return whether a line lies somewhere, and has no characters that no page shows and XML cannot hold."""
    shown = _NEVER_SHOWN.search(line.text) is None
    near = math.isfinite(line.score) and _lies_near((*line.corners, *line.spans))
    return shown and near and len(line.spans) == len(line.text)


def _plausible_table(table: PackedTable) -> bool:
    """Return whether a table lies somewhere, and its cells are in it and as large as it is together."""
    sized = table.rows > 0 and table.columns > 0 and table.rows * table.columns <= MOST_PLACES
    if not (sized and _lies_near(table.corners) and all(_is_of(cell, table) for cell in table.cells)):
        return False
    return sum(cell.row_span * cell.column_span for cell in table.cells) == table.rows * table.columns


def _is_of(cell: PackedCell, table: PackedTable) -> bool:
    """Return whether a cell has a place in a table, and no characters that no page shows."""
    below = 0 <= cell.row < cell.row + cell.row_span <= table.rows
    beside = 0 <= cell.column < cell.column + cell.column_span <= table.columns
    return below and beside and _NEVER_SHOWN.search(cell.text) is None and _lies_near(cell.corners)


LONGEST_DOCUMENTS = 4 << 20
"""Limit of all documents of a page, in bytes: each has some ten fields of a line or two."""

_UNSHOWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
"""Control characters but for the end of a line, which zones have."""
_PROBLEM = re.compile(r"[A-Za-z]{1,20}\.[a-z]{1,20}")


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


LONGEST_FORM = 16 << 20
"""Limit of the zones of a form, and of what they hold, in bytes."""
PROBLEMS = frozenset({"", "empty", "date", "mask", "check", "list", "unsure"})
"""Problems that a zone may have."""


def packed_zones(zones: Iterable[FormZone]) -> bytes:
    """Pack the zones of a form for `unpacked_zones`."""
    return msgspec.msgpack.encode(tuple(zones))


def unpacked_zones(content: memory.Piece) -> tuple[FormZone, ...]:
    """Unpack zones; raises what `unpacked_list` does."""
    return tuple(unpacked_list(content, FormZone, LONGEST_FORM))


class PackedZone(msgspec.Struct, frozen=True, array_like=True):
    """A zone that was read, of numbers and text only."""

    value: str
    score: float
    problem: str
    valid: bool | None
    corners: Quad


def packed_form(read: Iterable[FilledZone]) -> bytes:
    """Pack what zones hold for `unpacked_form`."""
    return msgspec.msgpack.encode(
        [PackedZone(one.value, one.score, one.problem, one.valid, _quad(one.corners)) for one in read]
    )


def unpacked_form(content: memory.Piece, found: FoundForm) -> FilledForm:
    """Unpack what the zones of a form hold.

    Raises
    ------
    server.documents.faults.DocumentFault
        They are none, lie nowhere, or are others than the form has.
    """
    read = unpacked_list(content, PackedZone, LONGEST_FORM)
    zones = found.form.print.zones
    if len(read) != len(zones) or not all(map(_plausible_zone, zones, read)):
        raise faults.malformed_answer()
    return FilledForm(
        found,
        tuple(
            FilledZone(zone, one.value, one.score, one.problem, one.valid, np.array(one.corners, np.float32))
            for zone, one in zip(zones, read, strict=True)
        ),
    )


def _plausible_zone(zone: FormZone, one: PackedZone) -> bool:
    """Return whether a zone lies somewhere and says what its kind can; barcodes may hold any character."""
    shown = zone.kind is ZoneKind.BARCODE or _NEVER_SHOWN.search(one.value) is None
    sure = 0.0 <= one.score <= 1.0
    return shown and sure and one.problem in PROBLEMS and _lies_near(one.corners)


def _quad(corners: Points) -> Quad:
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    return first, second, third, fourth
