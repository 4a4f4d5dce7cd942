"""Finder of buttons among the input devices of this machine."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from server.config.devices import SwitchConfig
from server.devices import hotplug
from server.devices.access import Account, DeviceKind, Explanation, NodeAccess, try_node
from server.devices.adapters.evdev.button import EvdevButton, PressSettings
from server.devices.adapters.evdev.kernel import InputDevice, InputKernel, input_devices
from server.devices.usb import RULES
from server.errors import LocalizedText

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
