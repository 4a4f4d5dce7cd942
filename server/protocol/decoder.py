"""From a message of a page to a call."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Raw

from server.errors import BadParameter, GaopaiError, MissingFunction, Text, UnknownFunction
from server.protocol import parameters
from server.protocol.catalogue import find
from server.protocol.function import Function
from server.protocol.head import NO_ID, BadCall, Call, Head
from server.protocol.members import Message, split

LONGEST_ID = 4096
"""Bytes of JSON a reqId may have; it travels with every frame."""

LONGEST_NAME = 64
"""Characters of an unknown function's name that an answer repeats."""

_FUNCTION_KEYS = {"func": None, "functionName": None, "function": "function", "Func": "Func"}
"""Keys that may name the function, first one first, and which of them an answer repeats."""


def decode(message: Message) -> Call:
    """The call that a message asks for.

    Raises
    ------
    BadCall
        Whatever else the message is; its error is the answer to send.
    """
    head = Head()
    try:
        members = split(message)
        head = _head(members)
        function = _function(head)
        _check_id(members)
        return Call(head, function, parameters.read(function.request, members))
    except GaopaiError as error:
        raise BadCall(head, error) from error


def _head(members: Mapping[str, Raw]) -> Head:
    for key, echo in _FUNCTION_KEYS.items():
        name = _text(members.get(key))
        if name:
            return Head(name[:LONGEST_NAME], _request_id(members), echo)
    return Head(req_id=_request_id(members))


def _text(raw: Raw | None) -> str:
    """The string that `raw` holds; empty for anything else."""
    if raw is None:
        return ""
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.DecodeError, UnicodeError):
        return ""


def _request_id(members: Mapping[str, Raw]) -> bytes:
    raw = bytes(members.get("reqId", NO_ID))
    return raw if _is_id(raw) else NO_ID


def _is_id(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return len(raw) <= LONGEST_ID


def _check_id(members: Mapping[str, Raw]) -> None:
    if not _is_id(bytes(members.get("reqId", NO_ID))):
        raise BadParameter(
            field="reqId",
            reason=Text(
                f"应为不超过 {LONGEST_ID} 字节的 JSON", f"JSON of at most {LONGEST_ID} bytes is expected"
            ),
        )


def _function(head: Head) -> Function:
    if not head.func:
        raise MissingFunction()
    function = find(head.func)
    if function is None:
        raise UnknownFunction(func=head.func)
    return function
