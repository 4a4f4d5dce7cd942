"""Writing of what many forms say as one table, a row a page: XLSX or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

_FULLEST = 32_767
"""Most characters that a cell of a workbook can hold."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings of what a program takes for a formula; East Asian versions take the wide signs, too."""


@dataclass(frozen=True, slots=True, eq=False)
class AnswerRow:
    """One page of a batch.

    Attributes
    ----------
    fixed
        File, page, form, version and score.
    values
        Texts of its zones by their names.
    problems
        Zones that a check found wrong, or that were read unsurely.
    """

    fixed: tuple[str, str, str, str, str]
    values: dict[str, str] = field(repr=False)
    problems: str


HEAD = ("file", "page", "form", "version", "score")
"""Columns before those of zones."""


def lines_of(rows: Sequence[AnswerRow]) -> list[list[str]]:
    """Return the lines of the table: its head, then a page each; zones stand in the order of their forms."""
    zones = list(dict.fromkeys(name for row in rows for name in row.values))
    head = [*HEAD, *zones, "problems"]
    return [
        head,
        *([*row.fixed, *(row.values.get(zone, "") for zone in zones), row.problems] for row in rows),
    ]


def as_csv(rows: Sequence[AnswerRow]) -> bytes:
    """Return the table as CSV in UTF-8 with its mark; a text is never a formula."""
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerows([[_plain(cell) for cell in line] for line in lines_of(rows)])
    return content.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def as_xlsx(rows: Sequence[AnswerRow]) -> bytes:
    """Return the table as a workbook of texts; none is a formula, a link or a number without its zeros."""
    import xlsxwriter  # noqa: PLC0415 - only workbooks need it

    content = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, {**plain, "in_memory": True}) as book:
        sheet = book.add_worksheet("forms")
        sheet.freeze_panes(1, 0)
        for number, line in enumerate(lines_of(rows)):
            for column, cell in enumerate(line):
                sheet.write_string(number, column, cell[:_FULLEST])
    return content.getvalue()
