"""Functions that work on pictures again."""

from __future__ import annotations

from server.errors import (
    BadName,
    BadSuffix,
    DecoderUnavailable,
    DocumentProtected,
    FileExists,
    FileMissing,
    FileOfAnotherOrigin,
    FileUnreadable,
    FontMissing,
    LocalizedText,
    ModelDamaged,
    NamePartMissing,
    OriginalGone,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
    StorageFailed,
    StorageFull,
)
from server.protocol.function import Example, Function
from server.protocol.messages import processing

_CORNERS = ((412.0, 208.5), (2210.0, 231.0), (2188.5, 2790.0), (398.0, 2761.0))

FUNCTIONS = (
    Function(
        name="ProcessImage",
        request=processing.ProcessImageRequest,
        answer=processing.ProcessImageAnswer,
        errors=(
            *(OriginalGone, PictureUnreadable, PictureTooLarge, FontMissing, ModelDamaged),
            *(DecoderUnavailable, DocumentProtected),
            *(FileMissing, FileUnreadable, FileOfAnotherOrigin),
            *(BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed, NamePartMissing),
        ),
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
            processing.ProcessImageAnswer(
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
