"""Lists the demo scanner, and beside it one that fails."""

from __future__ import annotations

from collections.abc import Sequence

from server.devices.adapters.demo.faulty import FaultyScanner
from server.devices.adapters.demo.papers import Papers
from server.devices.adapters.demo.plug import Bell
from server.devices.adapters.demo.scanner import DemoScanner
from server.devices.adapters.demo.scanner_faults import ScannerFaults
from server.devices.ports.scanner import Scanner, ScannerInfo
from server.errors import GaopaiError

NAME = "Demo Scanner"


class DemoScannerFinder:
    """Lists the demo scanner while it is plugged in.

    Parameters
    ----------
    seed
        Pages are the same for the same seed.
    faults
        What goes wrong; at first nothing.
    name
        Of the scanner, in place of ``Demo Scanner``.
    faulty
        List another scanner, whose modes are faults.

    Attributes
    ----------
    faults
        As given.
    """

    def __init__(
        self, seed: int = 1, faults: ScannerFaults | None = None, name: str = "", *, faulty: bool = False
    ) -> None:
        self.faults = faults or ScannerFaults()
        name = name or NAME
        papers = Papers(seed)
        sound = DemoScanner(ScannerInfo("demo:scanner", name), papers, self.faults)
        ailing = DemoScanner(ScannerInfo("demo:scanner-faulty", f"{name} (faulty)"), papers, ScannerFaults())
        self._devices = (sound, ailing) if faulty else (sound,)
        self._listed: tuple[Scanner, ...] = (sound, FaultyScanner(ailing))
        self._bell = Bell()
        for device in self._devices:
            device.faults.watch(self._bell.ring)

    @property
    def seconds_per_page(self) -> float:
        """How long a page takes; the next scan follows a change."""
        return self._devices[0].seconds_per_page

    @seconds_per_page.setter
    def seconds_per_page(self, seconds: float) -> None:
        for device in self._devices:
            device.seconds_per_page = seconds

    def missing(self) -> GaopaiError | None:
        """Nothing is ever missing."""
        return None

    async def find(self) -> Sequence[Scanner]:
        """Those that are plugged in."""
        pairs = zip(self._devices, self._listed, strict=False)
        return tuple(listed for device, listed in pairs if device.faults.plugged)

    def change_fd(self) -> int | None:
        """Readable after a demo scanner was plugged in or out."""
        return self._bell.fd

    def acknowledge_change(self) -> bool:
        """Whether it was, since the last call."""
        return self._bell.heard()

    async def close(self) -> None:
        """End what still runs, and give the descriptor back."""
        for device in self._devices:
            await device.close()
        self._bell.close()
