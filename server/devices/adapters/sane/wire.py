"""Messages between the service and a driver's process: one a packet, in msgpack.

A page's pixels are not in its message: a file in memory that goes along holds them.
"""

from __future__ import annotations

import math

import msgspec


class ToDriver(msgspec.Struct, frozen=True, tag=True):
    """A message to the driver's process."""


class List(ToDriver, frozen=True):
    """List the scanners -> `Listed`"""


class Describe(ToDriver, frozen=True):
    """Describe a scanner -> `Described`

    Attributes
    ----------
    sheetfed
        True if the driver calls it a sheetfed scanner.
    """

    device: str
    sheetfed: bool


class Rectangle(msgspec.Struct, frozen=True, array_like=True):
    """Part of the bed in mm."""

    left: float
    top: float
    width: float
    height: float


OptionValue = bool | int | float | str


class ScanCommand(ToDriver, frozen=True):
    """Scan -> `Started`, then `PageMessage` for each page, then `ScanFinished`.

    Attributes
    ----------
    options
        Further driver options by name, set as they are.
    detect
        True to stop at double feeds and staples where the scanner can, False not to.
    sheet_size
        True to let the scanner find the size of each sheet, where it can.
    dropout
        Colour of ink that is to vanish, ``red``, ``green`` or ``blue``; empty for none.
    rows
        True to send `RowsMessage` while a page comes.
    """

    device: str
    sheetfed: bool
    source: str
    mode: str | None
    resolution: int | None
    area: Rectangle | None
    limit_pixels: int
    options: dict[str, OptionValue]
    detect: bool = True
    sheet_size: bool = False
    dropout: str = ""
    rows: bool = False


class PageCredit(ToDriver, frozen=True):
    """There is room for another page."""


class Stop(ToDriver, frozen=True):
    """End the scan."""


class FromDriver(msgspec.Struct, frozen=True, tag=True):
    """A message from the driver's process."""


class DeviceMessage(msgspec.Struct, frozen=True, array_like=True):
    """One scanner as the driver lists it."""

    name: str
    vendor: str
    model: str
    kind: str


class Listed(FromDriver, frozen=True):
    """The answer to `List`."""

    devices: tuple[DeviceMessage, ...]


class SourceMessage(msgspec.Struct, frozen=True, array_like=True):
    """A source of paper; width and height of its bed in mm, 0 where no area can be set."""

    name: str
    feeder: bool
    width: float
    height: float


class Described(FromDriver, frozen=True):
    """The answer to `Describe`; None for a list that the driver does not have.

    Attributes
    ----------
    own
        Driver's name of a source or mode that is offered by another one.
    dropout
        Colours of ink that the scanner itself lets vanish.
    detects
        True where the scanner can tell of double feeds or staples.
    """

    sources: tuple[SourceMessage, ...]
    choice_of_source: bool
    modes: tuple[str, ...] | None
    resolutions: tuple[int, ...] | None
    own: dict[str, str] = {}
    dropout: tuple[str, ...] = ()
    detects: bool = False


class Started(FromDriver, frozen=True):
    """All settings are made and read back."""


class Heartbeat(FromDriver, frozen=True):
    """Lines are arriving."""


class Noticed(FromDriver, frozen=True):
    """There is something that people have to know, a word of `server.devices.ports.scanner.ScanNotice`."""

    notice: str


DEPTHS = (1, 8, 16)
"""Bits of a sample that pages may have."""


def row_bytes(width: int, samples: int, depth: int) -> int:
    """Return the bytes of a row without padding; of single bits, each colour has bytes of its own."""
    return samples * (-(-width // 8) if depth == 1 else width * (depth // 8))


class SamplesMessage(FromDriver, frozen=True):
    """Rows of pixels; their samples come along.

    Attributes
    ----------
    samples
        1 grey, 3 red, green and blue.
    depth
        Bits of a sample: 1, where a set one is black, 8, or 16 in the machine's byte order.
    stride
        Bytes from one row to the next.
    """

    width: int
    height: int
    samples: int
    depth: int
    stride: int

    def fits(self, size: int, most: int) -> bool:
        """Return whether it has at most so many pixels, whose rows are in so many bytes."""
        formed = self.width > 0 and self.height > 0 and self.samples in (1, 3) and self.depth in DEPTHS
        return (
            formed
            and row_bytes(self.width, self.samples, self.depth) <= self.stride
            and self.stride * self.height <= size
            and self.width * self.height <= most
        )


class PageMessage(SamplesMessage, frozen=True, kw_only=True):
    """A complete page.

    Attributes
    ----------
    time
        Seconds of ``CLOCK_MONOTONIC`` at which its last line arrived.
    """

    dots: float
    time: float

    def fits(self, size: int, most: int) -> bool:
        """Return also whether its resolution is a number."""
        return super().fits(size, most) and math.isfinite(self.dots)


class RowsMessage(SamplesMessage, frozen=True, kw_only=True):
    """Some rows of a page that is still coming, thinned.

    Attributes
    ----------
    top, rows
        First row of the page that they stand for, and how many.
    page_width, page_lines
        Pixels of a row of the page, and its rows; 0 where they are not known yet.
    """

    top: int
    rows: int
    page_width: int
    page_lines: int

    def fits(self, size: int, most: int) -> bool:
        """Return also whether they are on the page."""
        bottom = self.top + self.rows
        placed = self.top >= 0 and self.rows >= self.height and self.page_lines >= 0
        return super().fits(size, most) and placed and 0 < self.page_width * bottom <= most


class ScanFinished(FromDriver, frozen=True):
    """There are no more pages."""


class FailedMessage(FromDriver, frozen=True):
    """The order was not carried out.

    Attributes
    ----------
    fault
        A word of `server.devices.adapters.sane.faults`.
    detail
        A value for the sentence, such as the name of an option; no personal data.
    """

    fault: str
    detail: str = ""


class DeviceClosed(FromDriver, frozen=True):
    """The device is closed; sent after each answer. Some drivers take seconds for it, some never end."""


encode = msgspec.msgpack.Encoder().encode
decode_for_driver = msgspec.msgpack.Decoder(List | Describe | ScanCommand | PageCredit | Stop).decode
decode_from_driver = msgspec.msgpack.Decoder(
    Listed
    | Described
    | Started
    | Heartbeat
    | Noticed
    | RowsMessage
    | PageMessage
    | ScanFinished
    | FailedMessage
    | DeviceClosed
).decode
