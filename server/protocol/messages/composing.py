"""Functions and messages about two sides on one page."""

from __future__ import annotations

from typing import Annotated, Literal

from server import errors
from server.errors import LocalizedText
from server.protocol.function import CAMERA_USE, DECODING, FILE_READING, SAVING, Example, Function
from server.protocol.messages.base import Answer, Base64, Base64s, Path, Paths, doc, redacted_repr
from server.protocol.messages.cameras import DevNum
from server.protocol.messages.pictures import OutputRequest

_TOO_MANY = LocalizedText("最多两张图片", "at most two pictures are expected")


class ComposeCardsRequest(OutputRequest, frozen=True, kw_only=True):
    """Request with one or two pictures, or for a capture where it has none."""

    __repr__ = redacted_repr

    image_base64: Annotated[
        Base64s,
        doc(
            "一张或两张图片的 base64：先正面后反面，或一张上有两面；为空时读取 imagePath",
            "one or two pictures in base64: front, then back, or one with both; if empty, imagePath is read",
        ),
    ] = ()
    image_path: Annotated[
        Paths,
        doc(
            "一个或两个图片文件；也为空时用摄像头拍一张有两面的图片",
            "one or two files; if empty too, the camera takes one picture with both sides",
            "imgPath",
        ),
    ] = ()
    dev_num: DevNum = None
    layout: Annotated[
        Literal[0, 1, 2],
        doc(
            "排版：0 证件按实际大小（85.6 x 54 毫米）排在 A4 上；1 两页左右；2 两页上下",
            "layout: 0 a card at its true size (85.6 x 54 mm) on A4, 1 two pages beside each other, "
            "2 one below the other",
        ),
    ] = 0
    file_type: Annotated[
        Literal[0, 1],
        doc("filePath 没有给出后缀名时：0 PDF，1 JPEG", "where no filePath decides it: 0 PDF, 1 JPEG"),
    ] = 0
    file_path: Annotated[
        Path | None,
        doc(
            "生成的文件，后缀名决定格式；为空时使用默认目录和文件名；没有此参数且 base64 为 true 时不写文件",
            "file to write, its suffix decides the format; empty: default folder and name; absent with "
            "base64 true: no file is written",
        ),
    ] = None
    base64: Annotated[bool, doc("应答中带回生成的文件", "give the file back in the answer")] = False

    def __post_init__(self) -> None:
        for field, given in (("imageBase64", self.image_base64), ("imagePath", self.image_path)):
            if len(given) > 2:
                raise errors.BadParameter(field=field, reason=_TOO_MANY)


class ComposeCardsAnswer(Answer, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    file_path: Annotated[
        str | None, doc("已写入的文件；没有写文件时没有此项", "the file written, if one was")
    ] = None
    file_base64: Annotated[
        Base64 | None, doc("请求了 base64 时：文件的内容", "if base64 was requested: the file itself")
    ] = None
    mime: Annotated[str, doc("文件格式", "format of the file")]
    width: Annotated[int, doc("页面宽度（像素）", "width of the page in pixels")]
    height: Annotated[int, doc("页面高度（像素）", "height of the page in pixels")]


FUNCTIONS = (
    Function(
        request=ComposeCardsRequest,
        answer=ComposeCardsAnswer,
        errors=(
            *CAMERA_USE,
            *DECODING,
            *FILE_READING,
            *SAVING,
            errors.SidesMissing,
            errors.FontMissing,
            errors.ModelDamaged,
            errors.Cancelled,
        ),
        long=True,
        since="gaopai 0.1",
        summary=LocalizedText(
            "把证件的正反面裁出、转正，按实际大小排在一页 A4 上；表单的两页同样。",
            "Cut out front and back of a card, set them upright and lay them on one A4 page at their true "
            "size; the same for a form of two pages.",
        ),
        example=Example(
            {
                "imagePath": ["/var/lib/gaopai/front.jpg", "/var/lib/gaopai/back.jpg"],
                "layout": 0,
                "filePath": "/var/lib/gaopai/card.pdf",
                "watermark": {"text": "仅供办理业务使用", "position": "tiled"},
            },
            ComposeCardsAnswer(
                file_path="/var/lib/gaopai/card.pdf", mime="application/pdf", width=2480, height=3508
            ),
        ),
    ),
)
"""Functions about two sides on one page, for the catalogue."""
