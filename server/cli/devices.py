"""``gaopai devices``: what the service would list."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from server import config as configuration
from server import telemetry
from server.app import camera_finders, list_cameras, list_scanners, scanner_finders
from server.config import Config, ConfigError
from server.devices.ports.camera import CameraInfo
from server.devices.ports.scanner import ScannerInfo

SUMMARY = "List the devices that are found."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")
    parser.add_argument("--demo", action="store_true", help="list demo devices too")


def run(arguments: argparse.Namespace) -> int:
    """Print the devices; an empty list is no error."""
    telemetry.set_up("WARNING")
    try:
        config = configuration.load(arguments.config) if arguments.config else Config()
    except ConfigError as exc:
        print(f"gaopai: {exc}", file=sys.stderr)
        return 2
    cameras, scanners = asyncio.run(_find(config, arguments.demo))
    if arguments.json:
        listed = {
            "cameras": [_plain(info) for info in cameras],
            "scanners": [{"id": info.id, "name": info.name} for info in scanners],
        }
        print(json.dumps(listed, ensure_ascii=False))
    else:
        _print_cameras(cameras)
        _print_scanners(scanners)
    return 0


async def _find(config: Config, demo: bool) -> tuple[Sequence[CameraInfo], Sequence[ScannerInfo]]:
    finders = await asyncio.to_thread(camera_finders, config, demo)
    cameras = [camera.info for camera in await list_cameras(finders)]
    return cameras, await list_scanners(scanner_finders(config, demo), config.scan.find_seconds)


def _plain(info: CameraInfo) -> dict[str, object]:
    media = [
        {"format": kind.format.value, "resolutions": [str(size) for size in kind.sizes]}
        for kind in info.media
    ]
    return {"id": info.id, "name": info.name, "media": media}


def _print_scanners(infos: Sequence[ScannerInfo]) -> None:
    if not infos:
        print("No scanner found. Run: gaopai doctor")
    for number, info in enumerate(infos):
        print(f"scanner {number}: {info.name} ({info.id})")


def _print_cameras(infos: Sequence[CameraInfo]) -> None:
    if not infos:
        print("No camera found. Run: gaopai doctor")
    for number, info in enumerate(infos):
        print(f"camera {number}: {info.name} ({info.id})")
        for kind in info.media:
            print(f"    {kind.format.value}: {' '.join(str(size) for size in kind.sizes)}")
