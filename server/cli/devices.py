"""``gaopai devices``: what the service would list."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from server import config as configuration
from server import telemetry
from server.app import camera_finders, list_cameras
from server.config import Config, ConfigError
from server.devices.ports.camera import CameraInfo

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
    cameras = asyncio.run(list_cameras(camera_finders(config, arguments.demo)))
    infos = [camera.info for camera in cameras]
    if arguments.json:
        print(json.dumps({"cameras": [_plain(info) for info in infos]}, ensure_ascii=False))
    else:
        _print_lines(infos)
    return 0


def _plain(info: CameraInfo) -> dict[str, object]:
    media = [
        {"format": kind.format.value, "resolutions": [str(size) for size in kind.sizes]}
        for kind in info.media
    ]
    return {"id": info.id, "name": info.name, "media": media}


def _print_lines(infos: list[CameraInfo]) -> None:
    if not infos:
        print("No camera found. Run: gaopai doctor")
    for number, info in enumerate(infos):
        print(f"camera {number}: {info.name} ({info.id})")
        for kind in info.media:
            print(f"    {kind.format.value}: {' '.join(str(size) for size in kind.sizes)}")
