"""What the service asks of a camera, whatever drives it.

A finder lists `Camera` objects, a camera opens a `CameraStream`, a stream yields `Frame`
objects. All calls block and are made from threads: enumeration from a pool thread,
everything on one stream from that stream's own device thread. Adapters translate their
library's errors into `server.errors` at this boundary (`raise ... from exc`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, Protocol, TypeVar

from server.config import Section


class Size(NamedTuple):
    """Width and height in pixels; written ``1600x1200`` on the wire."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


class PixelFormat(StrEnum):
    """How the bytes of a frame are laid out. Values are the names pages see."""

    MJPG = "MJPG"
    """One complete JPEG, from SOI to EOI, exactly as the device made it."""
    YUYV = "YUY2"
    """Packed 4:2:2, ``height * width * 2`` bytes, rows without padding."""
    BGR = "BGR3"
    """Packed 8-bit BGR, ``height * width * 3`` bytes, rows without padding."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """One pixel format of a camera with the sizes it offers, largest first."""

    format: PixelFormat
    sizes: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class CameraMode:
    """What a stream is asked for, and what it then really delivers."""

    format: PixelFormat
    size: Size
    fps: float


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera as listed.

    Attributes
    ----------
    id
        Stable while the device stays plugged in; starts with the adapter's name
        (``v4l2:usb-0000:00:14.0-2``). Never shown to pages.
    name
        What a person reads, as the device gives it.
    media
        Formats best first; MJPG before raw ones.
    housing
        What cameras in one housing have in common, such as its address on the bus; empty where
        nothing is known.
    grey
        The device has no colour at all, as one for infrared.
    """

    id: str
    name: str
    media: tuple[MediaType, ...]
    housing: str = ""
    grey: bool = False

    @property
    def largest(self) -> int:
        """Pixels of its largest picture; 0 where it offers none."""
        return max((size.width * size.height for kind in self.media for size in kind.sizes), default=0)


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a camera.

    Attributes
    ----------
    seq
        Counts the frames of this stream from 0, with gaps where the device dropped some.
    time
        When the picture was taken, seconds of ``CLOCK_MONOTONIC``.
    """

    seq: int
    time: float
    format: PixelFormat
    size: Size
    data: bytes


class CameraStream(Protocol):
    """An opened camera. Used by one thread; `close` may follow any state."""

    @property
    def mode(self) -> CameraMode:
        """What the device accepted, which may differ from what was asked."""

    def start(self) -> None:
        """Begin to deliver frames (the camera's light goes on)."""

    def read(self, timeout: float) -> Frame | None:
        """The next valid frame, or None after `timeout` seconds without one.

        Frames the device marks as broken are skipped here.

        Raises
        ------
        server.errors.DeviceGone
            The device was unplugged.
        server.errors.DeviceFailed
            The device answers with an error.
        """

    def stop(self) -> None:
        """Stop delivering; `start` may follow. No error if stopped or unplugged."""

    def close(self) -> None:
        """Give the device back. No error if closed or unplugged."""


class Camera(Protocol):
    """One camera that can be opened."""

    @property
    def info(self) -> CameraInfo:
        """Name and modes, read once when the camera was found."""

    def open(self, mode: CameraMode) -> CameraStream:
        """Take the device and set it up, without starting it.

        Raises
        ------
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed
        """


Options = TypeVar("Options", bound=Section)


@dataclass(frozen=True, slots=True)
class CameraAdapter(Generic[Options]):
    """A kind of camera that a configuration can name.

    Attributes
    ----------
    name
        Value of ``adapter`` in a ``[[cameras]]`` table.
    options
        The other keys of such a table.
    finders
        Makes the finders for these tables; told whether demo devices are wanted.
    """

    name: str
    options: type[Options]
    finders: Callable[[Sequence[Options], bool], Sequence[CameraFinder]]


class CameraFinder(Protocol):
    """One adapter's way to list its cameras."""

    def find(self) -> Sequence[Camera]:
        """All cameras present now, in a stable order; called again after hot-plug.

        A device that cannot be asked is left out and logged, never an exception.
        """

    def change_fd(self) -> int | None:
        """A descriptor that becomes readable when devices come or go, if there is one.

        The event loop watches it and calls `acknowledge_change` from the loop.
        """

    def acknowledge_change(self) -> bool:
        """Drain the descriptor without blocking; whether cameras may have changed."""

    def close(self) -> None:
        """Release what `change_fd` watches."""
