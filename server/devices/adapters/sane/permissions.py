"""Access of this process to each USB scanner, and a remedy where it has none."""

from __future__ import annotations

import grp
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import pyudev

from server.devices.access import Account, DeviceKind, Explanation, NodeAccess, explain_group, try_node
from server.errors import LocalizedText

log = logging.getLogger(__name__)

GROUP = "scanner"
"""SANE's udev rules let this group in, by an access list beside the mode of the node."""
_NO_RULES = (
    LocalizedText("SANE 的 udev 规则没有放行该设备", "no udev rule of SANE lets anybody use it"),
    LocalizedText(
        "请执行 sudo apt install libsane1，然后重新插拔扫描仪",
        "run: sudo apt install libsane1, then unplug the scanner and plug it in again",
    ),
)


def node_access(nodes: Sequence[Path] | None = None, account: Account | None = None) -> Sequence[NodeAccess]:
    """Try to open the USB node of each scanner and say how it went.

    Parameters
    ----------
    nodes
        Left out: those which udev says a driver of SANE knows. Without udev there are none, and
        scanners in the network have none.
    """
    account = account or Account()
    return tuple(
        try_node(node, _open, _SCANNER, account) for node in (usb_scanners() if nodes is None else nodes)
    )


def usb_scanners() -> Sequence[Path]:
    """The node of each USB device that SANE's list of devices has."""
    try:
        known = pyudev.Context().list_devices(subsystem="usb", libsane_matched="yes")
        return sorted({Path(device.device_node) for device in known if device.device_node})
    except (ImportError, OSError) as exc:
        log.warning("udev cannot be asked for scanners: %s", exc)
        return ()


def _open(path: str) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK))


def _no_group(_: Path, account: Account) -> Explanation:
    try:
        group = grp.getgrnam(GROUP).gr_gid
    except KeyError:
        return _NO_RULES
    return _NO_RULES if group in account.groups else explain_group(GROUP, account.name)


_SCANNER = DeviceKind(LocalizedText("扫描仪", "the scanner"), _no_group)
