"""A reader at a serial port, at the speed it is set to."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Sequence
from pathlib import Path

import serial

from server.devices.adapters.samv.frame import SamCommand
from server.devices.adapters.samv.transaction import CorruptAnswer, NoAnswer, SamTransaction
from server.devices.adapters.samv.transport import lost, opening
from server.errors import DeviceGone, DeviceTimeout

SPEEDS = (115200, 57600, 38400, 19200, 9600)
"""Baud rates that a module can be set to, the usual one first."""
HELLO_SECONDS = 0.5
"""A module may take so long to say that it is well; 10 ms are usual."""
WRITE_SECONDS = 1.0
CHUNK_BYTES = 4096


class SerialTransport:
    """See `server.devices.adapters.samv.transport.Transport`.

    Parameters
    ----------
    name
        The reader's name in error texts.

    Raises
    ------
    server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed
    """

    def __init__(self, path: str, speed: int, name: str) -> None:
        self._name = name
        with opening(name):
            self._port = serial.Serial(path, speed, exclusive=True)

    def write(self, frame: bytes) -> None:
        rest = memoryview(frame)
        with lost(self._name):
            while rest:
                if not self._ready(select.POLLOUT, WRITE_SECONDS):
                    raise DeviceTimeout(device=self._name, seconds=f"{WRITE_SECONDS:g}")
                rest = rest[os.write(self._port.fileno(), rest) :]

    def read(self, seconds: float) -> bytes:
        with lost(self._name):
            if not self._ready(select.POLLIN, seconds):
                return b""
            data = os.read(self._port.fileno(), CHUNK_BYTES)
        if not data:  # which is how a pulled plug looks
            raise DeviceGone(device=self._name)
        return data

    def _ready(self, event: int, seconds: float) -> bool:
        """Wait until the port can be read or written, or has gone; False if that takes longer."""
        # pyserial's own calls wait with select(2), which fails while a thousand connections are open.
        waiting = select.poll()
        waiting.register(self._port.fileno(), event)
        return bool(waiting.poll(seconds * 1000))

    def clear(self) -> None:
        with lost(self._name):
            self._port.reset_input_buffer()

    def set_speed(self, speed: int) -> None:
        """Talk at another speed from now on."""
        with lost(self._name):
            self._port.baudrate = speed

    def close(self) -> None:
        try:
            self._port.close()
        except OSError:
            return  # it has gone, and the descriptor with it


class SerialConnector:
    """Opens a serial port at the speed that the module answers at; that of last time is tried first.

    Parameters
    ----------
    path
        The port's node, or a link to it.
    """

    def __init__(self, path: Path, name: str, speeds: Sequence[int] = SPEEDS) -> None:
        self._path = path
        self._name = name
        self._speeds = list(speeds)

    def __call__(self) -> SerialTransport:
        """See `server.devices.adapters.samv.transport.OpenTransport`."""
        if not self._path.exists():
            raise DeviceGone(device=self._name)
        transport = SerialTransport(str(self._path), self._speeds[0], self._name)
        try:
            self._find_speed(transport.set_speed, SamTransaction(transport))
        except BaseException:
            transport.close()
            raise
        return transport

    def _find_speed(self, set_speed: Callable[[int], None], transaction: SamTransaction) -> None:
        for speed in tuple(self._speeds):
            set_speed(speed)
            if _answers(transaction):
                self._speeds.remove(speed)
                self._speeds.insert(0, speed)
                return
        raise DeviceTimeout(device=self._name, seconds=f"{HELLO_SECONDS * len(self._speeds):g}")


def _answers(transaction: SamTransaction) -> bool:
    """Return whether a module is there; noise on a line that is set right spoils one answer, seldom two."""
    for _ in range(2):
        try:
            transaction.ask(SamCommand.STATUS, HELLO_SECONDS)
        except NoAnswer:
            return False
        except CorruptAnswer:
            continue
        return True
    return False
