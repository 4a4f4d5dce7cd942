"""Protocols for buttons: those of cameras, foot switches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from server.devices.ports import Finder


class ButtonKind(StrEnum):
    """Kinds of buttons; values are the protocol's."""

    CAMERA = "camera"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class ButtonInfo:
    """Description of a button.

    Attributes
    ----------
    id
        Identifier, another one each time that the device is plugged in; starts with the adapter's name.
        Never shown to pages.
    name
        Name for people.
    kind
        Kind of button.
    housing
        Identifier that it shares with the camera that it belongs to, see `CameraInfo`; empty if unknown.
    """

    id: str
    name: str
    kind: ButtonKind
    housing: str = ""


class OpenButton(Protocol):
    """Protocol for a button that is read, in the event loop."""

    def fileno(self) -> int:
        """Return a descriptor that is readable once the button was pressed."""

    def presses(self) -> Sequence[int | None]:
        """Return the presses since the last call, each with its key where pages may know it; never blocks.

        Raises
        ------
        server.errors.DeviceGone
            The device was unplugged.
        """

    def close(self) -> None:
        """Close the device; may block. No error if closed or unplugged."""


class Button(Protocol):
    """Protocol for a button that can be opened."""

    @property
    def info(self) -> ButtonInfo:
        """Description, read once when the button was found."""

    def open(self) -> OpenButton:
        """Open the device; blocks for some milliseconds.

        Raises
        ------
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed
        """


ButtonFinder = Finder[Button]
