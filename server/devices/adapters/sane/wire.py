"""What the service and a driver's process say to each other: one message a packet, in msgpack.

A page's pixels are not in its message: the packet carries a descriptor of the memory that
holds them.
"""

from __future__ import annotations

import msgspec

PACKET_BYTES = 128 * 1024
"""The longest message; lists of devices and options are short."""


class ToDriver(msgspec.Struct, frozen=True, tag=True):
    """What the service asks."""


class List(ToDriver, frozen=True):
    """Which scanners are there? -> `Listed`"""


class Describe(ToDriver, frozen=True):
    """What does this one offer? -> `Described`

    Attributes
    ----------
    sheetfed
        Whether the driver calls it a sheetfed scanner.
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


class Scan(ToDriver, frozen=True):
    """Scan -> `Started`, then `Page` for each, then `Done`.

    Attributes
    ----------
    options
        Further driver options by name, set as they are.
    """

    device: str
    sheetfed: bool
    source: str
    mode: str | None
    resolution: int | None
    area: Rectangle | None
    limit_pixels: int
    options: dict[str, OptionValue]


class More(ToDriver, frozen=True):
    """There is room for another page."""


class Stop(ToDriver, frozen=True):
    """End the scan."""


class FromDriver(msgspec.Struct, frozen=True, tag=True):
    """What the driver's process answers."""


class Device(msgspec.Struct, frozen=True, array_like=True):
    """One scanner as the driver lists it."""

    name: str
    vendor: str
    model: str
    kind: str


class Listed(FromDriver, frozen=True):
    """The answer to `List`."""

    devices: tuple[Device, ...]


class Source(msgspec.Struct, frozen=True, array_like=True):
    """Where paper comes from; width and height of its bed in mm, 0 where no area can be set."""

    name: str
    feeder: bool
    width: float
    height: float


class Described(FromDriver, frozen=True):
    """The answer to `Describe`; None for a list that the driver does not have."""

    sources: tuple[Source, ...]
    choice_of_source: bool
    modes: tuple[str, ...] | None
    resolutions: tuple[int, ...] | None


class Started(FromDriver, frozen=True):
    """All settings are made and read back."""


class Alive(FromDriver, frozen=True):
    """Lines are arriving."""


class Page(FromDriver, frozen=True):
    """A complete page; its memory comes along.

    Attributes
    ----------
    samples
        1 grey, 3 red, green and blue.
    sample_bytes
        1 or 2, the latter in the machine's byte order.
    stride
        Bytes from one row to the next.
    time
        When its last line arrived, seconds of ``CLOCK_MONOTONIC``.
    """

    width: int
    height: int
    samples: int
    sample_bytes: int
    stride: int
    dots: float
    time: float


class Done(FromDriver, frozen=True):
    """There are no more pages."""


class Failed(FromDriver, frozen=True):
    """It did not work.

    Attributes
    ----------
    fault
        A word of `server.devices.adapters.sane.faults`.
    detail
        What the sentence needs, such as the name of an option; no personal data.
    """

    fault: str
    detail: str = ""


class AtRest(FromDriver, frozen=True):
    """Sent after each answer: the device is closed. Some drivers take seconds for it, some never end."""


_encoder = msgspec.msgpack.Encoder()
_to_driver = msgspec.msgpack.Decoder(List | Describe | Scan | More | Stop)
_from_driver = msgspec.msgpack.Decoder(Listed | Described | Started | Alive | Page | Done | Failed | AtRest)

encode = _encoder.encode
decode_for_driver = _to_driver.decode
decode_from_driver = _from_driver.decode
