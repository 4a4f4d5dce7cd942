"""Permissions of fingerprint sensors, and the interpreter that has libfprint bindings."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from server.children.program import Program
from server.children.spawn import environment
from server.devices.access import Account, NodeAccess
from server.devices.usb import usb_access
from server.errors import LocalizedText

SYSTEM = Path("/usr/bin/python3")
SECONDS = 10.0
"""For an interpreter to start and load the bindings; a fifth of a second is usual."""
_TRY = "import gi; gi.require_version('FPrint', '2.0'); from gi.repository import FPrint"


def candidates(configured: str = "") -> Sequence[Path]:
    """Return interpreters worth a try: the configured one alone, or ours and the distribution's."""
    if configured:
        return (Path(configured),)
    return tuple(dict.fromkeys((Path(sys.executable), SYSTEM)))


def find_interpreter(paths: Sequence[Path]) -> Path | None:
    """Return the first that can load the bindings, found by trying; blocks for `SECONDS` each at most."""
    return next((path for path in paths if _loads(path)), None)


def _loads(python: Path) -> bool:
    attempt = Program((str(python), "-I", "-B", "-c", _TRY), environment("GI_TYPELIB_PATH"))
    try:
        return attempt.run(SECONDS).code == 0
    except OSError:  # it cannot be started, or takes too long
        return False


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
