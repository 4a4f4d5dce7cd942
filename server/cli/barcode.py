"""``gaopai barcode``: recognition of barcodes in picture files."""

from __future__ import annotations

import argparse
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from imgcore.barcode import Code, read_codes
from imgcore.types import Image
from server.cli.files import place, print_found, rounded
from server.telemetry.printable import printable

SUMMARY = "Read the barcodes on pictures."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("images", nargs="+", type=Path, metavar="FILE", help="pictures, PDFs or folders")
    parser.add_argument("--json", action="store_true", help="one JSON object a file")


def run(arguments: argparse.Namespace) -> int:
    """Print the barcodes of each file; return 1 if a file could not be read."""
    with ThreadPoolExecutor(1) as helper:
        return print_found(arguments, lambda image: recognise(image, helper), _lines)


def recognise(image: Image, helper: Executor) -> dict[str, object]:
    """Return the barcodes of one picture, as printed in JSON."""
    return {"codes": [_plain(code) for code in read_codes(image, run=helper.submit)]}


def _plain(code: Code) -> dict[str, object]:
    return {"text": code.text, "type": code.symbology.value, "corners": rounded(code.corners)}


def _lines(found: dict[str, object]) -> str:
    codes = found["codes"]
    assert isinstance(codes, list)
    head = f"{place(found)}: {len(codes)} code(s), {found['ms']} ms"
    return "\n".join([head, *(f"    {code['type']}: {printable(code['text'])}" for code in codes)])
