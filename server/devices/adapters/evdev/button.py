"""Buttons as devices: found among the inputs of this machine, opened, proved to be those, and read."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server import errors
from server.config.devices import SwitchConfig
from server.devices import hotplug
from server.devices.access import RULES, Account, DeviceKind, Explanation, NodeAccess, try_node
from server.devices.adapters.evdev.kernel import (
    EV_KEY,
    EV_SYN,
    PRESSED,
    SYN_DROPPED,
    SYN_REPORT,
    InputDevice,
    InputEvent,
    InputKernel,
    grab,
    identify,
    input_devices,
    read_events,
    use_monotonic_clock,
)
from server.devices.ports.button import ButtonInfo
from server.errors import OTHER_PROGRAM, LocalizedText

_GONE = frozenset({errno.ENODEV, errno.ENOENT, errno.ENXIO})
"""Values of ``errno`` by which a device that was unplugged is known."""


@dataclass(frozen=True, slots=True)
class PressSettings:
    """Settings of the presses that count.

    Attributes
    ----------
    camera_keys
        Keys of cameras' own buttons.
    pause
        Seconds after a press in which the same key does not count again.
    """

    camera_keys: tuple[int, ...]
    pause: float


@dataclass(frozen=True, slots=True)
class EvdevButton:
    """Button as listed. See `server.devices.ports.button.Button`."""

    device: InputDevice
    settings: PressSettings
    kernel: InputKernel

    @property
    def info(self) -> ButtonInfo:
        """Description of the button."""
        return self.device.info

    def open(self) -> OpenEvdevButton:
        """Open its device and, where the configuration says so, keep its keys from other programs."""
        with _translated(self.info.name):
            fd = self.kernel.open(str(self.device.node))
            try:
                self._set_up(fd)
            except BaseException:
                self.kernel.close(fd)
                raise
        return OpenEvdevButton(self, fd)

    def _set_up(self, fd: int) -> None:
        # Another device may have got this node since, and that may be a keyboard: nothing of it is read.
        if identify(self.kernel, fd) != self.device.identity:
            raise errors.DeviceGone(device=self.info.name)
        use_monotonic_clock(self.kernel, fd)
        if self.device.switch is not None and self.device.switch.grab:
            grab(self.kernel, fd)


class OpenEvdevButton:
    """Button that is read. See `server.devices.ports.button.OpenButton`."""

    def __init__(self, button: EvdevButton, fd: int) -> None:
        self._kernel = button.kernel
        self._name = button.info.name
        self._fd = fd
        switch = button.device.switch
        keys = button.settings.camera_keys if switch is None else switch.keys
        self._filter = PressFilter(keys or None, button.settings.pause)
        # A key that nobody listed may be any that a keyboard has.
        self._tells = switch is not None and bool(switch.keys)

    def fileno(self) -> int:
        return self._fd

    def presses(self) -> Sequence[int | None]:
        with _translated(self._name):
            events = list(read_events(self._kernel, self._fd))
        return [event.code if self._tells else None for event in events if self._filter.is_press(event)]

    def close(self) -> None:
        fd = self._fd
        self._fd = -1
        if fd >= 0:
            self._kernel.close(fd)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Raise the service's errors in place of the kernel's."""
    try:
        yield
    except PermissionError as exc:
        raise errors.DevicePermission(device=name) from exc
    except OSError as exc:
        if exc.errno in _GONE:
            raise errors.DeviceGone(device=name) from exc
        if exc.errno == errno.EBUSY:
            raise errors.DeviceBusy(device=name, holder=OTHER_PROGRAM) from exc
        raise errors.DeviceFailed(
            device=name, reason=errors.DRIVER_ANSWER.filled(code=errno.errorcode.get(exc.errno or 0))
        ) from exc


