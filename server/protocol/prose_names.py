"""Names of results that the standard's prose has and its examples lack."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from server.protocol.messages.base import Answer, redacted_repr
from server.protocol.messages.captures import CameraCaptureBase64Answer
from server.protocol.messages.cards import CardInfo, ReadIDCardInfoAnswer
from server.protocol.messages.faces import FaceCameraEntry, GetFaceCameraInfoAnswer
from server.protocol.messages.fingerprints import ReadFingerInfoAnswer
from server.protocol.messages.scanners import ScanAnswer

S = TypeVar("S", bound=msgspec.Struct)


class _ProseCardInfo(CardInfo, frozen=True, kw_only=True):
    __repr__ = redacted_repr
    image_base: str


class _ProseFinger(ReadFingerInfoAnswer, frozen=True, kw_only=True):
    __repr__ = redacted_repr
    finger_base64: str


class _ProseFaceCameras(GetFaceCameraInfoAnswer, frozen=True, kw_only=True):
    face_info: tuple[FaceCameraEntry, ...]


class _ProseCapture(CameraCaptureBase64Answer, frozen=True, kw_only=True):
    img_count: int


class _ProseScan(ScanAnswer, frozen=True, kw_only=True):
    img_count: int


def with_prose_names(answer: Answer) -> Answer:
    """Return an answer that has its results under the prose's names too; most have none."""
    match answer:
        case ReadIDCardInfoAnswer(card_info=CardInfo() as card):
            return ReadIDCardInfoAnswer.resident(_wider(card, _ProseCardInfo, image_base=card.image_base64))
        case ReadFingerInfoAnswer():
            return _wider(answer, _ProseFinger, finger_base64=answer.finger_image_base64)
        case GetFaceCameraInfoAnswer():
            return _wider(answer, _ProseFaceCameras, face_info=answer.face_camera_info)
        case CameraCaptureBase64Answer():
            return _wider(answer, _ProseCapture, img_count=answer.image_count)
        case ScanAnswer(image_count=int(count)):
            return _wider(answer, _ProseScan, img_count=count)
    return answer


def _wider(narrow: msgspec.Struct, kind: type[S], **added: object) -> S:
    kept = {name: getattr(narrow, name) for name in narrow.__struct_fields__}
    return kind(**kept, **added)
