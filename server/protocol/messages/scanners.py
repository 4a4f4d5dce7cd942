"""Functions and messages of the scanner."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import DEVICE_USE, MAKING, SAVING, Closing, Example, Function
from server.protocol.messages.base import Answer, Base64, Index, Option, Path, Request, doc
from server.protocol.messages.pictures import ImageInfoRequest, PicturesAnswer, ProfiledRequest

DevIndex = Annotated[Index, doc("设备编号，与 scannerName 的顺序一致", "index into scannerName")]
Choices = tuple[str, ...] | Literal[-1]
"""Choices of a driver, or -1 where it has no such option."""


ScanExtra = Literal["scanMode", "doubleFeed", "dropBlank", "turnBacks", "streams", "dropout", "threshold"]
"""Parameter of Scan beyond the standard that not every scanner follows; scanMode stands for "auto"."""
Millimetres = Annotated[float, msgspec.Meta(ge=10, le=3100)]


class GetScannerNameRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class GetScannerNameAnswer(Answer, frozen=True, kw_only=True):
    scanner_name: Annotated[tuple[str, ...], doc("扫描仪名称列表", "names of the scanners")]


class GetScannerInfoRequest(Request, frozen=True, kw_only=True):
    dev_index: DevIndex = 0


class GetScannerInfoAnswer(Answer, frozen=True, kw_only=True):
    scan_sources: Annotated[
        Choices, doc("扫描类型；驱动没有此选项时为 -1", "paper sources; -1 if the driver has no such option")
    ]
    scan_modes: Annotated[
        Choices, doc("扫描模式；驱动没有此选项时为 -1", "colour modes; -1 if the driver has no such option")
    ]
    scan_resolutions: Annotated[
        Choices,
        doc("扫描分辨率；驱动没有此选项时为 -1", "resolutions in dpi; -1 if the driver has no such option"),
    ]
    scan_papers: Annotated[
        Choices, doc("纸张大小；驱动没有此选项时为 -1", "paper sizes; -1 if the driver has no such option")
    ]
    scan_extras: Annotated[
        tuple[ScanExtra, ...] | None,
        doc(
            '标准之外：对此扫描仪起作用的其他 Scan 参数；scanMode 指 "auto"',
            "beyond the standard: further parameters of Scan that make a difference with this scanner; "
            'scanMode stands for "auto"',
        ),
    ] = None


class SetScannerImageInfoRequest(ImageInfoRequest, frozen=True, kw_only=True):
    """Picture settings for every scanner of the connection."""


class SetScannerImageInfoAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


class ScanRequest(ProfiledRequest, frozen=True, kw_only=True):
    dev_index: DevIndex = 0
    scan_source: Annotated[
        Option | Literal["auto"],
        doc(
            '扫描类型编号；标准之外："auto" 进纸器有纸时用进纸器，否则用平板',
            'index into scanSources; beyond the standard: "auto" for the feeder if it holds paper, else the '
            "glass",
        ),
    ] = 0
    side: Annotated[
        Literal["front", "back"] | None,
        doc(
            "标准之外：单面进纸器分两遍扫双面：先 front，把整叠纸翻过来，再 back；"
            "存为文件时第二遍的应答按正反面顺序列出两遍的文件",
            "beyond the standard: both sides on a one-sided feeder, in two scans: front, then the pile "
            "turned over, then back; of files, the second answer lists those of both, each front before "
            "its back",
        ),
    ] = None
    back_order: Annotated[
        Literal["reversed", "same"],
        doc(
            "标准之外：背面的顺序：reversed 最后一张先进（整叠翻转），same 与正面相同",
            "beyond the standard: order of the backs: reversed, the last sheet first, as a pile comes that "
            "was turned over whole; same as the fronts",
        ),
    ] = "reversed"
    scan_mode: Annotated[
        Option | Literal["auto"],
        doc(
            '扫描模式编号；标准之外："auto" 彩色扫描，没有颜色的页给出灰度图',
            'index into scanModes; beyond the standard: "auto" scans in colour, and gives pages without '
            "colour in grey",
        ),
    ] = 0
    scan_resolution: Annotated[Option, doc("扫描分辨率编号", "index into scanResolutions")] = 0
    scan_paper_size: Annotated[Option, doc("纸张大小编号", "index into scanPapers")] = 0
    resume: Annotated[
        bool,
        doc(
            "标准之外：继续因故障中断的扫描（应答中的 resumePage）：先把尚未扫描的纸放回；参数同那次扫描，"
            "仅 doubleFeed 取此次的；页码、文件名接续，最后列出全部文件",
            "beyond the standard: go on with the scan that a fault ended (resumePage of its answer), once "
            "the sheets not yet scanned are back; with its parameters, but for doubleFeed. Numbers and names "
            "follow on, and the last answer lists all files",
        ),
    ] = False
    double_feed: Annotated[
        Literal["detect", "ignore"],
        doc(
            "标准之外：一次进两张纸、订书钉：detect 扫描仪能检测时停下（默认），ignore 不检测（信封、贴纸）",
            "beyond the standard: double feeds and staples: detect, the default, stops where the scanner can "
            "tell; ignore does not, for envelopes and sheets with something stuck on",
        ),
    ] = "detect"
    drop_blank: Annotated[
        Literal["none", "backs", "all"],
        doc(
            "标准之外：不交付空白页：none 全部交付（默认），backs 空白的背面，all 所有空白页；仅限进纸器",
            "beyond the standard: blank pages that are left out: none, the default; blank backs; all. Of a "
            "feeder alone",
        ),
    ] = "none"
    turn_backs: Annotated[
        bool,
        doc(
            "标准之外：背面旋转 180 度：驱动送来的背面上下颠倒，或原件上下翻页时",
            "beyond the standard: turn backs by 180 degrees, where the driver gives them upside down or "
            "sheets are bound at the top",
        ),
    ] = False
    streams: Annotated[
        Annotated[tuple[Literal["asSet", "gray", "bw"], ...], msgspec.Meta(max_length=3)],
        doc(
            "标准之外：一次扫描每页给出几种图片：asSet 按设置，gray 灰度，bw 黑白；"
            "为空即 asSet；应答的 stream 说明是哪种",
            "beyond the standard: several pictures of each page from one pass: asSet, gray, bw (black and "
            "white); empty for asSet. stream of the answer tells which",
        ),
    ] = ()
    dropout: Annotated[
        Literal["", "red", "green", "blue"],
        doc(
            "标准之外：滤除一种颜色的墨迹，结果为灰度或黑白；扫描仪不能滤色时由图像算法完成",
            "beyond the standard: colour of ink that vanishes; gives grey, or black and white. By the "
            "picture core where the scanner cannot",
        ),
    ] = ""
    threshold: Annotated[
        Literal["driver", "own"],
        doc(
            "标准之外：黑白扫描时：driver 驱动自己的黑白（默认），own 灰度扫描后由图像算法转黑白",
            "beyond the standard: of a scan in black and white: driver, the default, for its own; own for "
            "a scan in grey whose ink the picture core tells from paper",
        ),
    ] = "driver"
    paper_width: Annotated[
        Millimetres | None,
        doc("自定义纸张（User Defined）的宽度，毫米", "width of a User Defined paper in mm"),
    ] = None
    paper_height: Annotated[
        Millimetres | None,
        doc("自定义纸张（User Defined）的高度，毫米", "height of a User Defined paper in mm"),
    ] = None
    image_path: Annotated[
        Path | None,
        doc(
            "图片保存路径；为空字符串时使用默认目录和文件名；没有此参数时返回 base64；占位符同 CameraCapture",
            "file to write; empty: default folder and name; when the key is absent, pages come as base64; "
            "placeholders as in CameraCapture",
            "imgPath",
        ),
    ] = None
    with_image: Annotated[
        bool,
        doc(
            "有 imagePath 时：每写入一张图片再发送一条带 imageBase64Str 的应答，供网页显示",
            "with imagePath: also send each picture once it is written, as without, for the page to show",
        ),
    ] = False
    with_rows: Annotated[
        bool,
        doc(
            "标准之外：扫描过程中以通知 OnScanRows 逐段发送正在进来的页面的小图，供网页边扫边显示",
            "beyond the standard: while a page comes, its rows in small (OnScanRows), to be shown",
        ),
    ] = False


class ScanAnswer(PicturesAnswer, frozen=True, kw_only=True):
    """Message with one picture in `image_base64_str`, or the last one with all files in `image_path`."""

    image_base64_str: Annotated[
        Base64 | None,
        doc(
            "图片的 base64；已写入而浏览器不能显示的格式没有此项",
            "the picture in base64; not of a file in a format that browsers do not show",
        ),
    ] = None
    image_count: Annotated[
        int | None, doc("图片总数，已知时才有", "how many pictures there are, once it is known")
    ] = None
    image_index: Annotated[int | None, doc("第几张，从 1 开始", "which one this is, from 1")] = None
    image_path: Annotated[
        tuple[str, ...] | None,
        doc(
            "已写入的文件；withImage 的每张图片一条应答中只有它自己的文件",
            "the files written; in the message of one picture (withImage) its own",
        ),
    ] = None
    mime: Annotated[str | None, doc("图片格式，例如 image/jpg", "format, for example image/jpg")] = None
    width: Annotated[int | None, doc("图片宽度（像素）", "width of the picture in pixels")] = None
    height: Annotated[int | None, doc("图片高度（像素）", "height of the picture in pixels")] = None
    page: Annotated[
        int | None,
        doc(
            "来自第几页，从 1 开始；多图裁切时一页有几张",
            "the page it comes from, from 1; several pictures may",
        ),
    ] = None
    sheet: Annotated[
        int | None,
        doc(
            "标准之外：分两遍扫双面时：第几张纸，从 1 开始",
            "beyond the standard: in two scans: the sheet, from 1",
        ),
    ] = None
    side: Annotated[
        Literal["front", "back"] | None,
        doc("标准之外：分两遍扫双面时：哪一面", "beyond the standard: in two scans: its side"),
    ] = None
    stream: Annotated[
        Literal["asSet", "gray", "bw"] | None,
        doc("标准之外：请求了 streams 时：哪种图片", "beyond the standard: with streams: which of them"),
    ] = None
    resume_page: Annotated[
        int | None,
        doc(
            "标准之外：故障中断了扫描：resume 为 true 的 Scan 从这一页继续",
            "beyond the standard: with an error: the page at which a Scan with resume goes on",
        ),
    ] = None
    blank: Annotated[bool | None, doc("该页是否空白", "whether the page is blank")] = None
    blank_pages: Annotated[
        tuple[int, ...] | None,
        doc(
            "存为文件时：空白图片在 imagePath 中的序号，从 1 开始",
            "of files: which of imagePath are blank, from 1",
        ),
    ] = None


class GetScanEndStatueRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class GetScanEndStatueAnswer(Answer, frozen=True, kw_only=True):
    """Answer, also sent once after each Scan, with the Scan's reqId."""

    scan_end_statue: Annotated[Literal[0], doc("0：扫描已结束", "0: the scan has ended")]


