"""Functions and messages of the card readers."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import DEVICE_USE, Example, Function
from server.protocol.messages.base import Answer, Base64, Index, Milliseconds, Request, doc, redacted_repr

_PIN = re.compile(r"[0-9]{4,12}")

Name = Annotated[str, doc("姓名", "name")]
Gender = Annotated[str, doc("性别", "gender")]
Folk = Annotated[str, doc("民族；没有时为空", "ethnic group; empty where the card has none")]
Birth = Annotated[str, doc("出生日期，年-月-日", "date of birth, year-month-day")]
Address = Annotated[str, doc("住址", "address")]
Number = Annotated[str, doc("证件号码", "number of the holder")]


class GetCardReaderInfoRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class CardReaderEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One reader."""

    dev_name: Annotated[str, doc("读卡器名称", "name of the reader")]
    id_types: Annotated[tuple[int, ...], doc("可读的 idType", "values of idType that it can read")]


class GetCardReaderInfoAnswer(Answer, frozen=True, kw_only=True):
    card_readers: Annotated[
        tuple[CardReaderEntry, ...], doc("读卡器列表；没有时为空", "the readers; empty without any")
    ]


class ReadIDCardInfoRequest(Request, frozen=True, kw_only=True):
    id_type: Annotated[
        Literal[0, 1, 2],
        doc("0 身份证，1 社保卡，2 银行卡", "0 resident ID card, 1 social security card, 2 bank card"),
    ] = 0
    timeout: Annotated[
        Milliseconds | None,
        doc(
            "标准之外：等待放卡的时间（毫秒）；没有时按配置",
            "beyond the standard: how long to wait for a card, in ms; without it as configured",
            "timeOut",
        ),
    ] = None
    dev_num: Annotated[
        Index | None,
        doc(
            "标准之外：读卡器在 GetCardReaderInfo 中的编号；没有时使用放了卡的那个",
            "beyond the standard: the reader's place in GetCardReaderInfo; without it one that has a card",
        ),
    ] = None
    pin: Annotated[
        str,
        msgspec.Meta(max_length=12),
        doc(
            "标准之外：社保卡密码，4 到 12 位数字；仅在给出时才发送给卡",
            "beyond the standard: PIN of a social security card, 4 to 12 digits; none is sent to a card "
            "unless given",
        ),
    ] = ""

    __repr__ = redacted_repr

    def __post_init__(self) -> None:
        if self.pin and not _PIN.fullmatch(self.pin):
            raise errors.BadParameter(
                field="pin", reason=LocalizedText("应为 4 到 12 位数字", "4 to 12 digits are expected")
            )


class CardInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Data of a resident ID card."""

    __repr__ = redacted_repr

    name: Name
    gender: Gender
    folk: Folk
    birth: Birth
    address: Address
    id: Number
    issue: Annotated[str, doc("签发机关", "issuing authority")]
    start_date: Annotated[str, doc("有效期起", "valid from")]
    end_date: Annotated[str, doc("有效期止；可为“长期”", "valid until; 长期 if it does not expire")]
    image_base64: Annotated[
        Base64,
        doc("头像的 base64；无法解码时为空", "the portrait in base64; empty where it cannot be decoded"),
    ]
    finger_feature: Annotated[
        str,
        doc("指纹特征（GA 1012）的 base64；没有时为空", "GA 1012 fingerprint features in base64, or empty"),
    ]
    image_reason: Annotated[
        str, doc("标准之外：imageBase64 为空的原因", "beyond the standard: why imageBase64 is empty")
    ] = ""
    image_wlt: Annotated[
        str,
        doc(
            "标准之外：卡内头像（WLT）的 base64",
            "beyond the standard: the portrait as the card holds it (WLT), in base64",
        ),
    ] = ""
    form: Annotated[
        str,
        doc(
            "标准之外：citizen 居民，residence 港澳台居民，foreigner-2017、foreigner-2023 外国人",
            "beyond the standard: citizen; residence, of Hong Kong, Macao or Taiwan; foreigner-2017, "
            "foreigner-2023",
        ),
    ] = ""
    english_name: Annotated[
        str, doc("标准之外：英文姓名（外国人）", "beyond the standard: English name, of foreigners")
    ] = ""
    nationality: Annotated[
        str,
        doc(
            "标准之外：国籍（外国人），三位字母代码",
            "beyond the standard: nationality of foreigners, three letters",
        ),
    ] = ""
    pass_number: Annotated[
        str, doc("标准之外：通行证号码（港澳台）", "beyond the standard: pass number, of form residence")
    ] = ""
    latest_address: Annotated[
        str, doc("标准之外：追加的最新住址", "beyond the standard: an address added to the card later")
    ] = ""


class SocialCardInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Data of a social security card."""

    __repr__ = redacted_repr

    name: Name
    id: Number
    gender: Gender
    folk: Folk
    birth: Birth
    address: Annotated[str, doc("住址；社保卡中没有，始终为空", "always empty: these cards hold none")]
    card_number: Annotated[str, doc("标准之外：社保卡号", "beyond the standard: number of the card")] = ""
    birth_place: Annotated[
        str,
        doc("标准之外：出生地行政区划代码", "beyond the standard: place of birth, an administrative code"),
    ] = ""
    region: Annotated[
        str,
        doc("标准之外：发卡地区行政区划代码", "beyond the standard: region of issue, an administrative code"),
    ] = ""
    start_date: Annotated[str, doc("标准之外：发卡日期", "beyond the standard: date of issue")] = ""
    end_date: Annotated[str, doc("标准之外：有效期止", "beyond the standard: valid until")] = ""


