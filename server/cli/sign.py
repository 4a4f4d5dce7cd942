"""``gaopai sign``: a signature in a PDF, or beside anything else."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from server import config as configuration
from server.archive import RECORD_SUFFIXES
from server.archive.signing import FILE_BYTES, SUFFIX, sign, signing_key
from server.cli.files import Unreadable, print_error, reason_of
from server.cli.guidance import terminal_language
from server.config import ConfigError
from server.errors import GaopaiError
from server.storage.atomic import write_private
from server.telemetry.printable import printable

SUMMARY = "Sign a file."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("input", type=Path, metavar="IN", help="a PDF is signed inside, else beside")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="PDF, or signature")
    # The library of content credentials asks no server of time stamps.
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--c2pa", action="store_true", help="content credentials in a JPEG, of the record beside it if any"
    )
    parser.add_argument("--key", metavar="FILE", help="PEM or PKCS#12; without one this machine's own key")
    parser.add_argument("--password-file", metavar="FILE", help="password of the key, or PIN of the token")
    either.add_argument("--stamps", metavar="URL", help="server of time stamps (RFC 3161)")
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration with a table [archive]")


def run(arguments: argparse.Namespace) -> int:
    """Sign; return 2 where it cannot be, and write nothing then."""
    if arguments.output.exists() and not (arguments.force or _agreed(arguments.output)):
        print_error(FileExistsError(f"{arguments.output} exists; --force replaces it"))
        return 2
    try:
        config = configuration.load(arguments.config)
        given = {"key": arguments.key, "password_file": arguments.password_file, "stamps": arguments.stamps}
        archive = configuration.replace(config.archive, **{name: one for name, one in given.items() if one})
        data = arguments.input.read_bytes()
        if len(data) > FILE_BYTES:
            print_error(ValueError(f"{arguments.input}: larger than {FILE_BYTES >> 20} MiB"))
            return 2
        record = _record(arguments.input) if arguments.c2pa else None
        made = asyncio.run(_signed(data, archive, configuration.access_folder(config.access), record))
        write_private(arguments.output, made)
    except OSError as exc:
        path = Path(exc.filename) if exc.filename else arguments.output
        print_error(Unreadable(path, reason_of(exc, path)))
        return 2
    except (GaopaiError, ConfigError) as exc:
        print_error(Unreadable(arguments.input, _words(exc)))
        return 2
    inside = data.startswith(b"%PDF-") or arguments.c2pa
    hint = (
        "" if inside or arguments.output.suffix == SUFFIX else f"; verify looks for {arguments.input}{SUFFIX}"
    )
    print(f"{printable(arguments.output)}: {'signed' if inside else 'signature'}{hint}")
    return 0


def _words(exc: Exception) -> str:
    return exc.message(terminal_language(os.environ)) if isinstance(exc, GaopaiError) else str(exc)


def _agreed(output: Path) -> bool:
    """Return whether whoever sits at the terminal lets a file be replaced; without a terminal nobody does."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return input(f"{printable(output)} exists. Replace it? [y/N] ").strip().lower() in ("y", "yes")


def _record(path: Path) -> bytes:
    beside = path.with_name(path.name + RECORD_SUFFIXES[0])
    return beside.read_bytes() if beside.is_file() else b""


async def _signed(
    data: bytes, archive: configuration.ArchiveConfig, folder: Path, record: bytes | None
) -> bytes:
    return await sign(data, await signing_key(archive, folder), archive.stamps, record)
