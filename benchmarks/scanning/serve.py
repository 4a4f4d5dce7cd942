"""The service on SANE's ``test`` backend, taking the times of each page: ``serve FOLDER``.

Prints its address; then, for each line it reads, the pages since the last one as JSON: when
the driver had each, and how long the pipeline worked on it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import uvloop
from aiohttp import web

from benchmarks.scanning.backend import FREE, PACE, PACED, PICTURE
from server import config as configuration
from server.app import create_app
from server.config import Config, SaneScannerConfig
from server.devices.adapters.sane.finder import SaneScannerFinder
from server.equipment import Finders
from server.services.scanners import scan as scanning

pages: list[dict[str, float]] = []


def _watch() -> None:
    """Note the time each page was complete, and the time `process_page` takes for it."""
    process_page = scanning.process_page

    def timed(page: Any, *rest: Any) -> Any:
        begun = time.monotonic()
        made = process_page(page, *rest)
        pages.append({"complete": page.time, "pipeline": time.monotonic() - begun})
        return made

    scanning.process_page = timed  # type: ignore[assignment]


async def _serve(root: str) -> None:
    config = Config(storage=configuration.StorageConfig(root=root))
    shown: dict[str, bool | int | float | str] = {"test-picture": PICTURE}
    finder = SaneScannerFinder(
        [
            SaneScannerConfig(device=FREE, options=shown),
            SaneScannerConfig(device=PACED, options={**shown, **PACE}),
        ]
    )
    runner = web.AppRunner(create_app(config, Finders(scanners=[finder])))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"ws://127.0.0.1:{runner.addresses[0][1]}/", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(pages), flush=True)
        pages.clear()
    await runner.cleanup()


def main(arguments: Sequence[str]) -> None:
    """Serve until standard input ends."""
    _watch()
    uvloop.run(_serve(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
