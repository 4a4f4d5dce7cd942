"""``gaopai protocol export``: export of the protocol as schemas, types and a reference."""

from __future__ import annotations

import argparse
from pathlib import Path

from server.protocol.export import export

SUMMARY = "Write the protocol as JSON Schema, AsyncAPI, TypeScript types and a reference."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    writer = actions.add_parser("export", help=SUMMARY, description=SUMMARY)
    writer.add_argument("directory", type=Path, metavar="DIR", help="folder to write to; made if missing")


def run(arguments: argparse.Namespace) -> int:
    """Write the files and print their names."""
    for path in export(arguments.directory):
        print(path)
    return 0
