"""A reader at a USB port: a frame's head goes through one pair of pipes, its body through another."""

from __future__ import annotations

import time
from typing import Any

import usb.core
import usb.util

from server.devices.adapters.samv.frame import HEAD_BYTES
from server.devices.adapters.samv.transport import lost, opening
from server.errors import DeviceFailed, DeviceGone, DeviceTimeout, LocalizedText

OUT_HEAD, OUT_BODY, IN_HEAD, IN_BODY = 0x02, 0x06, 0x81, 0x85
PACKET_BYTES = 64
"""Of full speed; transfers that are read in whole packets cannot overflow."""
WRITE_SECONDS = 1.0
CLEAR_SECONDS = 1.0
_BRIEFLY = 0.001
"""pyusb takes 0 for ever."""
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

    Raises
    ------
    server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed
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
