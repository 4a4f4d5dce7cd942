"""``gaopai serve --demo`` with devices that can be unplugged.

``python -m benchmarks.reliability.serve OPTIONS``; each line on standard input is ``plug NUMBER`` or
``unplug NUMBER``, of the devices in the order of their finders.
"""

from __future__ import annotations

import sys
import threading

from server import cli
from server.cli import serve
from server.config import Config
from server.devices.adapters.demo import DemoCameraFinder, DemoScannerFinder
from server.devices.adapters.demo.faults import ConnectionState, HotplugFinder
from server.equipment import Finders, all_finders


def _connections(finders: Finders) -> list[ConnectionState]:
    connections: list[ConnectionState] = []
    for finder in (*finders.cameras, *finders.scanners, *finders.cards, *finders.fingerprints):
        if isinstance(finder, DemoCameraFinder | DemoScannerFinder):
            connections.append(finder.faults)
        elif isinstance(finder, HotplugFinder):
            connections.append(finder._devices[0].connection)
    return connections


def _obey(connections: list[ConnectionState]) -> None:
    for line in sys.stdin:
        word, number = line.split()
        connection = connections[int(number) % len(connections)]
        (connection.connect if word == "plug" else connection.disconnect)()


def _pluggable(config: Config, demo: bool) -> Finders:
    finders = all_finders(config, demo)
    threading.Thread(target=_obey, args=(_connections(finders),), daemon=True).start()
    return finders


if __name__ == "__main__":
    serve.all_finders = _pluggable  # type: ignore[attr-defined]
    sys.exit(cli.main(["serve", *sys.argv[1:]]))
