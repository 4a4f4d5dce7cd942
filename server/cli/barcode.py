"""``gaopai barcode``: recognition of barcodes in picture files."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from imgcore.barcode import USUAL, Code, Kinds, Symbology, read_codes
from imgcore.code_data import parsed
from imgcore.types import Image
from server.cli.files import place, print_found, rounded
from server.telemetry.printable import printable

SUMMARY = "Read the barcodes on pictures."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("images", nargs="+", type=Path, metavar="FILE", help="pictures, PDFs or folders")
    parser.add_argument(
        "--type",
        action="append",
        dest="kinds",
        choices=[kind.value for kind in Symbology],
        metavar="NAME",
        help="read this kind, of %(choices)s; may be repeated "
        "(default: all that the interface standard lists, DataMatrix, PDF417 and Aztec)",
    )
    parser.add_argument(
        "--parse",
        action="store_true",
        help="with the fields of their texts: GS1, AAMVA, boarding passes",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a file")


def run(arguments: argparse.Namespace) -> int:
    """Print the barcodes of each file; return 1 if a file could not be read."""
    kinds = frozenset(map(Symbology, arguments.kinds or ())) or USUAL
    with ThreadPoolExecutor(1) as helper:
        return print_found(arguments, lambda image: recognise(image, helper, kinds, arguments.parse), _lines)


def recognise(image: Image, helper: Executor, kinds: Kinds = USUAL, parse: bool = False) -> dict[str, object]:
    """Return the barcodes of one picture, as printed in JSON."""
    return {"codes": [_plain(code, parse) for code in read_codes(image, run=helper.submit, kinds=kinds)]}


def _plain(code: Code, parse: bool) -> dict[str, object]:
    plain: dict[str, object] = {
        "text": code.text,
        "type": code.symbology.value,
        "corners": rounded(code.corners),
    }
    found = parsed(code) if parse else None
    if found is None:
        return plain
    fields = {"scheme": found.scheme.value, "fields": found.fields, "valid": found.valid}
    return {**plain, "parsed": {**fields, "problems": found.problems}}


def _lines(found: dict[str, object]) -> str:
    codes = found["codes"]
    assert isinstance(codes, list)
    head = f"{place(found)}: {len(codes)} code(s), {found['ms']} ms"
    return "\n".join([head, *(line for code in codes for line in _code_lines(code))])


def _code_lines(code: dict[str, Any]) -> Iterator[str]:
    yield f"    {code['type']}: {printable(code['text'])}"
    if found := code.get("parsed"):
        wrong = f", {' '.join(found['problems'])}" if found["problems"] else ""
        yield f"        {found['scheme']}{wrong}"
        yield from (f"        {name}: {printable(value)}" for name, value in found["fields"].items())
