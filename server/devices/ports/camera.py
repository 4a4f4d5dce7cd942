"""Protocols for cameras.

A finder lists `Camera` objects, a camera opens a `CameraStream`, a stream yields `Frame`
objects. All calls block and are made from threads: enumeration from a pool thread,
everything on one stream from that stream's own device thread. Adapters translate their
library's errors into `server.errors` at this boundary (`raise ... from exc`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

from server.config import Section
from server.devices.ports import ChangeSource


class Size(NamedTuple):
    """Width and height in pixels; written ``1600x1200`` on the wire."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    def distance(self, other: Size) -> int:
        """Return by how many pixels, of width and of height, another size differs."""
        return abs(self.width - other.width) + abs(self.height - other.height)


class PixelFormat(StrEnum):
    """Layout of the bytes of a frame. Values are the names in the protocol."""

    MJPG = "MJPG"
    """One complete JPEG, from SOI to EOI, exactly as the device made it."""
    YUYV = "YUY2"
    """Packed 4:2:2, ``height * width * 2`` bytes, rows without padding."""
    BGR = "BGR3"
    """Packed 8-bit BGR, ``height * width * 3`` bytes, rows without padding."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """Pixel format of a camera and its sizes, largest first."""

    format: PixelFormat
    sizes: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class CameraMode:
    """Mode of a stream, as requested or as accepted by the device."""

    format: PixelFormat
    size: Size
    fps: float


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """Description of a camera.

    Attributes
    ----------
    id
        Identifier, stable while the device stays plugged in; starts with the adapter's name
        (``v4l2:usb-0000:00:14.0-2``). Never shown to pages.
    name
        Name for people, as the device gives it.
    media
        Formats, the best first; MJPG before raw ones.
    housing
        Identifier that cameras in one housing share, such as its address on the bus; empty if unknown.
    grey
        True if the device has no colour at all, as an infrared camera.
    serial
        Serial number that the device tells; empty if none.
    """

    id: str
    name: str
    media: tuple[MediaType, ...]
    housing: str = ""
    grey: bool = False
    serial: str = ""

    @property
    def largest(self) -> int:
        """Pixels of the largest size; 0 if there is none."""
        return max((size.width * size.height for kind in self.media for size in kind.sizes), default=0)


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a camera.

    Attributes
    ----------
    seq
        Number of the frame in its stream, from 0, with gaps where the device dropped some.
    time
        Time of the exposure in seconds of ``CLOCK_MONOTONIC``.
    """

    seq: int
    time: float
    format: PixelFormat
    size: Size
    data: bytes


class CameraStream(Protocol):
    """Protocol for an opened camera, used by one thread; `close` may follow any state."""

    @property
    def mode(self) -> CameraMode:
        """Mode that the device accepted, which may differ from the requested one."""

    def start(self) -> None:
        """Begin to deliver frames (the camera's light goes on)."""

    def read(self, timeout: float) -> Frame | None:
        """Return the next valid frame, or None after `timeout` seconds without one.

        Frames that the device marks as broken are skipped here.

        Raises
        ------
        server.errors.DeviceGone
            The device was unplugged.
        server.errors.DeviceFailed
            The device reports an error.
        """

    def stop(self) -> None:
        """Stop delivering; `start` may follow. No error if stopped or unplugged."""

    def close(self) -> None:
        """Close the device. No error if closed or unplugged."""


class Camera(Protocol):
    """Protocol for a camera that can be opened."""

    @property
    def info(self) -> CameraInfo:
        """Description, read once when the camera was found."""

    def open(self, mode: CameraMode) -> CameraStream:
        """Open the device and set its mode, without starting it.

        Raises
        ------
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed
        """


Options = TypeVar("Options", bound=Section)


@dataclass(frozen=True, slots=True)
class CameraAdapter(Generic[Options]):
    """Adapter that a configuration can name.

    Attributes
    ----------
    name
        Value of ``adapter`` in a ``[[cameras]]`` table.
    options
        Type of the other keys of such a table.
    finders
        Makes the finders for these tables; the second argument is True for demo devices.
    """

    name: str
    options: type[Options]
    finders: Callable[[Sequence[Options], bool], Sequence[CameraFinder]]


class CameraFinder(ChangeSource, Protocol):
    """Protocol for listing the cameras of one adapter."""

    def find(self) -> Sequence[Camera]:
        """Return all cameras present now, in a stable order; called again after hot-plug.

        A device that cannot be queried is left out and logged, never an exception.
        """

    def close(self) -> None:
        """Close the descriptor of `change_fd`."""


class ControlName(StrEnum):
    """Controls that cameras may have; values are the protocol's names."""

    FOCUS = "focus"
    EXPOSURE = "exposure"
    GAIN = "gain"
    WHITE_BALANCE = "whiteBalance"
    BRIGHTNESS = "brightness"
    CONTRAST = "contrast"
    SATURATION = "saturation"
    SHARPNESS = "sharpness"
    ZOOM = "zoom"
    POWER_LINE = "powerLine"
    """Frequency of lamps whose flicker the camera avoids: 0 off, 1 for 50 Hz, 2 for 60 Hz, 3 automatic."""


@dataclass(frozen=True, slots=True)
class CameraControl:
    """A control and its present state. Units are the camera's own.

    Attributes
    ----------
    value
        None where the camera does not tell it.
    automatic
        True while the camera chooses the value itself; None if it cannot.
    once
        True if the camera can be asked to adjust it once, and keep it then.
    """

    name: ControlName
    minimum: int
    maximum: int
    step: int
    default: int
    value: int | None
    automatic: bool | None = None
    once: bool = False

    def takes(self, value: int) -> bool:
        """Return whether a value lies in the range and on a step."""
        return self.minimum <= value <= self.maximum and (value - self.minimum) % max(self.step, 1) == 0


@dataclass(frozen=True, slots=True)
class ControlSetting:
    """Value of a control, or its automatic; one of them is None."""

    name: ControlName
    value: int | None
    automatic: bool | None


@runtime_checkable
class AdjustableStream(Protocol):
    """Protocol for the stream of a camera that has controls; used by the thread of the stream."""

    def controls(self) -> Sequence[CameraControl]:
        """Return the controls that the camera has.

        Raises
        ------
        server.errors.DeviceGone, DeviceFailed
        """

    def set_control(self, setting: ControlSetting) -> None:
        """Set a value, which ends an automatic, or the automatic.

        Raises
        ------
        server.errors.DeviceGone, DeviceFailed
        """

    def adjust_once(self, name: ControlName) -> bool:
        """Start a single adjustment; return False if the camera has no command for it."""
