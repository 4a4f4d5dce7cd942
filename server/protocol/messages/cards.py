"""Messages of the card readers."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.protocol.messages.base import Answer, Base64, Request, doc

Name = Annotated[str, doc("姓名", "name")]
Gender = Annotated[str, doc("性别", "gender")]
Folk = Annotated[str, doc("民族；没有时为空", "ethnic group; empty where the card has none")]
Birth = Annotated[str, doc("出生日期，年-月-日", "date of birth, year-month-day")]
Address = Annotated[str, doc("住址", "address")]
Number = Annotated[str, doc("证件号码", "number of the holder")]


class ReadIDCardInfoRequest(Request, frozen=True, kw_only=True):
    id_type: Annotated[
        Literal[0, 1, 2],
        doc("0 身份证，1 社保卡，2 银行卡", "0 resident ID card, 1 social security card, 2 bank card"),
    ] = 0


class CardInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a resident ID card says."""

    name: Name
    gender: Gender
    folk: Folk
    birth: Birth
    address: Address
    id: Number
    issue: Annotated[str, doc("签发机关", "issuing authority")]
    start_date: Annotated[str, doc("有效期起", "valid from")]
    end_date: Annotated[str, doc("有效期止", "valid until")]
    image_base64: Annotated[Base64, doc("头像的 base64", "the portrait in base64")]
    finger_feature: Annotated[str, doc("指纹特征", "fingerprint features")]


class SocialCardInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a social security card says."""

    name: Name
    id: Number
    gender: Gender
    folk: Folk
    birth: Birth
    address: Address


class ReadIDCardInfoAnswer(Answer, frozen=True, kw_only=True):
    """Holds the fields of the kind of card that was asked for."""

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

    @classmethod
    def resident(cls, card: CardInfo) -> ReadIDCardInfoAnswer:
        """The answer for a resident ID card, under both of its names."""
        return cls(card_info=card, calrd_info=card)
