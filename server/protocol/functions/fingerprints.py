"""Functions of fingerprint sensors."""

from __future__ import annotations

from server.errors import (
    Cancelled,
    DecoderUnavailable,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DevicePermission,
    DeviceTimeout,
    DriverCrashed,
    DriverMissing,
    FeatureNotComparable,
    FeatureUnreadable,
    FingersDiffer,
    FingerUnclear,
    GivenFingerUnclear,
    LocalizedText,
    NoFinger,
    NoSuchDevice,
    PictureTooLarge,
    PictureUnreadable,
)
from server.protocol.function import Example, Function
from server.protocol.messages import fingerprints

_DEVICE = (NoSuchDevice, DeviceBusy, DeviceGone, DeviceTimeout, DevicePermission, DeviceFailed)
_USING = (*_DEVICE, DriverCrashed, DriverMissing, NoFinger, FingerUnclear, Cancelled)
_GIVEN = (
    *(FingersDiffer, GivenFingerUnclear, FeatureUnreadable, FeatureNotComparable),
    *(PictureUnreadable, PictureTooLarge, DecoderUnavailable),
)

FUNCTIONS = (
    Function(
        name="ReadFingerInfo",
        request=fingerprints.ReadFingerInfoRequest,
        answer=fingerprints.ReadFingerInfoAnswer,
        errors=_USING,
        long=True,
        since="V1.5",
        summary=LocalizedText(
            "采集指纹。presses 大于 1 时，每次按压后发送一条 Notify（OnFingerPress），请抬起手指再按。",
            "Take a fingerprint. With presses above 1 a Notify (OnFingerPress) follows each press: lift the "
            "finger and press again.",
        ),
        example=Example(
            {},
            fingerprints.ReadFingerInfoAnswer(
                finger_image_base64="iVBORw0KGgo=", finger_feature="Rk1SACAyMAA="
            ),
        ),
    ),
    Function(
        name="FingerMatch",
        request=fingerprints.FingerMatchRequest,
        answer=fingerprints.FingerMatchAnswer,
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
            fingerprints.FingerMatchAnswer(finger_image_base64="iVBORw0KGgo=", similarity=0.97),
        ),
    ),
    Function(
        name="GetFingerReaderInfo",
        request=fingerprints.GetFingerReaderInfoRequest,
        answer=fingerprints.GetFingerReaderInfoAnswer,
        errors=(DriverMissing,),
        since="gaopai 0.2",
        summary=LocalizedText("获取指纹仪列表。", "List the fingerprint sensors."),
        example=Example(
            {},
            fingerprints.GetFingerReaderInfoAnswer(
                finger_readers=(fingerprints.FingerReaderEntry(dev_name="Fingerprint sensor", presses=5),)
            ),
        ),
    ),
)
