"""A demo scanner whose modes are faults, so that a page can show each of them."""

from __future__ import annotations

from dataclasses import replace

from server.devices.adapters.demo.feed import DemoFeed
from server.devices.adapters.demo.platen import Mode
from server.devices.adapters.demo.scanner import ADF, DUPLEX, DemoScanner
from server.devices.adapters.demo.scanner_faults import ScannerFaults
from server.devices.ports.scanner import ScannerCapabilities, ScannerInfo, ScanParameters

FAULTS: dict[str, ScannerFaults] = {
    Mode.COLOR.value: ScannerFaults(),
    "Jam at page 3": ScannerFaults(jam_after=2),
    "Cover open": ScannerFaults(cover_open=True),
    "Feeder empty": ScannerFaults(empty=True),
    "Page cut short": ScannerFaults(cut_short_at=2),
    "Driver crash": ScannerFaults(crash_at=2),
    "Driver hang": ScannerFaults(hang_at=2),
    "Unplugged in mid-scan": ScannerFaults(unplug_at=2, absent=5.0),
    "Busy": ScannerFaults(busy=True),
    "No permission": ScannerFaults(denied=True),
}
"""The modes of the faulty scanner, and what each is."""


class FaultyScanner:
    """`scanner` with a feeder only and with `FAULTS` for modes."""

    def __init__(self, scanner: DemoScanner) -> None:
        self._scanner = scanner

    @property
    def info(self) -> ScannerInfo:
        """That of `scanner`."""
        return self._scanner.info

    async def describe(self) -> ScannerCapabilities:
        """The feeder comes first, so that a page that chooses nothing sees the fault."""
        abilities = await self._scanner.describe()
        return replace(abilities, sources=(ADF, DUPLEX), modes=tuple(FAULTS))

    async def begin(self, order: ScanParameters) -> DemoFeed:
        """Scan in colour and let happen what the mode says, with a new stack."""
        self._scanner.refuse_if_taken()
        faults = self._scanner.faults
        chosen = FAULTS.get(order.mode or Mode.COLOR)
        if chosen is None:
            return await self._scanner.begin(order)
        faults.become(chosen)
        try:
            return await self._scanner.begin(replace(order, mode=Mode.COLOR))
        finally:
            # What keeps a scan from starting is over with it: the scanner can still be described.
            faults.busy = faults.denied = False
