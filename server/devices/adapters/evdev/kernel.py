"""Input devices: their numbers and calls as the kernel has them, and those that sysfs lists."""

from __future__ import annotations

import fcntl
import logging
import os
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from server.config.devices import SwitchConfig
from server.devices.ports.button import ButtonInfo, ButtonKind

EV_SYN = 0
"""Type of the events that separate other events."""
EV_KEY = 1
"""Type of the events that tell of keys and buttons."""
SYN_REPORT = 0
"""Code of the event that ends a group of events that happened at once."""
SYN_DROPPED = 3
"""Code of the event that says that others were lost, as nobody read them in time."""
RELEASED = 0
"""Value of the event of a key that was released."""
PRESSED = 1
"""Value of the event of a key that was pressed."""
REPEATED = 2
"""Value of the event of a key that is held down."""
KEY_CAMERA = 212
"""Code of the key that releases a camera."""
CAMERA_KEYS = frozenset({KEY_CAMERA, 0x210, *range(0x215, 0x21B)})
"""Codes of keys that only cameras have: release, focus, zoom, and the four directions."""
KEY_COUNT = 0x300
"""Number of codes that a key can have for the kernel."""

_EVENT = struct.Struct("@llHHi")
"""Layout of ``struct input_event``: seconds, microseconds, type, code and value."""
_ID = struct.Struct("@4H")
"""Layout of ``struct input_id``: bus, vendor, product and version."""
_NAME_BYTES = 256
"""Bytes in which a device's name is asked for; what is longer is cut off."""
_WORD = struct.calcsize("@L")
"""Bytes of the words that the kernel's bitmaps are made of."""
_KEY_BYTES = KEY_COUNT // 8
"""Bytes of the bitmap of all keys."""
_READ = 2
"""Direction of a request that the kernel answers."""
_WRITE = 1
"""Direction of a request that tells the kernel something."""
MOST_EVENTS = 64
"""Most events that are read at once."""


def _request(direction: int, number: int, size: int) -> int:
    return direction << 30 | size << 16 | ord("E") << 8 | number


GET_ID = _request(_READ, 0x02, _ID.size)
"""Request for a device's bus, vendor, product and version."""
GET_NAME = _request(_READ, 0x06, _NAME_BYTES)
"""Request for a device's name."""
GET_KEYS = _request(_READ, 0x20 + EV_KEY, _KEY_BYTES)
"""Request for the bitmap of the keys that a device may have."""
GRAB = _request(_WRITE, 0x90, struct.calcsize("@i"))
"""Request to keep a device's events from all other programs."""
SET_CLOCK = _request(_WRITE, 0xA0, struct.calcsize("@i"))
"""Request to choose the clock by which a device's events tell their times."""


class InputEvent(NamedTuple):
    """One event of an input device; `seconds` are of ``CLOCK_MONOTONIC``."""

    seconds: float
    type: int
    code: int
    value: int

    def packed(self) -> bytes:
        """Return the event as the kernel delivers it."""
        whole, part = divmod(self.seconds, 1)
        return _EVENT.pack(int(whole), int(part * 1_000_000), self.type, self.code, self.value)


class InputIdentity(NamedTuple):
    """Identity of an input device.

    Attributes
    ----------
    keys
        Numbers of all keys that it may have.
    """

    name: str
    vendor: int
    product: int
    keys: frozenset[int]


class InputKernel:
    """The running kernel."""

    def open(self, path: str) -> int:
        """Return a non-blocking descriptor for reading."""
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)

    def close(self, fd: int) -> None:
        """Close the descriptor."""
        os.close(fd)

    def ioctl(self, fd: int, request: int, argument: int | bytearray) -> None:
        """Make the request; the kernel's answer replaces the content of a bytearray."""
        fcntl.ioctl(fd, request, argument)

    def read(self, fd: int, size: int) -> bytes:
        """Return the events that wait, whole ones only."""
        return os.read(fd, size)


def identify(kernel: InputKernel, fd: int) -> InputIdentity:
    """Ask an open device for its identity."""
    numbers = bytearray(_ID.size)
    name = bytearray(_NAME_BYTES)
    keys = bytearray(_KEY_BYTES)
    for request, answer in ((GET_ID, numbers), (GET_NAME, name), (GET_KEYS, keys)):
        kernel.ioctl(fd, request, answer)
    _, vendor, product, _ = _ID.unpack(numbers)
    words = struct.unpack(f"@{_KEY_BYTES // _WORD}L", keys)
    told = text_of(bytes(name).partition(b"\0")[0])
    return InputIdentity(told, vendor, product, frozenset(set_bits(words)))


def set_bits(words: tuple[int, ...]) -> Iterator[int]:
    """Yield the numbers of the bits that are set in a bitmap of native words, the least significant first."""
    for place, word in enumerate(words):
        for bit in range(word.bit_length()):
            if word >> bit & 1:
                yield place * _WORD * 8 + bit


def text_of(raw: bytes) -> str:
    """Return a device's text, which the kernel may have cut in the middle of a character."""
    return raw.decode("utf-8", "ignore").strip()


def use_monotonic_clock(kernel: InputKernel, fd: int) -> None:
    """Have the events' times told by a clock that nobody sets."""
    kernel.ioctl(fd, SET_CLOCK, bytearray(struct.pack("@i", time.CLOCK_MONOTONIC)))


def grab(kernel: InputKernel, fd: int) -> None:
    """Keep the device's events from all other programs until the descriptor is closed."""
    kernel.ioctl(fd, GRAB, 1)


def read_events(kernel: InputKernel, fd: int) -> Iterator[InputEvent]:
    """Yield events that wait, at most `MOST_EVENTS`; none is no error."""
    try:
        data = kernel.read(fd, _EVENT.size * MOST_EVENTS)
    except BlockingIOError:
        return
    for seconds, microseconds, kind, code, value in _EVENT.iter_unpack(data):
        yield InputEvent(seconds + microseconds / 1_000_000, kind, code, value)


log = logging.getLogger(__name__)


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
    switch: SwitchConfig | None


def usb_id(identity: InputIdentity) -> str:
    """Return ``vendor:product`` of a device."""
    return f"{identity.vendor:04x}:{identity.product:04x}"


def input_devices(
    root: Path, switches: Sequence[SwitchConfig], camera_keys: Sequence[int]
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


def _is_named(switch: SwitchConfig, identity: InputIdentity) -> bool:
    return switch.device == identity.name or switch.device.lower() == usb_id(identity)


def _described(
    folder: Path, node: Path, switches: Sequence[SwitchConfig], camera_keys: Sequence[int]
) -> InputDevice | None:
    identity = _identity(folder)
    switch = next((one for one in switches if _is_named(one, identity)), None)
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
