"""Messages of the face cameras and of comparing faces."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.errors import BadParameter, LocalizedText, MissingParameter
from server.protocol.messages.base import (
    Answer,
    Base64,
    Fps,
    Index,
    Milliseconds,
    Paths,
    Request,
    Share,
    doc,
    redacted_repr,
)
from server.protocol.messages.cameras import Height, Mime, Width

FaceCameraNum = Annotated[
    Index | None,
    doc(
        "设备编号，即 faceCameraInfo 中的序号；缺省为本连接最后打开的人脸摄像头",
        "index into faceCameraInfo; when missing, the face camera this connection opened last",
        "faceNum",
    ),
]
AnswerFaceCameraNum = Annotated[int, doc("设备编号", "index into faceCameraInfo")]
AnswerStream = Annotated[
    Literal[1] | None, doc("仅红外视频：1", "1 with the infrared stream, otherwise not there")
]


Action = Literal["blink", "turnLeft", "turnRight", "nearer"]
Wanted = Literal["none", "blink", "turnLeft", "turnRight", "nearer", "random"]
LivingBy = Literal["model", "cues", "infrared", "action"]


class GetFaceCameraInfoRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class FaceCameraEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One face camera of the list; its position is its faceCameraNum."""

    face_camera_name: Annotated[str, doc("设备名称", "name of the device")]
    face_camera_medias: Annotated[tuple[str, ...], doc("视频格式", "pixel formats")]
    face_camera_type: Annotated[
        Literal[1, 2], doc("1 普通摄像头，2 红白双目", "1 ordinary camera, 2 colour and infrared pair")
    ]
    face_camera_resolutions: Annotated[tuple[str, ...], doc("分辨率，宽x高", "sizes, width x height")]


class GetFaceCameraInfoAnswer(Answer, frozen=True, kw_only=True):
    face_camera_info: Annotated[
        tuple[FaceCameraEntry, ...],
        doc(
            "人脸设备列表（最大分辨率低于 500 万像素的摄像头）",
            "the face cameras: those whose largest size is under 5 megapixels",
        ),
    ]


class OpenFaceCameraRequest(Request, frozen=True, kw_only=True):
    face_camera_num: FaceCameraNum = None
    face_media_num: Annotated[Index, doc("视频格式编号", "index into faceCameraMedias")] = 0
    face_resolution_num: Annotated[Index, doc("分辨率编号", "index into faceCameraResolutions")] = 0
    face_fps: Annotated[Fps, doc("帧率", "frames per second")] = 15


class OpenFaceCameraAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


class GetFaceCamraBuffRequest(Request, frozen=True, kw_only=True):
    face_camera_num: FaceCameraNum = None
    enable: Annotated[
        bool, doc("true 开始回传视频，false 停止", "true starts the preview, false stops it", "faceEnable")
    ] = True
    stream: Annotated[
        Literal[0, 1],
        doc(
            "标准之外：0 彩色视频，1 红白双目的红外视频；两路各自开始和停止",
            "beyond the standard: 0 colour, 1 a pair's infrared stream; each starts and stops alone",
        ),
    ] = 0


class GetFaceCamraBuffAnswer(Answer, frozen=True, kw_only=True):
    """Answer to `enable` false, or to a preview that ends by an error; else frames are the answer."""

    face_camera_num: Annotated[int | None, doc("设备编号", "index into faceCameraInfo")] = None
    stream: AnswerStream = None


class FaceBox(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Face in a frame, in pixels of the frame."""

    left: Annotated[int, doc("左", "left edge")]
    top: Annotated[int, doc("上", "top edge")]
    right: Annotated[int, doc("右", "right edge")]
    bottom: Annotated[int, doc("下", "bottom edge")]
    live: Annotated[bool, doc("是否活体", "whether it is a live face")]
    score: Annotated[
        float, doc("活体分数，0 到 1；尚无时为 0", "liveness score, 0 to 1; 0 while there is none")
    ]
    verdict: Annotated[
        Literal["live", "not live", "cannot tell"],
        doc("标准之外：结论，可能是尚无法判断", "beyond the standard: the verdict, which may be open still"),
    ]
    reason: Annotated[str, doc("标准之外：理由", "beyond the standard: why, one clause")]


class FaceFrame(Answer, frozen=True, kw_only=True):
    """Picture of a face camera's preview."""

    __repr__ = redacted_repr

    face_camera_num: AnswerFaceCameraNum
    result: Annotated[Literal[0], doc("始终为 0", "always 0")]
    img_base64_str: Annotated[Base64, doc("本帧图片的 base64（JPEG）", "the frame in base64 (JPEG)")]
    mime: Mime
    width: Width
    height: Height
    stream: AnswerStream = None
    faces: Annotated[
        tuple[FaceBox, ...] | None,
        doc("画面中的人脸，仅在活体检测打开时", "the faces in it, only with liveness detection on"),
    ] = None


class CloseFaceCameraRequest(Request, frozen=True, kw_only=True):
    face_camera_num: FaceCameraNum = None


class CloseFaceCameraAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


class SetFaceLivingBodyStateRequest(Request, frozen=True, kw_only=True):
    face_camera_num: FaceCameraNum = None
    face_living_body: Annotated[
        Literal[0, 1], doc("1 打开活体检测，0 关闭", "1 switches liveness detection on, 0 off")
    ]
    face_action: Annotated[
        Wanted,
        doc(
            "标准之外：FaceMatch 时还要求的动作：none 无，blink 眨眼，turnLeft、turnRight 向左、向右转头"
            "（以本人为准），nearer 靠近镜头，random 随机一种；开始时以 OnFaceAction 通知",
            "beyond the standard: what FaceMatch asks for besides: none; blink; turnLeft, turnRight as the "
            "person sees it; nearer to the camera; random for one of them; OnFaceAction tells which when it "
            "begins",
        ),
    ] = "none"


class SetFaceLivingBodyStateAnswer(Answer, frozen=True, kw_only=True):
    """Answer; to `faceLivingBody` 1 it has `livingBy`."""

    living_by: Annotated[
        tuple[LivingBy, ...] | None,
        doc(
            "标准之外：打开时依据什么判断：model 模型，cues 画面迹象，infrared 红外，"
            "action 动作（没有活体模型时必须做动作，完成之前为 cannot tell，reason 说明要做哪一个）",
            "beyond the standard: when switched on, what tells: model; cues in the picture; infrared; action "
            "(without a liveness model an action is needed: cannot tell until it is done, and reason says "
            "which)",
        ),
    ] = None


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
        if not self.face_image_base64 and not self.face_image_path:
            raise MissingParameter(field="faceImageBase64/faceImagePath")
        if len(self.face_image_path) > 2:
            raise BadParameter(
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


class FaceActionPush(Answer, frozen=True, kw_only=True):
    """Notice that FaceMatch waits for the person to perform an action."""

    event: Annotated[Literal["OnFaceAction"], doc("事件", "what happened")]
    face_camera_num: AnswerFaceCameraNum
    action: Annotated[Action, doc("要做的动作", "what the person is to do")]
