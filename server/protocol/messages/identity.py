"""Functions and messages about what documents say, and about copies that tell less."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import CAMERA_USE, DECODING, FILE_READING, SAVING, Example, Function
from server.protocol.messages.base import (
    Answer,
    Base64,
    PagePaths,
    Path,
    Picture,
    Request,
    doc,
    redacted_repr,
)
from server.protocol.messages.cameras import DevNum
from server.protocol.messages.pictures import CropRect

_NOTHING = LocalizedText(
    "至少要有一项，或用 areas 给出矩形", "at least one kind is expected, or rectangles in areas"
)
_EMPTY = LocalizedText("矩形应有宽度和高度", "rectangles with a width and a height are expected")

MOST_AREAS = 1000
"""Largest number of rectangles of one copy."""

CardType = Literal["id-card-front", "id-card-back", "bank-card", "passport", "driving-licence"]
PaperType = Literal["business-licence", "invoice", "vehicle-licence", "household-register", "train-ticket"]
CertificateType = Literal["property-certificate", "marriage-certificate"]
DocumentType = Literal[CardType, PaperType, CertificateType]
HiddenKind = Literal["id", "bank", "phone", "name", "address", "portrait"]


class RecogDocumentRequest(Request, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    image_base64: Picture = ""
    image_path: PagePaths = ()
    dev_num: DevNum = None
    crop: Annotated[
        bool,
        doc(
            "先找出证件并拉正；图片已经裁好时可为 false",
            "find and straighten documents first; may be false for pictures that are cut already",
        ),
    ] = True


class DocumentFields(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Fields of a document; those that it does not have, or that were not found, are left out.

    Dates are year-month-day, amounts have two decimals and no sign.
    """

    __repr__ = redacted_repr

    name: Annotated[str | None, doc("姓名、名称", "name, of a person or a firm")] = None
    english_name: Annotated[str | None, doc("英文姓名", "name in Latin letters")] = None
    gender: Annotated[str | None, doc("性别；护照为 M、F、X", "男 or 女; M, F, X in a passport")] = None
    folk: Annotated[str | None, doc("民族", "ethnic group")] = None
    birth: Annotated[str | None, doc("出生日期", "date of birth")] = None
    address: Annotated[str | None, doc("住址，住所", "address")] = None
    id: Annotated[str | None, doc("公民身份号码", "number of the resident")] = None
    pass_number: Annotated[str | None, doc("通行证号码", "number of the travel permit")] = None
    issue: Annotated[str | None, doc("签发机关", "issuing authority")] = None
    start_date: Annotated[str | None, doc("有效期起", "valid from")] = None
    end_date: Annotated[str | None, doc("有效期止；长期", "valid until; 长期 without an end")] = None
    number: Annotated[str | None, doc("卡、证、票、车牌的号码", "number of the card, paper, plate")] = None
    expiry: Annotated[str | None, doc("有效期；银行卡为月/年", "expiry; month/year of a card")] = None
    surname: Annotated[str | None, doc("姓（机读区）", "surname, of the zone")] = None
    given_names: Annotated[str | None, doc("名（机读区）", "given names, of the zone")] = None
    nationality: Annotated[str | None, doc("国籍；护照为代码", "nationality; its code in a passport")] = None
    personal_number: Annotated[str | None, doc("个人号码", "personal number")] = None
    mrz: Annotated[str | None, doc("机读区各行", "lines of the machine-readable zone")] = None
    code: Annotated[str | None, doc("统一社会信用代码；发票代码", "code of a firm or invoice")] = None
    legal_person: Annotated[str | None, doc("法定代表人", "legal representative")] = None
    date: Annotated[str | None, doc("成立、开票、领证、登记、乘车日期", "day that the paper names")] = None
    check_code: Annotated[str | None, doc("校验码", "check code")] = None
    amount: Annotated[str | None, doc("合计金额（不含税）", "sum without tax")] = None
    tax: Annotated[str | None, doc("合计税额", "sum of taxes")] = None
    total: Annotated[str | None, doc("价税合计", "sum with tax")] = None
    seller: Annotated[str | None, doc("销售方", "seller")] = None
    buyer: Annotated[str | None, doc("购买方", "buyer")] = None
    seller_tax_id: Annotated[str | None, doc("销售方税号", "tax number of the seller")] = None
    buyer_tax_id: Annotated[str | None, doc("购买方税号", "tax number of the buyer")] = None
    vehicle_class: Annotated[str | None, doc("准驾车型", "class of vehicles")] = None
    vehicle_type: Annotated[str | None, doc("车辆类型", "type of the vehicle")] = None
    usage: Annotated[str | None, doc("使用性质；用途", "use of the vehicle or property")] = None
    model: Annotated[str | None, doc("品牌型号", "make and model")] = None
    vin: Annotated[str | None, doc("车辆识别代号", "vehicle identification number")] = None
    engine_number: Annotated[str | None, doc("发动机号码", "number of the engine")] = None
    issue_date: Annotated[str | None, doc("发证日期", "day of issue")] = None
    relation: Annotated[str | None, doc("户主或与户主关系", "head of household, or relation")] = None
    native_place: Annotated[str | None, doc("籍贯", "native place")] = None
    unit_number: Annotated[str | None, doc("不动产单元号", "number of the property unit")] = None
    right_type: Annotated[str | None, doc("权利类型", "type of the right")] = None
    area: Annotated[str | None, doc("面积", "area, as printed")] = None
    spouse_name: Annotated[str | None, doc("配偶姓名", "name of the second person")] = None
    spouse_birth: Annotated[str | None, doc("配偶出生日期", "birth of the second person")] = None
    spouse_id: Annotated[str | None, doc("配偶身份证件号", "number of the second person")] = None
    departure: Annotated[str | None, doc("出发站", "station of departure")] = None
    destination: Annotated[str | None, doc("到达站", "station of destination")] = None
    train: Annotated[str | None, doc("车次", "number of the train")] = None
    time: Annotated[str | None, doc("开车时间", "hour of departure")] = None
    seat: Annotated[str | None, doc("车厢和席位", "carriage and seat")] = None
    seat_class: Annotated[str | None, doc("席别", "class of the seat")] = None


class DocumentInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Document that was read."""

    __repr__ = redacted_repr

    type: Annotated[DocumentType, doc("证件类型", "kind of document")]
    fields: Annotated[DocumentFields, doc("各字段", "its fields")]
    valid: Annotated[
        bool | None,
        doc(
            "true：校验位和互相印证全部成立，其余字段也读得可靠；false：有不成立的，见 problems；"
            "null：没有矛盾，但不能全部核对",
            "true: every check digit and cross-check holds, and the other fields were read surely; false: "
            "one does not hold, see problems; null: nothing contradicts, but not all could be checked",
        ),
    ]
    expired: Annotated[
        bool | None,
        doc(
            "今天是否已过有效期；null：没有读到有效期",
            "whether it has expired by today; null: no last day was read",
        ),
    ]
    problems: Annotated[
        tuple[str, ...],
        doc(
            "字段和问题，如 id.check、name.uncertain；从不含字段的内容",
            "field and problem, as id.check or name.uncertain; never the content of a field",
        ),
    ]
    corners: Annotated[
        tuple[tuple[float, ...], ...],
        doc(
            "证件的四个角点 [x, y]，从证件自身的左上角起顺时针",
            "its four corners as [x, y], clockwise from the document's own top left",
        ),
    ]
    page: Annotated[int, doc("所在的页，从 1 开始", "its page, from 1")]
    image_path: Annotated[str, doc("所在的文件；不是文件时为空", "the file it is in; empty if it is in none")]


class RecogDocumentAnswer(Answer, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    documents: Annotated[
        tuple[DocumentInfo, ...], doc("识别到的证件；没有时为空", "the documents found; empty without any")
    ]


class SetCameraDocumentReadingRequest(Request, frozen=True, kw_only=True):
    dev_num: DevNum = None
    enable: Annotated[bool, doc("true 开始，false 停止", "true begins, false ends it")] = True


class SetCameraDocumentReadingAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


class DocumentsPush(Answer, frozen=True, kw_only=True):
    """Notice of the documents in sight of a camera; has the reqId of SetCameraDocumentReading."""

    __repr__ = redacted_repr

    event: Annotated[Literal["OnDocuments"], doc("事件", "event")]
    dev_num: Annotated[int, doc("设备编号", "index into devInfo")]
    state: Annotated[
        Literal["moving", "reading", "read", "ended"],
        doc(
            "moving 画面在动，此前的字段不再成立；reading 已放稳，正在识别；read 识别完毕；"
            "ended 已结束，原因见 result",
            "moving: what lay there moves, fields told before are gone; reading: something lies still and "
            "is being read; read: it was; ended: nothing more comes, for the reason in result",
        ),
    ]
    documents: Annotated[
        tuple[DocumentInfo, ...],
        doc("state 为 read 时放着的证件，否则为空", "the documents that lie there in state read, else empty"),
    ]


class CoveredArea(CropRect, frozen=True, kw_only=True):
    """Rectangle in pixels of a page, from its top left; right and bottom exclusive."""

    page: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=1_000_000)],
        doc("所在的页，从 1 开始", "its page, from 1"),
    ] = 1


class PrivateCopyRequest(Request, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    image_base64: Picture = ""
    image_path: Annotated[Path, doc("图片、PDF 或 TIFF 文件", "a picture, a PDF or a TIFF", "imgPath")] = ""
    hide: Annotated[
        Annotated[tuple[HiddenKind, ...], msgspec.Meta(max_length=6)],
        doc(
            "要遮盖的内容：id 证件号码、bank 卡号、phone 电话、name 姓名和名称、address 地址、portrait 肖像",
            "what to cover: id (numbers of documents), bank (card numbers), phone, name, address, portrait",
        ),
    ] = ("id", "bank", "phone")
    areas: Annotated[
        Annotated[tuple[CoveredArea, ...], msgspec.Meta(max_length=MOST_AREAS)],
        doc(
            "另外要涂黑的矩形，以页面像素计；写法同 cropRect，另可有 page。hide 为 [] 时只涂黑这些，"
            "不识别页面",
            "rectangles to black out besides, in pixels of the page; written as cropRect, and with a page. "
            "With hide [] nothing else is covered, and no page is read",
        ),
    ] = ()
    mark: Annotated[
        Annotated[str, msgspec.Meta(max_length=200)],
        doc("平铺在副本上的文字，例如“仅供办理……使用”；可为空", "text tiled over the copy; may be empty"),
    ] = ""
    keep_original: Annotated[
        bool,
        doc(
            "保留 imagePath 的原件；默认在副本写好后删除本网页来源自己写入的原件",
            "keep the file of imagePath; by default one that this origin wrote is removed after the copy",
        ),
    ] = False
    file_path: Annotated[
        Path | None,
        doc(
            "副本的文件，后缀名决定格式；没有时使用默认目录和文件名；没有此参数且 base64 为 true 时不写文件",
            "file of the copy, its suffix decides the format; absent: default folder and name; absent with "
            "base64 true: no file is written",
        ),
    ] = None
    base64: Annotated[bool, doc("应答中带回副本", "give the copy back in the answer")] = False

    def __post_init__(self) -> None:
        if not self.image_base64 and not self.image_path:
            raise errors.MissingParameter(field="imageBase64/imagePath")
        if not self.hide and not self.areas:
            raise errors.BadParameter(field="hide", reason=_NOTHING)
        if any(area.left >= area.right or area.top >= area.bottom for area in self.areas):
            raise errors.BadParameter(field="areas", reason=_EMPTY)


class PrivateCopyAnswer(Answer, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    file_path: Annotated[
        str | None, doc("已写入的副本；没有写文件时没有此项", "the copy, if it was written to a file")
    ] = None
    file_base64: Annotated[
        Base64 | None, doc("请求了 base64 时：副本的内容", "if base64 was requested: the copy itself")
    ] = None
    mime: Annotated[str, doc("副本的格式", "format of the copy")]
    pages: Annotated[int, doc("页数", "number of pages")]
    removed: Annotated[
        bool,
        doc(
            "imagePath 的原件已删除；只删除本网页来源自己写入的文件",
            "the file of imagePath is removed; only files that this origin wrote are",
        ),
    ]
    hidden: Annotated[
        dict[str, int],
        doc(
            "各类内容遮盖了多少处；area 为 areas 的矩形数",
            "how many parts of each kind are covered; area: rectangles of areas",
        ),
    ]


_READING = (*DECODING, *FILE_READING, errors.ToolMissing, errors.Cancelled)

_CARD = DocumentInfo(
    type="bank-card",
    fields=DocumentFields(number="9999990000000001", expiry="01/35"),
    valid=True,
    expired=False,
    problems=(),
    corners=((10, 10), (866, 10), (866, 550), (10, 550)),
    page=1,
    image_path="/var/lib/gaopai/card.jpg",
)
"""Document of the example."""

FUNCTIONS = (
    Function(
        request=RecogDocumentRequest,
        answer=RecogDocumentAnswer,
        errors=(*_READING, *CAMERA_USE),
        long=True,
        since="gaopai 0.1",
        summary=LocalizedText(
            "读出图片上身份证、银行卡、护照和机读区、营业执照、发票、驾驶证、行驶证等证件的字段，并核对。",
            "Read the fields of identity cards, bank cards, passports and other zones, licences, invoices "
            "and other papers, and check them by their check digits and against each other.",
        ),
        example=Example(
            {"imagePath": "/var/lib/gaopai/card.jpg", "crop": True}, RecogDocumentAnswer(documents=(_CARD,))
        ),
    ),
    Function(
        request=SetCameraDocumentReadingRequest,
        answer=SetCameraDocumentReadingAnswer,
        errors=(*CAMERA_USE, errors.ToolMissing, errors.DecoderUnavailable, errors.PictureUnreadable),
        since="gaopai 0.1",
        summary=LocalizedText(
            "证件在已打开的摄像头下放稳即识别，字段以 Notify（OnDocuments）推送，移开时也推送；"
            "直到 enable 为 false、CloseCamera 或连接断开。",
            "Read whatever documents come to rest below an open camera. A Notify (OnDocuments) tells their "
            "fields, and when they are moved. Until enable is false, CloseCamera or the connection's end.",
        ),
        example=Example({"devNum": 0, "enable": True}, SetCameraDocumentReadingAnswer()),
    ),
    Function(
        request=PrivateCopyRequest,
        answer=PrivateCopyAnswer,
        errors=(
            *DECODING,
            *FILE_READING,
            *SAVING,
            errors.ToolMissing,
            errors.Cancelled,
            errors.PageUnsure,
            errors.NothingToHide,
            errors.FontMissing,
            errors.FaceModelMissing,
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
            PrivateCopyAnswer(
                file_path="/var/lib/gaopai/copy.jpg",
                mime="image/jpeg",
                pages=1,
                removed=True,
                hidden={"id": 1, "address": 2, "portrait": 1},
            ),
        ),
    ),
)
"""Functions about what documents say, and about copies that tell less, for the catalogue."""
