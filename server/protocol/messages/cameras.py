"""Functions and messages of the document camera."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import CAMERA_OPENING, CAMERA_USE, DeviceReference, Example, Function
from server.protocol.messages.base import Answer, Base64, Fps, Index, Request, doc
from server.protocol.messages.pictures import ImageInfoRequest, PictureCrop

DevNum = Annotated[
    Index | None,
    doc(
        "设备编号，即 devInfo 中的序号；缺省为本连接最后打开的摄像头",
        "index into devInfo; when missing, the camera this connection opened last",
    ),
]
AnswerDevNum = Annotated[Index | None, doc("设备编号", "index into devInfo")]
MediaNum = Annotated[Index, doc("视频格式编号，即 mediaTypes 中的序号", "index into mediaTypes")]
ResolutionNum = Annotated[Index, doc("分辨率编号，即 resolutions 中的序号", "index into resolutions")]
Mime = Annotated[str, doc("图片格式，例如 image/jpg", "format of the picture, for example image/jpg")]
Width = Annotated[int, doc("图片宽度（像素）", "width of the picture in pixels")]
Height = Annotated[int, doc("图片高度（像素）", "height of the picture in pixels")]
ImageBase64Str = Annotated[Base64, doc("图片的 base64", "the picture in base64")]
ImgBase64Str = Annotated[Base64, doc("与 imageBase64Str 相同", "the same as imageBase64Str")]
ImagePaths = Annotated[
    tuple[str, ...], doc("已写入的文件，每张图片一个", "the files written, one for each picture")
]


class GetCameraInfoRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class MediaEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One pixel format of a camera."""

    media_name: Annotated[str, doc("视频格式名称", "name of the pixel format")]
    media_type: Annotated[str, doc("与 mediaName 相同", "the same as mediaName")]
    resolutions: Annotated[tuple[str, ...], doc("分辨率，宽x高", "sizes, width x height")]


class CameraEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One camera of the list."""

    id: Annotated[int, doc("设备编号，即 devNum", "the camera's devNum")]
    dev_name: Annotated[str, doc("设备名称", "name of the device")]
    media_types: Annotated[
        tuple[MediaEntry, ...], doc("视频格式，推荐的在前", "pixel formats, the best one first")
    ]


class GetCameraInfoAnswer(Answer, frozen=True, kw_only=True):
    dev_info: Annotated[
        tuple[CameraEntry, ...],
        doc("设备列表，推荐的设备在前；没有设备时为空", "the cameras, the best one first; empty without any"),
    ]


class OpenCameraRequest(Request, frozen=True, kw_only=True):
    dev_num: DevNum = None
    media_num: MediaNum = 0
    resolution_num: ResolutionNum = 0
    fps: Annotated[Fps, doc("帧率", "frames per second")] = 15
    take_over: Annotated[
        bool,
        doc(
            "标准之外：摄像头被另一网站的页面占用（2002）时，请求其让出：向其推送 Notify（OnCameraWanted）；"
            "其关闭后向本页推送 Notify（OnCameraFree），由本页再次打开",
            "beyond the standard: where a page of another site has it (2002), ask that page, by a Notify "
            "(OnCameraWanted); once it has closed the camera, a Notify (OnCameraFree) tells to open it again",
        ),
    ] = False


class CameraHolder(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Page or program that has a camera open."""

    origin: Annotated[str, doc("网页的来源；为空是本机程序", "the page's origin; empty for a program")]
    title: Annotated[str | None, doc("网页自己给出的标题", "the title that the page gave itself")] = None


class OpenCameraAnswer(Answer, frozen=True, kw_only=True):
    """Fields of an error that another page has the camera (2002); none of a success."""

    holder: Annotated[CameraHolder | None, doc("标准之外：谁在使用", "beyond the standard: who has it")] = (
        None
    )
    asked: Annotated[
        bool | None,
        doc("标准之外：是否已请求其让出", "beyond the standard: whether it was asked to give it up"),
    ] = None


class CameraWantedPush(Answer, frozen=True, kw_only=True):
    """Notice that a page of another site wants a camera that this one has; CloseCamera gives it up."""

    event: Annotated[Literal["OnCameraWanted"], doc("事件", "what happened")]
    kind: Annotated[Literal["camera"], doc("设备种类", "kind of device")]
    dev_num: AnswerDevNum = None
    by: Annotated[CameraHolder, doc("谁想使用", "who wants it")]


