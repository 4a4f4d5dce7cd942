"""Functions to recognize barcodes."""

from __future__ import annotations

from server.errors import (
    BadName,
    Cancelled,
    DecoderUnavailable,
    DocumentProtected,
    FileMissing,
    FileOfAnotherOrigin,
    FileUnreadable,
    LocalizedText,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
)
from server.protocol.function import Example, Function
from server.protocol.messages import barcodes

_CODE = barcodes.CodeInfo(
    code_num="6901234567892",
    code_type="EAN13",
    left="10",
    top="10",
    right="100",
    bottom="100",
    corners=((10, 10), (100, 10), (100, 100), (10, 100)),
    image_path="/var/lib/gaopai/a.jpg",
)

FUNCTIONS = (
    Function(
        name="RecogBarCode",
        request=barcodes.RecogBarCodeRequest,
        answer=barcodes.RecogBarCodeAnswer,
        errors=(
            PictureUnreadable,
            PictureTooLarge,
            DecoderUnavailable,
            DocumentProtected,
            PathOutside,
            BadName,
            FileMissing,
            FileOfAnotherOrigin,
            FileUnreadable,
            Cancelled,
        ),
        long=True,
        since="V1.5",
        summary=LocalizedText(
            "识别图片上的全部条码和二维码；没有条码时返回成功和空数组。",
            "Read all barcodes in pictures. Success and an empty array when there are none.",
        ),
        example=Example(
            {"imageBase64": "", "imagePath": "/var/lib/gaopai/a.jpg;/var/lib/gaopai/b.jpg"},
            barcodes.RecogBarCodeAnswer(code_infos=(_CODE,)),
        ),
    ),
)
