"""Writing of tables as XLSX."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import docx

from imgcore.tables import Table, TableCell

_FULLEST = 32_767
"""Most characters that a cell of a workbook can hold."""


@dataclass(frozen=True, slots=True, eq=False)
class TablesPage:
    """Tables of a page, and its lines where it has none."""

    tables: Sequence[Table] = field(repr=False)
    lines: Sequence[str] = field(repr=False)

    @property
    def blank(self) -> bool:
        """True if nothing is on it."""
        return not self.lines

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return 200 * sum(len(table.cells) for table in self.tables) + 3 * sum(map(len, self.lines))


def write_xlsx(pages: Sequence[TablesPage]) -> bytes:
    """Return a workbook of a sheet a page: its tables one below the other, or else its lines.

    Numbers are numbers; a text is never a formula or a link.
    """
    import xlsxwriter  # noqa: PLC0415 - only workbooks need it

    content = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, {**plain, "in_memory": True}) as book:
        framed = book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True})
        for number, page in enumerate(pages, 1):
            sheet = book.add_worksheet(f"{number}")
            top = 0
            for table in page.tables:
                for cell in table.cells:
                    _write(sheet, top, cell, framed)
                top += table.rows + 1
            for row, line in enumerate(() if page.tables else page.lines):
                sheet.write_string(row, 0, line[:_FULLEST])
    return content.getvalue()


def _write(sheet: Any, top: int, cell: TableCell, framed: Any) -> None:
    row = top + cell.row
    last_row = top + cell.row + cell.row_span - 1
    last_column = cell.column + cell.column_span - 1
    if (row, cell.column) != (last_row, last_column):
        sheet.merge_range(row, cell.column, last_row, last_column, "", framed)
    if (number := cell.number) is not None:
        sheet.write_number(row, cell.column, number, framed)
    else:
        sheet.write_string(row, cell.column, cell.text[:_FULLEST], framed)


def write_docx(pages: Sequence[str]) -> bytes:
    """Return a document of a paragraph a line, each page on a new one.

    Parameters
    ----------
    pages
        Lines of each, with an end of line after every one; no other control characters.
    """
    document = docx.Document()
    # The library's template says when it was made, and by what.
    document.core_properties._element.clear()
    for number, page in enumerate(pages):
        # A page without text is one all the same.
        first, *others = page.splitlines() or [""]
        document.add_paragraph(first).paragraph_format.page_break_before = number > 0
        for line in others:
            document.add_paragraph(line)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()
