"""Codec of the protocol: decodes messages to calls, and encodes answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from typing import TypeAlias

import msgspec
from msgspec import Raw

from server import errors
from server.errors import GaopaiError, Language, LocalizedText
from server.protocol import parameters
from server.protocol.catalogue import CATALOGUE, SPELLINGS
from server.protocol.function import Closing, Function
from server.protocol.messages.base import Answer, Request
from server.protocol.profiles import NO_PROFILES, Profiles
from server.protocol.repair import mistake, repaired
from server.protocol.spelling import MOST_KEYS, kin, nearest, resembling
from server.protocol.structure import MOST_TOKENS, PLACEHOLDERS, check_structure, replace_surrogates

Message: TypeAlias = str | bytes | bytearray | memoryview

MOST_MEMBERS = 256
"""Limit of the members of a message."""

_DECODER = msgspec.json.Decoder(dict[str, Raw])

_NO_TEXT = Raw(b'"\xff"')
"""Replaces a value with a lone surrogate; decoding it fails."""


def split(message: Message) -> dict[str, Raw]:
    """Split a message, one JSON object, into its members; of equal keys the last counts.

    Values are views into the message, checked for syntax only, so that a picture of
    20 MB is not copied here and unused values are never decoded.

    Raises
    ------
    server.errors.InvalidJson
        The message is not one JSON object, or has more members or parts than any needs.
    """
    try:
        text = _without_mark(message.encode() if isinstance(message, str) else bytes(message))
        check_structure(text)
        return _few(_parse(text))
    except UnicodeError as error:
        raise errors.InvalidJson(
            reason=LocalizedText("文本不是有效的 UTF-8", "the text is not valid UTF-8")
        ) from error


def _without_mark(message: bytes) -> bytes:
    return message.removeprefix(b"\xef\xbb\xbf")


def _few(members: dict[str, Raw]) -> dict[str, Raw]:
    if len(members) > MOST_MEMBERS:
        many = LocalizedText(f"超过 {MOST_MEMBERS} 项", f"it has more than {MOST_MEMBERS} members")
        raise errors.InvalidJson(reason=many)
    return members


def _parse(text: bytes) -> dict[str, Raw]:
    try:
        return _decode(text)
    except msgspec.DecodeError as error:
        if (members := _with_lone_surrogates(text)) is not None:
            return members
        better = repaired(text)
        if better is None:
            raise errors.InvalidJson(reason=_fault(error, text)) from error
    try:
        return _Repaired(_decode(better))
    except msgspec.DecodeError as error:
        raise errors.InvalidJson(reason=_fault(error, better)) from error


class _Repaired(dict[str, Raw]):
    """Members of a message that had the standard's own mistakes."""


def _with_lone_surrogates(data: bytes) -> dict[str, Raw] | None:
    """Split a message with escaped lone surrogates into its members; None where it has none.

    The decoder refuses the whole message. With a placeholder for each lone surrogate it decodes it; a member
    that differs between two placeholders had one.
    """
    if data.count(b"\\") > MOST_TOKENS:
        return None
    one, other = (replace_surrogates(data, placeholder) for placeholder in PLACEHOLDERS)
    if one == data:
        return None
    try:
        members = _decode(one)
        others = _decode(other)
    except msgspec.DecodeError:
        return None
    same = {key for key, raw in members.items() if bytes(raw) == bytes(others.get(key, _NO_TEXT))}
    return {key: raw if key in same else _NO_TEXT for key, raw in members.items()}


def _decode(text: bytes) -> dict[str, Raw]:
    try:
        return _DECODER.decode(text)
    except msgspec.ValidationError as error:
        raise errors.InvalidJson(reason=LocalizedText("最外层不是对象", "it is not an object")) from error


def _fault(error: msgspec.DecodeError, data: bytes) -> LocalizedText:
    """Describe a syntax error, of which the library gives the position without content."""
    place = re.search(r"\(byte (\d+)\)", str(error))
    return mistake(data, int(place[1]) if place else None, _vocabulary())


@cache
def _vocabulary() -> frozenset[str]:
    names = (parameters.names(function.request) for function in CATALOGUE.values())
    return frozenset((*_FUNCTION_KEYS, "reqId", *SPELLINGS, *chain.from_iterable(names)))


