"""From answers to messages: one JSON object each, keys in the standard's order."""

from __future__ import annotations

import msgspec

from server.errors import GaopaiError, Language
from server.protocol.catalogue import find
from server.protocol.head import NO_ID, Head
from server.protocol.messages.base import Answer

_ENCODER = msgspec.json.Encoder()


def encode_answer(head: Head, answer: Answer) -> bytes:
    """An answer with result 0."""
    return _message(_start(head), b',"result":0,"success":1', _fields(answer))


def encode_error(head: Head, error: GaopaiError, language: Language, answer: Answer | None = None) -> bytes:
    """An answer with the error's code and text, and what is known all the same in `answer`."""
    result = b',"result":%d,"success":0,"errorMsg":%b' % (error.code, text(error.message(language)))
    return _message(_start(head), result, _fields(answer) if answer is not None else b"")


def push(func: str, answer: Answer, req_id: bytes = NO_ID) -> bytes:
    """A message under the name `func` that nobody asked for, or not just now."""
    return encode_answer(Head(func, req_id), answer)


def closing(head: Head) -> bytes | None:
    """The message that follows the last answer to a request, if its function has one."""
    function = find(head.func)
    if function is None or function.closing is None:
        return None
    return push(function.closing.func, function.closing.answer, head.req_id)


def text(value: str) -> bytes:
    """`value` as JSON text; what is no character (an undecodable file name) becomes ``?``."""
    return _ENCODER.encode(value.encode(errors="replace").decode())


def members(answer: Answer) -> bytes:
    """The answer's members without the braces, empty or followed by nothing."""
    return _ENCODER.encode(answer)[1:-1]


def _fields(answer: Answer) -> bytes:
    inner = members(answer)
    return b"," + inner if inner else b""


def _start(head: Head) -> bytes:
    name = text(head.func)
    return b'{"func":%b,"functionName":%b%b,"reqId":%b' % (name, name, echo(head), head.req_id)


def echo(head: Head) -> bytes:
    """The member that repeats the name under the page's own key, with its comma; mostly empty."""
    return b"," + text(head.echo) + b":" + text(head.func) if head.echo else b""


def _message(*parts: bytes) -> bytes:
    return b"".join((*parts, b"}"))
