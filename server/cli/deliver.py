"""``gaopai deliver``: files sent to a target of the configuration, from a terminal or a batch."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from server import config as configuration
from server.cli.files import Unreadable, print_error, reason_of
from server.cli.guidance import said, terminal_language
from server.config import Config
from server.errors import (
    FileUnreadable,
    GaopaiError,
    LocalizedText,
    TargetUnknown,
    UploadTimeout,
    UploadTooLarge,
)
from server.services.pools import ThreadPools
from server.services.upload.form import CHANGED, PIECE
from server.services.upload.policy import UploadPolicy
from server.services.upload.targets import Targets
from server.services.upload.targets.port import DeliveredFile, Receipt
from server.services.upload.transfer import MIB, delivered_file, delivery_of
from server.telemetry.printable import json_line, printable

SUMMARY = "Send files to a target of the configuration."
_DELIVERED = LocalizedText("{file}：已送达 {target}", "{file}: delivered to {target}")
_ALREADY = LocalizedText("{file}：{target} 中原已有此文件", "{file}: {target} has it already")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files to send")
    parser.add_argument("--to", required=True, metavar="NAME", help="name of the target, of [targets.NAME]")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")
    parser.add_argument("--json", action="store_true", help="one JSON object a file")


def run(arguments: argparse.Namespace) -> int:
    """Send; return 1 if a file did not arrive, 2 if there is no such target."""
    config = configuration.load(arguments.config)
    try:
        return asyncio.run(_deliver(config, arguments.to, arguments.files, arguments.json))
    except TargetUnknown as exc:
        print_error(ValueError(exc.message(terminal_language(os.environ))))
        return 2


async def _deliver(config: Config, target: str, paths: Sequence[Path], as_json: bool) -> int:
    """Deliver files one after the other; a file that is there already is not sent again."""
    pools = ThreadPools()
    targets = Targets(config.targets, UploadPolicy(config.upload.allow), pools)
    failed = 0
    try:
        targets.check(target)
        for path in paths:
            try:
                file = await pools.run(_opened, path, config.upload.megabytes, pools)
                async with asyncio.timeout(config.upload.seconds):
                    receipt = await targets.deliver(target, delivery_of(target, file, {}))
                _tell(path, target, file, receipt, as_json)
            except TimeoutError:
                failed += _told(path, UploadTimeout(seconds=config.upload.seconds))
            except OSError as exc:
                print_error(Unreadable(path, await pools.run(reason_of, exc, path)))
                failed += 1
            except TargetUnknown:
                raise
            except GaopaiError as exc:
                failed += _told(path, exc)
    finally:
        await targets.close()
        pools.close()
    return int(failed > 0)


def _opened(path: Path, megabytes: int, pools: ThreadPools) -> DeliveredFile:
    """Return a file, hashed; blocks."""
    size = path.stat().st_size
    if size > megabytes * MIB:
        raise UploadTooLarge(size=f"{size / MIB:.1f} MiB", limit=f"{megabytes} MiB")

    def read(offset: int) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(min(PIECE, size - offset))
        if not data:
            raise FileUnreadable(name=path.name, reason=CHANGED)
        return data

    return delivered_file(path.name, size, read, pools)


def _tell(path: Path, target: str, file: DeliveredFile, receipt: Receipt, as_json: bool) -> None:
    if as_json:
        told = {"file": str(path), "target": target, "place": receipt.place, "already": receipt.already}
        print(json_line({**told, "size": file.size, "sha256": file.sha256}), flush=True)
        return
    sentence = _ALREADY if receipt.already else _DELIVERED
    print(printable(said(sentence.filled(file=path, target=target))), flush=True)


def _told(path: Path, error: GaopaiError) -> int:
    print(f"gaopai: {printable(path)}: {error.message(terminal_language(os.environ))}", file=sys.stderr)
    return 1