NO_ID = b'""'
"""reqId of a message that has none."""


class Head(msgspec.Struct, frozen=True):
    """Part of a request that its answers repeat.

    Attributes
    ----------
    func
        Name of the function as received, without blanks around it; empty if there was none.
    req_id
        JSON text, exactly as received, so that ``1.0`` and long integers survive.
    echo
        Key that was used instead of ``func``, which answers then have, too.
    unknown
        Keys that resemble a parameter's and are none.
    repaired
        True if the message had mistakes of the standard's examples.
    """

    func: str = ""
    req_id: bytes = NO_ID
    echo: str | None = None
    unknown: tuple[str, ...] = ()
    repaired: bool = False


class Call(msgspec.Struct, frozen=True):
    """Valid request for a function."""

    head: Head
    function: Function
    request: Request
    is_stop: bool
    """True if it cancels running requests instead of waiting for them."""

    def stops(self, other: Call) -> bool:
        """Return whether this request, which is a stop, cancels `other`: one about the same device."""
        device = self.function.device(self.request)
        return device is None or device.is_same(other.function.device(other.request))


class BadCall(Exception):
    """The message is no valid request; `head` and `function` are as far as known."""

    def __init__(self, head: Head, error: GaopaiError) -> None:
        self.head = head
        self.error = error
        self.function = SPELLINGS.get(head.func)
        super().__init__(str(error))


_ENCODER = msgspec.json.Encoder()


def encode_answer(head: Head, answer: Answer) -> bytes:
    """Encode an answer with result 0."""
    return _message(_start(head), b',"result":0,"success":1', _unknown(head), _fields(answer))


def encode_error(head: Head, error: GaopaiError, language: Language, answer: Answer | None = None) -> bytes:
    """Encode an answer with the error's code and text, and the fields of `answer`."""
    result = b',"result":%d,"success":0,"errorMsg":%b' % (error.code, text(error.message(language)))
    return _message(_start(head), result, _unknown(head), _fields(answer) if answer is not None else b"")


def push(func: str, answer: Answer, req_id: bytes = NO_ID) -> bytes:
    """Encode a message under the name `func` that is no answer to a request, or a later one."""
    return encode_answer(Head(func, req_id), answer)


def closing(head: Head, closing: Closing) -> bytes:
    """Encode the message that follows the last answer to a request."""
    return push(closing.func, closing.answer, head.req_id)


def text(value: str) -> bytes:
    """Encode `value` as JSON text; a surrogate, from an undecodable file name, becomes ``?``."""
    return _ENCODER.encode(value.encode(errors="replace").decode())


def members(answer: Answer) -> bytes:
    """Encode the answer's members, without the braces."""
    return _ENCODER.encode(answer)[1:-1]


def _fields(answer: Answer) -> bytes:
    inner = members(answer)
    return b"," + inner if inner else b""


def _start(head: Head) -> bytes:
    name = text(head.func)
    return b'{"func":%b,"functionName":%b%b,"reqId":%b' % (name, name, echo(head), head.req_id)


def _unknown(head: Head) -> bytes:
    return b',"unknown":[%b]' % b",".join(map(text, head.unknown)) if head.unknown else b""


def echo(head: Head) -> bytes:
    """Encode the member that repeats the name under the page's key, after a comma; mostly empty."""
    return b"," + text(head.echo) + b":" + text(head.func) if head.echo else b""


def _message(*parts: bytes) -> bytes:
    return b"".join((*parts, b"}"))


LONGEST_ID = 4096
"""Limit of a reqId in bytes of JSON, as it is sent with every frame."""

LONGEST_NAME = 64
"""Limit of an unknown function's name in an answer, in characters."""

_FUNCTION_KEYS = {"func": None, "functionName": None, "function": "function", "Func": "Func"}
"""Keys for the function's name, in order of precedence, and the key that an answer repeats."""
_ENVELOPE = frozenset(("reqId", *_FUNCTION_KEYS))


