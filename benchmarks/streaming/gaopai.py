"""The service under test, with the replayed camera: ``python -m benchmarks.streaming.gaopai SIZE CACHE``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks.streaming.camera import ReplayFinder
from benchmarks.streaming.serve import serve
from server import config
from server.app import create_app


def main(size: str, cache: Path) -> None:
    """Serve until told to end."""
    with tempfile.TemporaryDirectory() as root:
        # One picture a message, as the naive server sends; the default repeats it for pages in the field.
        settings = config.Config(
            storage=config.Storage(root=root), compat=config.Compat(preview_key="standard")
        )
        asyncio.run(serve(create_app(settings, [ReplayFinder(size, cache)])))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
