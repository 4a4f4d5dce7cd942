"""Functions and messages of the face cameras and of comparing faces."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import CAMERA_OPENING, CAMERA_USE, DeviceReference, Example, Function
from server.protocol.messages.base import Answer, Base64, Fps, Index, Request, doc, redacted_repr
from server.protocol.messages.cameras import Height, Mime, StreamUrl, Width

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
    stream_url: StreamUrl = None


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


class FaceActionPush(Answer, frozen=True, kw_only=True):
    """Notice that FaceMatch waits for the person to perform an action."""

    event: Annotated[Literal["OnFaceAction"], doc("事件", "what happened")]
    face_camera_num: AnswerFaceCameraNum
    action: Annotated[Action, doc("要做的动作", "what the person is to do")]


_PAIR = FaceCameraEntry(
    face_camera_name="USB Camera",
    face_camera_medias=("MJPEG", "YUY2"),
    face_camera_type=2,
    face_camera_resolutions=("1600x1200", "1280x960", "1024x768", "640x480"),
)
"""Face camera of the example."""
_FACE = FaceBox(
    left=500,
    top=200,
    right=700,
    bottom=460,
    live=True,
    score=0.98,
    verdict="live",
    reason="it reaches the threshold",
)
"""Face of the example."""


def _switched_off(request: GetFaceCamraBuffRequest) -> bool:
    return not request.enable


def _camera(request: GetFaceCamraBuffRequest | CloseFaceCameraRequest) -> DeviceReference:
    return DeviceReference("face camera", request.face_camera_num)


FUNCTIONS = (
    Function(
        request=GetFaceCameraInfoRequest,
        answer=GetFaceCameraInfoAnswer,
        since="V1.5",
        summary=LocalizedText(
            "获取人脸设备信息，红白双目摄像头为一个设备。",
            "List the face cameras; a colour and infrared pair is one of them.",
        ),
        example=Example({}, GetFaceCameraInfoAnswer(face_camera_info=(_PAIR,))),
    ),
    Function(
        request=OpenFaceCameraRequest,
        answer=OpenFaceCameraAnswer,
        errors=CAMERA_OPENING,
        since="V1.5",
        summary=LocalizedText("打开人脸摄像头。", "Open a face camera."),
        example=Example(
            {"faceCameraNum": 0, "faceMediaNum": 0, "faceResolutionNum": 0, "faceFps": 15},
            OpenFaceCameraAnswer(),
        ),
    ),
    Function(
        spellings=("GetFaceCameraBuff",),
        request=GetFaceCamraBuffRequest,
        answer=GetFaceCamraBuffAnswer,
        pushes=(FaceFrame,),
        errors=(*CAMERA_USE, errors.ModeNotSupported),
        stops=_switched_off,
        device=_camera,
        since="V1.5",
        summary=LocalizedText(
            "开始或停止回传人脸视频。开始后没有单独的应答，第一帧即应答；停止后回一条应答，此后不再有帧。",
            "Start or stop a face camera's preview. Starting has no answer of its own: the first frame is "
            "the answer. Stopping has one, and no frame follows it.",
        ),
        example=Example(
            {"faceCameraNum": 0, "enable": False},
            GetFaceCamraBuffAnswer(face_camera_num=0),
            FaceFrame(
                face_camera_num=0,
                result=0,
                img_base64_str="/9j/4AAQ...",
                mime="image/jpg",
                width=1280,
                height=720,
                faces=(_FACE,),
            ),
        ),
    ),
    Function(
        request=CloseFaceCameraRequest,
        answer=CloseFaceCameraAnswer,
        errors=(errors.NoSuchDevice,),
        stops=True,
        device=_camera,
        since="V1.5",
        summary=LocalizedText(
            "关闭人脸摄像头。没有打开的摄像头时也返回成功。",
            "Close a face camera. Success also when none is open.",
        ),
        example=Example({"faceCameraNum": 0}, CloseFaceCameraAnswer()),
    ),
    Function(
        request=SetFaceLivingBodyStateRequest,
        answer=SetFaceLivingBodyStateAnswer,
        errors=(errors.NoSuchDevice, errors.DeviceNotOpen, errors.FaceModelMissing),
        since="V1.5",
        summary=LocalizedText(
            "打开或关闭人脸活体检测：视频帧带有 faces，FaceMatch 的现场人脸须通过。"
            "每个连接和设备各自记住，可在打开前设置。",
            "Switch liveness detection on or off: frames carry faces, and the live face of FaceMatch must "
            "pass. Kept for each connection and device, also before opening.",
        ),
        example=Example(
            {"faceCameraNum": 0, "faceLivingBody": 1},
            SetFaceLivingBodyStateAnswer(living_by=("cues", "action")),
        ),
    ),
)
"""Functions of the face cameras, for the catalogue."""