class PressFilter:
    """Tells presses from releases, repetitions, bounces, and keys that do not count.

    Parameters
    ----------
    keys
        Keys that count; None for all.
    pause
        Seconds after a press in which the same key does not count again.
    """

    def __init__(self, keys: Collection[int] | None, pause: float) -> None:
        self._keys = keys
        self._pause = pause
        self._pressed_at: dict[int, float] = {}
        self._lost = False

    def is_press(self, event: InputEvent) -> bool:
        """Return whether an event, which follows those before, is a press that counts."""
        if event.type == EV_SYN:
            # The kernel had no room: what it still delivers until the next report is a part only.
            self._lost = event.code == SYN_DROPPED or (self._lost and event.code != SYN_REPORT)
        if event.type != EV_KEY or event.value != PRESSED or self._lost:
            return False
        if self._keys is not None and event.code not in self._keys:
            return False
        return self._is_new(event)

    def _is_new(self, event: InputEvent) -> bool:
        before = self._pressed_at.get(event.code)
        if before is not None and event.seconds - before < self._pause:
            return False
        self._pressed_at[event.code] = event.seconds
        return True


log = logging.getLogger(__name__)


class EvdevButtonFinder(hotplug.HotplugWatched):
    """Lists cameras' own buttons and the switches that are named. See `server.devices.ports.button`.

    Parameters
    ----------
    root
        Folder of ``dev``, ``sys`` and ``run``.
    """

    def __init__(
        self,
        switches: Sequence[SwitchConfig],
        settings: PressSettings,
        root: Path = Path("/"),
        kernel: InputKernel | None = None,
    ) -> None:
        self._switches = switches
        self._settings = settings
        self._root = root
        self._kernel = kernel or InputKernel()
        self._watch = hotplug.watch(root, "input", "input/event[0-9]*")
        self._left_out: set[str] = set()

    async def find(self) -> Sequence[EvdevButton]:
        """Return the buttons that may be read."""
        return await asyncio.to_thread(self._find)

    async def close(self) -> None:
        """Stop watching."""
        self._watch.close()

    def _find(self) -> Sequence[EvdevButton]:
        devices = input_devices(self._root, self._switches, self._settings.camera_keys)
        return [
            EvdevButton(device, self._settings, self._kernel) for device in devices if self._may_read(device)
        ]

    def _may_read(self, device: InputDevice) -> bool:
        """Return whether this process may read a device; log once if not."""
        if os.access(device.node, os.R_OK, effective_ids=True):
            return True
        if device.info.id not in self._left_out:
            log.warning("%s may not be read: gaopai doctor prints the fix", device.node)
        self._left_out.add(device.info.id)
        return False


_BUTTON = LocalizedText("按钮", "the button")


def node_access(
    switches: Sequence[SwitchConfig],
    camera_keys: Sequence[int],
    root: Path = Path("/"),
    account: Account | None = None,
) -> Sequence[NodeAccess]:
    """Try to open the node of each button, and say how it went."""
    devices = input_devices(root, switches, camera_keys)
    return tuple(_access(device, account or Account()) for device in devices)


def _access(device: InputDevice, account: Account) -> NodeAccess:
    if not os.access(device.node, os.R_OK, effective_ids=True):
        # Not the group of the node, `input`: who is in it can read what is typed at every keyboard.
        return NodeAccess(str(device.node), False, *_without_rule(device))
    return try_node(
        device.node, _open_node, DeviceKind(_BUTTON, lambda _, __: _without_rule(device)), account
    )


def _open_node(path: str) -> None:
    os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK))


def _without_rule(device: InputDevice) -> Explanation:
    command = f"echo '{_rule(device)}' | sudo tee -a {RULES} && sudo udevadm control --reload"
    name = device.info.name
    return (
        LocalizedText(f"没有 udev 规则放行按钮 {name}", f"no udev rule lets the button {name} be read"),
        LocalizedText(
            f"请执行 {command}，然后重新插拔设备；不要把账户加入 input 组，那样它能读取所有键盘",
            f"run: {command}, then unplug the device and plug it in again; do not add the account to the "
            "group input, which can read every keyboard",
        ),
    )


def _rule(device: InputDevice) -> str:
    identity = device.identity
    return (
        f'SUBSYSTEM=="input", KERNEL=="event[0-9]*", ATTRS{{id/vendor}}=="{identity.vendor:04x}", '
        f'ATTRS{{id/product}}=="{identity.product:04x}", MODE="0660", GROUP="video", TAG+="uaccess"'
    )
