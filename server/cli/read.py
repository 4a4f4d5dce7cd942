"""``gaopai read``: fields of documents in picture files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from imgcore.fields import Document, DocumentReader
from imgcore.fields.document import judged_on
from imgcore.types import Image
from server.cli.files import place, print_found, rounded
from server.documents.text_reader import model_contents, text_reader
from server.errors import ModelDamaged, ToolMissing
from server.services.pictures.model_cache import ModelCache
from server.telemetry.printable import printable

SUMMARY = "Read the fields of cards, passports, licences and invoices on pictures."
SOUGHT = (
    "It looks for identity cards, bank cards, passports, business, driving and vehicle licences, pages of "
    "household registers, certificates of property and marriage, invoices and train tickets, whole and flat; "
    "--no-crop takes a picture that shows nothing else."
)
"""Sentence for pictures on which nothing was found."""
THREADS = 2
"""Number of threads that text is read with."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("images", nargs="+", type=Path, metavar="FILE", help="pictures, PDFs or folders")
    parser.add_argument("--no-crop", action="store_true", help="each picture is one document, edge to edge")
    parser.add_argument("--json", action="store_true", help="one JSON object a file")


def run(arguments: argparse.Namespace) -> int:
    """Print the documents on each file; return 1 if one could not be read, 2 without the models."""
    try:
        reader = DocumentReader(text_reader(model_contents(), THREADS), ModelCache().documents())
    except (ToolMissing, ModelDamaged) as exc:
        print(f"gaopai: {exc}", file=sys.stderr)
        return 2
    return read_all(arguments, lambda image: reader.read(image, not arguments.no_crop))


def read_all(arguments: argparse.Namespace, documents_of: Callable[[Image], tuple[Document, ...]]) -> int:
    """Print what a function finds on each file; return 1 if one could not be read, or shows no document."""
    counts: list[int] = []

    def look(image: Image) -> dict[str, object]:
        found = [_plain(judged_on(one, date.today())) for one in documents_of(image)]
        counts.append(len(found))
        return {"documents": found}

    failed = print_found(arguments, look, _lines)
    if 0 not in counts:
        return failed
    empty = f"no document was found on {counts.count(0)} of {len(counts)} page(s)"
    print(f"gaopai: {empty}. {SOUGHT}", file=sys.stderr)
    return 1


def _plain(document: Document) -> dict[str, object]:
    return {
        "type": document.kind,
        "fields": dict(document.fields),
        "valid": document.valid,
        "corners": rounded(document.corners),
        "problems": list(document.problems),
    }


def _lines(found: dict[str, object]) -> str:
    documents = found["documents"]
    assert isinstance(documents, list)
    lines = [f"{place(found)}: {len(documents)} document(s), {found['ms']} ms"]
    for one in documents:
        said = {True: "valid", False: "not valid", None: "not fully checked"}[one["valid"]]
        lines.append(f"    {one['type']}, {said}" + "".join(f"; {problem}" for problem in one["problems"]))
        lines += [f"        {name}: {printable(text)}" for name, text in one["fields"].items()]
    return "\n".join(lines)
