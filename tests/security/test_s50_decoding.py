"""S50: decoding a message of any content is bounded work, and a large one is decoded beside the loop."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest
from msgspec import inspect

from server.connection.session import INLINE_BYTES, MessageThread
from server.errors import BadParameter, InvalidJson
from server.protocol.catalogue import CATALOGUE
from server.protocol.codec import BadCall, Call, decode
from server.protocol.parameters import LONGEST
from server.protocol.structure import MOST_BESIDE, MOST_TOKENS, end_of_value
from server.runtime import turns
from tests.patience import PATIENCE

MANY = MOST_TOKENS
SMALL = {"func": "OpenCamera", "devNum": 1}


def outcome(message: bytes) -> int:
    """The error of a message, 0 for a call."""
    try:
        decode(message)
    except BadCall as bad:
        return bad.error.code
    return 0


@pytest.mark.parametrize(
    "message",
    [
        b'{"func":"MergeFile","imageBase64":[' + b'"",' * MANY + b'""]}',
        b'{"func":"PrivateCopy","imagePath":"a","hide":[' + b'"id",' * MANY + b'"id"]}',
        b'{"func":"RecogBarCode",' + b",".join(b'"%x":1' % number for number in range(MANY)) + b"}",
        b'{"func":"OpenCamera","devNum":' + b"1" * MOST_BESIDE + b"}",
        b'{"func":"OpenCamera"' + b" " * MOST_BESIDE + b"}",
        b'{"func":"OpenCamera"}' + b" " * 2 * MOST_BESIDE,
        b'{"func":"OpenCamera","x":[' + b"1," * MOST_BESIDE + b"1]}",
        b'{"func":"OpenCamera","x":[' + b"[]," * MANY + b"[]]}",
        b'{"func":"RecogBarCode","imageBase64":"' + b"\\n" * MANY * 32 + b'"}',
        b'{"func":"RecogBarCode","x":[' + b'"\\"",' * MANY + b"1]}",
        b'{"func":"OpenCamera",' + b",".join(b'"%x":1' % number for number in range(300)) + b"}",
    ],
    ids=range(11),
)
def test_a_message_of_many_parts_is_refused_before_it_is_decoded(message: bytes) -> None:
    assert outcome(message) == InvalidJson.code


@pytest.mark.parametrize(
    "message",
    [
        b'{"func":"RecogBarCode","imageBase64":"' + "高".encode() * LONGEST + b'"}',
        b'{"func":"MergeFile","imagePath":"' + b"a;" * 100_000 + b'"}',
        b'{"func":"PrivateCopy","imagePath":"a","hide":["id","id","id","id","id","id","id"]}',
        b'{"func":"PrivateCopy","imagePath":"a","mark":"' + b"a" * LONGEST + b'"}',
        b'{"func":"PrivateCopy","imagePath":"a","mark":"' + b"a" * 201 + b'"}',
        b'{"func":"CameraCaptureBase64","watermark":"' + b"a" * 201 + b'"}',
        b'{"func":"CameraCaptureBase64","watermark":{"text":"' + b"a" * 201 + b'"}}',
        b'{"func":"StartRecord","seconds":%d}' % 10**17,
        b'{"func":"UploadHttpFile","url":"http://a/","imagePath":"a","params":%b}'
        % json.dumps({str(number): "" for number in range(201)}).encode(),
    ],
    ids=range(9),
)
def test_a_value_that_none_needs_is_refused(message: bytes) -> None:
    assert outcome(message) == BadParameter.code


@pytest.mark.parametrize(
    "message",
    [
        b'{"func":"RecogBarCode","imageBase64":"' + b"A" * (1 << 20) + b'"}',
        b'{"func":"RecogBarCode","imageBase64":"' + (b"A" * 63 + b"\\/") * 20_000 + b'"}',
        json.dumps(
            {"func": "MergeFile", "imagePath": [f"page{n}.jpg" for n in range(500)]}, indent=8
        ).encode(),
        json.dumps({"func": "OpenCamera", "devNum": 1, "x": '\\"' * 200 + "{[" * 2000}).encode(),
    ],
    ids=range(4),
)
def test_what_pages_send_is_decoded(message: bytes) -> None:
    assert outcome(message) == 0


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ('{"a":"}"}x', 9),
        ('{"a":"\\"}"}{', 11),
        ('{"a\\\\":{}}]', 10),
        ('[{"a":[1,2]}] {', 13),
        ('{"a":1', 6),
        ('{"a', 3),
        ("", 0),
    ],
)
def test_the_end_of_a_value(text: str, end: int) -> None:
    assert end_of_value(text.encode()) == end


RECORDED = "CameraCapture", "CameraCaptureBase64", "MergeFile", "ProcessImage", "Scan", "SetCameraAutoCapture"
MEASURED = {f"{function}.record{{}}" for function in RECORDED}
"""Values of any kind: the parts of a message are counted before, and what is made of them is measured."""


def bounds(declared: inspect.Type, place: str) -> Iterator[str]:  # noqa: C901 - a rule a kind
    """Yield the places of a declaration at which a value has no bound."""
    match declared:
        case inspect.Metadata():
            yield from bounds(declared.type, place)
        case inspect.UnionType():
            for one in declared.types:
                yield from bounds(one, place)
        case inspect.StrType():
            yield from [place] if declared.max_length is None else []
        case inspect.IntType() | inspect.FloatType():
            yield from [place] if None in (declared.ge, declared.le) else []
        case inspect.VarTupleType():
            yield from [place] if declared.max_length is None else []
            yield from bounds(declared.item_type, f"{place}[]")
        case inspect.DictType():
            yield from [place] if declared.max_length is None else []
            yield from bounds(declared.key_type, f"{place}{{}}")
            yield from bounds(declared.value_type, f"{place}{{}}")
        case inspect.StructType():
            for field in declared.fields:
                yield from bounds(field.type, f"{place}.{field.encode_name}")
        case inspect.BoolType() | inspect.LiteralType() | inspect.NoneType():
            pass
        case inspect.AnyType() if place in MEASURED:
            pass
        case _:
            yield f"{place}: no rule for {declared}"


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_list_text_and_number_of_a_request_has_a_bound(name: str) -> None:
    assert list(bounds(inspect.type_info(CATALOGUE[name].request), name)) == []


def test_a_declaration_without_one_is_noticed() -> None:
    found = list(bounds(inspect.type_info(tuple[str, ...]), "it"))
    assert found == ["it", "it[]"]


async def test_a_large_message_is_decoded_beside_the_loop() -> None:
    where: list[threading.Thread] = []

    def decoder(message: bytes) -> int:
        where.append(threading.current_thread())
        return len(message)

    decoding = MessageThread()
    assert await decoding.decode(decoder, bytes(INLINE_BYTES)) == INLINE_BYTES
    assert await decoding.decode(decoder, bytes(INLINE_BYTES + 1)) == INLINE_BYTES + 1
    assert where[0] is threading.main_thread() is not where[1]


async def test_large_messages_of_one_origin_wait_for_those_of_another() -> None:
    decoding = MessageThread()
    going = threading.Event()
    order = list[str]()

    async def sent(origin: str) -> None:
        turns.payer.set(turns.Payer(origin))
        await decoding.decode(lambda _: going.wait(PATIENCE), bytes(INLINE_BYTES + 1))
        order.append(origin)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(sent("https://flood.example"))
        await asyncio.sleep(0)
        group.create_task(sent("https://bank.example"))
        await asyncio.sleep(0)
        going.set()
    assert order.index("https://bank.example") <= 2


def test_calls_stay_what_they_were() -> None:
    call = decode(json.dumps(SMALL))
    assert isinstance(call, Call) and call.request.dev_num == 1  # type: ignore[attr-defined]