class ReadIDCardInfoAnswer(Answer, frozen=True, kw_only=True):
    """Answer with the fields of the requested kind of card."""

    __repr__ = redacted_repr

    card_info: Annotated[CardInfo | None, doc("身份证信息", "the resident ID card")] = None
    calrd_info: Annotated[
        CardInfo | None,
        doc("与 cardInfo 相同（标准中的拼写）", "the same as cardInfo, as the standard spells it"),
    ] = None
    id_card_info: Annotated[SocialCardInfo | None, doc("社保卡信息", "the social security card")] = (
        msgspec.field(name="IDCardInfo", default=None)
    )
    id_num: Annotated[
        str | int | None,
        doc(
            "银行卡号，为数字字符串（兼容性开关可改为数字）",
            "number of the bank card, as a string of digits (a compatibility switch makes it a number)",
        ),
    ] = None
    expiry: Annotated[
        str | None,
        doc(
            "标准之外：银行卡有效期，年-月；没有时为空",
            "beyond the standard: the bank card's expiry, year-month, or empty",
        ),
    ] = None

    @classmethod
    def resident(cls, card: CardInfo) -> ReadIDCardInfoAnswer:
        """Return the answer for a resident ID card, under both names of the field."""
        return cls(card_info=card, calrd_info=card)


_CARD = (
    errors.NoReader,
    errors.NoCard,
    errors.CardTakenAway,
    errors.WrongCard,
    errors.CardSilent,
    errors.SeveralCards,
    errors.CardUnreadable,
)

_EXAMPLE = CardInfo(
    name="张三",
    gender="女",
    folk="汉",
    birth="1999-05-01",
    address="某市某区某路 1 号",
    id="110101199905010000",
    issue="某市公安局",
    start_date="2020-01-01",
    end_date="2040-01-01",
    image_base64="Qk0uLi4=",
    finger_feature="",
    form="citizen",
)

FUNCTIONS = (
    Function(
        request=ReadIDCardInfoRequest,
        answer=ReadIDCardInfoAnswer,
        errors=(*DEVICE_USE, *_CARD, errors.DriverMissing, errors.Cancelled),
        long=True,
        since="V1.5",
        summary=LocalizedText(
            "读取身份证、社保卡或银行卡；没有放卡时等待，直到 timeout。",
            "Read a resident ID card, a social security card or a bank card. Waits for a card, at most the "
            "timeout.",
        ),
        example=Example({"idType": 0}, ReadIDCardInfoAnswer.resident(_EXAMPLE)),
    ),
    Function(
        request=GetCardReaderInfoRequest,
        answer=GetCardReaderInfoAnswer,
        errors=(errors.DriverMissing,),
        since="gaopai 0.2",
        summary=LocalizedText("获取读卡器列表。", "List the card readers."),
        example=Example(
            {},
            GetCardReaderInfoAnswer(
                card_readers=(CardReaderEntry(dev_name="ACS ACR39U 00 00", id_types=(1, 2)),)
            ),
        ),
    ),
)
"""Functions of the card readers, for the catalogue."""
