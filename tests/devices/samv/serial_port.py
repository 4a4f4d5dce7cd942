"""A serial port with a module behind it: a pseudo-terminal that is as piecemeal as the line, and as noisy."""

from __future__ import annotations

import contextlib
import os
import select
import termios
import threading
import time
import tty
from pathlib import Path

from tests.devices.samv.module import Module

SPEEDS = {
    115200: termios.B115200,
    57600: termios.B57600,
    38400: termios.B38400,
    19200: termios.B19200,
    9600: termios.B9600,
}
BITS_PER_BYTE = 10
HASTE = 10
"""It is so many times as fast as the line: what the pieces of an answer are does not depend on it."""


class SerialPort:
    """A module that answers through a pseudo-terminal.

    Attributes
    ----------
    noise
        Sent before each answer.
    pieces
        Answers are written so many bytes at a time.
    """

    def __init__(self, module: Module, speed: int = 115200) -> None:
        self.noise = b""
        self.pieces = 64
        self._module = module
        self._speed = speed
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = Path(os.ttyname(self._slave))
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """The port has gone, with all that is open on it."""
        self._stopped.set()
        self._thread.join()
        for descriptor in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _serve(self) -> None:
        while not self._stopped.is_set():
            ready, _, _ = select.select([self._master], [], [], 0.02)
            if not ready:
                continue
            heard = os.read(self._master, 4096)
            if self._in_tune():
                for answer in self._module.hear(heard):
                    self._say(self.noise + answer if answer else b"")

    def _in_tune(self) -> bool:
        """Whether the other side talks at the module's speed; it hears nonsense otherwise."""
        return termios.tcgetattr(self._slave)[5] == SPEEDS[self._speed]

    def _say(self, data: bytes) -> None:
        for start in range(0, len(data), self.pieces):
            piece = data[start : start + self.pieces]
            os.write(self._master, piece)
            time.sleep(len(piece) * BITS_PER_BYTE / self._speed / HASTE)
