"""Functions and messages of captures."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.errors import LocalizedText
from server.protocol.function import CAMERA_USE, MAKING, SAVING, Example, Function
from server.protocol.messages.base import Path, doc
from server.protocol.messages.cameras import (
    DevNum,
    Height,
    ImageBase64Str,
    ImagePaths,
    ImgBase64Str,
    Mime,
    Width,
)
from server.protocol.messages.pictures import InsetRequest, PictureAnswer, PicturesAnswer

Frames = Annotated[
    Annotated[int, msgspec.Meta(ge=1, le=8)] | None,
    doc(
        "标准之外：最多由几帧合成，1 到 8：取最清晰的一帧，"
        "对齐并合并其余各帧，减少噪点、压缩痕迹和移动的反光；"
        "与画中画同用时只取一帧；缺省：传感器噪点多时取已到的各帧，不另等待",
        "beyond the standard: most frames that the picture is merged from, 1 to 8: the sharpest, with the "
        "others aligned to it, for less noise, compression and moving glare; one with a picture in picture. "
        "By default those that are there already, where a sensor is noisy: nothing is waited for",
    ),
]
FRAMES_MERGED = doc(
    "标准之外：由几帧合成；只有一帧时没有此项",
    "beyond the standard: number of frames that were merged; absent for one",
)


class CameraCaptureRequest(InsetRequest, frozen=True, kw_only=True):
    dev_num: DevNum = None
    frames: Frames = None
    image_path: Annotated[
        Path,
        doc(
            "图片路径，格式由后缀名决定；为空时使用默认目录、文件名和格式；"
            "标准之外：可含占位符 {date}、{time}、{seq}、{barcode}、{idNum}、{case}，此时从不覆盖文件",
            "file to write, its suffix decides the format; empty: default folder, name and format; beyond "
            "the standard: with placeholders {date}, {time}, {seq}, {barcode}, {idNum}, {case}, when no file "
            "is ever replaced",
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


class CameraCaptureAnswer(PicturesAnswer, frozen=True, kw_only=True):
    image_path: ImagePaths
    frames: Annotated[int | None, FRAMES_MERGED] = None


class CameraCaptureBase64Request(InsetRequest, frozen=True, kw_only=True):
    dev_num: DevNum = None
    frames: Frames = None


class CameraCaptureBase64Answer(PictureAnswer, frozen=True, kw_only=True):
    """Message with one picture; the last one has imageIndex equal to imageCount."""

    image_count: Annotated[int, doc("图片总数", "how many pictures there are")]
    image_index: Annotated[int, doc("第几张，从 1 开始", "which one this is, from 1")]
    image_base64_str: ImageBase64Str
    img_base64_str: ImgBase64Str
    mime: Mime
    width: Width
    height: Height
    frames: Annotated[int | None, FRAMES_MERGED] = None


FUNCTIONS = (
    Function(
        request=CameraCaptureRequest,
        answer=CameraCaptureAnswer,
        several=lambda request: request.mode == "base64",
        errors=CAMERA_USE + MAKING + SAVING,
        since="V1.3",
        summary=LocalizedText(
            "拍摄图片到文件；多图裁切时返回多个文件。",
            "Take a picture into a file; a multi-crop gives several files.",
        ),
        example=Example(
            {"devNum": 0, "imagePath": "/tmp/capture.jpg"},  # noqa: S108 - the standard's own example
            CameraCaptureAnswer(
                image_path=("/var/lib/gaopai/tmp/capture.jpg", "/var/lib/gaopai/tmp/capture1.jpg")
            ),
        ),
    ),
    Function(
        request=CameraCaptureBase64Request,
        answer=CameraCaptureBase64Answer,
        several=True,
        errors=CAMERA_USE + MAKING,
        since="V1.3",
        summary=LocalizedText(
            "拍摄图片并返回 base64；多图裁切时每张图片一条应答。",
            "Take a picture as base64; a multi-crop gives one answer for each picture.",
        ),
        example=Example(
            {"devNum": 0},
            CameraCaptureBase64Answer(
                image_count=4,
                image_index=1,
                image_base64_str="/9j/4AAQ...",
                img_base64_str="/9j/4AAQ...",
                mime="image/jpg",
                width=1240,
                height=1754,
            ),
        ),
    ),
)
"""Functions of captures, for the catalogue."""