class ScanFinishedPush(Answer, frozen=True, kw_only=True):
    """Notice that a scan is over, with its reqId; it comes before GetScanEndStatue."""

    event: Annotated[Literal["OnScanFinished"], doc("事件", "what happened")]
    kind: Annotated[Literal["scanner"], doc("设备种类", "kind of device")]
    pages: Annotated[int, doc("已交付的页数（面）", "sides of sheets that were delivered")]
    pictures: Annotated[int, doc("图片数", "pictures of them")]
    blank: Annotated[int, doc("其中空白的图片数", "how many of these are blank")]
    dropped: Annotated[
        int | None,
        doc("未交付的空白页数（dropBlank）", "blank pages that were left out (dropBlank)"),
    ] = None
    code: Annotated[int, doc("0 为完成，否则为错误代码", "0 for done, else the code of the error")]


class ScannerNoticePush(Answer, frozen=True, kw_only=True):
    """Notice of a scan, with its reqId, of something that people at the scanner have to know."""

    event: Annotated[Literal["OnScannerNotice"], doc("事件", "what happened")]
    kind: Annotated[Literal["scanner"], doc("设备种类", "kind of device")]
    notice: Annotated[
        Literal[
            "doubleFeed",
            "staple",
            "coverOpen",
            "lensDirty",
            "asleep",
            "warmingUp",
            "locked",
            "carrierSheet",
            "cardSlot",
        ],
        doc(
            "doubleFeed 一次进了几张，staple 订书钉，coverOpen 盖板未关，lensDirty 镜头脏，"
            "asleep 在唤醒，warmingUp 在预热，locked 运输锁未打开，"
            "carrierSheet 使用载体页，cardSlot 卡槽中有卡",
            "doubleFeed, staple, coverOpen: the scan stops, an error follows; lensDirty: dust draws a line; "
            "asleep: it is being woken; warmingUp: its lamp gets ready; locked: for transport; "
            "carrierSheet: one is expected; cardSlot: a card is in the slot",
        ),
    ]
    message: Annotated[str, doc("发生了什么、怎么办", "what happened and what to do, to be shown")]
    page: Annotated[int, doc("已交付的最后一页；0 为尚无", "the last page delivered; 0 for none yet")]


