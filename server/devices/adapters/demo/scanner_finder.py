"""The finder of the demo scanner and of a second one, whose modes are faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from server.devices.adapters.demo.connection import ChangeNotifier
from server.devices.adapters.demo.faults import ScannerFaults
from server.devices.adapters.demo.feed import DemoFeed
from server.devices.adapters.demo.scanner import ADF, DUPLEX, DemoScanner
from server.devices.adapters.demo.sensor import Mode
from server.devices.adapters.demo.sheets import SampleSheets
from server.devices.ports.scanner import Scanner, ScannerCapabilities, ScannerInfo, ScanParameters
from server.errors import GaopaiError

NAME = "Demo Scanner"

FAULT_MODES: dict[str, ScannerFaults] = {
    Mode.COLOR.value: ScannerFaults(),
    "Jam at page 3": ScannerFaults(jam_after=2),
    "Cover open": ScannerFaults(cover_open=True),
    "Feeder empty": ScannerFaults(empty=True),
    "Page cut short": ScannerFaults(cut_short_at=2),
    "Driver crash": ScannerFaults(crash_at=2),
    "Driver hang": ScannerFaults(hang_at=2),
    "Unplugged in mid-scan": ScannerFaults(disconnect_at=2, reconnect_after=5.0),
    "Busy": ScannerFaults(busy=True),
    "No permission": ScannerFaults(denied=True),
}
"""Modes of the faulty scanner and their faults, so that a page can show each of them."""


class FaultModeScanner:
    """A demo scanner with a feeder only, and with `FAULT_MODES` for modes."""

    def __init__(self, scanner: DemoScanner) -> None:
        self._scanner = scanner

    @property
    def info(self) -> ScannerInfo:
        """Information about the scanner."""
        return self._scanner.info

    async def describe(self) -> ScannerCapabilities:
        """Return the capabilities; a page that chooses no source gets the feeder, and so the fault."""
        abilities = await self._scanner.describe()
        return replace(abilities, sources=(ADF, DUPLEX), modes=tuple(FAULT_MODES))

    async def begin(self, order: ScanParameters) -> DemoFeed:
        """Scan in colour with the faults of the mode, and with a new stack."""
        self._scanner.refuse_if_taken()
        faults = self._scanner.faults
        chosen = FAULT_MODES.get(order.mode or Mode.COLOR)
        if chosen is None:
            return await self._scanner.begin(order)
        faults.copy_from(chosen)
        try:
            return await self._scanner.begin(replace(order, mode=Mode.COLOR))
        finally:
            # What keeps a scan from starting is over with it: the scanner can still be described.
            faults.busy = faults.denied = False


class DemoScannerFinder:
    """Lists the demo scanner while it is connected.

    Parameters
    ----------
    seed
        Pages are the same for the same seed.
    faults
        Faults of the scanner; none by default.
    name
        Name of the scanner, in place of ``Demo Scanner``.
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
        sheets = SampleSheets(seed)
        working = DemoScanner(ScannerInfo("demo:scanner", name), sheets, self.faults)
        failing = DemoScanner(ScannerInfo("demo:scanner-faulty", f"{name} (faulty)"), sheets, ScannerFaults())
        self._devices = (working, failing) if faulty else (working,)
        self._listed: tuple[Scanner, ...] = (working, FaultModeScanner(failing))
        self._changes = ChangeNotifier()
        for device in self._devices:
            device.faults.watch(self._changes.notify)

    @property
    def seconds_per_page(self) -> float:
        """Duration of a page; a change applies to the next scan."""
        return self._devices[0].seconds_per_page

    @seconds_per_page.setter
    def seconds_per_page(self, seconds: float) -> None:
        for device in self._devices:
            device.seconds_per_page = seconds

    def missing(self) -> GaopaiError | None:
        """Return None: nothing is ever missing."""
        return None

    async def find(self) -> Sequence[Scanner]:
        """Return the connected scanners."""
        pairs = zip(self._devices, self._listed, strict=False)
        return tuple(listed for device, listed in pairs if device.faults.connected)

    def change_fd(self) -> int | None:
        """Return a descriptor that is readable after a demo scanner was connected or disconnected."""
        return self._changes.fd

    def acknowledge_change(self) -> bool:
        """Return whether one was, since the last call."""
        return self._changes.acknowledge()

    async def close(self) -> None:
        """End the scans that still run, and close the descriptor."""
        for device in self._devices:
            await device.close()
        self._changes.close()
