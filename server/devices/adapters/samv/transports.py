"""Readers at a serial port, at the speed it is set to, and at USB, through two pairs of pipes."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import serial
import usb.core
import usb.util

from server.devices.adapters.samv.frame import HEAD_BYTES, SamCommand
from server.devices.adapters.samv.transaction import CorruptAnswer, NoAnswer, SamTransaction
from server.devices.adapters.samv.transport import lost, opening
from server.errors import DeviceFailed, DeviceGone, DeviceTimeout, LocalizedText

SPEEDS = (115200, 57600, 38400, 19200, 9600)
"""Baud rates that a module can be set to, the usual one first."""
HELLO_SECONDS = 0.5
"""Seconds that a module may take to say that it is well; 10 ms are usual."""
WRITE_SECONDS = 1.0
"""Seconds that a port may take to accept more of a command."""
CHUNK_BYTES = 4096
"""Most bytes that are read from a serial port at once."""


class SerialTransport:
    """See `server.devices.adapters.samv.transport.Transport`.

    Parameters
    ----------
    name
        The reader's name in error texts.
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


OUT_HEAD = 0x02
"""Endpoint to which the head of a command is sent."""
OUT_BODY = 0x06
"""Endpoint to which the body of a command is sent."""
IN_HEAD = 0x81
"""Endpoint from which the head of an answer comes."""
IN_BODY = 0x85
"""Endpoint from which the body of an answer comes."""
PACKET_BYTES = 64
"""Bytes of a packet at full speed; transfers that are read in whole packets cannot overflow."""
CLEAR_SECONDS = 1.0
"""Most seconds in which old answers are thrown away."""
_BRIEFLY = 0.001
"""Seconds of a read that is not to wait: pyusb takes 0 for ever."""
_NO_LIBRARY = LocalizedText("缺少 libusb", "libusb is not installed")
_NO_PIPES = LocalizedText("它没有安全模块的 USB 接口", "it lacks the USB interface of a security module")


class UsbTransport:
    """See `server.devices.adapters.samv.transport.Transport`.

    Parameters
    ----------
    device
        Of pyusb.
    name
        The reader's name in error texts.
    """

    def __init__(self, device: Any, name: str) -> None:
        self._device = device
        self._name = name
        self._owed = 0
        try:
            with opening(name):
                self._claim()
        except BaseException:
            self.close()
            raise

    def write(self, frame: bytes) -> None:
        self._send(OUT_HEAD, frame[:HEAD_BYTES])
        self._send(OUT_BODY, frame[HEAD_BYTES:])

    def read(self, seconds: float) -> bytes:
        if self._owed:
            body = self._take(IN_BODY, self._owed, seconds)
            self._owed -= min(self._owed, len(body))
            return body
        head = self._take(IN_HEAD, PACKET_BYTES, seconds)
        self._owed = int.from_bytes(head[HEAD_BYTES - 2 : HEAD_BYTES], "big")
        return head

    def clear(self) -> None:
        self._owed = 0
        until = time.monotonic() + CLEAR_SECONDS
        for pipe in (IN_HEAD, IN_BODY):
            while self._take(pipe, PACKET_BYTES, _BRIEFLY) and time.monotonic() < until:
                pass

    def close(self) -> None:
        # It swallows what a device that has gone answers.
        usb.util.dispose_resources(self._device)

    def _claim(self) -> None:
        """Take the interfaces that have the pipes."""
        wanted = {OUT_HEAD, OUT_BODY, IN_HEAD, IN_BODY}
        for interface in _configuration(self._device):
            pipes = {endpoint.bEndpointAddress for endpoint in interface}
            if wanted & pipes:
                usb.util.claim_interface(self._device, interface)
                wanted -= pipes
        if wanted:
            raise DeviceFailed(device=self._name, reason=_NO_PIPES)

    def _send(self, pipe: int, data: bytes) -> None:
        with lost(self._name):
            try:
                self._device.write(pipe, data, int(WRITE_SECONDS * 1000))
            except usb.core.USBTimeoutError as exc:
                raise DeviceTimeout(device=self._name, seconds=f"{WRITE_SECONDS:g}") from exc

    def _take(self, pipe: int, size: int, seconds: float) -> bytes:
        packets = -(-size // PACKET_BYTES)
        milliseconds = max(1, round(seconds * 1000))
        with lost(self._name):
            try:
                return bytes(self._device.read(pipe, packets * PACKET_BYTES, milliseconds))
            except usb.core.USBTimeoutError:
                return b""


class UsbConnector:
    """Opens the device with that address on that bus.

    Parameters
    ----------
    backend
        Of pyusb; None for the libusb of this machine.
    """

    def __init__(self, bus: int, address: int, name: str, backend: Any = None) -> None:
        self._where = {"bus": bus, "address": address}
        self._name = name
        self._backend = backend

    def __call__(self) -> UsbTransport:
        """See `server.devices.adapters.samv.transport.OpenTransport`."""
        try:
            with opening(self._name):
                device = usb.core.find(backend=self._backend, **self._where)
        except usb.core.NoBackendError as exc:
            raise DeviceFailed(device=self._name, reason=_NO_LIBRARY) from exc
        if device is None:
            raise DeviceGone(device=self._name)
        return UsbTransport(device, self._name)


def _configuration(device: Any) -> Any:
    try:
        return device.get_active_configuration()
    except usb.core.USBError:  # it has none yet
        device.set_configuration()
        return device.get_active_configuration()
