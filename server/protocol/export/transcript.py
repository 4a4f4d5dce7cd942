"""A function's example as the two messages that go over the wire."""

from __future__ import annotations

from typing import Any

import msgspec

from server.protocol.codec import Head, encode_answer
from server.protocol.export.model import is_frame
from server.protocol.function import Function
from server.protocol.messages.base import Answer

_REQ_ID = "1"


def request_example(function: Function) -> dict[str, Any]:
    """The request as a page sends it."""
    return {"func": function.name, "reqId": _REQ_ID, **function.example.request}


def answer_example(function: Function) -> dict[str, Any]:
    """The answer as the codec writes it."""
    return _sent(function, function.example.answer)


def push_example(function: Function) -> dict[str, Any] | None:
    """What the service sends by itself, for functions that have such a message."""
    pushed = function.example.push
    if pushed is None:
        return None
    if is_frame(type(pushed)):
        return {"func": function.name, "reqId": _REQ_ID, **msgspec.json.decode(msgspec.json.encode(pushed))}
    return _sent(function, pushed)


def _sent(function: Function, answer: Answer) -> dict[str, Any]:
    head = Head(function.name, msgspec.json.encode(_REQ_ID))
    message: dict[str, Any] = msgspec.json.decode(encode_answer(head, answer))
    return message
