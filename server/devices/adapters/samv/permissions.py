"""Whether this process may use each resident ID reader, and what to do where it may not."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from server.devices.access import Account, Explanation, Kind, NodeAccess, try_node
from server.devices.adapters.samv.finder import USB_IDS
from server.devices.adapters.samv.usb_devices import usb_devices
from server.errors import Text

RULES = Path("/etc/udev/rules.d/70-gaopai-cards.rules")
GROUP = "dialout"
"""Serial ports are this group's everywhere; USB readers may well be."""


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
    ports = [try_node(root / path.lstrip("/"), _open, _PORT, account) for path in paths]
    readers = [try_node(device.node(root), _open, _usb(ids), account) for device in usb_devices(ids, root)]
    return ports + readers


def _open(path: str) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY))


def _no_group(node: Path, _: Account) -> Explanation:
    return (
        Text("没有用户组可以读写该串口", "no group may read and write it"),
        Text(
            f"请执行 sudo chgrp {GROUP} {node} && sudo chmod 660 {node}，并检查 udev 规则",
            f"run: sudo chgrp {GROUP} {node} && sudo chmod 660 {node}, and check the udev rules",
        ),
    )


_PORT = Kind(Text("身份证阅读器", "the ID card reader"), _no_group)


def _usb(ids: Collection[str]) -> Kind:
    """USB nodes are root's alone until a rule says otherwise."""

    def no_rule(_: Path, account: Account) -> Explanation:
        lines = "\\n".join(_rule(*one.lower().split(":")) for one in ids)
        command = (
            f"printf '{lines}\\n' | sudo tee {RULES} && sudo udevadm control --reload && "
            f"sudo usermod -aG {GROUP} {account.name}"
        )
        return (
            Text("没有 udev 规则放行该设备", "no udev rule lets anybody use it"),
            Text(
                f"请执行 {command}，然后注销并重新登录、重新插拔阅读器",
                f"run: {command}, then log out and in again and replug the reader",
            ),
        )

    return Kind(Text("身份证阅读器", "the ID card reader"), no_rule)


def _rule(vendor: str, product: str) -> str:
    return (
        f'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{vendor}", ATTR{{idProduct}}=="{product}", '
        f'MODE="0660", GROUP="{GROUP}", TAG+="uaccess"'
    )
