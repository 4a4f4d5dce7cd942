"""The service under test, with the replayed camera: ``python -m benchmarks.streaming.gaopai SIZE CACHE``."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.streaming import stamp
from benchmarks.streaming.camera import ReplayFinder
from benchmarks.streaming.serve import serve
from server import config
from server.app import create_app
from server.devices.ports.camera import Frame
from server.streaming import broadcast, variants
from server.streaming.variants import Picture


def keep_time(frame: Frame, *rest: Any) -> Picture:
    """`render`, whose picture carries its frame's time even where it was encoded anew.

    The naive server does the same, at the same cost of one copy.
    """
    picture = variants.render(frame, *rest)
    taken = stamp.find(frame.data[:192])
    if taken is None or stamp.find(base64.b64decode(picture.base64[:256])) is not None:
        return picture
    return dataclasses.replace(picture, base64=stamp.put_back(picture.base64, taken))


def main(size: str, cache: Path) -> None:
    """Serve until told to end."""
    # From outside: the service itself has no use for the time in a picture.
    timed = mock.patch.object(broadcast, "render", keep_time)
    with tempfile.TemporaryDirectory() as root, timed:
        # One picture a message, as the naive server sends; the default repeats it for pages in the field.
        settings = config.Config(
            storage=config.Storage(root=root), compat=config.Compat(preview_key="standard")
        )
        asyncio.run(serve(create_app(settings, [ReplayFinder(size, cache)])))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
