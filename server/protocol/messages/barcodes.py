"""Functions and messages of barcode recognition."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import DECODING, FILE_READING, Example, Function
from server.protocol.messages.base import Answer, Paths, Picture, Request, doc, redacted_repr

CodeType = Literal[
    "code128",
    "code39",
    "EAN13",
    "EAN8",
    "MSI",
    "Pharma",
    "UPC-A",
    "UPC-E",
    "Codabar",
    "Interleaved 2 of 5",
    "code93",
    "UCC_128",
    "QR",
    "DataMatrix",
    "PDF417",
    "Aztec",
    "MicroPDF417",
    "MicroQR",
    "rMQR",
    "MaxiCode",
    "DataBar",
    "DataBar Limited",
    "DataBar Expanded",
    "DX",
    "Telepen",
]
"""Names of the kinds of codes: the standard's thirteen, then our own."""


class RecogBarCodeRequest(Request, frozen=True, kw_only=True):
    image_base64: Picture = ""
    image_path: Annotated[
        Paths, doc("图片路径，多个文件用 ; 隔开", "files to read, with ; between several", "imgPath")
    ] = ()
    code_types: Annotated[
        tuple[CodeType, ...],
        msgspec.Meta(max_length=64),
        doc(
            "标准之外：只识别这些编码方式；不给出时为标准所列的全部和 DataMatrix、PDF417、Aztec",
            "beyond the standard: read only these kinds; if left out, all that the standard lists, and "
            "DataMatrix, PDF417 and Aztec",
        ),
    ] = ()

    parse: Annotated[
        bool,
        doc(
            "标准之外：同时给出条码内容中的各项（GS1 应用标识符、AAMVA 驾照、IATA 登机牌）并校验",
            "beyond the standard: with the fields of their texts, checked: GS1 application identifiers, "
            "AAMVA licences, IATA boarding passes",
        ),
    ] = False

    def __post_init__(self) -> None:
        if not self.image_base64 and not self.image_path:
            raise errors.MissingParameter(field="imageBase64/imagePath")


class ParsedCodeInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Text of a barcode, field by field."""

    __repr__ = redacted_repr

    scheme: Annotated[
        Literal["gs1", "aamva", "bcbp"],
        doc(
            "gs1 为 GS1 应用标识符，aamva 为北美驾照和身份证，bcbp 为登机牌",
            "gs1 for application identifiers, aamva for licences and cards of North America, bcbp for "
            "boarding passes",
        ),
    ]
    fields: Annotated[
        dict[str, str],
        doc(
            "各项，以该规范自己的标识为名：01、17、DAQ、pnr 等",
            "its fields by the scheme's own identifiers, as 01, 17, DAQ, pnr",
        ),
    ]
    valid: Annotated[bool, doc("所校验的规则是否全部成立", "whether all rules that are checked hold")]
    problems: Annotated[
        tuple[str, ...],
        doc(
            "项和不成立的规则，如 01.check、17.date", "field and rule that it breaks, as 01.check or 17.date"
        ),
    ]


class CodeInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Recognized barcode; coordinates are decimal text, in pixels of its picture."""

    __repr__ = redacted_repr

    code_num: Annotated[str, doc("条码内容", "the text of the code")]
    code_type: Annotated[
        str,
        doc(
            "编码方式：code128、code39、EAN13、EAN8、MSI、Pharma、UPC-A、UPC-E、Codabar、Interleaved 2 of 5、"
            "code93、UCC_128、QR；标准之外：DataMatrix、PDF417、Aztec、MicroPDF417、MicroQR、rMQR、MaxiCode、"
            "DataBar、DataBar Limited、DataBar Expanded、DX、Telepen",
            "code128, code39, EAN13, EAN8, MSI, Pharma, UPC-A, UPC-E, Codabar, Interleaved 2 of 5, "
            "code93, UCC_128, QR; beyond the standard DataMatrix, PDF417, Aztec, MicroPDF417, MicroQR, rMQR, "
            "MaxiCode, DataBar, DataBar Limited, DataBar Expanded, DX, Telepen",
        ),
    ]
    left: Annotated[str, doc("左", "left edge")]
    top: Annotated[str, doc("上", "top edge")]
    right: Annotated[str, doc("右", "right edge")]
    bottom: Annotated[str, doc("下", "bottom edge")]
    corners: Annotated[
        tuple[tuple[float, ...], ...] | None,
        doc(
            "标准之外：四个角点 [x, y]，从条码自身的左上角起顺时针",
            "beyond the standard: its four corners as [x, y], clockwise from the code's own top left",
        ),
    ] = None
    page: Annotated[
        int | None,
        doc("所在的页，从 1 开始（PDF 和多页 TIFF）", "its page, from 1, of a PDF or a TIFF of many pages"),
    ] = None
    image_path: Annotated[
        str | None, doc("所在的文件，仅在给出文件时", "the file it is in, only when files were given")
    ] = None
    parsed: Annotated[
        ParsedCodeInfo | None,
        doc(
            "标准之外：内容中的各项，仅在要求且内容符合一种规范时",
            "beyond the standard: the fields of its text, when asked for and written by a scheme",
        ),
    ] = None


CodeInfos = Annotated[
    tuple[CodeInfo, ...], doc("识别到的条码；没有时为空", "the codes found; empty without any")
]


class RecogBarCodeAnswer(Answer, frozen=True, kw_only=True):
    code_infos: CodeInfos


class BarCodePush(Answer, frozen=True, kw_only=True):
    """Notice that the barcodes in sight of a preview have changed or moved; has the reqId of its request."""

    event: Annotated[Literal["OnBarCode"], doc("始终为 OnBarCode", "always OnBarCode")]
    dev_num: Annotated[int, doc("设备编号", "index into devInfo")]
    width: Annotated[
        int,
        doc(
            "坐标所在画面的宽度（像素），即旋转后的预览画面",
            "width of the picture meant, in pixels: of the preview, turned",
        ),
    ]
    height: Annotated[int, doc("坐标所在画面的高度（像素）", "height of the picture meant, in pixels")]
    code_infos: CodeInfos


_CODE = CodeInfo(
    code_num="6901234567892",
    code_type="EAN13",
    left="10",
    top="10",
    right="100",
    bottom="100",
    corners=((10, 10), (100, 10), (100, 100), (10, 100)),
    image_path="/var/lib/gaopai/a.jpg",
)
"""Barcode of the example."""

FUNCTIONS = (
    Function(
        request=RecogBarCodeRequest,
        answer=RecogBarCodeAnswer,
        errors=(*DECODING, *FILE_READING, errors.Cancelled),
        long=True,
        since="V1.5",
        summary=LocalizedText(
            "识别图片上的全部条码和二维码；没有条码时返回成功和空数组。",
            "Read all barcodes in pictures. Success and an empty array when there are none.",
        ),
        example=Example(
            {"imageBase64": "", "imagePath": "/var/lib/gaopai/a.jpg;/var/lib/gaopai/b.jpg"},
            RecogBarCodeAnswer(code_infos=(_CODE,)),
        ),
    ),
)
"""Functions of barcode recognition, for the catalogue."""
