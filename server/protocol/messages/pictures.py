"""Form of the pictures that a capture or scan gives: members of its request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from server.errors import BadParameter, LocalizedText
from server.protocol.messages.base import Answer, Index, Pixel, Request, doc, redacted_repr


class WatermarkOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Text over a picture; what is missing is as configured."""

    __repr__ = redacted_repr

    text: Annotated[
        Annotated[str, msgspec.Meta(max_length=200)] | None,
        doc(
            "文字，可以有中文，\\n 换行；空字符串为不加水印",
            "text, with \\n between lines; an empty one for no watermark",
        ),
    ] = None
    position: Annotated[
        Literal[0, 1, 2, 3, 4, 5, 6, 7, 8, "tiled"] | None,
        doc(
            "位置：0 左上到 8 右下，逐行；tiled 铺满",
            "place: 0 top left to 8 bottom right, row by row; tiled for all over it",
        ),
    ] = None
    angle: Annotated[
        Annotated[float, msgspec.Meta(ge=-180, le=180)] | None,
        doc("逆时针角度", "degrees, counter-clockwise"),
    ] = None
    opacity: Annotated[
        Annotated[float, msgspec.Meta(ge=0, le=1)] | None, doc("不透明度，0 到 1", "opacity, 0 to 1")
    ] = None
    size: Annotated[
        Annotated[float, msgspec.Meta(ge=0.5, le=50)] | None,
        doc(
            "字高，占图片短边的百分比；放不下时自动缩小",
            "height of the letters in percent of the picture's shorter side; less where text does not fit",
        ),
    ] = None
    colour: Annotated[
        Annotated[str, msgspec.Meta(max_length=7)] | None, doc("颜色，#rrggbb", "colour, #rrggbb", "color")
    ] = None
    time: Annotated[
        bool | None, doc("是否另起一行加上日期和时间", "whether date and time are added in a line")
    ] = None


Profile = Annotated[
    Annotated[str, msgspec.Meta(max_length=100)] | None,
    doc(
        "标准之外：配置 [profiles] 中一组参数的名称，或含有这些参数的对象；请求自己的参数优先",
        "beyond the standard: name of a set of parameters in [profiles] of the configuration, or an object "
        "with them; those of the request itself come first",
    ),
]


RECORD_BYTES = 65_536
"""Limit of the object that a page adds to a record, in bytes of JSON."""
_LONG = LocalizedText(f"超过 {RECORD_BYTES} B", f"it has more than {RECORD_BYTES} B")
Fields = (
    Annotated[dict[Annotated[str, msgspec.Meta(max_length=256)], Any], msgspec.Meta(max_length=200)] | None
)
Record = Annotated[
    Fields,
    doc(
        "标准之外：对象（可为空）：为写入的文件附上记录（JSON 和 XML，文件名加 .json、.xml），其中含此对象，"
        "例如操作员、窗口，以及设备、处理步骤、分辨率",
        "beyond the standard: an object, maybe empty: write a record beside the file (JSON and XML, its name "
        "with .json and .xml) with the object in it, such as operator or window, and with device, stages and "
        "resolution",
    ),
]


def check_record(record: Mapping[str, Any] | None) -> None:
    """Refuse what is too much for a record. Raises server.errors.BadParameter."""
    if record and len(msgspec.json.encode(record)) > RECORD_BYTES:
        raise BadParameter(field="record", reason=_LONG)


MaxBytes = Annotated[
    Annotated[int, msgspec.Meta(ge=1000, le=1_000_000_000)] | None,
    doc(
        "标准之外：每个文件不超过多少字节，取放得下的最好质量，再不行就缩小；PNG、BMP、TIFF 放不下时报错",
        "beyond the standard: most bytes of each file: the best quality that fits, then fewer pixels; "
        "an error for PNG, BMP and TIFF that do not fit",
    ),
]


