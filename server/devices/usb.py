"""The USB devices of this machine by vendor and product, as the kernel lists them: no device is opened."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """One device.

    Attributes
    ----------
    id
        ``vendor:product``, four lower-case hexadecimal digits each.
    port
        Where it is plugged in, such as ``1-2``.
    product
        What it calls itself, or empty.
    """

    id: str
    port: str
    bus: int
    address: int
    product: str

    def node(self, root: Path) -> Path:
        """Its device node."""
        return root / f"dev/bus/usb/{self.bus:03}/{self.address:03}"


def usb_devices(ids: Collection[str], root: Path = Path("/")) -> Iterator[UsbDevice]:
    """The devices of these ``vendor:product``, by port."""
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
