"""``gaopai devices``: the devices that the service would list."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
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
from server.finders import all_finders, camera_options
from server.services.buttons import FIND_SECONDS
from server.services.cameras.registry import list_cameras
from server.telemetry.printable import json_line, printable

SUMMARY = "List the devices that are found."


@dataclass(frozen=True, slots=True)
class FoundDevices:
    """Devices by kind."""

    cameras: Sequence[CameraInfo]
    scanners: Sequence[ScannerInfo]
    cards: Sequence[CardReaderInfo]
    fingers: Sequence[FingerprintSensorInfo]
    buttons: Sequence[ButtonInfo]


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
        listed = {
            "cameras": [_plain(info) for info in found.cameras],
            "scanners": [{"id": info.id, "name": info.name} for info in found.scanners],
            "cardReaders": [
                {"id": info.id, "name": info.name, "idTypes": sorted(info.kinds)} for info in found.cards
            ],
            "fingerReaders": [{"id": info.id, "name": info.name} for info in found.fingers],
            "buttons": [
                {"id": info.id, "name": info.name, "kind": info.kind.value} for info in found.buttons
            ],
        }
        print(json_line(listed))
    else:
        _print(found)
    return 0


async def _find(config: Config, demo: bool) -> FoundDevices:
    finders = await asyncio.to_thread(all_finders, config, demo)
    return FoundDevices(
        [camera.info for camera in await list_cameras(finders.cameras)],
        [scanner.info for scanner in await list_devices(finders.scanners, config.scan.find_seconds)],
        [reader.info for reader in await list_devices(finders.cards, config.cards.find_seconds)],
        [sensor.info for sensor in await list_devices(finders.fingerprints, config.fingers.find_seconds)],
        [button.info for button in await list_devices(finders.buttons, FIND_SECONDS)],
    )


def _plain(info: CameraInfo) -> dict[str, object]:
    media = [
        {"format": kind.format.value, "resolutions": [str(size) for size in kind.sizes]}
        for kind in info.media
    ]
    return {"id": info.id, "name": info.name, "media": media}


def _print(found: FoundDevices) -> None:
    _print_cameras(found.cameras)
    _print_named("scanner", found.scanners)
    _print_named("card reader", found.cards)
    _print_named("fingerprint sensor", found.fingers)
    _print_named("button", found.buttons)


def _print_named(
    kind: str, infos: Sequence[ScannerInfo | CardReaderInfo | FingerprintSensorInfo | ButtonInfo]
) -> None:
    if not infos:
        print(f"No {kind} found. Run: gaopai doctor")
    for number, info in enumerate(infos):
        print(f"{kind} {number}: {printable(info.name)} ({printable(info.id)})")


def _print_cameras(infos: Sequence[CameraInfo]) -> None:
    if not infos:
        print("No camera found. Run: gaopai doctor")
    for number, info in enumerate(infos):
        print(f"camera {number}: {printable(info.name)} ({printable(info.id)})")
        for kind in info.media:
            print(f"    {kind.format.value}: {' '.join(str(size) for size in kind.sizes)}")
