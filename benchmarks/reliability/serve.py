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
from server.devices.adapters.demo.plug import Plug
from server.devices.adapters.demo.plugged import PluggedFinder
from server.finders import Finders, all_finders


def _plugs(finders: Finders) -> list[Plug]:
    plugs: list[Plug] = []
    for finder in (*finders.cameras, *finders.scanners, *finders.cards, *finders.fingers):
        if isinstance(finder, DemoCameraFinder | DemoScannerFinder):
            plugs.append(finder.faults)
        elif isinstance(finder, PluggedFinder):
            plugs.append(finder._devices[0].plug)
    return plugs


def _obey(plugs: list[Plug]) -> None:
    for line in sys.stdin:
        word, number = line.split()
        plug = plugs[int(number) % len(plugs)]
        (plug.plug if word == "plug" else plug.unplug)()


def _pluggable(config: Config, demo: bool) -> Finders:
    finders = all_finders(config, demo)
    threading.Thread(target=_obey, args=(_plugs(finders),), daemon=True).start()
    return finders


if __name__ == "__main__":
    serve.all_finders = _pluggable  # type: ignore[attr-defined]
    sys.exit(cli.main(["serve", *sys.argv[1:]]))
