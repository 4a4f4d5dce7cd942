"""What the service asks of a scanner, whatever drives it.

Scanner drivers block, hang and crash, so each runs in a process of its own or in threads
behind its adapter: every call here is a coroutine that returns within a bounded time and may
be cancelled. Adapters translate their library's errors into `server.errors` at this boundary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from imgcore.types import Image
from server.errors import GaopaiError

STOP_SECONDS = 0.8
"""A scan that was told to stop has ended after so long, whatever its driver does."""


@dataclass(frozen=True, slots=True)
class ScannerInfo:
    """A scanner as listed.

    Attributes
    ----------
    id
        Stable while the device stays plugged in; starts with the adapter's name. Never shown
        to pages.
    name
        What a person reads, such as ``Canon DR-C230``.
    """

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Bed:
    """The largest area that can be scanned, in mm."""

    width: float
    height: float

    def __str__(self) -> str:
        return f"{self.width:.0f} x {self.height:.0f} mm"


@dataclass(frozen=True, slots=True)
class ScanSource:
    """Where paper comes from.

    Attributes
    ----------
    name
        As the driver gives it, such as ``ADF Duplex``.
    feeder
        Whether one scan takes sheets until there are no more.
    bed
        None where the driver cannot be told an area.
    """

    name: str
    feeder: bool
    bed: Bed | None


@dataclass(frozen=True, slots=True)
class ScannerCapabilities:
    """What a scanner offers; a list is None where its driver has no such option.

    Attributes
    ----------
    sources
        Never empty; with ``choice_of_source`` false the one that there is.
    modes
        Colour modes, in the driver's words.
    resolutions
        Dots an inch, ascending.
    """

    sources: tuple[ScanSource, ...]
    choice_of_source: bool
    modes: tuple[str, ...] | None
    resolutions: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of the bed in mm, from its top left."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ScanParameters:
    """One scan; None leaves the driver's own setting.

    Attributes
    ----------
    area
        None for all of the bed.
    limit_pixels
        The largest page accepted; a larger one is refused before it is scanned.
    """

    source: ScanSource
    mode: str | None
    resolution: int | None
    area: Area | None
    limit_pixels: int


class ScannedPage(Protocol):
    """One side of one sheet, complete."""

    @property
    def dots(self) -> float:
        """Dots an inch; 0 where the driver does not say."""

    def pixels(self) -> Image:
        """The page, BGR or grey; called once, in a worker thread: some 10 ms at A4 and 300 dpi."""

    def discard(self) -> None:
        """Give its memory back; also after `pixels`, whose array must then be in use no more."""


class Feed(Protocol):
    """A running scan. At most a few pages wait in it: a slow reader halts the feeder."""

    async def next(self) -> ScannedPage | None:
        """The next page the moment it is complete, or None after the last.

        Raises
        ------
        server.errors.FeederEmpty
            There was no paper at all.
        server.errors.PaperJam, CoverOpen, PageCutShort
            The paper; the pages before were delivered.
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout, DriverCrashed
            The device or its driver, likewise.
        """

    async def stop(self) -> None:
        """End the scan within `STOP_SECONDS`; `next` still gives what was complete, then None."""

    async def close(self) -> None:
        """Give the scanner back, within a bounded time; no error in any state."""


class Scanner(Protocol):
    """One scanner."""

    @property
    def info(self) -> ScannerInfo:
        """Name and identity."""

    async def describe(self) -> ScannerCapabilities:
        """Ask the driver what it offers; opens the device, which may take seconds.

        Raises
        ------
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout, DriverCrashed
        """

    async def begin(self, order: ScanParameters) -> Feed:
        """Take the scanner, check and set what is ordered, and start.

        Raises
        ------
        server.errors.PaperTooLarge, PictureTooLarge, ModeNotSupported
            The order; nothing moved.
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout, DriverCrashed
        """


class ScannerFinder(Protocol):
    """One adapter's way to list its scanners."""

    def missing(self) -> GaopaiError | None:
        """What this machine lacks, if there can be no scanner for that reason."""

    async def find(self) -> Sequence[Scanner]:
        """All scanners present now, in a stable order.

        A device that cannot be asked is left out and logged, never an exception.
        """

    def change_fd(self) -> int | None:
        """A descriptor that becomes readable when devices come or go, if there is one."""

    def acknowledge_change(self) -> bool:
        """Drain the descriptor without blocking; whether scanners may have changed."""

    async def close(self) -> None:
        """Release what `change_fd` watches, and end helper processes."""
