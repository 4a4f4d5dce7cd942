"""Permissions of resident ID readers and ownership of the library that decodes portraits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from server.devices.access import Account, DeviceKind, Explanation, NodeAccess, try_node
from server.devices.adapters.samv.finder import USB_IDS
from server.devices.usb import GROUP, open_node, usb_access
from server.errors import LocalizedText

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


def _no_group(node: Path, _: Account) -> Explanation:
    return (
        LocalizedText("没有用户组可以读写该串口", "no group may read and write it"),
        LocalizedText(
            f"请执行 sudo chgrp {GROUP} {node} && sudo chmod 660 {node}，并检查 udev 规则",
            f"run: sudo chgrp {GROUP} {node} && sudo chmod 660 {node}, and check the udev rules",
        ),
    )


_PORT = DeviceKind(_READER, _no_group)
