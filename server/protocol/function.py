"""Declaration of a function of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from server import errors as e
from server.errors import GaopaiError, LocalizedText
from server.protocol.messages.base import Answer, Request


class Example(msgspec.Struct, frozen=True):
    """Example of a call for the reference: parameters in canonical form, answer, and push."""

    request: Mapping[str, object]
    answer: Answer
    push: Answer | None = None


class Closing(msgspec.Struct, frozen=True):
    """Message under the name of another function."""

    func: str
    answer: Answer


class DeviceReference(NamedTuple):
    """A device as a request names it.

    Attributes
    ----------
    number
        Position in the client's list; None for the one that it opened last.
    """

    kind: str
    number: int | None

    def is_same(self, other: DeviceReference | None) -> bool:
        """Return whether `other` is this device, or may be."""
        if other is None or self.kind != other.kind:
            return False
        return self.number == other.number or None in (self.number, other.number)


def _about_none(_: Any) -> None:
    """Return no device, for a request that is about none, or about no single one."""


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """Function that a page can call.

    Attributes
    ----------
    pushes
        Messages under this name that arrive without, or many times for, one request.
    errors
        Errors that it may answer besides the request errors (1xxx) of all functions.
    since
        Version of the standard (``V1.5``) or of this service (``gaopai 0.1``).
    spellings
        Other accepted names; an answer carries the one received.
    stops
        True for a request that cancels running ones instead of waiting for them:
        always, never, or depending on the request.
    long
        True if it may run for seconds and be cancelled by a request that stops.
    device
        Device that a request is about. A stop ends the long requests about the same one; one about
        none ends them all.
    several
        True for a request that may have several answers: always, never, or depending on the request.
    closing
        Message that follows its last answer, whatever that was; with the request's reqId, exactly once.
    pushed_as
        Name of its pushes, None for its own.
    """

    request: type[Request]
    answer: type[Answer]
    summary: LocalizedText
    since: str
    example: Example
    pushes: tuple[type[Answer], ...] = ()
    errors: tuple[type[GaopaiError], ...] = ()
    spellings: tuple[str, ...] = ()
    stops: bool | Callable[[Any], bool] = False
    long: bool = False
    several: bool | Callable[[Any], bool] = False
    device: Callable[[Any], DeviceReference | None] = _about_none
    closing: Closing | None = None
    pushed_as: str | None = None

    @property
    def name(self) -> str:
        """Name in messages, which is that of its request."""
        return self.request.__name__.removesuffix("Request")

    def answers_often(self, request: Request) -> bool:
        """Return whether a request may have several answers, its closing message among them."""
        return self.several if isinstance(self.several, bool) else self.several(request)


CAMERA_USE = (e.NoSuchDevice, e.DeviceNotOpen, e.DeviceBusy, e.DeviceGone, e.DeviceTimeout, e.DeviceFailed)
DEVICE_USE = (e.NoSuchDevice, e.DeviceBusy, e.DeviceGone, e.DeviceTimeout, e.DevicePermission, e.DeviceFailed)
CAMERA_OPENING = (*DEVICE_USE, e.ModeNotSupported)
MAKING = (e.PictureUnreadable, e.PictureTooLarge, e.FontMissing, e.ModelDamaged)
DECODING = (e.PictureUnreadable, e.PictureTooLarge, e.DecoderUnavailable, e.DocumentProtected)
FILE_READING = (e.PathOutside, e.BadName, e.FileMissing, e.FileUnreadable, e.FileOfAnotherOrigin)
WRITING = (e.BadSuffix, e.BadName, e.PathOutside, e.FileExists, e.StorageFull, e.StorageFailed)
SAVING = (*WRITING, e.NamePartMissing)
"""Errors that many functions answer; what only one does is named there."""