def decode(message: Message, profiles: Profiles = NO_PROFILES, func: str = "") -> Call:
    """Decode a message to a call.

    Parameters
    ----------
    func
        Function that the message was addressed to, which it then need not name; empty for none.

    Raises
    ------
    BadCall
        The message is no valid request; `BadCall.error` is the answer to send.
    """
    try:
        members = split(message)
    except GaopaiError as error:
        raise BadCall(excerpt_head(_ends(message), func), error) from error
    head = Head()
    try:
        head = _head(members, func)
        if func and head.func != func:
            raise errors.BadParameter(field="func", reason=_ELSEWHERE)
        function = _function(head)
        _check_id(members)
        known = _ENVELOPE | parameters.names(function.request)
        if unknown := resembling(members, known):
            head = msgspec.structs.replace(head, unknown=unknown)
        if isinstance(members, _Repaired):
            head = msgspec.structs.replace(head, repaired=True)
        try:
            request = parameters.read(function.request, profiles.filled(function.request, members))
        except errors.MissingParameter as error:
            raise _explained(error, [key for key in members if key not in known]) from error
        stop = function.stops if isinstance(function.stops, bool) else function.stops(request)
        return Call(head, function, request, stop)
    except GaopaiError as error:
        raise BadCall(head, error) from error


_ELSEWHERE = LocalizedText("与请求地址中的函数不同", "the address names another function")


def _explained(error: errors.MissingParameter, strange: Sequence[str]) -> errors.MissingParameter:
    """Return the error with the unknown key that probably stands for what is missing."""
    found = kin(strange[:MOST_KEYS], error.field.split("/"))
    return (
        errors.MissingParameter(field=error.field, mistaken=found[0], meant="/".join(found[1]))
        if found
        else error
    )


_END = 4096
"""Bytes at the beginning and at the end of an invalid message in which its head is looked for."""


def _ends(message: Message) -> bytes:
    if isinstance(message, str):
        return (message[:_END] + message[-_END:]).encode(errors="replace")
    return bytes(message[:_END]) + bytes(message[-_END:])


_EXCERPT_NAME = re.compile(rb'"(func|functionName|function|Func)"\s*:\s*" {0,8}(\w{1,64}) {0,8}"')
_EXCERPT_ID = re.compile(rb'"reqId"\s*:\s*("[\w.:-]{0,64}"|-?\d{1,20})\s*[,}]')


def excerpt_head(excerpt: bytes, func: str = "") -> Head:
    """Return the head of a message that was not kept, as far as its beginning and end show it.

    It labels the answer that refuses the message, and nothing else. `func` as in `decode`.
    """
    name = _EXCERPT_NAME.search(excerpt)
    number = _EXCERPT_ID.search(excerpt)
    req_id = NO_ID if number is None else number[1]
    if name is None:
        return Head(func, req_id)
    return Head(name[2].decode("ascii", "replace"), req_id, _FUNCTION_KEYS[name[1].decode()])


def _head(members: Mapping[str, Raw], func: str) -> Head:
    for key, echo in _FUNCTION_KEYS.items():
        name = _text(members.get(key)).strip()
        if name:
            return Head(name[:LONGEST_NAME], _request_id(members), echo)
    return Head(func, _request_id(members))


def _text(raw: Raw | None) -> str:
    """Return the string in `raw`, empty if it is another type."""
    if raw is None or len(memoryview(raw)) > LONGEST_ID:
        return ""
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.DecodeError, UnicodeError):
        return ""


def _request_id(members: Mapping[str, Raw]) -> bytes:
    raw = members.get("reqId")
    return bytes(raw) if raw is not None and _is_id(raw) else NO_ID


def _is_id(raw: Raw) -> bool:
    if len(memoryview(raw)) > LONGEST_ID:
        return False
    try:
        bytes(raw).decode()
    except UnicodeDecodeError:
        return False
    return True


def _check_id(members: Mapping[str, Raw]) -> None:
    if "reqId" in members and not _is_id(members["reqId"]):
        raise errors.BadParameter(
            field="reqId",
            reason=LocalizedText(
                f"应为不超过 {LONGEST_ID} 字节的 JSON", f"JSON of at most {LONGEST_ID} bytes is expected"
            ),
        )


def _function(head: Head) -> Function:
    if not head.func:
        raise errors.MissingFunction()
    function = SPELLINGS.get(head.func)
    if function is None:
        raise errors.UnknownFunction(func=head.func, nearest=nearest(head.func, SPELLINGS))
    return function
