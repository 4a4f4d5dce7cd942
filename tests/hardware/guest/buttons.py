"""Steps on input devices of the guest's own making, through uinput."""

from __future__ import annotations

import asyncio
import fcntl
import grp
import os
import select
import struct
import subprocess
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from server.config.devices import SwitchConfig
from server.devices.adapters.evdev import EvdevButtonFinder, node_access
from server.devices.adapters.evdev import kernel as evdev
from server.devices.adapters.evdev.button import EvdevButton, PressSettings
from server.devices.adapters.evdev.kernel import InputEvent
from server.devices.ports.button import OpenButton
from server.errors import DeviceGone, GaopaiError

SETTINGS = PressSettings((evdev.KEY_CAMERA,), 0.2)
FOOT_SWITCH = SwitchConfig(device="0c45:7403", keys=(48,))
GRABBED = SwitchConfig(device="0c45:7403", keys=(48,), grab=True)
NOBODY = 65534
WAIT = 20
SILENCE = 0.4

_CREATE = 0x5501
_DESTROY = 0x5502
_SETUP = struct.Struct("@4H80sI")


def _write_request(number: int, size: int) -> int:
    return 1 << 30 | size << 16 | ord("U") << 8 | number


class Identity(NamedTuple):
    """Identity of a virtual device."""

    name: str
    vendor: int
    product: int
    phys: str


CAMERA = Identity("Document Camera", 0x1234, 0x5678, "usb-0000:00:14.0-2/button")
KEYBOARD = Identity("A keyboard", 0x0001, 0x0001, "isa0060/serio0/input0")
PEDAL = Identity("PCsensor FootSwitch", 0x0C45, 0x7403, "usb-0000:00:14.0-3/input0")
ALL_KEYS = (*range(1, 128), evdev.KEY_CAMERA)


class VirtualInput:
    """Input device that this process is the hardware of."""

    def __init__(self, identity: Identity, keys: Collection[int]) -> None:
        self._fd = os.open("/dev/uinput", os.O_WRONLY)
        fcntl.ioctl(self._fd, _write_request(100, 4), evdev.EV_KEY)
        for key in keys:
            fcntl.ioctl(self._fd, _write_request(101, 4), key)
        fcntl.ioctl(self._fd, _write_request(108, struct.calcsize("P")), identity.phys.encode() + b"\0")
        told = _SETUP.pack(3, identity.vendor, identity.product, 1, identity.name.encode(), 0)
        fcntl.ioctl(self._fd, _write_request(3, _SETUP.size), told)
        fcntl.ioctl(self._fd, _CREATE)
        self.node = self._find(identity.name)
        settle()

    @staticmethod
    def _find(name: str) -> Path:
        for folder in Path("/sys/class/input").glob("event[0-9]*"):
            if (folder / "device/name").read_text().strip() == name:
                return Path("/dev/input") / folder.name
        raise LookupError(name)

    def send(self, key: int, *values: int) -> None:
        """Send a key's values, each with a report, at once."""
        report = InputEvent(0, evdev.EV_SYN, evdev.SYN_REPORT, 0).packed()
        os.write(
            self._fd,
            b"".join(InputEvent(0, evdev.EV_KEY, key, value).packed() + report for value in values),
        )

    def unplug(self) -> None:
        fcntl.ioctl(self._fd, _DESTROY)

    def close(self) -> None:
        os.close(self._fd)


def settle() -> None:
    """Wait until udev has set the permissions of new nodes."""
    udev = next(Path().glob(".cache/guest/udev/udevadm")).absolute()
    environment = {**os.environ, "LD_LIBRARY_PATH": str(udev.parent)}
    subprocess.run([udev, "settle", f"--timeout={WAIT}"], check=True, env=environment)


@contextmanager
def plugged(identity: Identity, keys: Collection[int]) -> Iterator[VirtualInput]:
    device = VirtualInput(identity, keys)
    try:
        yield device
    finally:
        device.close()


@contextmanager
def finding(*switches: SwitchConfig) -> Iterator[EvdevButtonFinder]:
    finder = EvdevButtonFinder(switches, SETTINGS)
    try:
        yield finder
    finally:
        asyncio.run(finder.close())


def found(*switches: SwitchConfig) -> list[EvdevButton]:
    with finding(*switches) as finder:
        return list(asyncio.run(finder.find()))


@contextmanager
def opened(button: EvdevButton) -> Iterator[OpenButton]:
    reader = button.open()
    try:
        yield reader
    finally:
        reader.close()


def presses(reader: OpenButton, seconds: float = WAIT) -> list[int | None]:
    """The presses until nothing comes any more."""
    heard: list[int | None] = []
    while select.select([reader.fileno()], [], [], seconds)[0]:
        heard += reader.presses()
        seconds = SILENCE
    return heard


# Steps ---------------------------------------------------------------------------------


