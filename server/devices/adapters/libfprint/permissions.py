"""Access of this process to libfprint and to each sensor, and a remedy where it has none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from server.devices.access import Account, NodeAccess
from server.devices.adapters.libfprint.interpreter import candidates, find_interpreter
from server.devices.usb import usb_access
from server.errors import LocalizedText

_DEVICE = re.compile(r"^usb:v([0-9A-F]{4})p([0-9A-F]{4})", re.MULTILINE)
"""As libfprint lists what its drivers know for udev."""


def interpreter(configured: str = "") -> Path | None:
    """The Python that libfprint would run under; blocks while it is looked for."""
    return find_interpreter(candidates(configured))


def node_access(root: Path = Path("/"), account: Account | None = None) -> Sequence[NodeAccess]:
    """Try to open the USB node of each sensor that libfprint knows, and say how it went."""
    return usb_access(
        LocalizedText("指纹仪", "the fingerprint sensor"), set(_known(root)), root, account or Account()
    )


def _known(root: Path) -> Iterator[str]:
    for file in (root / "usr/lib/udev/hwdb.d").glob("*libfprint*.hwdb"):
        for vendor, product in _DEVICE.findall(file.read_text(encoding="utf-8", errors="replace")):
            yield f"{vendor}:{product}"
