"""Functions and messages about pictures that are worked on again."""

from __future__ import annotations

from typing import Annotated

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import DECODING, FILE_READING, MAKING, SAVING, Example, Function
from server.protocol.messages.base import Base64, Path, doc, redacted_repr
from server.protocol.messages.pictures import (
    Corners,
    CropType,
    Deskew,
    FillBorderType,
    ImageKind,
    ManualRect,
    OutputRequest,
    PicturesAnswer,
    Record,
    RemovalForeign,
    Rotate,
    Upright,
)

_ONE = LocalizedText("只能给出其中之一", "only one of them is expected")
_NO_SEARCH = LocalizedText(
    "给出 corners 时只能为 4（手动），且没有 cropRect", "with corners it is 4 (manual), without a cropRect"
)


class ProcessImageRequest(OutputRequest, frozen=True, kw_only=True):
    """Request about one picture; picture settings that are missing are off."""

    __repr__ = redacted_repr

    handle: Annotated[
        Annotated[str, msgspec.Meta(max_length=100)],
        doc("拍照或扫描应答中的 handle", "handle of a capture's or a scan's answer"),
    ] = ""
    image_base64: Annotated[Base64, doc("或：图片的 base64", "or: the picture in base64")] = ""
    image_path: Annotated[
        Path, doc("或：图片文件；PDF 取第一页", "or: a file; of a PDF its first page", "imgPath")
    ] = ""
    corners: Annotated[
        Corners | None,
        doc(
            "按四个角裁出 [[x,y],...]：原图的像素（不受 rotate 影响），从左上角起顺时针，可略在图片之外",
            "cut out by four corners, [[x,y],...] in pixels of the original, whatever rotate says, clockwise "
            "from the top left; they may lie somewhat outside of it",
        ),
    ] = None
    crop_type: CropType = None
    crop_rect: ManualRect = None
    image_type: ImageKind = None
    fill_border_type: FillBorderType = None
    removal_foreign: RemovalForeign = None
    rotate: Rotate = None
    deskew: Deskew = None
    upright: Upright = None
    file_path: Annotated[
        Path | None,
        doc(
            "生成的文件，后缀名决定格式；为空时使用默认目录和文件名；没有此参数时不写文件，应答带回 base64",
            "file to write, its suffix decides the format; empty: default folder and name; absent: no file, "
            "and the answer gives base64",
        ),
    ] = None
    record: Record = None
    base64: Annotated[bool, doc("写文件时也带回 base64", "also give base64 where a file is written")] = False

    def __post_init__(self) -> None:
        given = [bool(source) for source in (self.handle, self.image_base64, self.image_path)]
        if not any(given):
            raise errors.MissingParameter(field="handle/imageBase64/imagePath")
        if sum(given) > 1:
            raise errors.BadParameter(field="handle/imageBase64/imagePath", reason=_ONE)
        if self.corners is not None and (self.crop_type not in (None, 4) or self.crop_rect is not None):
            raise errors.BadParameter(field="cropType", reason=_NO_SEARCH)


class ProcessImageAnswer(PicturesAnswer, frozen=True, kw_only=True):
    """Message with one picture; or, if only files were asked for, the one answer with all of them."""

    image_count: Annotated[int, doc("图片总数", "how many pictures there are")]
    image_index: Annotated[
        int | None, doc("第几张，从 1 开始；只写文件时没有", "which one this is, from 1; not of files alone")
    ] = None
    image_base64_str: Annotated[Base64 | None, doc("图片的 base64", "the picture in base64")] = None
    image_path: Annotated[
        tuple[str, ...] | None,
        doc(
            "已写入的文件；带回 base64 时只有这一张的", "the files written; of a message with base64 its own"
        ),
    ] = None
    mime: Annotated[str, doc("图片格式，例如 image/jpeg", "format of the picture, for example image/jpeg")]
    width: Annotated[int, doc("图片宽度（像素）", "width of the picture in pixels")]
    height: Annotated[int, doc("图片高度（像素）", "height of the picture in pixels")]


_CORNERS = ((412.0, 208.5), (2210.0, 231.0), (2188.5, 2790.0), (398.0, 2761.0))
"""Corners of a document in the example, in pixels."""

FUNCTIONS = (
    Function(
        request=ProcessImageRequest,
        answer=ProcessImageAnswer,
        several=lambda request: request.file_path is None or request.base64,
        errors=(*MAKING, *DECODING, *FILE_READING, *SAVING, errors.OriginalGone),
        since="gaopai 0.1",
        summary=LocalizedText(
            "重新处理一张图片：拍照或扫描的原图（handle）、base64 或文件；例如按拖动后的四个角裁切，"
            "或换一种图像。多图裁切时每张图片一条应答。",
            "Work on a picture again: the original of a capture or scan (handle), base64 or a file; say, to "
            "cut it by corners that were dragged, or to enhance it otherwise. A multi-crop gives one answer "
            "for each picture.",
        ),
        example=Example(
            {
                "handle": "Yd3mJ2kQbVw0c9XrT1uZsA8f",
                "corners": [list(corner) for corner in _CORNERS],
                "rotate": 90,
                "imageType": 3,
            },
            ProcessImageAnswer(
                image_count=1,
                image_index=1,
                image_base64_str="/9j/4AAQ...",
                mime="image/jpeg",
                width=2554,
                height=1800,
                handle="Yd3mJ2kQbVw0c9XrT1uZsA8f",
                corners=((398.0, 2761.0), (412.0, 208.5), (2210.0, 231.0), (2188.5, 2790.0)),
            ),
        ),
    ),
)
"""Functions about pictures that are worked on again, for the catalogue."""
