"""``gaopai text``: recognition of the text on picture files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from imgcore.tables import Table, find_tables
from imgcore.text import TextReader, read_document
from imgcore.types import Image
from server.cli.files import place, print_found, rounded
from server.documents.text_reader import model_contents, text_reader
from server.telemetry.printable import printable

SUMMARY = "Read the text on pictures."
THREADS = 2
"""Number of threads that text is read with where none is given."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("images", nargs="+", type=Path, metavar="FILE", help="pictures, PDFs or folders")
    parser.add_argument(
        "--crop", action="store_true", help="read the sheet that a photograph shows, set straight"
    )
    parser.add_argument("--tables", action="store_true", help="the cells of tables, too")
    parser.add_argument("--json", action="store_true", help="one JSON object a file")
    parser.add_argument(
        "--threads", type=int, default=THREADS, help=f"threads to read with (default {THREADS})"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the text of each file; return 1 if a file, or the models, could not be read."""
    reader = text_reader(model_contents(), max(1, arguments.threads))
    return print_found(
        arguments, lambda image: recognize(image, reader, arguments.crop, arguments.tables), _sheet
    )


def recognize(
    image: Image, reader: TextReader, crop: bool = False, tables: bool = False
) -> dict[str, object]:
    """Return the text of one picture, as printed in JSON."""
    lines = read_document(reader, image) if crop else reader.read(image)
    found = {"tables": [_table(table) for table in find_tables(image, lines)]} if tables else {}
    return {
        "text": "\n".join(line.text for line in lines),
        "lines": [
            {"text": line.text, "corners": rounded(line.corners), "score": round(line.score, 3)}
            for line in lines
        ],
        **found,
    }


def _table(table: Table) -> dict[str, object]:
    cells = [
        {
            "row": cell.row,
            "column": cell.column,
            "rowSpan": cell.row_span,
            "columnSpan": cell.column_span,
            "text": cell.text,
            "number": cell.number,
            "corners": rounded(cell.corners),
        }
        for cell in table.cells
    ]
    return {
        "rows": table.rows,
        "columns": table.columns,
        "ruled": table.ruled,
        "cells": cells,
        "corners": rounded(table.corners),
    }


def _sheet(found: dict[str, object]) -> str:
    lines = str(found["text"]).splitlines()
    head = f"{place(found)}: {len(lines)} line(s), {found['ms']} ms"
    tables = found.get("tables", [])
    assert isinstance(tables, list)
    rows = [row for table in tables for row in ("", *_rows(table))]
    return "\n".join([head, *(f"    {printable(line)}" for line in (*lines, *rows))])


def _rows(table: dict[str, Any]) -> list[str]:
    """Return a table row by row, its cells with a bar between them."""
    rows: dict[int, list[str]] = {}
    for cell in table["cells"]:
        rows.setdefault(cell["row"], []).append(cell["text"])
    return [" | ".join(texts) for _, texts in sorted(rows.items())]
