"""Whatever arrives, the codec gives a call or an error that can be answered."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol.catalogue import CATALOGUE
from server.protocol.codec import MOST_TOKENS, BadCall, Call, Message, decode, encode_error
from server.protocol.parameters import LONGEST, parameters

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=12,
)
KEYS = sorted({name for f in CATALOGUE.values() for p in parameters(f.request) for name in p.names})
NAMES = st.sampled_from(["func", "functionName", "function", "Func"])


@st.composite
def requests(draw: st.DrawFn) -> dict[str, object]:
    """A real function's name and real keys, with any values."""
    message: dict[str, object] = {draw(NAMES): draw(st.sampled_from(list(CATALOGUE)))}
    message |= draw(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
    return message | {"reqId": draw(VALUES)}


def outcome(message: Message) -> Call | BadCall:
    """What comes of a message; any other exception fails the test."""
    try:
        return decode(message)
    except BadCall as bad:
        answer = json.loads(encode_error(bad.head, bad.error, "zh"))
        assert answer["result"] == bad.error.code
        assert len(answer["errorMsg"]) < 400
        return bad


@given(st.binary(max_size=200))
def test_any_bytes(message: bytes) -> None:
    outcome(message)


@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_text(message: str) -> None:
    outcome(message)


@given(VALUES)
def test_any_json(value: object) -> None:
    outcome(json.dumps(value))


@given(requests())
def test_any_values_of_real_parameters(message: dict[str, object]) -> None:
    text = json.dumps(message, ensure_ascii=False)
    result = outcome(text)
    assert json.loads(result.head.req_id) == message["reqId"]


@given(requests(), st.data())
def test_a_damaged_request(message: dict[str, object], data: st.DataObject) -> None:
    sent = bytearray(json.dumps(message).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    outcome(bytes(sent))


@given(st.text(alphabet='{}[]":,\\ 1acropRectlfop', max_size=80))
def test_anything_near_the_repair(inner: str) -> None:
    outcome('{"func":"SetCameraImageInfo","cropRect":[' + inner + "]}")


@pytest.mark.parametrize(
    "message",
    [
        "[" * 1_000_000,
        '{"a":' * 100_000,
        '{"func":"CloseCamera","x":[' + "[]," * MOST_TOKENS + "[]]}",
        '"' * 1_000_000,
        '{"func":"MergeFile","imagePath":[' + '"",' * LONGEST + '""]}',
        '{"func":"OpenCamera","devNum":"' + "9" * LONGEST + '"}',
        '{"func":"SetCameraImageInfo","cropRect":[' + '"left":4,' * 65_536 + "]}",
        '{"cropRect":["left":1],' * 2000,
        '{"cropRect":[' + " " * 60_000,
    ],
    ids=lambda message: message[:30],
)
def test_huge_structures_are_refused(message: str) -> None:
    assert isinstance(outcome(message), BadCall)


def test_a_long_message_is_not_searched_for_the_repair() -> None:
    broken = '{"func":"SetCameraImageInfo","x":"%s","cropRect":["left":1,"top":1,"right":2,"bottom":2]}'
    assert isinstance(outcome(broken % "A"), Call)
    assert isinstance(outcome(broken % ("A" * 65_536)), BadCall)
