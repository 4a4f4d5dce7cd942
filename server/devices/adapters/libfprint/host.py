"""Keeps the worker's process: started when it is needed, and again after a crash."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from server.children.program import Program, environment
from server.devices.access import Account, NodeAccess, usb_access
from server.devices.adapters.libfprint.driver import FprintProcess, start_driver
from server.errors import LocalizedText

AGAIN_SECONDS = 60.0
"""Seconds after which it is tried again whether libfprint's bindings have been installed."""


class Host:
    """One process for all sensors.

    Parameters
    ----------
    candidates
        See `server.devices.adapters.libfprint.host`.
    """

    def __init__(self, candidates: Sequence[Path]) -> None:
        self._candidates = candidates
        self._driver: FprintProcess | None = None
        self._lock = asyncio.Lock()
        self._python: Path | None = None
        self._try_at = 0.0

    @property
    def lacking(self) -> bool:
        """True if the bindings were looked for and not found."""
        return self._try_at > 0.0 and self._python is None

    async def ready(self) -> bool:
        """Return whether the bindings are there."""
        now = asyncio.get_running_loop().time()
        if self._python is None and now >= self._try_at:
            self._python = await asyncio.to_thread(find_interpreter, self._candidates)
            self._try_at = now + AGAIN_SECONDS
        return self._python is not None

    async def driver(self) -> FprintProcess:
        """Return the process; call only once it is `ready`.

        Raises
        ------
        OSError
            None can be started.
        """
        async with self._lock:
            if self._driver is None or not self._driver.alive:
                assert self._python is not None
                self._driver = await start_driver(self._python)
            return self._driver

    async def renew(self) -> None:
        """End the process if it has nothing to do: its list of the buses is old."""
        if self._driver is not None and self._driver.idle:
            await self.close()

    async def close(self) -> None:
        """End the process whatever it does."""
        driver = self._driver
        self._driver = None
        if driver is not None:
            await driver.end()


SYSTEM = Path("/usr/bin/python3")
"""Python of the distribution, for which its package of the bindings is built."""
SECONDS = 10.0
"""Seconds for an interpreter to start and load the bindings; a fifth of a second is usual."""
_TRY = "import gi; gi.require_version('FPrint', '2.0'); from gi.repository import FPrint"
"""Program of Python that succeeds where the bindings can be loaded."""


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
"""Pattern of a USB device in the file in which libfprint lists for udev what its drivers know."""


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
