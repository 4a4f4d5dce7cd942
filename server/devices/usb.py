"""USB devices as the kernel lists them, and access to their nodes."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.devices.access import Account, DeviceKind, Explanation, NodeAccess, try_node
from server.errors import LocalizedText


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """USB device.

    Attributes
    ----------
    id
        ``vendor:product``, four lower-case hexadecimal digits each.
    port
        Port of the bus, such as ``1-2``.
    product
        Product string of the device, or empty.
    """

    id: str
    port: str
    bus: int
    address: int
    product: str

    def node(self, root: Path) -> Path:
        """Return the path of its device node."""
        return root / f"dev/bus/usb/{self.bus:03}/{self.address:03}"


def usb_devices(ids: Collection[str], root: Path = Path("/")) -> Iterator[UsbDevice]:
    """Yield the devices with these ``vendor:product`` ids, by port."""
    wanted = {one.lower() for one in ids}
    for folder in sorted((root / "sys/bus/usb/devices").glob("[0-9]*")):
        try:
            device = _device(folder)
        except OSError:
            continue  # an interface, or a device that is just being unplugged
        if device.id in wanted:
            yield device


def _device(folder: Path) -> UsbDevice:
    product = folder / "product"
    return UsbDevice(
        f"{_read(folder / 'idVendor')}:{_read(folder / 'idProduct')}".lower(),
        folder.name,
        int(_read(folder / "busnum")),
        int(_read(folder / "devnum")),
        _read(product) if product.exists() else "",
    )


def _read(attribute: Path) -> str:
    return attribute.read_text(encoding="utf-8", errors="replace").strip()


RULES = Path("/etc/udev/rules.d/70-gaopai.rules")
GROUP = "dialout"
"""Group of serial ports, which every distribution has."""


def usb_access(
    what: LocalizedText, ids: Collection[str], root: Path, account: Account
) -> Sequence[NodeAccess]:
    """Return the access to each device with these ``vendor:product`` ids, by trying to open it.

    Parameters
    ----------
    what
        Name of the device in a sentence: ``the camera``.
    """
    return tuple(
        try_node(device.node(root), open_node, DeviceKind(what, _without_rule(device)), account)
        for device in usb_devices(ids, root)
    )


def open_node(path: str) -> None:
    """Open a device node and close it again; raises OSError."""
    os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY))


def _without_rule(device: UsbDevice) -> Callable[[Path, Account], Explanation]:
    """Return the explanation for a node that only root may use, as without a udev rule."""

    def explain(_: Path, account: Account) -> Explanation:
        command = (
            f"echo '{_rule(device.id)}' | sudo tee -a {RULES} && sudo udevadm control --reload && "
            f"sudo usermod -aG {GROUP} {account.name}"
        )
        return (
            LocalizedText("没有 udev 规则放行该设备", "no udev rule lets anybody use it"),
            LocalizedText(
                f"请执行 {command}，然后注销并重新登录，并重新插拔设备",
                f"run: {command}, then log out and in again, unplug the device and plug it in",
            ),
        )

    return explain


def _rule(usb_id: str) -> str:
    vendor, product = usb_id.split(":")
    return (
        f'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{vendor}", ATTR{{idProduct}}=="{product}", '
        f'MODE="0660", GROUP="{GROUP}", TAG+="uaccess"'
    )
