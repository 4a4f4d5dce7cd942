"""Reading cards."""

from __future__ import annotations

from server.errors import (
    Cancelled,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DevicePermission,
    DeviceTimeout,
    NoSuchDevice,
    Text,
)
from server.protocol.function import Example, Function
from server.protocol.messages import cards

_CARD = cards.CardInfo(
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
)

FUNCTIONS = (
    Function(
        name="ReadIDCardInfo",
        request=cards.ReadIDCardInfoRequest,
        answer=cards.ReadIDCardInfoAnswer,
        errors=(
            NoSuchDevice,
            DeviceBusy,
            DeviceGone,
            DeviceTimeout,
            DevicePermission,
            DeviceFailed,
            Cancelled,
        ),
        long=True,
        since="V1.5",
        summary=Text(
            "读取身份证、社保卡或银行卡。", "Read a resident ID card, a social security card or a bank card."
        ),
        example=Example({"idType": 0}, cards.ReadIDCardInfoAnswer.resident(_CARD)),
    ),
)
