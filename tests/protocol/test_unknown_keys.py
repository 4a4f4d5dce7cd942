"""Keys that resemble a known one are told in the answer; all others stay ignored."""

from __future__ import annotations

import json

import pytest

from server.protocol.catalogue import CATALOGUE
from server.protocol.codec import BadCall, Head, decode, encode_answer, encode_error, push
from server.protocol.messages.cameras import OpenCameraAnswer
from server.protocol.parameters import parameters
from server.protocol.spelling import resembling


def told(**request: object) -> list[str] | None:
    """Return the answer to a request, decoded."""
    try:
        call = decode(json.dumps(request))
    except BadCall as bad:
        return json.loads(encode_error(bad.head, bad.error, "en")).get("unknown")
    return json.loads(encode_answer(call.head, OpenCameraAnswer())).get("unknown")


@pytest.mark.parametrize(
    ("key", "is_told"),
    [
        ("croptype", True),
        ("CropType", True),
        ("cropTyp", True),
        ("corpType", True),
        ("cropTypes", True),
        ("fillborderTyp", True),
        ("removalForiegn", True),
        ("dewskew", True),
        ("rotat", True),
        ("cropMode", False),
        ("type", False),
        ("quality", False),
        ("x", False),
        ("", False),
        ("cropType" * 9, False),
        ("裁切", False),
        ("\ud800cropType", True),
    ],
)
def test_keys_that_resemble_one_are_told(key: str, is_told: bool) -> None:
    answered = told(func="SetCameraImageInfo", reqId=1, **{key: 1})
    assert (answered is not None) is is_told
    assert not is_told or key.startswith("\ud800") or answered == [key]


def test_an_error_tells_them_too() -> None:
    assert told(func="MergeFile", imagepath="a.jpg") == ["imagepath"]
    assert told(func="SetCameraImageInfo", rotate=7, croptype=1) == ["croptype"]


def test_neither_known_keys_nor_aliases_are_told_by_any_function() -> None:
    for name, function in CATALOGUE.items():
        keys = [key for parameter in parameters(function.request) for key in parameter.names]
        assert told(func=name, reqId="1", functionName=name, **dict.fromkeys(keys)) is None, name


def test_pushes_and_frames_tell_nothing() -> None:
    assert b"unknown" not in push("Notify", OpenCameraAnswer(), b"1")
    assert b"unknown" not in encode_answer(Head("a"), OpenCameraAnswer())


def test_a_message_of_a_thousand_mistakes_costs_and_says_little() -> None:
    keys = [f"croptype{number}" for number in range(1000)]
    assert len(resembling(keys, {"cropType" * 4, "cropType"})) <= 6


def refused(**request: object) -> str:
    """Return the English error of a request."""
    with pytest.raises(BadCall) as bad:
        decode(json.dumps(request))
    return bad.value.error.message("en")


FULL = "filePath is no parameter of this function. Did you mean imagePath?"


@pytest.mark.parametrize(
    ("function", "given", "meant"),
    [
        ("UploadHttpFile", {"filePath": "a.jpg", "url": "http://a/"}, FULL),
        ("UploadHttpFile", {"imagepath": "a.jpg", "url": "http://a/"}, "Did you mean imagePath?"),
        ("UploadHttpFile", {"imageData": "aGk=", "url": "http://a/"}, "Did you mean imageBase64/imagePath?"),
        ("UploadHttpFile", {"filePath": "a.jpg", "imagePath": "a.jpg"}, "Add it."),
        ("UploadHttpFile", {"note": "a.jpg", "url": "http://a/"}, "Add it."),
        ("UploadHttpFile", {"path\n": "a.jpg", "url": "http://a/"}, "Add it."),
        ("MergeFile", {"filePath": "a.pdf"}, "Add it."),
    ],
)
def test_what_is_missing_names_the_key_that_was_given_for_it(
    function: str, given: dict[str, str], meant: str
) -> None:
    with pytest.raises(BadCall) as bad:
        decode(json.dumps({"func": function, **given}))
    told = bad.value.error.message("en")
    assert "is missing" in told
    assert told.endswith(meant)
