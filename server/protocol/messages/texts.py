"""Functions and messages of text recognition."""

from __future__ import annotations

from typing import Annotated

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import CAMERA_USE, DECODING, FILE_READING, Example, Function
from server.protocol.messages.base import Answer, Paths, Picture, Request, doc, redacted_repr
from server.protocol.messages.cameras import DevNum


class RecogTextRequest(Request, frozen=True, kw_only=True):
    """Request with a picture, with files, or for a capture where it has neither."""

    __repr__ = redacted_repr

    image_base64: Picture = ""
    image_path: Annotated[
        Paths,
        doc(
            "图片、PDF 或多页 TIFF 文件，多个文件用 ; 隔开；也为空时用摄像头拍一张",
            "files to read, PDFs and TIFFs of many pages too, with ; between several; if empty too, the "
            "camera takes a picture",
            "imgPath",
        ),
    ] = ()
    dev_num: DevNum = None
    crop: Annotated[
        bool,
        doc(
            "只识别图片中的纸张：先找到并拉正；找不到时识别整张图片",
            "read only the sheet that the picture shows, found and set straight first; all of the picture "
            "where none is found",
        ),
    ] = False
    tables: Annotated[bool, doc("同时给出表格的单元格", "with the cells of its tables")] = False


class TextLineInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Line of text, in pixels of its picture as it was given."""

    __repr__ = redacted_repr

    text: Annotated[str, doc("这一行的文字", "the text of the line")]
    score: Annotated[float, doc("可信度，0 到 1", "confidence, 0 to 1")]
    left: Annotated[int, doc("左", "left edge")]
    top: Annotated[int, doc("上", "top edge")]
    right: Annotated[int, doc("右", "right edge")]
    bottom: Annotated[int, doc("下", "bottom edge")]
    corners: Annotated[
        tuple[tuple[float, ...], ...],
        doc(
            "四个角点 [x, y]，从第一个字的左上角起顺时针（竖排从右上角起）",
            "its four corners as [x, y], clockwise from the top left of its first character; of vertical "
            "text from the top right",
        ),
    ]


class TableCellInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Cell of a table."""

    __repr__ = redacted_repr

    row: Annotated[int, doc("行，从 0 开始", "its row, from 0")]
    column: Annotated[int, doc("列，从 0 开始", "its column, from 0")]
    row_span: Annotated[int, doc("占几行", "rows that it takes")]
    column_span: Annotated[int, doc("占几列", "columns that it takes")]
    text: Annotated[str, doc("文字，空单元格为空", "its text, empty without any")]
    number: Annotated[
        float | None,
        doc(
            "文字是数时的数值；其他文字和账号之类为 null", "the number that the text is; null for other texts"
        ),
    ]
    corners: Annotated[
        tuple[tuple[float, ...], ...],
        doc("四个角点 [x, y]，从左上角起顺时针", "its four corners as [x, y], clockwise from the top left"),
    ]


class TableInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Table on a page."""

    __repr__ = redacted_repr

    rows: Annotated[int, doc("行数", "number of rows")]
    columns: Annotated[int, doc("列数", "number of columns")]
    cells: Annotated[tuple[TableCellInfo, ...], doc("各单元格，逐行", "its cells, row by row")]
    corners: Annotated[
        tuple[tuple[float, ...], ...],
        doc("四个角点 [x, y]，从左上角起顺时针", "its four corners as [x, y], clockwise from the top left"),
    ]


class TextInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Text of a page."""

    __repr__ = redacted_repr

    image_path: Annotated[
        str | None, doc("所在的文件，仅在给出文件时", "the file it is in, only when files were given")
    ] = None
    page: Annotated[int, doc("所在的页，从 1 开始", "its page, from 1")]
    text: Annotated[
        str, doc("全部文字，按阅读顺序，每行一行", "all of its text in reading order, line by line")
    ]
    lines: Annotated[
        tuple[TextLineInfo, ...], doc("各行，按阅读顺序；没有时为空", "its lines in reading order")
    ]
    tables: Annotated[
        tuple[TableInfo, ...] | None,
        doc("表格，从上到下，仅在要求时", "its tables from the top, only when asked for"),
    ] = None


class RecogTextAnswer(Answer, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    text_infos: Annotated[
        tuple[TextInfo, ...], doc("各页的文字，没有文字的页也在其中", "each page, one without text too")
    ]


_LINE = TextLineInfo(
    text="合同编号：2024-0817",
    score=0.998,
    left=120,
    top=96,
    right=486,
    bottom=130,
    corners=((120, 96), (486, 96), (486, 130), (120, 130)),
)
"""Line of text of the example."""

FUNCTIONS = (
    Function(
        request=RecogTextRequest,
        answer=RecogTextAnswer,
        errors=(*CAMERA_USE, *DECODING, *FILE_READING, errors.ToolMissing, errors.Cancelled),
        long=True,
        since="gaopai 0.1",
        summary=LocalizedText(
            "识别图片、PDF 或摄像头下的文字（中文、日文、英文），按阅读顺序给出每一行及其位置；"
            "没有文字时返回成功。",
            "Read the text (Chinese, Japanese, English) of pictures, of PDFs or below a camera: each line "
            "and its place, in reading order. Success when there is none.",
        ),
        example=Example(
            {"imagePath": "/var/lib/gaopai/a.jpg", "crop": True},
            RecogTextAnswer(
                text_infos=(
                    TextInfo(image_path="/var/lib/gaopai/a.jpg", page=1, text=_LINE.text, lines=(_LINE,)),
                )
            ),
        ),
    ),
)
"""Functions of text recognition, for the catalogue."""
