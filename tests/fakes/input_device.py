"""Input devices of a machine that does not exist: their description in sysfs, their nodes, their events."""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from server.devices.adapters.evdev import kernel as evdev
from server.devices.adapters.evdev.kernel import InputEvent

CAMERA = "usb-0000:00:14.0-2"
KEYBOARD_KEYS = frozenset({*range(1, 128), evdev.KEY_CAMERA})
"""Keys of one that also has a key for the camera, as many have."""
KEY_A = 30
KEY_B = 48
WORD_BITS = struct.calcsize("@L") * 8


def bitmap(keys: Collection[int]) -> list[int]:
    """Return the native words of a bitmap, the least significant first."""
    words = [0] * (evdev.KEY_COUNT // WORD_BITS)
    for key in keys:
        words[key // WORD_BITS] |= 1 << key % WORD_BITS
    return words


@dataclass
class FakeInput:
    """One input device.

    Attributes
    ----------
    opened
        How often it was opened.
    grabbed
        True while its events are kept from others.
    """

    name: str
    keys: frozenset[int]
    vendor: int = 0x1234
    product: int = 0x5678
    phys: str = ""
    opened: int = 0
    grabbed: bool = False
    refuses: dict[int, int] = field(default_factory=dict)
    writers: dict[int, socket.socket] = field(default_factory=dict)

    def feed(self, *events: InputEvent) -> None:
        """Deliver events to everybody who has it open."""
        data = b"".join(event.packed() for event in events)
        for writer in self.writers.values():
            writer.send(data)

    def press(self, key: int, at: float) -> None:
        """Press and release a key."""
        self.feed(
            InputEvent(at, evdev.EV_KEY, key, evdev.PRESSED),
            InputEvent(at, evdev.EV_SYN, evdev.SYN_REPORT, 0),
            InputEvent(at + 0.05, evdev.EV_KEY, key, evdev.RELEASED),
            InputEvent(at + 0.05, evdev.EV_SYN, evdev.SYN_REPORT, 0),
        )

    def unplug(self) -> None:
        """Take it away from everybody who has it open."""
        for writer in self.writers.values():
            writer.close()


class FakeMachine:
    """Machine below a folder, and `InputKernel` of the adapter."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.nodes: dict[str, FakeInput] = {}
        self._open: dict[int, FakeInput] = {}
        self._plugged = 0
        self.changed: Callable[[], None] = lambda: None
        (root / "dev/input").mkdir(parents=True)
        (root / "sys/class/input").mkdir(parents=True)

    def plug(self, device: FakeInput, number: int = 0) -> Path:
        """Connect a device; its node."""
        self._plugged += 1
        described = self.root / f"sys/devices/input{self._plugged}"
        for name, text in self._attributes(device).items():
            (described / name).parent.mkdir(parents=True, exist_ok=True)
            (described / name).write_text(text + "\n", encoding="utf-8")
        link = self.root / f"sys/class/input/event{number}"
        link.mkdir()
        (link / "device").symlink_to(described)
        node = self.root / f"dev/input/event{number}"
        node.touch(mode=0o600)
        self.nodes[str(node)] = device
        return node

    def pull(self, number: int = 0) -> None:
        """Disconnect the device with this node."""
        node = self.root / f"dev/input/event{number}"
        link = self.root / f"sys/class/input/event{number}"
        node.unlink()
        (link / "device").unlink()
        link.rmdir()
        self.nodes.pop(str(node)).unplug()

    @staticmethod
    def _attributes(device: FakeInput) -> dict[str, str]:
        words = [f"{word:x}" for word in reversed(bitmap(device.keys))]
        while len(words) > 1 and words[0] == "0":
            del words[0]
        return {
            "name": device.name,
            "phys": device.phys,
            "id/vendor": f"{device.vendor:04x}",
            "id/product": f"{device.product:04x}",
            "capabilities/key": " ".join(words),
        }

    # The kernel ------------------------------------------------------------------------

    def open(self, path: str) -> int:
        device = self.nodes[path]
        device.opened += 1
        reader, writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        reader.setblocking(False)
        fd = reader.detach()
        device.writers[fd] = writer
        self._open[fd] = device
        return fd

    def close(self, fd: int) -> None:
        device = self._open.pop(fd)
        device.grabbed = False
        device.writers.pop(fd).close()
        os.close(fd)

    def ioctl(self, fd: int, request: int, argument: int | bytearray) -> None:
        device = self._open[fd]
        if request in device.refuses:
            raise OSError(device.refuses[request], "refused")
        if request == evdev.GRAB:
            if device.grabbed:
                raise OSError(errno.EBUSY, "grabbed")
            device.grabbed = True
        elif request != evdev.SET_CLOCK:
            assert isinstance(argument, bytearray)
            answer = self._answer(device, request)
            argument[: len(answer)] = answer

    @staticmethod
    def _answer(device: FakeInput, request: int) -> bytes:
        if request == evdev.GET_ID:
            return struct.pack("@4H", 3, device.vendor, device.product, 1)
        if request == evdev.GET_NAME:
            return device.name.encode() + b"\0"
        words = bitmap(device.keys)
        return struct.pack(f"@{len(words)}L", *words)

    def read(self, fd: int, size: int) -> bytes:
        data = os.read(fd, size)
        if not data:  # an unplugged device never answers with nothing
            raise OSError(errno.ENODEV, "gone")
        return data


def camera_button(phys: str = f"{CAMERA}/button") -> FakeInput:
    """Return the button of a UVC camera, as the kernel's driver makes it."""
    return FakeInput("Document Camera", frozenset({evdev.KEY_CAMERA}), phys=phys)


def keyboard() -> FakeInput:
    """Return a keyboard with a key for the camera, which nobody named."""
    return FakeInput("AT Translated Set 2 keyboard", KEYBOARD_KEYS, 0x0001, 0x0001, "isa0060/serio0/input0")


def foot_switch() -> FakeInput:
    """Return a foot switch, which looks like a keyboard."""
    return FakeInput("PCsensor FootSwitch", KEYBOARD_KEYS, 0x0C45, 0x7403, "usb-0000:00:14.0-3/input0")