class OutputRequest(Request, frozen=True, kw_only=True):
    """Request for pictures; what is missing is as configured in ``[output]``."""

    quality: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=100)] | None,
        doc(
            "标准之外：JPEG 和 WebP 的质量，1 到 100",
            "beyond the standard: quality of JPEG and WebP, 1 to 100",
        ),
    ] = None
    max_bytes: MaxBytes = None
    dpi: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=9600)] | None,
        doc(
            "标准之外：写入 JPEG、PNG、TIFF、PDF 的分辨率",
            "beyond the standard: resolution that JPEG, PNG, TIFF and PDF state",
        ),
    ] = None
    color_mode: Annotated[
        Literal[0, 1, 2] | None,
        doc(
            "标准之外：颜色：0 按处理结果，1 灰度，2 黑白",
            "beyond the standard: colours: 0 as processed, 1 grey, 2 black and white",
        ),
    ] = None
    watermark: Annotated[
        WatermarkOptions | None,
        doc(
            "标准之外：水印，最后画上；也接受只有文字的字符串",
            "beyond the standard: watermark, drawn last; a string alone is its text",
        ),
    ] = None


class ProfiledRequest(OutputRequest, frozen=True, kw_only=True):
    """Request for pictures of a device, which may name a profile."""

    __repr__ = redacted_repr

    profile: Profile = None
    record: Record = None
    settings: Annotated[
        ImageInfoRequest | None,
        doc(
            "标准之外：仅用于这一次的图像设置，其余同 SetCameraImageInfo、SetScannerImageInfo 所设",
            "beyond the standard: picture settings of this one alone, the others as SetCameraImageInfo or "
            "SetScannerImageInfo set them",
        ),
    ] = None


Coordinate = Annotated[float, msgspec.Meta(ge=-100_000, le=100_000)]
Corner = Annotated[tuple[Coordinate, ...], msgspec.Meta(min_length=2, max_length=2)]
Corners = Annotated[tuple[Corner, ...], msgspec.Meta(min_length=4, max_length=4)]
"""Four points [x, y], clockwise from the document's top left."""


