"""The demo scanner as a device: described, started, and failing when told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, replace
from functools import partial

from imgcore.types import Image
from server import errors
from server.devices import hotplug
from server.devices.adapters.demo.faults import ScannerFaults
from server.devices.adapters.demo.feed import DemoFeed, FeederPath, FlatbedPath, PaperPath
from server.devices.ports import scanner as port
from server.errors import LocalizedText
from synthetic.scene.scanner import BedArea, Mode, PlacedSheet, SampleSheets, pixel_size, scan_area

FLATBED = port.ScanSource("Flatbed", feeder=False, bed=port.Bed(216.0, 297.0))
"""Source that scans the glass, whose size is in millimetres."""
ADF = port.ScanSource("ADF", feeder=True, bed=port.Bed(216.0, 356.0))
"""Source that scans the front of each sheet in the feeder; its size is in millimetres."""
DUPLEX = port.ScanSource("ADF Duplex", feeder=True, bed=port.Bed(216.0, 356.0))
"""Source that scans both sides of each sheet in the feeder; its size is in millimetres."""

CAPABILITIES = port.ScannerCapabilities(
    sources=(FLATBED, ADF, DUPLEX),
    choice_of_source=True,
    modes=tuple(mode.value for mode in Mode),
    resolutions=(75, 100, 150, 200, 300, 600),
    detects=True,
)
"""Capabilities of the working scanner: its sources, modes and resolutions in dots an inch."""

SECONDS_PER_PAGE = 1.2
"""Seconds that scanning a page takes, unless it is set otherwise."""
RESOLUTION = 200
"""Dots an inch of an order that names none."""

ROUNDING = 0.5
"""Millimetres by which a paper may be larger than the bed."""

Sense = Callable[[PlacedSheet], Image]
"""Function that scans a sheet before the sensor, as ordered."""


class DemoScanner:
    """A scanner with a glass and a feeder.

    Attributes
    ----------
    faults
        Faults that are set.
    seconds_per_page
        Duration of a page; may be changed between scans.
    """

    def __init__(self, info: port.ScannerInfo, sheets: SampleSheets, faults: ScannerFaults) -> None:
        self.faults = faults
        self.seconds_per_page = SECONDS_PER_PAGE
        self.info = info
        self._sheets = sheets
        self._feed: DemoFeed | None = None
        self._glasses = 0

    async def describe(self) -> port.ScannerCapabilities:
        """Return the capabilities, also during a scan."""
        self.faults.refuse(self.info.name)
        return CAPABILITIES

    async def begin(self, order: port.ScanParameters) -> DemoFeed:
        """Check the order and start."""
        self.refuse_if_taken()
        self.faults.refuse(self.info.name)
        mode, resolution, area = self._checked(order)
        sense = partial(scan_area, area=area, resolution=resolution, mode=mode)
        path = self._path(order.source, sense, order.detect)
        self._feed = DemoFeed(path, float(resolution), self.seconds_per_page, self._release, order.shown)
        return self._feed

    async def close(self) -> None:
        """End a scan that still runs."""
        if self._feed is not None:
            await self._feed.close()

    def refuse_if_taken(self) -> None:
        """Raise `DeviceBusy` while a scan runs."""
        if self._feed is not None:
            raise errors.DeviceBusy(device=self.info.name, holder=LocalizedText("另一次扫描", "another scan"))

    def _release(self) -> None:
        self._feed = None

    def _checked(self, order: port.ScanParameters) -> tuple[Mode, int, BedArea]:
        mode = order.mode or Mode.COLOR.value
        resolution = order.resolution or RESOLUTION
        self._refuse_unknown(order.source, CAPABILITIES.sources, LocalizedText("扫描来源", "source"))
        self._refuse_unknown(mode, tuple(Mode), LocalizedText("扫描模式", "mode"))
        self._refuse_unknown(
            resolution, CAPABILITIES.resolutions or (), LocalizedText("分辨率", "resolution")
        )
        area = BedArea(*astuple(self._fitting(order)))
        self._refuse_too_many(pixel_size(area, resolution), order.limit_pixels)
        return Mode(mode), resolution, area

    def _refuse_unknown(self, wanted: object, offered: tuple[object, ...], kind: LocalizedText) -> None:
        if wanted not in offered:
            shown = wanted.name if isinstance(wanted, port.ScanSource) else wanted
            raise errors.ModeNotSupported(device=self.info.name, number=shown, kind=kind)

    def _fitting(self, order: port.ScanParameters) -> port.Area:
        bed = order.source.bed or port.Bed(0.0, 0.0)
        area = order.area or port.Area(0.0, 0.0, bed.width, bed.height)
        paper = port.Bed(area.left + area.width, area.top + area.height)
        inside = min(area.left, area.top) >= 0 and min(area.width, area.height) > 0
        if not inside or paper.width > bed.width + ROUNDING or paper.height > bed.height + ROUNDING:
            raise errors.PaperTooLarge(device=self.info.name, paper=str(paper), available=str(bed))
        return area

    def _refuse_too_many(self, size: tuple[int, int], limit: int) -> None:
        if size[0] * size[1] > limit:
            page = LocalizedText("扫描页", "The scanned page")
            bound = LocalizedText(f"{limit} 像素", f"{limit} pixels")
            raise errors.PictureTooLarge(picture=page, size=f"{size[0]} x {size[1]}", limit=bound)

    def _path(self, source: port.ScanSource, sense: Sense, detect: bool) -> PaperPath:
        if not source.feeder:
            self._glasses += 1
            draw = partial(_scan_glass, self._sheets, sense, self._glasses - 1)
            return FlatbedPath(self.info.name, self.faults, draw)
        if self.faults.sheets <= 0 and not self.faults.empty:
            self.faults.load()
        draw_side = partial(_scan_side, self._sheets, sense)
        return FeederPath(self.info.name, self.faults, draw_side, source == DUPLEX, detect)


def _scan_side(sheets: SampleSheets, sense: Sense, sheet: int, back: bool) -> Image:
    """Return the scan of one side of a sheet of the stack."""
    return sense(sheets.side(sheet, back))


def _scan_glass(sheets: SampleSheets, sense: Sense, scan: int) -> Image:
    """Return the scan of the glass at the n-th scan."""
    return sense(sheets.glass(scan))


NAME = "Demo Scanner"
"""Name of the demo scanner, unless another is given."""

FAULT_MODES: dict[str, ScannerFaults] = {
    Mode.COLOR.value: ScannerFaults(),
    "Jam at page 3": ScannerFaults(jam_after=2),
    "Cover open": ScannerFaults(cover_open=True),
    "Feeder empty": ScannerFaults(empty=True),
    "Page cut short": ScannerFaults(cut_short_at=2),
    "Double feed at page 3": ScannerFaults(double_at=3),
    "Staple at page 3": ScannerFaults(staple_at=3),
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
    def info(self) -> port.ScannerInfo:
        """Information about the scanner."""
        return self._scanner.info

    async def describe(self) -> port.ScannerCapabilities:
        """Return the capabilities; a page that chooses no source gets the feeder, and so the fault."""
        abilities = await self._scanner.describe()
        return replace(abilities, sources=(ADF, DUPLEX), modes=tuple(FAULT_MODES))

    async def begin(self, order: port.ScanParameters) -> DemoFeed:
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
            # A fault that keeps a scan from starting is over with it: the scanner can still be described.
            faults.busy = False
            faults.denied = False


class DemoScannerFinder(hotplug.HotplugWatched):
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
        working = DemoScanner(port.ScannerInfo("demo:scanner", name), sheets, self.faults)
        failing = DemoScanner(
            port.ScannerInfo("demo:scanner-faulty", f"{name} (faulty)"), sheets, ScannerFaults()
        )
        self._devices = (working, failing) if faulty else (working,)
        self._listed: tuple[port.Scanner, ...] = (working, FaultModeScanner(failing))
        self._watch = hotplug.ChangeNotifier()
        for device in self._devices:
            device.faults.watch(self._watch.notify)

    @property
    def seconds_per_page(self) -> float:
        """Duration of a page; a change applies to the next scan."""
        return self._devices[0].seconds_per_page

    @seconds_per_page.setter
    def seconds_per_page(self, seconds: float) -> None:
        for device in self._devices:
            device.seconds_per_page = seconds

    async def find(self) -> Sequence[port.Scanner]:
        """Return the connected scanners."""
        pairs = zip(self._devices, self._listed, strict=False)
        return tuple(listed for device, listed in pairs if device.faults.connected)

    async def close(self) -> None:
        """End the scans that still run, and close the descriptor."""
        for device in self._devices:
            await device.close()
        self._watch.close()