class ScanRowsPush(Answer, frozen=True, kw_only=True):
    """Notice of a scan with withRows, with its reqId: rows of a page that is still coming, in small.

    At most some four a second; a page that comes faster has none. They are as scanned, not yet cut.
    """

    event: Annotated[Literal["OnScanRows"], doc("事件", "what happened")]
    kind: Annotated[Literal["scanner"], doc("设备种类", "kind of device")]
    image_base64_str: Annotated[Base64, doc("这些行的图片", "picture of these rows")]
    mime: Annotated[str, doc("图片格式", "format of the picture")]
    top: Annotated[
        int,
        doc(
            "在小图中的起始行；0 为新的一页",
            "row of the small picture at which they begin; 0 begins a new page",
        ),
    ]
    width: Annotated[int, doc("小图的宽度（像素）", "width of the small picture in pixels")]
    height: Annotated[int, doc("这些行的高度（像素）", "height of these rows in pixels")]
    page_height: Annotated[
        int | None,
        doc(
            "整页小图的高度；驱动没有说明时没有",
            "height of the whole page in small; absent if the driver does not say",
        ),
    ] = None


_USING = (*DEVICE_USE, errors.DriverCrashed)
_PAPER = (
    errors.ModeNotSupported,
    errors.PaperTooLarge,
    errors.FeederEmpty,
    errors.PaperJam,
    errors.CoverOpen,
    errors.PageCutShort,
    errors.DoubleFeed,
    errors.StapleFound,
    errors.ScannerAsleep,
)