class CameraFreePush(Answer, frozen=True, kw_only=True):
    """Notice that a camera which this page asked for is free."""

    event: Annotated[Literal["OnCameraFree"], doc("事件", "what happened")]
    kind: Annotated[Literal["camera"], doc("设备种类", "kind of device")]
    dev_num: AnswerDevNum = None


MostPixels = Annotated[
    Annotated[int, msgspec.Meta(ge=16, le=65_535)] | None,
    doc(
        "标准之外：画面最大像素数；超过时按 1/2、1/4 或 1/8 缩小，拍照不受影响",
        "beyond the standard: most pixels of the picture; a larger one comes at 1/2, 1/4 or 1/8",
    ),
]


class GetCameraVideoBuffRequest(Request, frozen=True, kw_only=True):
    dev_num: DevNum = None
    enable: Annotated[
        bool, doc("true 开始回传视频，false 停止", "true starts the preview, false stops it", "faceEnable")
    ] = True
    barcode: Annotated[
        bool,
        doc(
            "标准之外：1 为预览时识别条码，结果有变化时推送 Notify（OnBarCode）",
            "beyond the standard: 1 also reads barcodes; a Notify (OnBarCode) tells of each change",
        ),
    ] = False
    max_width: MostPixels = None
    max_height: MostPixels = None


StreamUrl = Annotated[
    str | None,
    doc(
        "标准之外，仅 HTTP：视频地址（MJPEG），可直接用于 <img>，10 秒内有效，只能使用一次",
        "beyond the standard, over HTTP alone: address of the preview as MJPEG, for an <img>; good once, for "
        "ten seconds",
    ),
]


class GetCameraVideoBuffAnswer(Answer, frozen=True, kw_only=True):
    """Answer to `enable` false, or to a preview that ends by an error; else frames are the answer."""

    dev_num: AnswerDevNum = None
    stream_url: StreamUrl = None


class CameraFrame(Answer, frozen=True, kw_only=True):
    """Picture of the preview; has the reqId of the request that started it."""

    dev_num: Annotated[int, doc("设备编号", "index into devInfo")]
    result: Annotated[Literal[0], doc("始终为 0", "always 0")]
    image_base64_str: Annotated[
        Base64 | None, doc("本帧图片的 base64（JPEG）", "the frame in base64 (JPEG)")
    ] = None
    img_base64_str: Annotated[
        Base64 | None,
        doc("与 imageBase64Str 相同，可由配置关闭", "the same as imageBase64Str, may be configured away"),
    ] = None
    mime: Mime
    width: Width
    height: Height
    reduction: Annotated[
        Literal[2, 4, 8] | None,
        doc(
            "仅在画面被缩小时：摄像头画面是它的几倍",
            "only of a reduced picture: the camera's is larger by this factor",
        ),
    ] = None
    crop: Annotated[
        PictureCrop | None,
        doc(
            "标准之外：cropType 不为 0 时，此时拍照的裁切结果",
            "beyond the standard: unless cropType is 0, what would become of the crop of a capture now",
        ),
    ] = None


class CloseCameraRequest(Request, frozen=True, kw_only=True):
    dev_num: DevNum = None


class CloseCameraAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


class SetCameraImageInfoRequest(ImageInfoRequest, frozen=True, kw_only=True):
    dev_num: DevNum = None


class SetCameraImageInfoAnswer(Answer, frozen=True, kw_only=True):
    applied: Annotated[
        tuple[Literal["camera", "scanner"], ...],
        doc(
            "标准之外：设置了哪些设备。没有 devNum 时为本连接的扫描仪，以及已打开的摄像头"
            "（矩形为 left、top、width、height 时除外）",
            "beyond the standard: what was set. Without devNum the scanners of this connection, and the "
            "camera it has open, unless the rectangle is in the scanner's form: left, top, width, height",
        ),
    ]


class SetCameraInfoRequest(Request, frozen=True, kw_only=True):
    dev_num: DevNum = None
    media_num: MediaNum = 0
    resolution_num: ResolutionNum = 0


class SetCameraInfoAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


_MJPG = MediaEntry(media_name="MJPG", media_type="MJPG", resolutions=("1600x1200", "1280x960"))
_SCANNER = CameraEntry(id=0, dev_name="Document Scanner", media_types=(_MJPG,))
"""Document camera of the example."""


def _switched_off(request: GetCameraVideoBuffRequest) -> bool:
    return not request.enable


def _camera(request: GetCameraVideoBuffRequest | CloseCameraRequest) -> DeviceReference:
    return DeviceReference("camera", request.dev_num)


FUNCTIONS = (
    Function(
        request=GetCameraInfoRequest,
        answer=GetCameraInfoAnswer,
        since="V1.3",
        summary=LocalizedText("获取设备信息。", "List the document cameras."),
        example=Example({}, GetCameraInfoAnswer(dev_info=(_SCANNER,))),
    ),
    Function(
        request=OpenCameraRequest,
        answer=OpenCameraAnswer,
        errors=CAMERA_OPENING,
        since="V1.3",
        summary=LocalizedText(
            "打开摄像头。打开后需调用 GetCameraVideoBuff 才会回传视频；再次调用可更换参数。",
            "Open a camera. Video comes after GetCameraVideoBuff; calling again changes the parameters.",
        ),
        example=Example({"devNum": 0, "mediaNum": 0, "resolutionNum": 0, "fps": 15}, OpenCameraAnswer()),
    ),
    Function(
        request=GetCameraVideoBuffRequest,
        answer=GetCameraVideoBuffAnswer,
        pushes=(CameraFrame,),
        errors=CAMERA_USE,
        stops=_switched_off,
        device=_camera,
        since="V1.3",
        summary=LocalizedText(
            "开始或停止回传视频。开始后没有单独的应答，第一帧即应答；停止后回一条应答，此后不再有帧。",
            "Start or stop the preview. Starting has no answer of its own: the first frame is the answer. "
            "Stopping has one, and no frame follows it.",
        ),
        example=Example(
            {"devNum": 0, "enable": False},
            GetCameraVideoBuffAnswer(dev_num=0),
            CameraFrame(
                dev_num=0,
                result=0,
                image_base64_str="/9j/4AAQ...",
                img_base64_str="/9j/4AAQ...",
                mime="image/jpg",
                width=1280,
                height=720,
            ),
        ),
    ),
    Function(
        request=CloseCameraRequest,
        answer=CloseCameraAnswer,
        errors=(errors.NoSuchDevice,),
        stops=True,
        device=_camera,
        since="V1.3",
        summary=LocalizedText(
            "关闭摄像头。没有打开的摄像头时也返回成功。", "Close a camera. Success also when none is open."
        ),
        example=Example({"devNum": 0}, CloseCameraAnswer()),
    ),
    Function(
        # As the standard titles it: letters that a reader of pictures took for others.
        spellings=("SetCameralmagelInfo",),
        request=SetCameraImageInfoRequest,
        answer=SetCameraImageInfoAnswer,
        errors=(errors.NoSuchDevice, errors.DeviceBusy),
        since="V1.3",
        summary=LocalizedText(
            "设置图像算法，按连接和设备保存，打开摄像头之前也可设置。",
            "Set how pictures are processed. Kept for this connection and device, also before opening.",
        ),
        example=Example(
            {
                "devNum": 0,
                "cropType": 4,
                "cropRect": {"left": 100, "top": 80, "right": 1500, "bottom": 1100},
                "imageType": 0,
                "fillBorderType": 0,
                "removalForeign": 0,
                "rotate": 0,
            },
            SetCameraImageInfoAnswer(applied=("camera",)),
        ),
    ),
    Function(
        request=SetCameraInfoRequest,
        answer=SetCameraInfoAnswer,
        errors=(*CAMERA_USE, *CAMERA_OPENING),
        since="gaopai 0.1",
        summary=LocalizedText(
            "更换已打开摄像头的视频格式和分辨率。", "Change the format and size of an open camera."
        ),
        example=Example({"devNum": 0, "mediaNum": 0, "resolutionNum": 1}, SetCameraInfoAnswer()),
    ),
)
"""Functions of the document camera, for the catalogue."""
