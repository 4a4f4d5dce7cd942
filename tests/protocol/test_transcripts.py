"""Each transcript decodes to the request, or the error, written beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.protocol.catalogue import CATALOGUE
from server.protocol.codec import BadCall, decode, encode_error
from server.protocol.parameters import parameters

CASES = {
    f"{path.stem}: {case['name']}": case
    for path in sorted((Path(__file__).parent / "transcripts").glob("*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))
}
GOOD = {name: case for name, case in CASES.items() if "function" in case}
BAD = {name: case for name, case in CASES.items() if "error" in case}


def text(case: dict[str, Any]) -> str:
    """The frame of a case; text stands for itself, an object for its JSON."""
    sent = case["message"]
    return sent if isinstance(sent, str) else json.dumps(sent, ensure_ascii=False)


@pytest.mark.parametrize("name", GOOD)
def test_a_request_means_what_is_written(name: str) -> None:
    case = GOOD[name]
    call = decode(text(case))
    assert call.function is CATALOGUE[case["function"]]
    assert call.request == msgspec.convert(case["request"], call.function.request)
    assert call.head.req_id.decode() == case.get("reqId", call.head.req_id.decode())
    assert call.head.echo == case.get("echo", call.head.echo)
    assert call.head.func == case.get("spelling", call.head.func)
    assert call.is_stop == case.get("stop", call.is_stop)
    assert call.function.long == case.get("long", call.function.long)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_message_gets_its_error(name: str) -> None:
    case = BAD[name]
    with pytest.raises(BadCall) as caught:
        decode(text(case))
    head = caught.value.head
    error = caught.value.error
    assert error.code == case["error"]
    assert error.values.get("field") == case.get("field")
    assert head.func == case.get("spelling", head.func)
    assert head.req_id.decode() == case.get("reqId", head.req_id.decode())
    answer = json.loads(encode_error(head, error, "zh"))
    assert (answer["result"], answer["success"]) == (case["error"], 0)
    assert len(answer["errorMsg"]) < 300


@pytest.mark.parametrize(
    "kind", [str.encode, lambda t: bytearray(t.encode()), lambda t: memoryview(t.encode())]
)
def test_bytes_mean_the_same_as_text(kind: Any) -> None:
    for case in GOOD.values():
        assert decode(kind(text(case))) == decode(text(case))


@pytest.mark.parametrize(
    "message",
    [
        b"\xff",
        b'{"func":"\xff"}',
        b'{"\xff":1}',
        "\ud800",
        b'{"func":"CloseCamera","reqId":"\xff"}',
        b'{"func":"CameraCapture","imagePath":"\xff"}',
    ],
)
def test_what_is_no_utf8_is_an_error(message: bytes | str) -> None:
    with pytest.raises(BadCall) as caught:
        decode(message)
    json.loads(encode_error(caught.value.head, caught.value.error, "en"))


def test_every_function_and_alias_has_a_transcript() -> None:
    assert {case["function"] for case in GOOD.values()} == set(CATALOGUE)
    sent = {key for case in GOOD.values() if isinstance(case["message"], dict) for key in case["message"]}
    aliases = {
        alias
        for function in CATALOGUE.values()
        for parameter in parameters(function.request)
        for alias in parameter.names[1:]
    }
    assert aliases <= sent
    assert aliases == {"faceFilePath", "faceBase64", "faceNum", "faceEnable", "imgPath", "timeOut"}


def test_an_error_says_what_is_allowed_in_both_languages() -> None:
    with pytest.raises(BadCall) as caught:
        decode('{"func":"SetCameraImageInfo","rotate":45}')
    english, chinese = (caught.value.error.message(language) for language in ("en", "zh"))
    assert "rotate" in english and "0, 90, 180, 270" in english
    assert "rotate" in chinese and "0、90、180、270" in chinese and "expected" not in chinese


def test_a_large_picture_is_read_whole() -> None:
    picture = "A" * 20_000_000
    call = decode(f'{{"func":"RecogBarCode","imageBase64":"{picture}"}}')
    assert call.request.image_base64 == picture  # type: ignore[attr-defined]
