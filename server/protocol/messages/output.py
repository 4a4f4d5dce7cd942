"""Form of the pictures that a capture or scan gives: members of its request."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.protocol.messages.base import Request, doc, redacted_repr


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
        Annotated[str, msgspec.Meta(max_length=7)] | None,
        doc("颜色，#rrggbb", "colour, #rrggbb", "color"),
    ] = None
    time: Annotated[
        bool | None, doc("是否另起一行加上日期和时间", "whether date and time are added in a line")
    ] = None


class OutputRequest(Request, frozen=True, kw_only=True):
    """Request for pictures; what is missing is as configured in ``[output]``."""

    quality: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=100)] | None,
        doc(
            "标准之外：JPEG 和 WebP 的质量，1 到 100",
            "beyond the standard: quality of JPEG and WebP, 1 to 100",
        ),
    ] = None
    max_bytes: Annotated[
        Annotated[int, msgspec.Meta(ge=1000, le=1_000_000_000)] | None,
        doc(
            "标准之外：每个文件不超过多少字节，取放得下的最好质量，再不行就缩小；PNG、BMP、TIFF 放不下时报错",
            "beyond the standard: most bytes of each file: the best quality that fits, then fewer pixels; "
            "an error for PNG, BMP and TIFF that do not fit",
        ),
    ] = None
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
