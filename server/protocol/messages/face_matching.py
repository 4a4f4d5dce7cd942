"""Functions and messages of face matching."""

from __future__ import annotations

from typing import Annotated

from server import errors
from server.errors import LocalizedText
from server.protocol.function import CAMERA_USE, FILE_READING, DeviceReference, Example, Function
from server.protocol.messages.base import (
    Answer,
    Base64,
    Index,
    Milliseconds,
    Paths,
    Request,
    Share,
    doc,
    redacted_repr,
)

TWO_FACES = LocalizedText(
    "不能同时给出图片和另一个摄像头", "a picture and another camera cannot both be given"
)


class FaceMatchRequest(Request, frozen=True, kw_only=True):
    """Request to match two files, a file and a picture, or one of them with the open face camera."""

    __repr__ = redacted_repr

    face_image_base64: Annotated[
        Base64, doc("要比对的图片的 base64", "the picture to compare, in base64", "faceBase64")
    ] = ""
    face_image_path: Annotated[
        Paths, doc("要比对的一个或两个文件", "one or two files to compare", "faceFilePath")
    ] = ()
    threshold: Annotated[Share, doc("相似度阈值", "similarity from which it is a match")] = 0.7
    face_camera_num: Annotated[
        Index | None,
        doc(
            "标准之外：与哪个人脸摄像头比对；缺省为本连接最后打开的",
            "beyond the standard: which face camera to compare with; the one opened last when missing",
            "faceNum",
        ),
    ] = None
    other_camera_num: Annotated[
        Index | None,
        doc(
            "标准之外：与另一个人脸摄像头画面中的人比对（视频和视频之间），代替图片；两个都要已打开",
            "beyond the standard: compare with the person before this face camera in place of a picture, one "
            "video with another; both have to be open",
        ),
    ] = None
    timeout: Annotated[
        Milliseconds | None,
        doc(
            "标准之外：最长等待镜头前的人多久（毫秒）；缺省按配置",
            "beyond the standard: how long to wait for the person before the camera, in ms; as configured "
            "when missing",
            "timeOut",
        ),
    ] = None

    def __post_init__(self) -> None:
        given = self.face_image_base64 or self.face_image_path
        if self.other_camera_num is not None:
            if given:
                raise errors.BadParameter(field="otherCameraNum", reason=TWO_FACES)
        elif not given:
            raise errors.MissingParameter(field="faceImageBase64/faceImagePath")
        if len(self.face_image_path) > 2:
            raise errors.BadParameter(
                field="faceImagePath", reason=LocalizedText("最多两个文件", "at most two files are expected")
            )

    @property
    def with_person(self) -> bool:
        """True if the other face is that of the person before a camera."""
        return len(self.face_image_path) < 2 and not (self.face_image_path and self.face_image_base64)


class FaceMatchAnswer(Answer, frozen=True, kw_only=True):
    """Answer; with an error it has `similarity` if there is one."""

    __repr__ = redacted_repr

    face_image_base64: Annotated[
        Base64 | None, doc("匹配成功的现场图片或第二张图片", "the live or the second picture, on a match")
    ] = None
    similarity: Annotated[float | None, doc("相似度，0 到 1", "similarity, 0 to 1")] = None
    notice: Annotated[
        str | None,
        doc(
            "标准之外：需要注意的情况，例如有多张人脸、取了最大的一张",
            "beyond the standard: what is to be known, as that the largest of several faces was taken",
        ),
    ] = None


_READING = (errors.PictureUnreadable, errors.PictureTooLarge, errors.DecoderUnavailable, *FILE_READING)

_LOOKING = (
    errors.FaceModelMissing,
    errors.NoFace,
    errors.FaceTooSmall,
    errors.FaceTooDark,
    errors.SeveralPeople,
)
_JUDGING = (errors.FacesDiffer, errors.FaceNotLive, errors.LivenessUnclear)


def _camera_of_match(request: FaceMatchRequest) -> DeviceReference | None:
    return DeviceReference("face camera", request.face_camera_num) if request.with_person else None


FUNCTIONS = (
    Function(
        request=FaceMatchRequest,
        answer=FaceMatchAnswer,
        errors=(*CAMERA_USE, *_READING, *_LOOKING, *_JUDGING, errors.Cancelled),
        long=True,
        device=_camera_of_match,
        since="V1.5",
        summary=LocalizedText(
            "人脸比对：一个文件和图片、两个文件，或其中一个与打开的人脸摄像头比对。",
            "Compare faces: a file with a picture, two files, or one of them with the open face camera.",
        ),
        example=Example(
            {
                "faceImageBase64": "",
                "faceImagePath": "/var/lib/gaopai/a.jpg;/var/lib/gaopai/b.jpg",
                "threshold": 0.7,
            },
            FaceMatchAnswer(face_image_base64="/9j/4AAQ...", similarity=0.83),
        ),
    ),
)
"""Functions of face matching, for the catalogue."""
