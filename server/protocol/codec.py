"""Codec of the protocol: messages of pages to calls, answers to messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

import msgspec
from msgspec import Raw

from server.errors import (
    BadParameter,
    GaopaiError,
    InvalidJson,
    Language,
    LocalizedText,
    MissingFunction,
    UnknownFunction,
)
from server.protocol import parameters
from server.protocol.catalogue import SPELLINGS
from server.protocol.function import Closing, Function
from server.protocol.messages.base import Answer, Request

Message: TypeAlias = str | bytes | bytearray | memoryview

DEEPEST = 16
"""Levels of nesting a message may have."""

MOST_TOKENS = 20_000
"""Strings and brackets a message with much nesting may have."""

LONGEST_REPAIR = 65_536
"""Bytes up to which an invalid message is searched for the standard's own mistake."""

_DECODER = msgspec.json.Decoder(dict[str, Raw])
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)

# Half of a surrogate pair, written as an escape, is JSON and no text; other escapes are passed over.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_STAND_INS = rb"\ufffd", rb"\ufffe"
_NO_TEXT = Raw(b'"\xff"')
"""Stands for a value that holds such a half: whoever asks for it finds that it cannot be decoded."""

# The standard prints "cropRect":["left":4,...], an array with an object's members, and
# pages copied it. Nothing else is repaired.
_SIDE = rb'\s{0,64}"(?:left|top|right|bottom|width|height)"\s{0,64}:\s{0,64}(?:-?\d{1,9}|"-?\d{1,9}")\s{0,64}'
_BAD_RECTANGLE = re.compile(
    rb'("cropRect"\s{0,64}:\s{0,64})\[(' + _SIDE + rb"(?:," + _SIDE + rb"){0,3})(?:,\s{0,64})?\]"
)


def split(message: Message) -> dict[str, Raw]:
    """The members of the one object `message` holds; of equal keys the last.

    Values are views into the message and checked for syntax only, so that a picture of
    20 MB is not copied here and what nobody asks for is never built.

    Raises
    ------
    server.errors.InvalidJson
        Anything else than one JSON object, or one nested deeper than `DEEPEST`.
    """
    text = _without_mark(message if isinstance(message, str) else bytes(message))
    try:
        _check_depth(text)
        return _parse(text)
    except UnicodeError as error:
        raise InvalidJson(
            reason=LocalizedText("文本不是有效的 UTF-8", "the text is not valid UTF-8")
        ) from error


def _without_mark(message: str | bytes) -> str | bytes:
    if isinstance(message, str):
        return message.removeprefix("\ufeff")
    return message.removeprefix(b"\xef\xbb\xbf")


def _check_depth(text: str | bytes) -> None:
    # Counting is a memory scan; base64 holds no brackets, so that pictures cost nothing more.
    if isinstance(text, str):
        if text.count("{") + text.count("[") <= DEEPEST:
            return
        text = text.encode()
    elif text.count(b"{") + text.count(b"[") <= DEEPEST:
        return
    if not _within_depth(text):
        raise InvalidJson(
            reason=LocalizedText(
                f"嵌套超过 {DEEPEST} 层或过于复杂", f"nested deeper than {DEEPEST} or too complex"
            )
        )


def _within_depth(text: bytes) -> bool:
    depth = 0
    for count, token in enumerate(_TOKEN.finditer(text)):
        depth += _STEP.get(token[0][:1], 0)
        if depth > DEEPEST or count > MOST_TOKENS:
            return False
    return True


_STEP = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}


def _parse(text: str | bytes) -> dict[str, Raw]:
    try:
        return _decode(text)
    except msgspec.DecodeError as error:
        if (halves := _with_halves(text)) is not None:
            return halves
        repaired = _repair(text)
        if repaired is None:
            raise InvalidJson(reason=_fault(error)) from error
    try:
        return _decode(repaired)
    except msgspec.DecodeError as error:
        raise InvalidJson(reason=_fault(error)) from error


def _with_halves(text: str | bytes) -> dict[str, Raw] | None:
    """The members of a message with escaped halves of surrogate pairs; None where it has none.

    The decoder refuses the whole message. With another character in place of each half it tells the members,
    and those that differ with the character held one.
    """
    data = text.encode() if isinstance(text, str) else text
    if data.count(b"\\") > MOST_TOKENS:
        return None
    one, other = (_replace_halves(data, stand_in) for stand_in in _STAND_INS)
    if one == data:
        return None
    try:
        members, others = _decode(one), _decode(other)
    except msgspec.DecodeError:
        return None
    same = {key for key, raw in members.items() if bytes(raw) == bytes(others.get(key, _NO_TEXT))}
    return {key: raw if key in same else _NO_TEXT for key, raw in members.items()}


def _replace_halves(data: bytes, stand_in: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: stand_in if found[1] else found[0], data)


def _decode(text: str | bytes) -> dict[str, Raw]:
    try:
        return _DECODER.decode(text)
    except msgspec.ValidationError as error:
        raise InvalidJson(reason=LocalizedText("最外层不是对象", "it is not an object")) from error


def _repair(text: str | bytes) -> bytes | None:
    if len(text) > LONGEST_REPAIR:
        return None
    data = text.encode() if isinstance(text, str) else text
    repaired, changes = _BAD_RECTANGLE.subn(rb"\1{\2}", data, count=1)
    return repaired if changes else None


def _fault(error: msgspec.DecodeError) -> LocalizedText:
    """Where the syntax breaks; the library names the byte and repeats no content."""
    place = re.search(r"\(byte (\d+)\)", str(error))
    if place is None:
        return LocalizedText("内容不完整", "it ends too early")
    return LocalizedText(f"第 {place[1]} 字节处语法错误", f"syntax error at byte {place[1]}")


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
    is_stop: bool
    """Cancels what runs instead of waiting behind it."""

    def stops(self, other: Call) -> bool:
        """Return whether this request, which is a stop, ends `other`: one about the same device."""
        device = self.function.device(self.request)
        return device is None or device.is_same(other.function.device(other.request))


class BadCall(Exception):
    """A message that is no valid request; `head` and `function` hold as much of it as is known."""

    def __init__(self, head: Head, error: GaopaiError) -> None:
        self.head = head
        self.error = error
        self.function = SPELLINGS.get(head.func)
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


def closing(head: Head, closing: Closing) -> bytes:
    """Return the message that follows the last answer to a request."""
    return push(closing.func, closing.answer, head.req_id)


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
        request = parameters.read(function.request, members)
        stop = function.stops if isinstance(function.stops, bool) else function.stops(request)
        return Call(head, function, request, stop)
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
    function = SPELLINGS.get(head.func)
    if function is None:
        raise UnknownFunction(func=head.func)
    return function
