"""Taking and comparing fingerprints."""

from __future__ import annotations

from server.errors import (
    Cancelled,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DevicePermission,
    DeviceTimeout,
    NoSuchDevice,
    PictureTooLarge,
    PictureUnreadable,
    Text,
)
from server.protocol.function import Example, Function
from server.protocol.messages import fingerprints

_USING = (NoSuchDevice, DeviceBusy, DeviceGone, DeviceTimeout, DevicePermission, DeviceFailed, Cancelled)

FUNCTIONS = (
    Function(
        name="ReadFingerInfo",
        request=fingerprints.ReadFingerInfoRequest,
        answer=fingerprints.ReadFingerInfoAnswer,
        errors=_USING,
        long=True,
        since="V1.5",
        summary=Text("采集指纹。", "Take a fingerprint."),
        example=Example(
            {},
            fingerprints.ReadFingerInfoAnswer(finger_image_base64="Qk0uLi4=", finger_feature="Rk1SACAyMAA="),
        ),
    ),
    Function(
        name="FingerMatch",
        request=fingerprints.FingerMatchRequest,
        answer=fingerprints.FingerMatchAnswer,
        errors=(*_USING, PictureUnreadable, PictureTooLarge),
        long=True,
        since="V1.5",
        summary=Text(
            "在时限内等待手指并与给定的指纹对比。",
            "Wait for a finger, at most the timeout, and compare it with the one given.",
        ),
        example=Example(
            {"fingerImageBase64": "Qk0uLi4=", "fingerFeature": "", "timeout": 5000, "threshold": 0.9},
            fingerprints.FingerMatchAnswer(finger_image_base64="Qk0uLi4=", similarity=0.97),
        ),
    ),
)
