"""Functions of card readers."""

from __future__ import annotations

from server.errors import (
    Cancelled,
    CardSilent,
    CardTakenAway,
    CardUnreadable,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DevicePermission,
    DeviceTimeout,
    DriverMissing,
    LocalizedText,
    NoCard,
    NoReader,
    NoSuchDevice,
    SeveralCards,
    WrongCard,
)
from server.protocol.function import Example, Function
from server.protocol.messages import cards

_USING = (NoSuchDevice, DeviceBusy, DeviceGone, DeviceTimeout, DevicePermission, DeviceFailed)
_CARD = (NoReader, NoCard, CardTakenAway, WrongCard, CardSilent, SeveralCards, CardUnreadable)

_EXAMPLE = cards.CardInfo(
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
        name="ReadIDCardInfo",
        request=cards.ReadIDCardInfoRequest,
        answer=cards.ReadIDCardInfoAnswer,
        errors=(*_USING, *_CARD, DriverMissing, Cancelled),
        long=True,
        since="V1.5",
        summary=LocalizedText(
            "读取身份证、社保卡或银行卡；没有放卡时等待，直到 timeout。",
            "Read a resident ID card, a social security card or a bank card. Waits for a card, at most the "
            "timeout.",
        ),
        example=Example({"idType": 0}, cards.ReadIDCardInfoAnswer.resident(_EXAMPLE)),
    ),
    Function(
        name="GetCardReaderInfo",
        request=cards.GetCardReaderInfoRequest,
        answer=cards.GetCardReaderInfoAnswer,
        errors=(DriverMissing,),
        since="gaopai 0.2",
        summary=LocalizedText("获取读卡器列表。", "List the card readers."),
        example=Example(
            {},
            cards.GetCardReaderInfoAnswer(
                card_readers=(cards.CardReaderEntry(dev_name="ACS ACR39U 00 00", id_types=(1, 2)),)
            ),
        ),
    ),
)
