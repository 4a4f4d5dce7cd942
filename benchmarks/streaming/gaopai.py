"""The service under test, with replayed cameras.

``python -m benchmarks.streaming.gaopai SIZE CACHE SPEED [SEND_SECONDS|ADDRESS]``; with the address of a
network camera that is the only one.
"""

from __future__ import annotations

import sys
import tempfile
import weakref
from pathlib import Path
from typing import Any, ClassVar

import uvloop

from benchmarks.streaming.camera import Replay, ReplayFinder
from benchmarks.streaming.serve import serve
from server import config
from server.app import create_app
from server.connection import session
from server.connection.outbox import FrameLane
from server.devices.adapters.network.camera import NetworkCameraFinder
from server.devices.adapters.network.entry import NetworkCamera
from server.devices.ports.camera import CameraFinder
from server.equipment import Finders

CAMERAS = 4
"""Of which most measurements open the first."""


def main(finder: CameraFinder, limits: config.LimitsConfig) -> None:
    """Serve until told to end."""
    session.FrameLane = WatchedLane  # type: ignore[assignment, attr-defined]
    with tempfile.TemporaryDirectory() as root:
        # One picture a message, as the naive server sends; the default repeats it for pages in the field.
        settings = config.Config(
            storage=config.StorageConfig(root=root),
            compat=config.CompatConfig(preview_key="standard"),
            limits=limits,
        )
        uvloop.run(serve(create_app(settings, Finders([finder])), _waiting))


class WatchedLane(FrameLane):
    """A lane that can be found from outside, so that the service counts nothing for us."""

    # Not by gc.get_objects(): it gets hold of tuples that another thread is still making, whose
    # making then fails.
    all: ClassVar[weakref.WeakSet[WatchedLane]] = weakref.WeakSet()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.all.add(self)


def _waiting() -> int:
    """Frames that wait for a client."""
    return sum(not lane.ready() for lane in list(WatchedLane.all))


if __name__ == "__main__":
    last = sys.argv[4] if len(sys.argv) > 4 else ""
    patience = {"send_seconds": int(last)} if last.isdecimal() else {}
    played = (Replay(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])) for _ in range(CAMERAS))
    networked = NetworkCameraFinder([NetworkCamera("bench", last)]) if "://" in last else None
    main(networked or ReplayFinder(*played), config.LimitsConfig(**patience))
