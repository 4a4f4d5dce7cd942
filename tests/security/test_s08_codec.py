"""S8: a closed registry, a schema a function, and whatever arrives, exactly one well-formed answer."""

from __future__ import annotations

import asyncio
import json
from random import Random

import msgspec
import pytest

from server.config import Config
from server.errors import BadParameter, InvalidJson, MissingFunction, NotAvailableYet, UnknownFunction
from server.protocol import codec
from server.protocol.catalogue import CATALOGUE
from server.protocol.codec import BadCall, Call, decode
from server.protocol.structure import DEEPEST, MOST_TOKENS
from tests.extent import COUNTED
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Page, connect
from tests.security.malformed import corpus

FLOOD = 10_000 if COUNTED else 2_000
SEED = 8
PRIVATE = ("__class__", "_work", "describe", "close_all", "eval", "os.system", "../OpenCamera", "opencamera")


def code_of(message: str | bytes) -> int:
    """The error that a message is answered with; 0 for a call."""
    try:
        decode(message)
    except BadCall as bad:
        return bad.error.code
    return 0


@pytest.mark.parametrize("name", PRIVATE)
def test_what_is_not_declared_cannot_be_called(name: str) -> None:
    assert code_of(json.dumps({"func": name})) == UnknownFunction.code


async def test_every_declared_function_is_served_or_said_to_be_missing(service: Running) -> None:
    async with connect(service.url) as page:
        served = {entry["name"] for entry in (await page.must("GetServiceInfo"))["functions"]}
        assert served == set(CATALOGUE)
        for name in ("Nonsense", *PRIVATE):
            assert (await page.ask(name))["result"] == UnknownFunction.code


def test_unknown_keys_are_ignored_and_known_ones_are_checked() -> None:
    call = decode('{"func":"OpenCamera","devNum":1,"__proto__":{"a":1},"other":[[[]]]}')
    assert call.request.dev_num == 1  # type: ignore[attr-defined]
    assert code_of('{"func":"OpenCamera","devNum":{}}') == BadParameter.code
    assert code_of('{"func":["OpenCamera"]}') == MissingFunction.code


def test_halves_of_surrogate_pairs_are_looked_for_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message as long as any may be, of nothing but such escapes, is refused without a look at each."""
    looked = 0
    straight = codec.replace_surrogates

    def counting(data: bytes, stand_in: bytes) -> bytes:
        nonlocal looked
        looked += data.count(b"\\")
        return straight(data, stand_in)

    monkeypatch.setattr(codec, "replace_surrogates", counting)

    def message(halves: int) -> str:
        return '{"func":"Heartbeat","reqId":"' + r"\ud800" * halves + '"}'

    most = message(MOST_TOKENS)
    assert code_of(most) == BadParameter.code
    assert looked == 2 * MOST_TOKENS
    looked = 0
    for text in (message(MOST_TOKENS + 1), message((32 << 20) // 6)):
        for whole in (text, text.encode()):
            assert code_of(whole) == InvalidJson.code
    assert looked == 0


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_message_may_be_sixteen_deep_and_no_deeper(opening: str) -> None:
    closing = {"[": "]", '{"a":': "}"}[opening]

    def nested(levels: int) -> str:
        inner = opening * levels + "0" + closing * levels
        return '{"func":"Heartbeat","x":' + inner + "}"

    assert code_of(nested(DEEPEST - 1)) == 0
    assert code_of(nested(DEEPEST)) == InvalidJson.code
    # Brackets within text are no nesting.
    assert code_of(json.dumps({"func": "Heartbeat", "x": "[{" * 1000})) == 0


@pytest.mark.parametrize(
    "number",
    ["NaN", "Infinity", "-Infinity", "1e400", "9" * 5000, "-" + "9" * 5000, "0x10", "01", "1."],
)
def test_numbers_that_json_has_not_or_nobody_needs_are_no_danger(number: str) -> None:
    refused = {InvalidJson.code, BadParameter.code}
    assert code_of('{"func":"OpenCamera","devNum":' + number + "}") in refused
    assert code_of('{"func":"FingerMatch","fingerFeature":"AA==","threshold":' + number + "}") in refused


def test_of_equal_keys_the_last_counts_wherever_they_are_read() -> None:
    call = decode('{"func":"CloseCamera","func":"OpenCamera","devNum":9,"devNum":1,"reqId":1,"reqId":2}')
    assert isinstance(call, Call)
    assert (call.function.name, call.request.dev_num, call.head.req_id) == ("OpenCamera", 1, b"2")  # type: ignore[attr-defined]


@pytest.fixture
def config(config: Config) -> Config:
    """Every message is worked on, however fast it comes."""
    limits = msgspec.structs.replace(config.limits, requests_per_second=10**6, waiting_requests=10**6)
    return msgspec.structs.replace(config, limits=limits)


@pytest.mark.long
async def test_thousands_of_malformed_messages_are_answered_and_others_served(service: Running) -> None:
    """The corpus is Hypothesis's; the flood ends, the connection and the service live."""
    messages = corpus(FLOOD, Random(SEED))
    async with connect(service.url, ALLOWED) as flooding, connect(service.url, OTHER) as other:
        answering = asyncio.create_task(answers_to(flooding, len(messages)))
        for number, message in enumerate(messages):
            await send(flooding, message)
            if number % 1000 == 0:
                await other.must("GetCameraInfo")
        await answering
        await flooding.must("Heartbeat")
        await other.must("OpenCamera", devNum=0)
        await other.must("CameraCaptureBase64")


async def send(page: Page, message: str | bytes) -> None:
    """Send it as it is."""
    if isinstance(message, bytes):
        await page.socket.send_bytes(message)
    else:
        await page.socket.send_str(message)


async def answers_to(page: Page, count: int) -> None:
    """Wait for `count` answers, each of them well-formed."""
    seen = 0
    while seen < count:
        answer = await page.receive()
        assert isinstance(answer["result"], int)
        assert (answer["result"] == 0) != ("errorMsg" in answer)
        assert answer["result"] != NotAvailableYet.code
        # A Scan is ended by a notice of its own.
        seen += answer["func"] != "GetScanEndStatue"


def test_the_corpus_is_mostly_wrong() -> None:
    messages = corpus(500, Random(SEED))
    assert len(set(messages)) > 250
    assert sum(code_of(message) != 0 for message in messages) > 300


def test_a_leak_is_no_part_of_an_error() -> None:
    """What a page sent is not repeated beyond a function's name."""
    for text in (
        '{"func":"OpenCamera","devNum":"SECRET"}',
        '{"func":"OpenCamera","devNum":SECRET}',
        "SECRET",
    ):
        with pytest.raises(BadCall) as caught:
            decode(text)
        assert "SECRET" not in str(caught.value.error)
        assert "SECRET" not in msgspec.json.encode(str(caught.value)).decode()
