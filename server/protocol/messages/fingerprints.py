"""Functions and messages of the fingerprint reader."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import DEVICE_USE, Example, Function
from server.protocol.messages.base import (
    Answer,
    Base64,
    Index,
    Milliseconds,
    Request,
    Share,
    doc,
    redacted_repr,
)

MOST_PRESSES = 8
"""Limit of the presses of one finger that a request can ask for."""

DevNum = Annotated[
    Index | None,
    doc(
        "标准之外：指纹仪在 GetFingerReaderInfo 中的编号；没有时使用第一个",
        "beyond the standard: the sensor's place in GetFingerReaderInfo; without it the first",
    ),
]


class GetFingerReaderInfoRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class FingerReaderEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One sensor."""

    dev_name: Annotated[str, doc("指纹仪名称", "name of the sensor")]
    presses: Annotated[
        int, doc("登记时建议的按压次数", "how many presses its maker recommends for an enrolment")
    ]


class GetFingerReaderInfoAnswer(Answer, frozen=True, kw_only=True):
    finger_readers: Annotated[
        tuple[FingerReaderEntry, ...], doc("指纹仪列表；没有时为空", "the sensors; empty without any")
    ]


class ReadFingerInfoRequest(Request, frozen=True, kw_only=True):
    presses: Annotated[
        int,
        msgspec.Meta(ge=1, le=MOST_PRESSES),
        doc(
            "标准之外：同一手指按压的次数，用于登记；每次给出一个特征",
            "beyond the standard: how often the finger is pressed, to enrol it; each press gives a feature",
        ),
    ] = 1
    timeout: Annotated[
        Milliseconds | None,
        doc(
            "标准之外：每次按压的等待时间（毫秒）；没有时按配置",
            "beyond the standard: how long to wait for each press, in ms; without it as configured",
            "timeOut",
        ),
    ] = None
    dev_num: DevNum = None


class ReadFingerInfoAnswer(Answer, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    finger_image_base64: Annotated[
        Base64,
        doc(
            "指纹图片（PNG）的 base64；多次按压时为最清晰的一张",
            "picture of the finger, PNG in base64; of several presses the clearest",
        ),
    ]
    finger_feature: Annotated[
        str,
        doc(
            "指纹特征（ISO 19794-2）的 base64；多次按压时用 ; 隔开，可原样交给 FingerMatch",
            "features of the finger, ISO 19794-2 in base64; of several presses with ; between, as "
            "FingerMatch takes them",
        ),
    ]


class FingerPressPush(Answer, frozen=True, kw_only=True):
    """Notice that one of several presses was accepted or refused; has the reqId of the ReadFingerInfo."""

    event: Annotated[Literal["OnFingerPress"], doc("始终为 OnFingerPress", "always OnFingerPress")]
    pressed: Annotated[int, doc("已采集的按压次数", "presses that were taken")]
    presses: Annotated[int, doc("共需要的按压次数", "presses that are asked for")]
    reason: Annotated[str | None, doc("刚才的按压未被采用的原因", "why the last press was not taken")] = None


class FingerMatchRequest(Request, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    finger_image_base64: Annotated[
        Base64, doc("要比对的指纹图片的 base64", "picture of the finger to compare with, in base64")
    ] = ""
    finger_feature: Annotated[
        Annotated[str, msgspec.Meta(max_length=262_144)],
        doc(
            "要比对的指纹特征，fingerImageBase64 为空时使用；同一手指的多个特征用 ; 隔开",
            "features to compare with, used if fingerImageBase64 is empty; several of one with ; between",
        ),
    ] = ""
    timeout: Annotated[
        Milliseconds, doc("等待手指的时间（毫秒）", "how long to wait for a finger, in ms", "timeOut")
    ] = 5000
    threshold: Annotated[Share, doc("相似度阈值", "similarity from which it is a match")] = 0.9
    dev_num: DevNum = None

    def __post_init__(self) -> None:
        if not self.finger_image_base64 and not self.finger_feature:
            raise errors.MissingParameter(field="fingerImageBase64/fingerFeature")


class FingerMatchAnswer(Answer, frozen=True, kw_only=True):
    __repr__ = redacted_repr

    finger_image_base64: Annotated[
        Base64 | None, doc("匹配成功的指纹图片（PNG）", "picture of the finger that matched, PNG")
    ] = None
    similarity: Annotated[
        float | None,
        doc(
            "相似度，0 到 1；不匹配时为各次按压中最高的",
            "similarity, 0 to 1; without a match the highest of all presses",
        ),
    ] = None


_USING = (
    *DEVICE_USE,
    errors.DriverCrashed,
    errors.DriverMissing,
    errors.NoFinger,
    errors.FingerUnclear,
    errors.Cancelled,
)
_GIVEN = (
    *(errors.FingersDiffer, errors.GivenFingerUnclear, errors.FeatureUnreadable, errors.FeatureNotComparable),
    *(errors.PictureUnreadable, errors.PictureTooLarge, errors.DecoderUnavailable),
)

FUNCTIONS = (
    Function(
        request=ReadFingerInfoRequest,
        answer=ReadFingerInfoAnswer,
        errors=_USING,
        long=True,
        since="V1.5",
        summary=LocalizedText(
            "采集指纹。presses 大于 1 时，每次按压后发送一条 Notify（OnFingerPress），请抬起手指再按。",
            "Take a fingerprint. With presses above 1 a Notify (OnFingerPress) follows each press: lift the "
            "finger and press again.",
        ),
        example=Example(
            {}, ReadFingerInfoAnswer(finger_image_base64="iVBORw0KGgo=", finger_feature="Rk1SACAyMAA=")
        ),
    ),
    Function(
        request=FingerMatchRequest,
        answer=FingerMatchAnswer,
        errors=(*_USING, *_GIVEN),
        long=True,
        since="V1.5",
        summary=LocalizedText(
            "在时限内等待手指并与给定的指纹对比；不匹配时可在时限内重按。",
            "Wait for a finger, at most the timeout, and compare it with the one given. Without a match the "
            "finger may be pressed again until the time is over.",
        ),
        example=Example(
            {"fingerImageBase64": "iVBORw0KGgo=", "fingerFeature": "", "timeout": 5000, "threshold": 0.9},
            FingerMatchAnswer(finger_image_base64="iVBORw0KGgo=", similarity=0.97),
        ),
    ),
    Function(
        request=GetFingerReaderInfoRequest,
        answer=GetFingerReaderInfoAnswer,
        errors=(errors.DriverMissing,),
        since="gaopai 0.2",
        summary=LocalizedText("获取指纹仪列表。", "List the fingerprint sensors."),
        example=Example(
            {},
            GetFingerReaderInfoAnswer(
                finger_readers=(FingerReaderEntry(dev_name="Fingerprint sensor", presses=5),)
            ),
        ),
    ),
)
"""Functions of the fingerprint reader, for the catalogue."""
