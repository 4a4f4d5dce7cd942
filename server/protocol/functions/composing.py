"""Functions that put two sides on one page."""

from __future__ import annotations

from server.errors import (
    BadName,
    BadSuffix,
    Cancelled,
    DecoderUnavailable,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DeviceNotOpen,
    DeviceTimeout,
    DocumentProtected,
    FileExists,
    FileMissing,
    FileOfAnotherOrigin,
    FileUnreadable,
    FontMissing,
    LocalizedText,
    ModelDamaged,
    NamePartMissing,
    NoSuchDevice,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
    SidesMissing,
    StorageFailed,
    StorageFull,
)
from server.protocol.function import Example, Function
from server.protocol.messages import composing

FUNCTIONS = (
    Function(
        name="ComposeCards",
        request=composing.ComposeCardsRequest,
        answer=composing.ComposeCardsAnswer,
        errors=(
            *(SidesMissing, PictureUnreadable, PictureTooLarge, FontMissing, ModelDamaged),
            *(DecoderUnavailable, DocumentProtected),
            *(NoSuchDevice, DeviceNotOpen, DeviceBusy, DeviceGone, DeviceTimeout, DeviceFailed),
            *(FileMissing, FileUnreadable, FileOfAnotherOrigin),
            *(BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed, NamePartMissing),
            Cancelled,
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
            composing.ComposeCardsAnswer(
                file_path="/var/lib/gaopai/card.pdf", mime="application/pdf", width=2480, height=3508
            ),
        ),
    ),
)
