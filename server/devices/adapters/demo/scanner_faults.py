"""What can go wrong with the demo scanner, switched on and off while it runs."""

from __future__ import annotations

from dataclasses import dataclass, fields

from server.devices.adapters.demo.plug import Plug

STACK = 5
"""Sheets that are put into an empty feeder."""


@dataclass(slots=True, eq=False)
class ScannerFaults(Plug):
    """Set any attribute at any time from any thread; the running scan shows it.

    Pages are counted from 1 in each scan, the two sides of a sheet apart. Faults of the
    paper's way, from `empty` to `cut_short_at`, do not concern the glass.

    Attributes
    ----------
    busy
        Asking or starting answers that another program has the scanner.
    denied
        Asking or starting answers that the service may not use it.
    empty
        Whatever is in the feeder, no sheet is noticed.
    cover_open
        The feeder's cover is open: no sheet moves, and a moving one stops.
    jam_after
        Pages that go through before one is jammed.
    cut_short_at
        The page of which only a part arrives.
    crash_at
        The page at which the driver crashes.
    hang_at
        The page at which the driver falls silent.
    unplug_at
        The page at which the plug is pulled.
    silence
        Seconds until a silent driver is given up.
    absent
        Seconds until the plug that `unplug_at` pulled is put back by itself; 0 = never.
    slow
        Seconds that each page takes longer.
    stack
        How many sheets were put into the feeder last.
    sheets
        How many are in it now. It counts down; a scan that finds none is given a new stack.
    """

    busy: bool = False
    denied: bool = False
    empty: bool = False
    cover_open: bool = False
    jam_after: int | None = None
    cut_short_at: int | None = None
    crash_at: int | None = None
    hang_at: int | None = None
    unplug_at: int | None = None
    silence: float = 10.0
    absent: float = 0.0
    slow: float = 0.0
    stack: int = STACK
    sheets: int = STACK

    def load(self, sheets: int = STACK) -> None:
        """Put a stack into the feeder in place of what is there."""
        self.stack = self.sheets = sheets
        self.empty = False

    def become(self, other: ScannerFaults) -> None:
        """Take over all that can be set, but not the plug."""
        for each in fields(other):
            if each.init:
                setattr(self, each.name, getattr(other, each.name))
