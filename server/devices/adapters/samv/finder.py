"""The resident ID readers of this machine: at configured serial ports, and USB devices of known makes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from server.devices import hotplug
from server.devices.access import (
    GROUP,
    Account,
    DeviceKind,
    NodeAccess,
    UsbDevice,
    open_node,
    try_node,
    usb_access,
    usb_devices,
    without_group,
)
from server.devices.adapters.samv.module import SamModule
from server.devices.adapters.samv.reader import SamvReader
from server.devices.adapters.samv.transport import OpenTransport
from server.devices.ports.card_reader import CardKind, CardReaderInfo
from server.errors import DriverMissing, GaopaiError, LocalizedText

READERS = LocalizedText("身份证阅读器", "resident ID readers")
NAME = "SAM-V"
"""Name of a reader that tells none of its own; its port is added."""
USB_IDS = ("0400:c35a",)
"""Vendor and product of the common USB module."""


Description = tuple[str, Callable[[str], OpenTransport]]
"""Name of a reader, and a function that connects to it when it is given that name."""


class _SamvFinder(hotplug.HotplugWatched):
    """Lists readers at one kind of port; one that stays is the same object, with its open port."""

    _library: tuple[str, str]
    """The module that talks to such ports, and the package that brings it."""

    def __init__(self, watch: hotplug.ChangeMonitor) -> None:
        self._watch = watch
        self._readers: dict[str, SamvReader] = {}

    def missing(self) -> GaopaiError | None:
        module, package = self._library
        if find_spec(module) is not None:
            return None
        reason = LocalizedText(f"缺少 {package}", f"{package} is not installed")
        return DriverMissing(kind=READERS, reason=reason)

    async def find(self) -> Sequence[SamvReader]:
        if self.missing() is not None:
            return ()
        return await self._update(await asyncio.to_thread(self._present))

    async def close(self) -> None:
        self._watch.close()
        await self._update({})

    def _present(self) -> Mapping[str, Description]:
        """Return what is there now, by its id."""
        raise NotImplementedError

    async def _update(self, present: Mapping[str, Description]) -> Sequence[SamvReader]:
        """Make what is new, close what has gone."""
        gone = [self._readers.pop(key) for key in [*self._readers] if key not in present]
        for key, description in present.items():
            if key not in self._readers:
                self._readers[key] = self._reader(key, *description)
        await asyncio.gather(*(reader.close() for reader in gone))
        return [self._readers[key] for key in present]

    def _reader(self, key: str, wanted: str, connector: Callable[[str], OpenTransport]) -> SamvReader:
        taken = {reader.info.name for reader in self._readers.values()}
        numbered = (f"{wanted} ({number})" for number in range(2, len(taken) + 3))
        name = next(name for name in (wanted, *numbered) if name not in taken)
        info = CardReaderInfo(key, name, frozenset({CardKind.RESIDENT}))
        return SamvReader(info, SamModule(connector(name)))


class SerialReaderFinder(_SamvFinder):
    """See `server.devices.ports.card_reader.CardReaderFinder`.

    A reader is listed while its port is there. Whether it answers shows when it is used: nothing is
    sent to a port, which might be another device's, unless a card is to be read.

    Parameters
    ----------
    paths
        Nodes, or links to nodes such as ``/dev/serial/by-id/...``.
    """

    _library = ("serial", "pyserial")

    def __init__(self, paths: Sequence[str], root: Path = Path("/")) -> None:
        self._paths = [root / path.lstrip("/") for path in paths]
        super().__init__(hotplug.watch(root, "tty", "tty*"))

    def _present(self) -> Mapping[str, Description]:
        return {f"samv:{path}": _serial(path) for path in self._paths if path.exists()}


class UsbReaderFinder(_SamvFinder):
    """See `server.devices.ports.card_reader.CardReaderFinder`.

    Parameters
    ----------
    ids
        ``vendor:product`` of the devices to list, four hexadecimal digits each.
    """

    _library = ("usb", "pyusb")

    def __init__(self, ids: Collection[str] = USB_IDS, root: Path = Path("/")) -> None:
        self._ids = ids
        self._root = root
        super().__init__(hotplug.watch(root, "usb", "bus/usb/*/*"))

    def _present(self) -> Mapping[str, Description]:
        # The address is new with each plugging in, and so is the reader.
        devices = usb_devices(self._ids, self._root)
        return {f"samv:{one.port}.{one.address}": _usb(one) for one in devices}


def _serial(path: Path) -> Description:
    from server.devices.adapters.samv.transports import SerialConnector  # noqa: PLC0415 - an extra

    return f"{NAME} {path.name}", lambda name: SerialConnector(path, name)


def _usb(device: UsbDevice) -> Description:
    from server.devices.adapters.samv.transports import UsbConnector  # noqa: PLC0415 - an extra

    return device.product or f"{NAME} USB", lambda name: UsbConnector(device.bus, device.address, name)


_READER = LocalizedText("身份证阅读器", "the ID card reader")


def node_access(
    paths: Sequence[str] = (),
    ids: Collection[str] = USB_IDS,
    root: Path = Path("/"),
    account: Account | None = None,
) -> Sequence[NodeAccess]:
    """Try to open each configured serial port and each known USB reader, and say how it went.

    Parameters
    ----------
    paths, ids
        See `server.devices.adapters.samv.finder`.
    """
    account = account or Account()
    ports = (try_node(root / path.lstrip("/"), open_node, _PORT, account) for path in paths)
    return (*ports, *usb_access(_READER, ids, root, account))


_PORT = DeviceKind(_READER, without_group(GROUP, "串口"))
