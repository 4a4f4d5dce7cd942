"""Messages of pages."""

from __future__ import annotations

import json
from collections.abc import Sequence

from server.protocol.catalogue import CATALOGUE
from server.protocol.codec import BadCall, Message, decode, encode_error
from server.protocol.parameters import parameters
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
