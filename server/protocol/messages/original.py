"""Originals of pictures: parts of the answers of captures and scans."""

from __future__ import annotations

from typing import Annotated

import msgspec

from server.protocol.messages.base import doc

Coordinate = Annotated[float, msgspec.Meta(ge=-100_000, le=100_000)]
Corner = Annotated[tuple[Coordinate, ...], msgspec.Meta(min_length=2, max_length=2)]
Corners = Annotated[tuple[Corner, ...], msgspec.Meta(min_length=4, max_length=4)]
"""Four points [x, y], clockwise from the document's top left."""

HANDLE = doc(
    "标准之外：原图的句柄，仅限本网站的页面，约 10 分钟内可用于 ProcessImage；未保留时没有此项",
    "beyond the standard: handle of the original, for pages of this site and ProcessImage, good for ten "
    "minutes; absent if none is kept",
)
CORNERS = doc(
    "标准之外：在原图中裁出的四个角 [[x,y],...]，像素，从结果的左上角起顺时针；未裁切或曲面展平时没有此项",
    "beyond the standard: where it was cut out, [[x,y],...] in pixels of the original, clockwise from the "
    "result's top left; absent where nothing was cut, or a curved page was flattened",
)
CUTS = doc(
    "标准之外：有多个文件时，每个文件的原图和裁切的四个角，与 imagePath 的顺序一致",
    "beyond the standard: of several files, original and corners of each of imagePath",
)


class PictureCut(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Original of one picture, and where it was cut out."""

    handle: Annotated[str | None, HANDLE] = None
    corners: Annotated[Corners | None, CORNERS] = None
