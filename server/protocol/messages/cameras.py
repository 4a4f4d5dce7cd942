"""Messages of the document camera."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.protocol.messages.base import Answer, Base64, Fps, Index, Path, Pixel, Request, doc
from server.protocol.messages.original import CORNERS, CUTS, HANDLE, Corners, PictureCut
from server.protocol.messages.overlay import OverlayRequest
from server.protocol.messages.verdict import VERDICT, PictureVerdict

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


class GetCameraVideoBuffAnswer(Answer, frozen=True, kw_only=True):
    """Answer to `enable` false, or to a preview that ends by an error; else frames are the answer."""

    dev_num: AnswerDevNum = None


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


class CloseCameraRequest(Request, frozen=True, kw_only=True):
    dev_num: DevNum = None


class CloseCameraAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


class CropRect(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Rectangle in pixels of the turned picture; right and bottom exclusive."""

    left: Annotated[Pixel, doc("左", "left edge")]
    top: Annotated[Pixel, doc("上", "top edge")]
    right: Annotated[Pixel, doc("右", "right edge")]
    bottom: Annotated[Pixel, doc("下", "bottom edge")]


CropType = Annotated[
    Literal[0, 1, 2, 3, 4] | None,
    doc(
        "裁切：0 不裁切，1 单图，2 多图，3 曲面矫正，4 手动",
        "crop: 0 none, 1 single, 2 multi, 3 curve correction, 4 manual",
    ),
]
ManualRect = Annotated[
    CropRect | None,
    doc(
        "手动裁切的矩形，仅 cropType 为 4 时使用；也接受 {left,top,width,height}、"
        '[左,上,右,下] 和 "左,上,右,下"',
        "rectangle of the manual crop, used with cropType 4 only; {left,top,width,height}, "
        '[left,top,right,bottom] and "left,top,right,bottom" are accepted too',
    ),
]
ImageKind = Annotated[
    Literal[0, 1, 2, 3, 4, 5, 6, 7] | None,
    doc(
        "图像：0 原色，1 灰度，2 黑白文档，3 彩色文档，4 红印文档，5 蓝印文档，6 彩色照片，7 票据增强",
        "picture: 0 original, 1 grey, 2 black-and-white document, 3 colour document, "
        "4 red-stamp document, 5 blue-stamp document, 6 colour photo, 7 receipt",
    ),
]
FillBorderType = Annotated[
    Literal[0, 1, 2] | None,
    doc("填充边缘：0 不填充，1 白色，2 周边色", "border: 0 none, 1 white, 2 surrounding colour"),
]
RemovalForeign = Annotated[
    Literal[0, 1, 2] | None,
    doc("去除异物：0 无，1 手指，2 装订孔", "removal: 0 none, 1 fingers, 2 punch holes"),
]
Rotate = Annotated[Literal[0, 90, 180, 270] | None, doc("顺时针旋转的角度", "degrees to turn clockwise")]
Deskew = Annotated[
    bool | None,
    doc(
        "标准之外：任何裁切方式都按文字行纠偏",
        "beyond the standard: straighten by the lines of text, whatever the crop",
    ),
]
Upright = Annotated[
    bool | None,
    doc(
        "标准之外：拍照结果按文字自动转正",
        "beyond the standard: turn captures by quarters until their text stands upright",
    ),
]


class ImageInfoRequest(Request, frozen=True, kw_only=True):
    """Picture settings of a camera or a scanner; a missing one keeps its value."""

    crop_type: CropType = None
    crop_rect: ManualRect = None
    image_type: ImageKind = None
    fill_border_type: FillBorderType = None
    removal_foreign: RemovalForeign = None
    rotate: Rotate = None
    deskew: Deskew = None
    upright: Upright = None


class SetCameraImageInfoRequest(ImageInfoRequest, frozen=True, kw_only=True):
    dev_num: DevNum = None


class SetCameraImageInfoAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


class SetCameraInfoRequest(Request, frozen=True, kw_only=True):
    dev_num: DevNum = None
    media_num: MediaNum = 0
    resolution_num: ResolutionNum = 0


class SetCameraInfoAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


class CameraCaptureRequest(OverlayRequest, frozen=True, kw_only=True):
    dev_num: DevNum = None
    image_path: Annotated[
        Path,
        doc(
            "图片路径，格式由后缀名决定；为空时使用默认目录、文件名和格式；"
            "标准之外：可含占位符 {date}、{time}、{seq}、{barcode}、{idNum}，此时从不覆盖文件",
            "file to write, its suffix decides the format; empty: default folder, name and format; beyond "
            "the standard: with placeholders {date}, {time}, {seq}, {barcode}, {idNum}, when no file is ever "
            "replaced",
            "imgPath",
        ),
    ] = ""
    mode: Annotated[
        Literal["", "base64"],
        doc(
            "base64：不写文件，应答同 CameraCaptureBase64",
            "base64: write no file, answer as CameraCaptureBase64 does",
        ),
    ] = ""


class CameraCaptureAnswer(Answer, frozen=True, kw_only=True):
    image_path: ImagePaths
    verdict: Annotated[
        PictureVerdict | None,
        doc(
            "标准之外：图片是否清晰可读；多张图片时为最差的一张",
            "beyond the standard: whether the picture can be read; of several the worst",
        ),
    ] = None
    verdicts: Annotated[
        tuple[PictureVerdict, ...] | None,
        doc("标准之外：多张图片时每张的结论", "beyond the standard: of several pictures that of each"),
    ] = None
    handle: Annotated[str | None, HANDLE] = None
    corners: Annotated[Corners | None, CORNERS] = None
    cuts: Annotated[tuple[PictureCut, ...] | None, CUTS] = None


class CameraCaptureBase64Request(OverlayRequest, frozen=True, kw_only=True):
    dev_num: DevNum = None


class CameraCaptureBase64Answer(Answer, frozen=True, kw_only=True):
    """Message with one picture; the last one has imageIndex equal to imageCount."""

    image_count: Annotated[int, doc("图片总数", "how many pictures there are")]
    image_index: Annotated[int, doc("第几张，从 1 开始", "which one this is, from 1")]
    image_base64_str: ImageBase64Str
    img_base64_str: ImgBase64Str
    mime: Mime
    width: Width
    height: Height
    verdict: Annotated[PictureVerdict | None, VERDICT] = None
    handle: Annotated[str | None, HANDLE] = None
    corners: Annotated[Corners | None, CORNERS] = None
