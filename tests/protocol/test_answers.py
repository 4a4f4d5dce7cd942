"""What the codec writes: canonical spelling, order and types, always valid JSON."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from server.errors import (
    BadParameter,
    DeviceGone,
    FileMissing,
    LocalizedText,
    NoSuchDevice,
    UnknownFunction,
    table,
)
from server.protocol.catalogue import CATALOGUE, SPELLINGS
from server.protocol.codec import Head, encode_answer, encode_error, push
from server.protocol.frames import FrameEnvelope
from server.protocol.function import Function
from server.protocol.messages import (
    barcodes,
    cameras,
    captures,
    cards,
    face_matching,
    faces,
    scanners,
    service,
)
from server.protocol.messages.base import Answer, Request

FUNCTIONS = pytest.mark.parametrize("function", CATALOGUE.values(), ids=list(CATALOGUE))


def test_an_answer_begins_with_the_envelope() -> None:
    answer = captures.CameraCaptureAnswer(image_path=("a.jpg",))
    assert encode_answer(Head("CameraCapture", b"1.0"), answer) == (
        b'{"func":"CameraCapture","functionName":"CameraCapture","reqId":1.0,'
        b'"result":0,"success":1,"imagePath":["a.jpg"]}'
    )


def test_an_answer_without_fields_is_the_envelope() -> None:
    assert encode_answer(Head("CloseCamera"), cameras.CloseCameraAnswer()) == (
        b'{"func":"CloseCamera","functionName":"CloseCamera","reqId":"","result":0,"success":1}'
    )


@pytest.mark.parametrize("key", ["function", "Func"])
def test_an_alias_of_func_is_repeated(key: str) -> None:
    head = Head("CloseCamera", b"1", key)
    done = json.loads(encode_answer(head, cameras.CloseCameraAnswer()))
    failed = json.loads(encode_error(head, NoSuchDevice(device=1), "zh"))
    frame = json.loads(b"".join(FrameEnvelope.camera(head, 0, (4, 3)).message(b"AAAA")))
    assert [message[key] for message in (done, failed, frame)] == ["CloseCamera"] * 3


def test_an_error_has_its_code_and_text_in_the_language_asked_for() -> None:
    head = Head("OpenCamera", b'"7"')
    chinese = json.loads(encode_error(head, NoSuchDevice(device=3), "zh"))
    english = json.loads(encode_error(head, NoSuchDevice(device=3), "en"))
    assert list(chinese) == ["func", "functionName", "reqId", "result", "success", "errorMsg"]
    assert (chinese["result"], chinese["success"], chinese["reqId"]) == (2001, 0, "7")
    assert chinese["errorMsg"].startswith("没有编号为 3 的设备")
    assert english["errorMsg"].startswith("There is no device number 3.")


def test_an_error_carries_what_is_known_all_the_same() -> None:
    answer = face_matching.FaceMatchAnswer(similarity=0.4)
    message = json.loads(encode_error(Head("FaceMatch"), NoSuchDevice(device=0), "en", answer))
    assert list(message)[-2:] == ["errorMsg", "similarity"]
    gone = encode_error(
        Head("GetCameraVideoBuff"), DeviceGone(device="x"), "en", cameras.GetCameraVideoBuffAnswer(dev_num=0)
    )
    assert json.loads(gone)["devNum"] == 0


@pytest.mark.parametrize("odd", ["\udcff.jpg", '"}', "\x00\n\\", "{0}{name}", "\u2028"])
def test_odd_text_never_breaks_a_message(odd: str) -> None:
    for error in (UnknownFunction(func=odd), FileMissing(name=odd), BadParameter(field=odd, reason=odd)):
        for echo in (None, "Func"):
            message = json.loads(encode_error(Head(odd, b"{}", echo), error, "zh"))
            assert message["result"] == error.code


def test_missing_values_stay_off_the_wire() -> None:
    answer = json.loads(encode_answer(Head("Scan"), scanners.ScanAnswer(image_base64_str="AAAA")))
    assert set(answer) == {"func", "functionName", "reqId", "result", "success", "imageBase64Str"}


def test_numbers_that_browsers_would_spoil_are_text() -> None:
    number = "6222021234567890123"
    answer = encode_answer(Head("ReadIDCardInfo"), cards.ReadIDCardInfoAnswer(id_num=number))
    assert b'"idNum":"6222021234567890123"' in answer


def test_a_resident_card_has_both_names() -> None:
    card = cards.CardInfo(
        **dict.fromkeys(("name", "gender", "folk", "birth", "address", "id", "issue"), ""),
        **dict.fromkeys(("start_date", "end_date", "image_base64", "finger_feature"), ""),
    )
    answer = json.loads(encode_answer(Head("ReadIDCardInfo"), cards.ReadIDCardInfoAnswer.resident(card)))
    assert answer["cardInfo"] == answer["calrdInfo"]
    assert list(answer["cardInfo"])[:11] == [
        "name",
        "gender",
        "folk",
        "birth",
        "address",
        "id",
        "issue",
        "startDate",
        "endDate",
        "imageBase64",
        "fingerFeature",
    ]


def test_a_notice_is_an_answer_nobody_asked_for() -> None:
    assert push("Notify", service.NotifyPush(event="OnDeviceChanged", kind="camera")) == (
        b'{"func":"Notify","functionName":"Notify","reqId":"","result":0,"success":1,'
        b'"event":"OnDeviceChanged","kind":"camera"}'
    )
    told = barcodes.BarCodePush(event="OnBarCode", dev_num=0, width=640, height=480, code_infos=())
    assert push("Notify", told, b'"p1"') == (
        b'{"func":"Notify","functionName":"Notify","reqId":"p1","result":0,"success":1,'
        b'"event":"OnBarCode","devNum":0,"width":640,"height":480,"codeInfos":[]}'
    )
    ended = push("GetScanEndStatue", scanners.GetScanEndStatueAnswer(scan_end_statue=0), b"17")
    assert json.loads(ended)["reqId"] == 17


def test_a_preview_frame_is_as_the_standard_prints_it() -> None:
    envelope = FrameEnvelope.camera(Head("GetCameraVideoBuff", b'"r"'), 0, (1280, 720))
    assert b"".join(envelope.message(b"/9j/")) == (
        b'{"func":"GetCameraVideoBuff","reqId":"r","devNum":0,"result":0,"imageBase64Str":"/9j/",'
        b'"imgBase64Str":"/9j/","mime":"image/jpg","width":1280,"height":720}'
    )


def test_a_preview_can_carry_one_of_the_two_keys() -> None:
    head = Head("GetCameraVideoBuff")
    standard = json.loads(b"".join(FrameEnvelope.camera(head, 0, (4, 3), "standard").message(b"AA")))
    field = json.loads(b"".join(FrameEnvelope.camera(head, 0, (4, 3), "field").message(b"AA")))
    assert "imageBase64Str" in standard and "imgBase64Str" not in standard
    assert "imageBase64Str" not in field and "imgBase64Str" in field


def test_a_reqid_that_looks_like_the_picture_is_left_alone() -> None:
    head = Head("GetCameraVideoBuff", b'"\\u0000"')
    frame = json.loads(b"".join(FrameEnvelope.camera(head, 0, (4, 3)).message(b"AAAA")))
    assert (frame["reqId"], frame["imageBase64Str"]) == ("\x00", "AAAA")


def test_a_face_frame_has_one_picture_and_faces_only_when_asked() -> None:
    head = Head("GetFaceCameraBuff", b"1")
    plain = json.loads(b"".join(FrameEnvelope.face(head, 2, (640, 480)).message(b"AA")))
    assert list(plain) == [
        "func",
        "reqId",
        "faceCameraNum",
        "result",
        "imgBase64Str",
        "mime",
        "width",
        "height",
    ]
    told = {"live": True, "score": 0.5, "verdict": "live", "reason": "so"}
    face = faces.FaceBox(left=1, top=2, right=3, bottom=4, **told)
    found = json.loads(b"".join(FrameEnvelope.face(head, 2, (640, 480), (face,)).message(b"AA")))
    assert found["faces"] == [{"left": 1, "top": 2, "right": 3, "bottom": 4, **told}]


def test_error_codes_are_frozen() -> None:
    """A new class adds its line to the file; no line of it ever changes."""
    frozen = json.loads(Path(__file__).with_name("error_codes.json").read_text(encoding="utf-8"))
    assert {str(code): error.__name__ for code, error in table().items()} == frozen


def test_no_code_can_be_read_as_success() -> None:
    assert all(1000 <= code <= 9999 for code in table())


def test_each_name_means_one_function() -> None:
    spellings = [name for function in CATALOGUE.values() for name in (function.name, *function.spellings)]
    assert len(spellings) == len(set(spellings))
    assert (
        SPELLINGS.get("GetFaceCameraBuff")
        is SPELLINGS.get("GetFaceCamraBuff")
        is CATALOGUE["GetFaceCamraBuff"]
    )
    assert SPELLINGS.get("Nothing") is None


@FUNCTIONS
def test_types_are_named_after_their_function(function: Function) -> None:
    assert function.request.__name__ == f"{function.name}Request"
    assert function.answer.__name__ == f"{function.name}Answer"


@FUNCTIONS
def test_an_answers_only_default_is_absence(function: Function) -> None:
    # Defaults stay off the wire, so that any other default would silently vanish.
    for message in (function.answer, *function.pushes):
        defaults = [field.default for field in msgspec.structs.fields(message) if not field.required]
        assert defaults == [None] * len(defaults)


@FUNCTIONS
def test_every_field_is_documented_in_both_languages(function: Function) -> None:
    for message in (function.request, function.answer, *function.pushes):
        assert issubclass(message, Request | Answer)
        for field in msgspec.inspect.type_info(message).fields:  # type: ignore[attr-defined]
            assert field.type.extra["zh"] and field.type.extra_json_schema["description"], field.name


def test_texts_of_errors_are_in_both_languages() -> None:
    for error in table().values():
        for text in (error.what, error.remedy):
            assert isinstance(text, LocalizedText) and text.zh and text.en


def test_a_face_is_in_no_repr() -> None:
    frame = faces.FaceFrame(
        face_camera_num=0, result=0, img_base64_str="CANARY", mime="image/jpg", width=1, height=1
    )
    request = face_matching.FaceMatchRequest(face_image_base64="CANARY")
    for message in (frame, request, face_matching.FaceMatchAnswer(face_image_base64="CANARY")):
        assert "CANARY" not in repr(message)
