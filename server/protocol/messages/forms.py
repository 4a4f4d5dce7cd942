"""Functions and messages of forms that were taught."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.errors.forms import FormDamaged, FormUnknown, NothingTaught
from server.protocol.function import CAMERA_USE, DECODING, FILE_READING, Example, Function
from server.protocol.messages.base import Answer, PagePaths, Picture, Request, doc, redacted_repr
from server.protocol.messages.cameras import DevNum

ZoneWord = Literal["text", "number", "date", "tick", "signature", "barcode", "portrait"]
ProblemWord = Literal["", "empty", "date", "mask", "check", "list", "unsure"]
FormName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class RecogFormRequest(Request, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    image_base64: Picture = ""
    image_path: PagePaths = ()
    dev_num: DevNum = None
    forms: Annotated[
        tuple[FormName, ...],
        msgspec.Meta(max_length=100),
        doc(
            "只在这些名称的表单中寻找；不给出时为已示教的全部表单",
            "look for forms of these names only; if left out, for all that were taught",
        ),
    ] = ()


class FormZoneInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Zone that was read."""

    __repr__ = redacted_repr

    name: Annotated[str, doc("区域名称", "its name")]
    kind: Annotated[
        ZoneWord,
        doc(
            "text 文字、number 数字、date 日期、tick 勾选框、signature 签名、barcode 条码、portrait 照片",
            "its kind; a signature or portrait is only told to be there",
        ),
    ]
    value: Annotated[
        str,
        doc(
            "文字、数字、年-月-日或条码内容；勾选框为 empty、crossed、filled、corrected、unsure；"
            "签名和照片为 true、false，有疑问时为空",
            "text, number, year-month-day or the text of a code; of a tick box empty, crossed, filled, "
            "corrected, unsure; of a signature or portrait true, false, or empty where that is in doubt",
        ),
    ]
    score: Annotated[float, doc("可信度，0 到 1", "confidence, 0 to 1")]
    valid: Annotated[
        bool | None,
        doc(
            "true：校验全部成立；false：有不成立的，见 problem；null：没有校验",
            "true: all its checks hold; false: one does not, see problem; null: nothing is checked",
        ),
    ]
    problem: Annotated[
        ProblemWord,
        doc(
            "不成立的校验：empty、date、mask、check、list；或 unsure；没有时为空",
            "the check that does not hold: empty, date, mask, check, list; or unsure; empty without any",
        ),
    ]
    corners: Annotated[
        tuple[tuple[float, ...], ...],
        doc(
            "区域在图片中的四个角点 [x, y]，从区域自身的左上角起顺时针",
            "its four corners on the picture as [x, y], clockwise from the zone's own top left",
        ),
    ]


class FormInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Page, and the form that it is."""

    __repr__ = redacted_repr

    image_path: Annotated[
        str | None, doc("所在的文件，仅在给出文件时", "the file it is in, only when files were given")
    ] = None
    page: Annotated[int, doc("所在的页，从 1 开始", "its page, from 1")]
    form: Annotated[
        str | None,
        doc(
            "表单的名称；不是已知的表单或有疑问时为 null",
            "name of the form; null where it is none that is known, or it is in doubt",
        ),
    ]
    version: Annotated[int | None, doc("表单的版本", "version of the form")]
    score: Annotated[
        float, doc("找到的印刷内容的比例，0 到 1", "share of the form's print that was found, 0 to 1")
    ]
    zones: Annotated[
        tuple[FormZoneInfo, ...],
        doc("各区域，按示教的顺序", "its zones, in their order on the list"),
    ]


class RecogFormAnswer(Answer, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    form_infos: Annotated[tuple[FormInfo, ...], doc("各页，不是表单的也在其中", "each page, of no form too")]


_ZONE = FormZoneInfo(
    name="born",
    kind="date",
    value="1990-05-17",
    score=0.97,
    valid=True,
    problem="",
    corners=((182.3, 820.1), (217.2, 820.4), (216.9, 855.2), (182.0, 854.9)),
)
"""Zone of the example."""

FUNCTIONS = (
    Function(
        request=RecogFormRequest,
        answer=RecogFormAnswer,
        errors=(
            *CAMERA_USE,
            *DECODING,
            *FILE_READING,
            FormUnknown,
            FormDamaged,
            NothingTaught,
            errors.WorkTooLong,
            errors.ToolMissing,
            errors.Cancelled,
        ),
        long=True,
        since="gaopai 0.2",
        summary=LocalizedText(
            "认出图片、PDF 或摄像头下的一页是哪种已示教的表单（朝向不限），给出各区域的内容、可信度和校验；"
            "不是任何表单时返回成功。表单由 gaopai form 示教。",
            "Tell which form that was taught a page is, of pictures, PDFs or below a camera, whichever way "
            "it lies, and read each zone with its confidence and checks. Success where it is none. "
            "gaopai form teaches them.",
        ),
        example=Example(
            {"imagePath": "/var/lib/gaopai/a.jpg"},
            RecogFormAnswer(
                form_infos=(
                    FormInfo(
                        image_path="/var/lib/gaopai/a.jpg",
                        page=1,
                        form="claim",
                        version=1,
                        score=0.98,
                        zones=(_ZONE,),
                    ),
                )
            ),
        ),
    ),
)
"""Functions of forms, for the catalogue."""
