"""``gaopai devices``: the devices that the service would list."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from server import config as configuration
from server import telemetry
from server.config import Config
from server.devices.ports.button import ButtonInfo
from server.devices.ports.camera import CameraInfo
from server.devices.ports.card_reader import CardReaderInfo
from server.devices.ports.fingerprint_sensor import FingerprintSensorInfo
from server.devices.ports.scanner import ScannerInfo
from server.devices.registry import list_devices
from server.equipment import all_finders, camera_options
from server.services.buttons import FIND_SECONDS
from server.services.cameras.registry import list_cameras
from server.telemetry.printable import json_line, printable

SUMMARY = "List the devices that are found."


Info = CameraInfo | ScannerInfo | CardReaderInfo | FingerprintSensorInfo | ButtonInfo
NAMES = {
    "cameras": "camera",
    "scanners": "scanner",
    "cardReaders": "card reader",
    "fingerReaders": "fingerprint sensor",
    "buttons": "button",
}
"""Kinds of devices as JSON names them, with their words for people."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")
    parser.add_argument("--demo", action="store_true", help="list demo devices too")


def run(arguments: argparse.Namespace) -> int:
    """Print the devices; return 0 even if there are none."""
    telemetry.set_up("WARNING")
    config = configuration.load(arguments.config)
    camera_options(config)
    found = asyncio.run(_find(config, arguments.demo))
    if arguments.json:
        print(json_line({kind: [_plain(info) for info in infos] for kind, infos in found.items()}))
    else:
        for kind, infos in found.items():
            _print(NAMES[kind], infos)
    return 0


async def _find(config: Config, demo: bool) -> Mapping[str, Sequence[Info]]:
    finders = await asyncio.to_thread(all_finders, config, demo)
    return {
        "cameras": [one.info for one in await list_cameras(finders.cameras)],
        "scanners": [one.info for one in await list_devices(finders.scanners, config.scan.find_seconds)],
        "cardReaders": [one.info for one in await list_devices(finders.cards, config.cards.find_seconds)],
        "fingerReaders": [
            one.info for one in await list_devices(finders.fingerprints, config.fingers.find_seconds)
        ],
        "buttons": [one.info for one in await list_devices(finders.buttons, FIND_SECONDS)],
    }


def _plain(info: Info) -> dict[str, object]:
    told: dict[str, object] = {"id": info.id, "name": info.name}
    if isinstance(info, CameraInfo):
        told["media"] = [
            {"format": kind.format.value, "resolutions": [str(size) for size in kind.sizes]}
            for kind in info.media
        ]
    elif isinstance(info, CardReaderInfo):
        told["idTypes"] = sorted(info.kinds)
    elif isinstance(info, ButtonInfo):
        told["kind"] = info.kind.value
    return told


def _print(name: str, infos: Sequence[Info]) -> None:
    if not infos:
        print(f"No {name} found. Run: gaopai doctor")
    for number, info in enumerate(infos):
        print(f"{name} {number}: {printable(info.name)} ({printable(info.id)})")
        for kind in info.media if isinstance(info, CameraInfo) else ():
            print(f"    {kind.format.value}: {' '.join(str(size) for size in kind.sizes)}")