_INFO = GetScannerInfoAnswer(
    scan_sources=("Simplex", "Duplex"),
    scan_modes=("Gray", "Color", "Black & White"),
    scan_resolutions=("100", "150", "200", "300", "400", "600"),
    scan_papers=-1,
)
"""Scanner of the example, with all that it offers."""
_END = GetScanEndStatueAnswer(scan_end_statue=0)
"""Notice that a scan has ended."""

FUNCTIONS = (
    Function(
        request=GetScannerNameRequest,
        answer=GetScannerNameAnswer,
        errors=(errors.DriverMissing, errors.DeviceTimeout, errors.DriverCrashed, errors.DeviceFailed),
        since="V1.3",
        summary=LocalizedText("获取扫描仪名称。", "List the scanners."),
        example=Example({}, GetScannerNameAnswer(scanner_name=("Canon DRC230", "Uniscan F40D"))),
    ),
    Function(
        request=GetScannerInfoRequest,
        answer=GetScannerInfoAnswer,
        errors=_USING,
        since="V1.3",
        summary=LocalizedText("获取扫描仪基本信息。", "Tell what a scanner offers."),
        example=Example({"devIndex": 0}, _INFO),
    ),
    Function(
        request=SetScannerImageInfoRequest,
        answer=SetScannerImageInfoAnswer,
        since="V1.3",
        summary=LocalizedText(
            "设置扫描图像的算法，按连接保存，用于此后的每一页。",
            "Set how scanned pictures are processed. Kept for this connection, used for each page from "
            "now on.",
        ),
        example=Example(
            {"cropType": 1, "imageType": 2, "fillBorderType": 1, "removalForeign": 2, "rotate": 0},
            SetScannerImageInfoAnswer(),
        ),
    ),
    Function(
        request=ScanRequest,
        answer=ScanAnswer,
        errors=(*_USING, *_PAPER, errors.SidesUnequal, *MAKING, *SAVING, errors.Cancelled),
        long=True,
        several=True,
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
            ScanAnswer(
                image_path=("/var/lib/gaopai/tmp/scannerimage.jpg", "/var/lib/gaopai/tmp/scannerimage1.jpg")
            ),
        ),
    ),
    Function(
        request=GetScanEndStatueRequest,
        answer=GetScanEndStatueAnswer,
        pushes=(GetScanEndStatueAnswer,),
        since="V1.3",
        summary=LocalizedText(
            "扫描结束的通知：每次 Scan 之后发送一次，无论成功、出错或取消，reqId 与 Scan 相同。也可调用。",
            "The notice that a scan has ended: sent once after every Scan, also after an error or a cancel, "
            "with the Scan's reqId. It may be called too.",
        ),
        example=Example({}, _END, _END),
    ),
)
"""Functions of the scanner, for the catalogue."""
