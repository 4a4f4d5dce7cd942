"""Input devices as sysfs describes them: no device is opened to be looked at, keyboards least of all."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.devices.adapters.evdev.kernel import CAMERA_KEYS, InputIdentity, set_bits, text_of
from server.devices.ports.button import ButtonInfo, ButtonKind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Switch:
    """Input device that the configuration names.

    Attributes
    ----------
    device
        Its name, or its ``vendor:product``.
    keys
        Keys that count; empty for all.
    grab
        Keep its events from other programs.
    """

    device: str
    keys: tuple[int, ...] = ()
    grab: bool = False

    def names(self, identity: InputIdentity) -> bool:
        """Return whether a device is this one."""
        return self.device == identity.name or self.device.lower() == usb_id(identity)


@dataclass(frozen=True, slots=True)
class InputDevice:
    """Input device of this machine that is used as a button.

    Attributes
    ----------
    switch
        The configuration's entry; None for a camera's own button.
    """

    node: Path
    identity: InputIdentity
    info: ButtonInfo
    switch: Switch | None


def usb_id(identity: InputIdentity) -> str:
    """Return ``vendor:product`` of a device."""
    return f"{identity.vendor:04x}:{identity.product:04x}"


def input_devices(
    root: Path, switches: Sequence[Switch], camera_keys: Sequence[int]
) -> Iterator[InputDevice]:
    """Yield the devices that may be read: cameras' own buttons, and those that are named."""
    for folder in sorted((root / "sys/class/input").glob("event[0-9]*"), key=_number):
        node = root / "dev/input" / folder.name
        try:
            device = _described(folder / "device", node, switches, camera_keys)
        except OSError:
            continue  # just being unplugged
        if device is not None and node.exists():
            yield device


def is_camera_button(identity: InputIdentity, camera_keys: Sequence[int]) -> bool:
    """Return whether a device has a camera's button that counts, and nothing that a keyboard has.

    Keyboards may have the key of a camera too: any other key makes a device one of them.
    """
    return identity.keys <= CAMERA_KEYS and not identity.keys.isdisjoint(camera_keys)


def _described(
    folder: Path, node: Path, switches: Sequence[Switch], camera_keys: Sequence[int]
) -> InputDevice | None:
    identity = _identity(folder)
    switch = next((one for one in switches if one.names(identity)), None)
    if switch is None and not is_camera_button(identity, camera_keys):
        return None
    if not identity.keys:
        return None  # another part of a device that is named, such as its lamp
    kind = ButtonKind.SWITCH if switch else ButtonKind.CAMERA
    # The kernel numbers input devices through, so that the same one plugged in again has another identifier.
    identifier = f"evdev:{folder.resolve().name}"
    housing = "" if switch else _text(folder / "phys").rpartition("/")[0]
    return InputDevice(node, identity, ButtonInfo(identifier, identity.name, kind, housing), switch)


def _identity(folder: Path) -> InputIdentity:
    words = tuple(int(word, 16) for word in reversed(_text(folder / "capabilities/key").split()))
    vendor, product = (int(_text(folder / "id" / name), 16) for name in ("vendor", "product"))
    return InputIdentity(_text(folder / "name"), vendor, product, frozenset(set_bits(words)))


def _text(attribute: Path) -> str:
    return text_of(attribute.read_bytes())


def _number(folder: Path) -> int:
    return int(folder.name.removeprefix("event"))
