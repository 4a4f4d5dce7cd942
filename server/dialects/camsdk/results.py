"""Answers of CAMSDK: compact JSON that is never taken for a picture, and its error numbers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from server import errors
from server.dialects.json_text import Fields
from server.errors import GaopaiError

FILE_MARK = "FileEncodeBase64"
SUCCESS = "0"
UNKNOWN = "1"
UNSUPPORTED = "8"
SAVING = "262"
NOT_LIVE = "10014"

NUMBERS: Mapping[type[GaopaiError], str] = {
    errors.BadParameter: "6",
    errors.MissingParameter: "6",
    errors.BadName: "7",
    errors.BadSuffix: "7",
    errors.PathOutside: "7",
    errors.FileMissing: "7",
    errors.NotAvailableYet: UNSUPPORTED,
    errors.ControlNotSupported: UNSUPPORTED,
    errors.FaceNotLive: NOT_LIVE,
    errors.LivenessUnclear: NOT_LIVE,
    errors.DeviceBusy: "9",
    errors.NoSuchDevice: "10",
    errors.DeviceNotOpen: "11",
}
FILES = range(4000, 5000)
"""Codes of errors about files, which the maker's number for saving stands for."""


def error_number(error: GaopaiError) -> str:
    """Return the maker's number for an error."""
    return NUMBERS.get(type(error), SAVING if error.code in FILES else UNKNOWN)


def encoded(name: str, result: object) -> bytes:
    """Return an answer: its members in this order, without blanks, as one page compares the whole text.

    A result of None stands for success.

    Pages look for marks such as ``$*$`` in every text before they take it as JSON, so no value shows one.
    """
    value = msgspec.json.encode(SUCCESS if result is None else result).decode().replace("$", "\\u0024")
    value = value.replace(FILE_MARK, f"\\u0046{FILE_MARK[1:]}")
    return f'{{"FuncName":"{name}","result":{value}}}'.encode("utf-8", "replace")


def marked(name: str, *parts: str) -> bytes:
    """Return an answer whose parts a page splits at ``$*$``."""
    return "$*$".join((name, *parts)).encode("ascii", "replace")


Command = Callable[[Fields], Awaitable[object]]
"""Serves a function; returns its result, None for success, or a whole message as bytes."""
Commands = Mapping[str, Command]