def noticed() -> object:
    """A button that is plugged in, and pulled, while a finder watches."""
    with finding() as finder:
        finder.acknowledge_change()
        device = VirtualInput(CAMERA, [evdev.KEY_CAMERA])
        result: dict[str, object] = {"udev": finder.change_fd() is not None, "in": _changes(finder)}
        result["info"] = [
            (one.info.name, one.info.kind.value, one.info.housing) for one in asyncio.run(finder.find())
        ]
        device.unplug()
        result["out"] = _changes(finder)
        result["then"] = len(asyncio.run(finder.find()))
        device.close()
        return result


def _changes(finder: EvdevButtonFinder) -> bool:
    for _ in range(WAIT * 20):
        if finder.acknowledge_change():
            return True
        time.sleep(0.05)
    return False


def pressed() -> object:
    """One press, one that is held, one that bounces, two that are far enough apart."""
    with plugged(CAMERA, [evdev.KEY_CAMERA]) as device, opened(found()[0]) as reader:
        device.send(evdev.KEY_CAMERA, 1, 0)
        result = {"once": presses(reader)}
        device.send(evdev.KEY_CAMERA, 1, 2, 2, 2, 0)
        result["held"] = presses(reader)
        device.send(evdev.KEY_CAMERA, 1, 0, 1, 0, 1, 0)
        result["bounced"] = presses(reader)
        device.send(evdev.KEY_CAMERA, 1, 0)
        time.sleep(0.5)
        device.send(evdev.KEY_CAMERA, 1, 0)
        result["twice"] = presses(reader)
        return result


def pulled() -> object:
    """A button that is unplugged while it is read."""
    with plugged(CAMERA, [evdev.KEY_CAMERA]) as device, opened(found()[0]) as reader:
        device.unplug()
        select.select([reader.fileno()], [], [], WAIT)
        try:
            reader.presses()
        except DeviceGone:
            return "DeviceGone"
        return "nothing"


def keyboards() -> object:
    """A keyboard that has a key for the camera, beside a button and a switch: what is read, and by whom."""
    with (
        plugged(CAMERA, [evdev.KEY_CAMERA]) as camera,
        plugged(KEYBOARD, ALL_KEYS) as keyboard,
        plugged(PEDAL, [30, 48]) as pedal,
    ):
        unnamed = found()
        named = found(FOOT_SWITCH)
        readers = [button.open() for button in named]
        keyboard.send(30, 1, 0)
        files = {link.readlink() for link in Path("/proc/self/fd").iterdir() if link.exists()}
        result = {
            "without a name": [button.info.name for button in unnamed],
            "with a name": [button.info.name for button in named],
            "open": [one.node in files for one in (camera, keyboard, pedal)],
            "heard": [presses(reader, SILENCE) for reader in readers],
            "nodes": [_permission(one.node) for one in (camera, keyboard)],
        }
        for reader in readers:
            reader.close()
        return result


def _permission(node: Path) -> tuple[str, str]:
    status = node.stat()
    try:
        group = grp.getgrgid(status.st_gid).gr_name
    except KeyError:
        group = str(status.st_gid)
    return group, f"{status.st_mode & 0o777:o}"


def grabbed() -> object:
    """Events of a switch as another program reads them, before, while and after it is grabbed."""
    with plugged(PEDAL, [30, 48]) as device:
        other = os.open(device.node, os.O_RDONLY | os.O_NONBLOCK)
        device.send(48, 1, 0)
        result: dict[str, object] = {"before": _reads(other)}
        (button,) = found(GRABBED)
        with opened(button) as reader:
            device.send(48, 1, 0)
            device.send(30, 1, 0)
            result |= {"own": presses(reader), "while": _reads(other), "second": _refusal(button)}
        device.send(48, 1, 0)
        result["after"] = _reads(other)
        os.close(other)
        return result


def _reads(fd: int) -> bool:
    if not select.select([fd], [], [], SILENCE)[0]:
        return False
    return bool(os.read(fd, 4096))


def _refusal(button: EvdevButton) -> str:
    try:
        button.open().close()
    except GaopaiError as error:
        return type(error).__name__
    return "none"


def denied() -> object:
    """A switch without a rule, for an account that may not read it."""
    with plugged(PEDAL, [30, 48]):
        groups = os.getgroups()
        os.setgroups([])
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
        try:
            access = [(one.ok, one.remedy.en) for one in node_access((FOOT_SWITCH,), SETTINGS.camera_keys)]
            return {"access": access, "listed": len(found(FOOT_SWITCH))}
        finally:
            os.seteuid(0)
            os.setegid(0)
            os.setgroups(groups)


def button_steps() -> dict[str, Callable[[], object]]:
    """Return the steps by name."""
    return {
        "button noticed": noticed,
        "button pressed": pressed,
        "button pulled": pulled,
        "keyboards": keyboards,
        "switch grabbed": grabbed,
        "switch denied": denied,
    }
