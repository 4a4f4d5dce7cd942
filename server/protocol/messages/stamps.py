"""Functions and messages of stamps on finished pages."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import DECODING, FILE_READING, SAVING, Example, Function
from server.protocol.messages.base import Answer, Base64, Path, Picture, Request, doc, redacted_repr

MOST_STAMPS = 100
"""Largest number of stamps of one request."""
_NONE = LocalizedText("至少要有一个印章", "at least one stamp is expected")
_CORNER = LocalizedText("left 和 top 须同时给出", "left and top are expected together")

Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
"""Share of a page's width or height."""


class PlacedStamp(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Stamp and its place on a page as it is seen."""

    name: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=40)],
        doc("印章的名称，见 GetStamps", "its name, see GetStamps"),
    ]
    page: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=1_000_000)],
        doc("所在的页，从 1 开始；0 为每一页", "its page, from 1; 0 for every page"),
    ] = 0
    position: Annotated[
        Literal[0, 1, 2, 3, 4, 5, 6, 7, 8],
        doc(
            "没有 left 和 top 时的位置：0 左上到 8 右下，逐行",
            "where there is no left and top: 0 top left to 8 bottom right, row by row",
        ),
    ] = 8
    left: Annotated[
        Percent | None,
        doc("左边，占页宽的百分比", "left edge, in percent of the page's width"),
    ] = None
    top: Annotated[
        Percent | None,
        doc("上边，占页高的百分比", "upper edge, in percent of the page's height"),
    ] = None
    width: Annotated[
        Annotated[float, msgspec.Meta(ge=0.1, le=100)] | None,
        doc(
            "宽度，占页宽的百分比；没有时按其毫米数。高度随之",
            "width in percent of the page's; without it, its own in mm. Its height follows",
        ),
    ] = None
    angle: Annotated[
        Annotated[float, msgspec.Meta(ge=-180, le=180)],
        doc("绕中心的逆时针角度", "degrees, counter-clockwise around its middle"),
    ] = 0.0


class GetStampsRequest(Request, frozen=True, kw_only=True):
    clerk: Annotated[
        Annotated[str, msgspec.Meta(max_length=40)],
        doc("经办人，印章文字中的 {clerk}", "the clerk, {clerk} in texts of stamps"),
    ] = ""


class StampInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Stamp as it would be laid on a page now."""

    __repr__ = redacted_repr

    name: Annotated[str, doc("名称", "its name")]
    title: Annotated[str, doc("给人看的名称", "its name for people")]
    width: Annotated[float, doc("宽度，毫米", "width in mm")]
    height: Annotated[float, doc("高度，毫米", "height in mm")]
    image_base64: Annotated[Base64, doc("样子，PNG；白色处不盖印", "its look as a PNG; white is no ink")]


class GetStampsAnswer(Answer, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    stamps: Annotated[
        tuple[StampInfo, ...],
        doc(
            "可用的印章；文件不能读取的不在其中，用到时说明原因",
            "the stamps there are; one whose file cannot be read is left out, and says why when it is used",
        ),
    ]


class StampFileRequest(Request, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    image_base64: Picture = ""
    image_path: Annotated[Path, doc("图片、PDF 或 TIFF 文件", "a picture, a PDF or a TIFF", "imgPath")] = ""
    stamps: Annotated[
        Annotated[tuple[PlacedStamp, ...], msgspec.Meta(max_length=MOST_STAMPS)],
        doc("印章及其位置，依次盖上", "the stamps and their places, laid one after the other"),
    ]
    clerk: Annotated[
        Annotated[str, msgspec.Meta(max_length=40)],
        doc("经办人，印章文字中的 {clerk}", "the clerk, {clerk} in texts of stamps"),
    ] = ""
    file_path: Annotated[
        Path | None,
        doc(
            "盖章后的文件，后缀名决定格式；为空时使用默认目录和文件名；"
            "没有此参数且 base64 为 true 时不写文件",
            "stamped file, its suffix decides the format; empty: default folder and name; absent with "
            "base64 true: no file is written",
        ),
    ] = None
    base64: Annotated[bool, doc("应答中带回文件", "give the file back in the answer")] = False

    def __post_init__(self) -> None:
        if not self.image_base64 and not self.image_path:
            raise errors.MissingParameter(field="imageBase64/imagePath")
        if not self.stamps:
            raise errors.BadParameter(field="stamps", reason=_NONE)
        if any((one.left is None) != (one.top is None) for one in self.stamps):
            raise errors.BadParameter(field="stamps", reason=_CORNER)


class StampFileAnswer(Answer, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    file_path: Annotated[
        str | None, doc("已写入的文件；没有写文件时没有此项", "the file written, if one was")
    ] = None
    file_base64: Annotated[
        Base64 | None, doc("请求了 base64 时：文件的内容", "if base64 was requested: the file itself")
    ] = None
    mime: Annotated[str, doc("文件格式", "format of the file")]
    pages: Annotated[int, doc("页数", "number of pages")]


_MAKING = (*DECODING, errors.FileUnreadable, errors.FontMissing)

FUNCTIONS = (
    Function(
        request=GetStampsRequest,
        answer=GetStampsAnswer,
        errors=_MAKING,
        since="gaopai 0.1",
        summary=LocalizedText(
            "列出可盖的印章：配置 [stamps] 中的，以及 copy 和 verified。",
            "List the stamps there are: those of [stamps] in the configuration, and copy and verified.",
        ),
        example=Example(
            {},
            GetStampsAnswer(
                stamps=(
                    StampInfo(
                        name="verified",
                        title="原件已核对",
                        width=40,
                        height=17.5,
                        image_base64="iVBORw0KGgo=",
                    ),
                )
            ),
        ),
    ),
    Function(
        request=StampFileRequest,
        answer=StampFileAnswer,
        errors=(*_MAKING, *FILE_READING, *SAVING, errors.Cancelled),
        long=True,
        since="gaopai 0.1",
        summary=LocalizedText(
            "在一页或每一页上盖章，如油墨，下面的字仍可见。PDF 的文字、图形和已有的内容保持原样；"
            "已签名的 PDF 不盖章。",
            "Lay stamps on one page or on all, as ink: print below them shows through. Text and drawings of "
            "a PDF stay as they are; one that is signed gets no stamp.",
        ),
        example=Example(
            {
                "imagePath": "/var/lib/gaopai/contract.pdf",
                "stamps": [{"name": "verified", "page": 1, "left": 70, "top": 88, "width": 20, "angle": 6}],
                "filePath": "/var/lib/gaopai/contract-stamped.pdf",
            },
            StampFileAnswer(
                file_path="/var/lib/gaopai/contract-stamped.pdf", mime="application/pdf", pages=3
            ),
        ),
    ),
)
"""Functions of stamps, for the catalogue."""
