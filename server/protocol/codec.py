"""Codec of the protocol: messages of pages to calls, answers to messages."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Raw

from server.errors import BadParameter, GaopaiError, Language, LocalizedText, MissingFunction, UnknownFunction
from server.protocol import parameters
from server.protocol.catalogue import find
from server.protocol.function import Function
from server.protocol.members import Message, split
from server.protocol.messages.base import Answer, Request

NO_ID = b'""'
"""The reqId of a message that had none."""


class Head(msgspec.Struct, frozen=True):
    """The part of a request that its answers repeat.

    Attributes
    ----------
    func
        The function's name as the page spelled it; empty when there was none.
    req_id
        JSON text, exactly as received, so that ``1.0`` and long integers survive.
    echo
        The key the page used instead of ``func``, which answers then carry too.
    """

    func: str = ""
    req_id: bytes = NO_ID
    echo: str | None = None


class Call(msgspec.Struct, frozen=True):
    """A request that can be carried out."""

    head: Head
    function: Function
    request: Request

    def stops(self, other: Call) -> bool:
        """Return whether this request, which is one to stop, ends `other`: one about the same device."""
        device = self.function.device(self.request)
        return device is None or device.is_same(other.function.device(other.request))


class BadCall(Exception):
    """A message that is no valid request; `head` holds as much of it as is known."""

    def __init__(self, head: Head, error: GaopaiError) -> None:
        self.head = head
        self.error = error
        super().__init__(str(error))


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
            reason=LocalizedText(
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
