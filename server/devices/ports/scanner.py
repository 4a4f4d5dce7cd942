"""Protocols for scanners.

Scanner drivers block, hang and crash, so each runs in a process of its own or in threads
behind its adapter: every call here is a coroutine that returns within a bounded time and may
be cancelled. Adapters translate their library's errors into `server.errors` at this boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from imgcore.types import Image
from server.devices.ports import Finder
from server.devices.ports.scan_notice import ScanNotice

STOP_SECONDS = 0.8
"""Seconds that stopping a scan may take, whatever its driver does."""


@dataclass(frozen=True, slots=True)
class ScannerInfo:
    """Description of a scanner.

    Attributes
    ----------
    id
        Identifier, stable while the device stays plugged in; starts with the adapter's name. Never shown
        to pages.
    name
        Name for people, such as ``Canon DR-C230``.
    """

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Bed:
    """Largest area that can be scanned, in mm."""

    width: float
    height: float

    def __str__(self) -> str:
        return f"{self.width:.0f} x {self.height:.0f} mm"


@dataclass(frozen=True, slots=True)
class ScanSource:
    """Paper source.

    Attributes
    ----------
    name
        Word of the standard, such as ``Duplex``, or the driver's own where it has none, such as ``ADF Back``.
    feeder
        True for a document feeder, from which one scan takes all sheets.
    bed
        Scan area; None where the driver has no option for an area.
    """

    name: str
    feeder: bool
    bed: Bed | None

    @property
    def duplex(self) -> bool:
        """True if by its name the back of each sheet follows its front."""
        return self.feeder and any(word in self.name.casefold() for word in ("duplex", "both sides", "双面"))


@dataclass(frozen=True, slots=True)
class ScannerCapabilities:
    """Capabilities of a scanner; a list is None where its driver has no such option.

    Attributes
    ----------
    sources
        Paper sources; never empty, and of length 1 if ``choice_of_source`` is False.
    modes
        Colour modes, by the standard's words where it has one, else by the driver's.
    resolutions
        Resolutions in dots per inch, ascending.
    own
        Driver's name of a source or mode that is offered by another one.
    dropout
        Colours of ink that the scanner itself lets vanish in grey and black and white.
    detects
        True where the scanner can stop at double feeds or staples, and can be told not to.
    """

    sources: tuple[ScanSource, ...]
    choice_of_source: bool
    modes: tuple[str, ...] | None
    resolutions: tuple[int, ...] | None
    own: Mapping[str, str] = field(default_factory=dict)
    dropout: tuple[str, ...] = ()
    detects: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """Rectangle of the bed in mm, from its top left."""

    left: float
    top: float
    width: float
    height: float


class ScannedRows(Protocol):
    """Protocol for some rows of a page that is still coming, thinned to what a screen has room for.

    Attributes
    ----------
    top, rows
        First row of the page that they stand for, and how many.
    page_width, page_lines
        Pixels of a row of the page, and its rows; 0 where they are not known yet.
    """

    @property
    def top(self) -> int: ...

    @property
    def rows(self) -> int: ...

    @property
    def page_width(self) -> int: ...

    @property
    def page_lines(self) -> int: ...

    def pixels(self) -> Image:
        """Return them, BGR or grey; called once, in a thread."""

    def discard(self) -> None:
        """Release the memory, also that of the array of `pixels`, which must no longer be used."""


Colour = Literal["", "red", "green", "blue"]
"""Colour of ink; empty for none."""


def _unheard(notice: ScanNotice) -> None:
    pass


@dataclass(frozen=True, slots=True)
class ScanParameters:
    """Parameters of one scan; None for the driver's own setting.

    Attributes
    ----------
    area
        Area to be scanned; None for the whole bed.
    limit_pixels
        Limit of a page; a larger one is refused before it is scanned.
    detect
        True to stop at double feeds and staples where the scanner can, False not to.
    sheet_size
        True where the scanner may find the size of each sheet itself.
    dropout
        Colour of ink that is to vanish, for a scanner that can (`ScannerCapabilities.dropout`).
    noticed
        Called with what people have to know while the scan goes on.
    shown
        Called with rows of a page while it comes, some four times a second; None where nobody looks.
    """

    source: ScanSource
    mode: str | None
    resolution: int | None
    area: Area | None
    limit_pixels: int
    detect: bool = True
    sheet_size: bool = False
    dropout: Colour = ""
    noticed: Callable[[ScanNotice], None] = field(default=_unheard, compare=False, repr=False)
    shown: Callable[[ScannedRows], None] | None = field(default=None, compare=False, repr=False)


class ScannedPage(Protocol):
    """Protocol for one complete side of a sheet."""

    @property
    def dots(self) -> float:
        """Resolution in dots per inch; 0 if unknown."""

    def pixels(self) -> Image:
        """Return the page, BGR or grey; called once, in a thread: some 10 ms at A4 and 300 dpi."""

    def discard(self) -> None:
        """Release the memory, also that of the array of `pixels`, which must no longer be used."""


class Feed(Protocol):
    """Protocol for a running scan; by backpressure, a slow reader halts the feeder after a few pages."""

    async def next(self) -> ScannedPage | None:
        """Return the next page as soon as it is complete, or None after the last.

        Raises
        ------
        server.errors.FeederEmpty
            There was no paper at all.
        server.errors.PaperJam, CoverOpen, PageCutShort, DoubleFeed, StapleFound
            The paper failed; earlier pages were returned.
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout, DriverCrashed
        server.errors.ScannerAsleep
            The device or its driver failed; earlier pages were returned.
        """

    async def stop(self) -> None:
        """End the scan within `STOP_SECONDS`; `next` still returns complete pages, then None."""

    async def close(self) -> None:
        """Close the scanner, within a bounded time; no error in any state."""


class Scanner(Protocol):
    """Protocol for a scanner."""

    @property
    def info(self) -> ScannerInfo:
        """Description of the scanner."""

    async def describe(self) -> ScannerCapabilities:
        """Query the driver's capabilities; opens the device, which may take seconds.

        Raises
        ------
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout, DriverCrashed
        """

    async def begin(self, parameters: ScanParameters) -> Feed:
        """Open the scanner, check and set the parameters, and start.

        Raises
        ------
        server.errors.PaperTooLarge, PictureTooLarge, ModeNotSupported
            The parameters are not supported; no paper was moved.
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout, DriverCrashed
        """


ScannerFinder = Finder[Scanner]
