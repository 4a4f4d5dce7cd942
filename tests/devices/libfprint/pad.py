"""A finger on libfprint's virtual image sensor, which listens at a socket while it is open.

What libfprint 1.94.9 does there, found by trying: a message is two native 32-bit integers; width and
height, followed by grey pixels, are a press. A negative first one is -1 for a retry of the kind that
the second says, -2 for an error, -3 and -4 to place (1) and lift (0) the finger oneself, and -5 to be
pulled out. A picture without minutiae is a retry too. A capture ends when the finger is lifted, and
what comes back are the very bytes, unless the driver says that its pictures lie or are inverted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from imgcore.types import Image
from tests.patience import PATIENCE

RETRY = -1
ERROR = -2
BY_HAND = -3
FINGER = -4
PULLED_OUT = -5


class Pad:
    """The other end of the sensor's socket."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer: asyncio.StreamWriter | None = None

    async def touch(self, picture: Image) -> None:
        """Press a finger that looks so, and lift it."""
        height, width = picture.shape
        await self.say(width, height, picture.tobytes())

    async def say(self, first: int, second: int, data: bytes = b"") -> None:
        """Send a message, once the sensor listens."""
        if self._writer is None or self._writer.is_closing():
            self._writer = await self._connected()
        self._writer.write(struct.pack("=ii", first, second) + data)
        await self._writer.drain()

    async def leave(self) -> None:
        """Close the socket."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def _connected(self) -> asyncio.StreamWriter:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return (await asyncio.open_unix_connection(str(self.path)))[1]
                except (FileNotFoundError, ConnectionRefusedError):
                    await asyncio.sleep(0.02)


@contextlib.contextmanager
def asked() -> Iterator[asyncio.Event]:
    """An event that is set when the sensor is ready: before, it loses what the pad says."""
    ready = asyncio.Event()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage() == "a sensor waits for a finger":
                ready.set()

    ear = Ear()
    logger = logging.getLogger("server.devices.adapters.libfprint.driver")
    logger.addHandler(ear)
    try:
        yield ready
    finally:
        logger.removeHandler(ear)


def ridges(seed: int, size: int = 256) -> Image:
    """Something like a print: dark ridges, nine dots apart, that bend and end."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    wave = 6 * np.sin(x / 41 + random.uniform(0, 6)) + 5 * np.sin(y / 33 + random.uniform(0, 6))
    phase = (y + wave + 0.3 * x) * (2 * np.pi / 9)
    for row, column in random.uniform(40, size - 40, (24, 2)):  # each winding ends a ridge
        phase += np.arctan2(y - row, x - column)
    centre = np.hypot(y - size / 2, x - size / 2)
    grey = np.where(centre < size / 2 - 8, 140 + 100 * np.cos(phase), 245)
    return grey.astype(np.uint8)
