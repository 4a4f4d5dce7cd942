"""A USB bus with one module on it, as pyusb's backends show it: descriptors, claims and bulk transfers."""

from __future__ import annotations

import errno
from array import array
from collections import deque
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

from tests.devices.samv.module import Module

BUS = 3
ADDRESS = 7
PACKET = 64
PIPES = ((0x02, 0x81), (0x06, 0x85))
"""By interface."""


class UsbBus(usb.backend.IBackend):
    """See `usb.backend.IBackend`.

    Attributes
    ----------
    fault
        What opening the device fails with; an error number.
    configured
        Whether the device has a configuration already.
    claimed
        Interfaces in use.
    """

    def __init__(self, module: Module, pipes: tuple[tuple[int, int], ...] = PIPES) -> None:
        super().__init__()
        self.fault = 0
        self.configured = False
        self.claimed: set[int] = set()
        self.plugged = True
        self._module = module
        self._pipes = pipes
        self._packets: dict[int, deque[bytes]] = {0x81: deque(), 0x85: deque()}
        self.stuck = False

    # Descriptors ---------------------------------------------------------------------------------

    def enumerate_devices(self) -> list[str]:
        return ["module"] if self.plugged else []

    def get_parent(self, dev: str) -> None:
        return None

    def get_device_descriptor(self, dev: str) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x110, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=0x0400, idProduct=0xC35A, bcdDevice=0, iManufacturer=0, iProduct=0,
            iSerialNumber=0, bNumConfigurations=1, bus=BUS, address=ADDRESS, port_number=1,
            port_numbers=(1,), speed=2,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: str, config: int) -> Any:
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=0, bNumInterfaces=len(self._pipes),
            bConfigurationValue=1, iConfiguration=0, bmAttributes=0x80, bMaxPower=50, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: str, intf: int, alt: int, config: int) -> Any:
        if alt or intf >= len(self._pipes):
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=intf, bAlternateSetting=0,
            bNumEndpoints=len(self._pipes[intf]), bInterfaceClass=255, bInterfaceSubClass=0,
            bInterfaceProtocol=0, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: str, ep: int, intf: int, alt: int, config: int) -> Any:
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=self._pipes[intf][ep], bmAttributes=2,
            wMaxPacketSize=PACKET, bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    # Use -----------------------------------------------------------------------------------------

    def open_device(self, dev: str) -> str:
        self._check(self.fault)
        return dev

    def close_device(self, dev_handle: str) -> None:
        pass

    def get_configuration(self, dev_handle: str) -> int:
        return int(self.configured)

    def set_configuration(self, dev_handle: str, config_value: int) -> None:
        self.configured = True

    def claim_interface(self, dev_handle: str, intf: int) -> None:
        self._check(errno.EBUSY if intf in self.claimed else 0)
        self.claimed.add(intf)

    def release_interface(self, dev_handle: str, intf: int) -> None:
        self.claimed.discard(intf)
        self._check(0 if self.plugged else errno.ENODEV)

    def bulk_write(self, dev_handle: str, ep: int, intf: int, data: Any, timeout: int) -> int:
        self._check(0 if self.plugged else errno.ENODEV)
        if self.stuck:
            raise usb.core.USBTimeoutError("timed out", -7, errno.ETIMEDOUT)
        for answer in self._module.hear(bytes(data)):
            self._queue(0x81, answer[:7])
            self._queue(0x85, answer[7:])
        return len(data)

    def bulk_read(self, dev_handle: str, ep: int, intf: int, buff: array[int], timeout: int) -> int:
        self._check(0 if self.plugged else errno.ENODEV)
        size = len(buff)
        assert timeout > 0
        assert size % PACKET == 0, "a transfer of other sizes can overflow"
        came = b""
        while self._packets[ep] and len(came) < size:
            packet = self._packets[ep].popleft()
            came += packet
            if len(packet) < PACKET:
                break
        if not came:
            raise usb.core.USBTimeoutError("timed out", -7, errno.ETIMEDOUT)
        buff[: len(came)] = array("B", came)
        return len(came)

    def _queue(self, ep: int, data: bytes) -> None:
        self._packets[ep].extend(data[start : start + PACKET] for start in range(0, len(data), PACKET))

    @staticmethod
    def _check(number: int) -> None:
        if number:
            raise usb.core.USBError(errno.errorcode[number], -1, number)
