"""Functions that read documents, and make copies that tell less."""

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
    FaceModelMissing,
    FileExists,
    FileMissing,
    FileOfAnotherOrigin,
    FileUnreadable,
    FontMissing,
    LocalizedText,
    NamePartMissing,
    NoSuchDevice,
    NothingToHide,
    PageUnsure,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
    StorageFailed,
    StorageFull,
    ToolMissing,
)
from server.protocol.function import Example, Function
from server.protocol.messages import documents

_READING = (
    *(PictureUnreadable, PictureTooLarge, DecoderUnavailable, ToolMissing, DocumentProtected),
    *(BadName, PathOutside, FileMissing, FileUnreadable, FileOfAnotherOrigin, Cancelled),
)

_CARD = documents.DocumentInfo(
    type="bank-card",
    fields=documents.DocumentFields(number="9999990000000001", expiry="01/35"),
    valid=True,
    problems=(),
    corners=((10, 10), (866, 10), (866, 550), (10, 550)),
    page=1,
    image_path="/var/lib/gaopai/card.jpg",
)

FUNCTIONS = (
    Function(
        name="RecogDocument",
        request=documents.RecogDocumentRequest,
        answer=documents.RecogDocumentAnswer,
        errors=(
            *_READING,
            *(NoSuchDevice, DeviceNotOpen, DeviceBusy, DeviceGone, DeviceTimeout, DeviceFailed),
        ),
        long=True,
        since="gaopai 0.1",
        summary=LocalizedText(
            "读出图片上的身份证、银行卡、护照和机读区、营业执照、发票的字段，并用校验位和互相印证核对。",
            "Read the fields of identity cards, bank cards, passports and other zones, business licences and "
            "invoices, and check them by their check digits and against each other.",
        ),
        example=Example(
            {"imagePath": "/var/lib/gaopai/card.jpg", "crop": True},
            documents.RecogDocumentAnswer(documents=(_CARD,)),
        ),
    ),
    Function(
        name="SetCameraDocumentReading",
        request=documents.SetCameraDocumentReadingRequest,
        answer=documents.SetCameraDocumentReadingAnswer,
        errors=(
            *(NoSuchDevice, DeviceNotOpen, DeviceBusy, DeviceGone, DeviceTimeout, DeviceFailed),
            *(ToolMissing, DecoderUnavailable, PictureUnreadable),
        ),
        since="gaopai 0.1",
        summary=LocalizedText(
            "证件在已打开的摄像头下放稳即识别，字段以 Notify（OnDocuments）推送，移开时也推送；"
            "直到 enable 为 false、CloseCamera 或连接断开。",
            "Read whatever documents come to rest below an open camera. A Notify (OnDocuments) tells their "
            "fields, and when they are moved. Until enable is false, CloseCamera or the connection's end.",
        ),
        example=Example(
            {"devNum": 0, "enable": True},
            documents.SetCameraDocumentReadingAnswer(),
        ),
    ),
    Function(
        name="PrivateCopy",
        request=documents.PrivateCopyRequest,
        answer=documents.PrivateCopyAnswer,
        errors=(
            *_READING,
            *(PageUnsure, NothingToHide, FontMissing, FaceModelMissing),
            *(BadSuffix, FileExists, StorageFull, StorageFailed, NamePartMissing),
        ),
        long=True,
        since="gaopai 0.1",
        summary=LocalizedText(
            "制作遮盖了号码、姓名、地址、肖像的副本，平铺用途文字；不能确认读全的页面不会给出副本。",
            "Make a copy whose numbers, names, addresses and portraits are covered, with its purpose tiled "
            "over it. Of a page that cannot be read surely there is no copy.",
        ),
        example=Example(
            {
                "imagePath": "/var/lib/gaopai/card.jpg",
                "hide": ["id", "address", "portrait"],
                "mark": "仅供办理业务使用",
                "filePath": "/var/lib/gaopai/copy.jpg",
            },
            documents.PrivateCopyAnswer(
                file_path="/var/lib/gaopai/copy.jpg",
                mime="image/jpeg",
                pages=1,
                removed=True,
                hidden={"id": 1, "address": 2, "portrait": 1},
            ),
        ),
    ),
)