class DoubtedDocument(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Document that was found and not trusted."""

    corners: Annotated[Corners, doc("四个角，同 crop.corners", "its corners, as crop.corners")]
    reason: Annotated[str, doc("不可信的原因，同 crop.reason", "why it is not trusted, as crop.reason")]


class PictureCrop(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Outcome of the crop of one picture."""

    state: Annotated[
        Literal["cropped", "whole", "unsure"],
        doc(
            "cropped 已裁切，whole 未裁切，unsure 找到了轮廓但不可信，图片未裁切："
            "以 corners 调用 ProcessImage 即可裁切",
            "cropped; whole: nothing was cut; unsure: an outline was found and not trusted, and the picture "
            "is whole: ProcessImage with these corners cuts it",
        ),
    ]
    corners: Annotated[
        Corners | None,
        doc(
            "裁切的或不可信的四个角 [[x,y],...]，原图（预览为该帧图片）的像素，"
            "整幅图为 0,0 到宽,高；没有时缺省",
            "corners of what was cut, or is not trusted, [[x,y],...] in pixels of the original, of a preview "
            "in those of its picture; the whole picture is from 0, 0 to its width and height. Absent where "
            "there are none, or a curved page was flattened",
        ),
    ] = None
    reason: Annotated[
        str | None,
        doc(
            "未裁切或不可信的原因：not asked for 未要求，no page was found 未找到；"
            "print outside of it 外面有文字，a side on bare paper 一边在空白纸上，"
            "a printed frame 印刷的边框，paper beyond a side 纸张超出一边，"
            "drawn surfaces around it 周围是绘制的平面",
            "why nothing was cut, or why it is not trusted: not asked for; no page was found; print outside "
            "of it; a side on bare paper; a printed frame; paper beyond a side; drawn surfaces around it",
        ),
    ] = None
    prior: Annotated[
        Literal["picture", "desk", "glass", "feeder"] | None,
        doc(
            "查找的依据：picture 仅图片，desk 已知的空桌面（新出现的就是文档），"
            "glass 扫描平板，feeder 进纸器；未要求裁切时缺省",
            "knowledge that the search began with: picture alone; desk, which was seen empty, so that what "
            "has come is the document; glass or feeder of a scanner. Absent where no crop was asked for",
        ),
    ] = None
    paper: Annotated[
        str | None,
        doc(
            "裁出的纸张的标准规格，如 A4、Letter、ID-1、JIS B5、DL：台面已标定或由扫描仪得知尺寸时按尺寸，"
            "否则按比例和文字大小，且仅限 A4 和 Letter；不属于任何规格或不知道时缺省",
            "standard format of the sheet that was cut, such as A4, Letter, ID-1, JIS B5 or DL: by its size "
            "where the desk is calibrated or a scanner tells it, else by its proportions and the height of "
            "its print, A4 and Letter alone. Absent where it has none or is not known",
        ),
    ] = None
    doubted: Annotated[
        tuple[DoubtedDocument, ...] | None,
        doc("另外找到但不可信的文档", "further documents that were found and not trusted"),
    ] = None


Handle = Annotated[
    str | None,
    doc(
        "标准之外：原图的句柄，仅限本网站的页面，约 10 分钟内可用于 ProcessImage；未保留时没有此项",
        "beyond the standard: handle of the original, for pages of this site and ProcessImage, good for ten "
        "minutes; absent if none is kept",
    ),
]
CutCorners = Annotated[
    Corners | None,
    doc(
        "标准之外：在原图中裁出的四个角 [[x,y],...]，像素，从结果的左上角起顺时针；"
        "未裁切或曲面展平时没有此项",
        "beyond the standard: where it was cut out, [[x,y],...] in pixels of the original, clockwise from "
        "the result's top left; absent where nothing was cut, or a curved page was flattened",
    ),
]
CropFound = Annotated[
    PictureCrop | None, doc("标准之外：裁切的结果", "beyond the standard: what became of the crop")
]
PageKindFound = Annotated[
    Literal["document", "card", "photograph"] | None,
    doc(
        "标准之外：imageType 为 8（自动）时，页面被当作什么：document 文档，card 卡片或封面，photograph 照片",
        "beyond the standard: what a page was taken for where imageType is 8 (automatic): a document, a card "
        "or cover, a photograph",
    ),
]


class PictureCut(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Original of one picture, and where it was cut out."""

    handle: Handle = None
    corners: CutCorners = None
    crop: CropFound = None


class InsetRequest(ProfiledRequest, frozen=True, kw_only=True):
    """Request for pictures of a camera, maybe with that of a second one in a corner."""

    overlay_dev_num: Annotated[
        Index | None,
        doc(
            "标准之外：画中画：同时拍摄的第二个摄像头的 devNum，未打开时临时打开",
            "beyond the standard: picture in picture: devNum of a second camera that is shot at the same "
            "time, opened for it if nobody has it open",
        ),
    ] = None
    overlay_position: Annotated[
        Literal[0, 1, 2, 3] | None,
        doc(
            "标准之外：画中画的位置，逐行：0 左上，1 右上，2 左下，3 右下（默认）",
            "beyond the standard: its corner, row by row: 0 top left, 1 top right, 2 bottom left, 3 bottom "
            "right (the default)",
        ),
    ] = None
    overlay_size: Annotated[
        Annotated[float, msgspec.Meta(ge=5, le=50)] | None,
        doc(
            "标准之外：画中画的宽度，占图片宽度的百分比，5 到 50，默认 25；高度不超过图片的一半",
            "beyond the standard: its width in percent of the picture's, 5 to 50, 25 by default; never more "
            "than half as high as the picture",
        ),
    ] = None


Score = Annotated[float, msgspec.Meta(ge=0, le=1)]


class GlarePlace(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Box around glare, in pixels of the picture."""

    left: Annotated[int, doc("左", "left edge")]
    top: Annotated[int, doc("上", "top edge")]
    right: Annotated[int, doc("右", "right edge")]
    bottom: Annotated[int, doc("下", "bottom edge")]


class PictureVerdict(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Faults that make text unreadable, each from 0, none, to 1, certain."""

    ok: Annotated[bool, doc("没有任何一项达到 0.5", "whether none of them reaches 0.5")]
    blurred: Annotated[Score, doc("模糊", "out of focus, or moved")]
    glare: Annotated[Score, doc("反光", "a reflection covers text")]
    cut_off: Annotated[Score, doc("边缘被截断", "text or page go on beyond the rim")]
    too_dark: Annotated[Score, doc("太暗", "too dark")]
    too_small: Annotated[Score, doc("文字太小", "letters too small to be read")]
    glare_place: Annotated[GlarePlace | None, doc("反光的位置", "where the reflection is")] = None


class PictureAnswer(Answer, frozen=True, kw_only=True):
    """Message with or about a picture."""

    verdict: Annotated[
        PictureVerdict | None,
        doc(
            "标准之外：图片是否清晰可读；多张图片时为最差的一张",
            "beyond the standard: whether the picture can be read; of several the worst",
        ),
    ] = None
    handle: Handle = None
    corners: CutCorners = None
    crop: CropFound = None
    page_kind: PageKindFound = None


class PicturesAnswer(PictureAnswer, frozen=True, kw_only=True):
    """Message that may be about several pictures."""

    verdicts: Annotated[
        tuple[PictureVerdict, ...] | None,
        doc(
            "标准之外：多张图片时每张的结论，与 imagePath 的顺序一致",
            "beyond the standard: of several pictures the verdict on each of imagePath",
        ),
    ] = None
    cuts: Annotated[
        tuple[PictureCut, ...] | None,
        doc(
            "标准之外：有多个文件时，每个文件的原图和裁切的四个角，与 imagePath 的顺序一致",
            "beyond the standard: of several files, original and corners of each of imagePath",
        ),
    ] = None


class CropRect(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Rectangle in pixels of the turned picture; right and bottom exclusive."""

    left: Annotated[Pixel, doc("左", "left edge")]
    top: Annotated[Pixel, doc("上", "top edge")]
    right: Annotated[Pixel, doc("右", "right edge")]
    bottom: Annotated[Pixel, doc("下", "bottom edge")]
    width: Annotated[Pixel | None, doc("宽，可代替 right", "width, in place of right")] = None
    height: Annotated[Pixel | None, doc("高，可代替 bottom", "height, in place of bottom")] = None


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
    Literal[0, 1, 2, 3, 4, 5, 6, 7, 8] | None,
    doc(
        "图像：0 原色，1 灰度，2 黑白文档，3 彩色文档，4 红印文档，5 蓝印文档，6 彩色照片，7 票据增强；"
        "标准之外：8 自动（文档、卡片或照片，见 pageKind）",
        "picture: 0 original, 1 grey, 2 black-and-white document, 3 colour document, "
        "4 red-stamp document, 5 blue-stamp document, 6 colour photo, 7 receipt; "
        "beyond the standard: 8 automatic (document, card or photograph, see pageKind)",
    ),
]
FillBorderType = Annotated[
    Literal[0, 1, 2] | None,
    doc("填充边缘：0 不填充，1 白色，2 周边色", "border: 0 none, 1 white, 2 surrounding colour"),
]
RemovalForeign = Annotated[
    Literal[0, 1, 2, 3] | None,
    doc(
        "去除异物：0 无，1 手指，2 装订孔；标准之外：3 背面透过来的字迹",
        "removal: 0 none, 1 fingers, 2 punch holes; beyond the standard: 3 what shows through from the back",
    ),
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
