"""Functions to recognize text."""

from __future__ import annotations

from server.errors import (
    BadName,
    Cancelled,
    DecoderUnavailable,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DeviceNotOpen,
    DeviceTimeout,
    DocumentProtected,
    FileMissing,
    FileOfAnotherOrigin,
    FileUnreadable,
    LocalizedText,
    NoSuchDevice,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
    ToolMissing,
)
from server.protocol.function import Example, Function
from server.protocol.messages import texts

_LINE = texts.TextLineInfo(
    text="合同编号：2024-0817",
    score=0.998,
    left=120,
    top=96,
    right=486,
    bottom=130,
    corners=((120, 96), (486, 96), (486, 130), (120, 130)),
)

FUNCTIONS = (
    Function(
        name="RecogText",
        request=texts.RecogTextRequest,
        answer=texts.RecogTextAnswer,
        errors=(
            *(ToolMissing, PictureUnreadable, PictureTooLarge, DecoderUnavailable, DocumentProtected),
            *(PathOutside, BadName, FileMissing, FileOfAnotherOrigin, FileUnreadable),
            *(NoSuchDevice, DeviceNotOpen, DeviceBusy, DeviceGone, DeviceTimeout, DeviceFailed),
            Cancelled,
        ),
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
            texts.RecogTextAnswer(
                text_infos=(
                    texts.TextInfo(
                        image_path="/var/lib/gaopai/a.jpg", page=1, text=_LINE.text, lines=(_LINE,)
                    ),
                )
            ),
        ),
    ),
)
