"""Functions of scanners."""

from __future__ import annotations

from server.errors import (
    BadName,
    BadSuffix,
    Cancelled,
    CoverOpen,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DevicePermission,
    DeviceTimeout,
    DriverCrashed,
    DriverMissing,
    FeederEmpty,
    FileExists,
    FontMissing,
    LocalizedText,
    ModelDamaged,
    ModeNotSupported,
    NamePartMissing,
    NoSuchDevice,
    PageCutShort,
    PaperJam,
    PaperTooLarge,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
    StorageFailed,
    StorageFull,
)
from server.protocol.function import Closing, Example, Function
from server.protocol.messages import scanners

_USING = (NoSuchDevice, DeviceBusy, DeviceGone, DeviceTimeout, DevicePermission, DeviceFailed, DriverCrashed)
_PAPER = (ModeNotSupported, PaperTooLarge, FeederEmpty, PaperJam, CoverOpen, PageCutShort)
_PICTURE = (PictureUnreadable, PictureTooLarge, FontMissing, ModelDamaged)
_SAVING = (BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed, NamePartMissing)

_INFO = scanners.GetScannerInfoAnswer(
    scan_sources=("Simplex", "Duplex"),
    scan_modes=("Gray", "Color", "Black & White"),
    scan_resolutions=("100", "150", "200", "300", "400", "600"),
    scan_papers=-1,
)
_END = scanners.GetScanEndStatueAnswer(scan_end_statue=0)

FUNCTIONS = (
    Function(
        name="GetScannerName",
        request=scanners.GetScannerNameRequest,
        answer=scanners.GetScannerNameAnswer,
        errors=(DriverMissing, DeviceTimeout, DriverCrashed, DeviceFailed),
        since="V1.3",
        summary=LocalizedText("获取扫描仪名称。", "List the scanners."),
        example=Example({}, scanners.GetScannerNameAnswer(scanner_name=("Canon DRC230", "Uniscan F40D"))),
    ),
    Function(
        name="GetScannerInfo",
        request=scanners.GetScannerInfoRequest,
        answer=scanners.GetScannerInfoAnswer,
        errors=_USING,
        since="V1.3",
        summary=LocalizedText("获取扫描仪基本信息。", "Tell what a scanner offers."),
        example=Example({"devIndex": 0}, _INFO),
    ),
    Function(
        name="SetScannerImageInfo",
        request=scanners.SetScannerImageInfoRequest,
        answer=scanners.SetScannerImageInfoAnswer,
        since="V1.3",
        summary=LocalizedText(
            "设置扫描图像的算法，按连接保存，用于此后的每一页。",
            "Set how scanned pictures are processed. Kept for this connection, used for each page from "
            "now on.",
        ),
        example=Example(
            {"cropType": 1, "imageType": 2, "fillBorderType": 1, "removalForeign": 2, "rotate": 0},
            scanners.SetScannerImageInfoAnswer(),
        ),
    ),
    Function(
        name="Scan",
        request=scanners.ScanRequest,
        answer=scanners.ScanAnswer,
        errors=(*_USING, *_PAPER, *_PICTURE, *_SAVING, Cancelled),
        long=True,
        closing=Closing("GetScanEndStatue", _END),
        since="V1.3",
        summary=LocalizedText(
            "扫描。没有 imagePath 时每张图片一条应答（imageBase64Str）；"
            "有 imagePath 时写入文件，只有一条应答，除非 withImage 为 true。最后总有一条 GetScanEndStatue。",
            "Scan. Without imagePath, one answer for each picture (imageBase64Str); with it, pictures are "
            "written and there is one answer in all, unless withImage is true. A GetScanEndStatue always "
            "ends it.",
        ),
        example=Example(
            {
                "devIndex": 0,
                "scanSource": 1,
                "scanMode": 0,
                "scanResolution": 3,
                "scanPaperSize": 0,
                "imagePath": "/tmp/scannerimage.jpg",  # noqa: S108 - the standard's own example
            },
            scanners.ScanAnswer(
                image_path=("/var/lib/gaopai/tmp/scannerimage.jpg", "/var/lib/gaopai/tmp/scannerimage1.jpg")
            ),
        ),
    ),
    Function(
        name="GetScanEndStatue",
        request=scanners.GetScanEndStatueRequest,
        answer=scanners.GetScanEndStatueAnswer,
        pushes=(scanners.GetScanEndStatueAnswer,),
        since="V1.3",
        summary=LocalizedText(
            "扫描结束的通知：每次 Scan 之后发送一次，无论成功、出错或取消，reqId 与 Scan 相同。也可调用。",
            "The notice that a scan has ended: sent once after every Scan, also after an error or a cancel, "
            "with the Scan's reqId. It may be called too.",
        ),
        example=Example(
            {},
            _END,
            _END,
        ),
    ),
)
