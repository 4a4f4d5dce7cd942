"""Messages of pages, of our own protocol and of dialects."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from server.access.limits import held_bytes
from server.access.origins import canonical, origin_of
from server.dialects.doccamera.grammar import LONGEST, MOST_ARGUMENTS, call_of
from server.dialects.eloam.grammar import MOST_PARAMETERS, command_of
from server.dialects.json_text import first_object
from server.errors import InvalidJson
from server.protocol.catalogue import CATALOGUE
from server.protocol.codec import BadCall, Message, decode, encode_error
from server.protocol.parameters import parameters
from server.protocol.structure import check_structure, end_of_value
from tests.fuzz.target import Target

VALUES = (
    0,
    -1,
    1.5,
    "",
    "a.jpg",
    True,
    None,
    [],
    {},
    ["a.jpg"],
    {"left": 1, "top": 1, "right": 9, "bottom": 9},
)


def attack(data: bytes) -> None:
    """Decode as a text frame where it is text, else as a binary one."""
    _decode(data)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    _decode(text)


def _decode(message: Message) -> None:
    try:
        json.loads(decode(message).head.req_id)
    except BadCall as bad:
        answer = json.loads(encode_error(bad.head, bad.error, "zh"))
        assert answer["result"] == bad.error.code
        assert len(answer["errorMsg"]) < 400


def seeds() -> Sequence[bytes]:
    """Each function with each of its parameters."""
    return [
        json.dumps(
            {"func": name, "reqId": "1", **dict.fromkeys(parameter.names, VALUES[at % len(VALUES)])}
        ).encode()
        for name, function in CATALOGUE.items()
        for at, parameter in enumerate(parameters(function.request))
    ] + [b'{"functionName":"SetCameraImageInfo","cropRect":["left":1,"top":1,"right":9,"bottom":9]}']


TARGET = Target(attack, seeds, words=[json.dumps(name).encode() for name in CATALOGUE])


def attack_dialects(data: bytes) -> None:
    """Parse as a request of each dialect, and as the address of a page."""
    fields = first_object(data)
    assert fields is None or held_bytes(fields) > 0
    text = data.decode("utf-8", "replace")
    call = call_of(text)
    assert call is None or (len(call.arguments) <= MOST_ARGUMENTS and len(text) <= LONGEST)
    path, _, query = text.partition("?")
    assert len(command_of(path, query).parameters) <= 2 * MOST_PARAMETERS + 2
    origin = origin_of(text)
    assert origin is None or canonical(origin) == origin


def attack_structure(data: bytes) -> None:
    """Judge the structure; of what the decoder takes, the end is where the decoder's is."""
    try:
        check_structure(data)
        end = end_of_value(data)
    except InvalidJson:
        return
    assert 0 <= end <= len(data)
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError):
        return
    if isinstance(value, dict | list):
        assert msgspec.json.decode(data[:end]) == value


def dialect_seeds() -> Sequence[bytes]:
    """A request of each form."""
    return [
        b'bSaveJPG("D:\\tmp",a b);',
        b"bStartPlay2( 0 , 1 )",
        b'{"FuncName":"camOpenDev","argument":{"devIndex":"0","width":1}}junk',
        b'{"function":"OpenCamera","device":0,"resolution":1}:""',
        b"%7B%22a%22%3A%22%5C%22%22%7D",
        b"/video=stream&camidx=1?1700000000",
        b"https://bank.example:8443/a?b#c",
        b'{"a":"\\\\","b":"\\"}","c":["\\ud800",{}]}',
    ]


DIALECTS = Target(attack_dialects, dialect_seeds, words=[b'{"', b'"}', b"%7B", b"\\ud800", b"(", b'",'])
STRUCTURE = Target(attack_structure, dialect_seeds, words=[b'\\"', b"\\\\", b'{"', b'"]', b'":'])
