"""``gaopai text``: recognition of the text on picture files."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from imgcore.text import TextReader, read_document
from imgcore.types import Image
from server.cli.files import Unreadable, expand, print_error, read
from server.documents.text_reader import model_contents, text_reader
from server.errors import ToolMissing
from server.telemetry.printable import json_line, printable

SUMMARY = "Read the text on pictures."
THREADS = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="picture files or folders")
    parser.add_argument(
        "--crop", action="store_true", help="read the sheet that a photograph shows, set straight"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a file")
    parser.add_argument(
        "--threads", type=int, default=THREADS, help=f"threads to read with (default {THREADS})"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the text of each file; return 1 if a file, or the models, could not be read."""
    try:
        reader = text_reader(model_contents(), max(1, arguments.threads))
    except ToolMissing as missing:
        print_error(missing)
        return 1
    failed = False
    for path in expand(arguments.images):
        try:
            found = recognize(path, read(path), reader, arguments.crop)
        except Unreadable as failure:
            print_error(failure)
            failed = True
            continue
        print(json_line(found) if arguments.json else _sheet(found), flush=True)
    return int(failed)


def recognize(path: Path, image: Image, reader: TextReader, crop: bool = False) -> dict[str, object]:
    """Return the text of one picture, as printed in JSON."""
    started = time.perf_counter()
    lines = read_document(reader, image) if crop else reader.read(image)
    spent = time.perf_counter() - started
    return {
        "file": str(path),
        "text": "\n".join(line.text for line in lines),
        "lines": [
            {
                "text": line.text,
                "corners": [[round(float(x), 2), round(float(y), 2)] for x, y in line.corners],
                "score": round(line.score, 3),
            }
            for line in lines
        ],
        "ms": round(spent * 1000, 1),
    }


def _sheet(found: dict[str, object]) -> str:
    lines = str(found["text"]).splitlines()
    head = f"{printable(found['file'])}: {len(lines)} line(s), {found['ms']} ms"
    return "\n".join([head, *(f"    {printable(line)}" for line in lines)])
