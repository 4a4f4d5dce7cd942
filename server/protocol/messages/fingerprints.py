"""Messages of the fingerprint reader."""

from __future__ import annotations

from typing import Annotated

import msgspec

from server.errors import MissingParameter
from server.protocol.messages.base import Answer, Base64, Request, Share, doc

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=600_000)]


class ReadFingerInfoRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class ReadFingerInfoAnswer(Answer, frozen=True, kw_only=True):
    finger_image_base64: Annotated[Base64, doc("指纹图片的 base64", "picture of the finger in base64")]
    finger_feature: Annotated[str, doc("指纹特征", "features of the finger")]


class FingerMatchRequest(Request, frozen=True, kw_only=True):
    finger_image_base64: Annotated[
        Base64, doc("要比对的指纹图片的 base64", "picture of the finger to compare with, in base64")
    ] = ""
    finger_feature: Annotated[
        str,
        doc(
            "要比对的指纹特征，fingerImageBase64 为空时使用",
            "features to compare with, used if fingerImageBase64 is empty",
        ),
    ] = ""
    timeout: Annotated[
        Milliseconds, doc("等待手指的时间（毫秒）", "how long to wait for a finger, in ms", "timeOut")
    ] = 5000
    threshold: Annotated[Share, doc("相似度阈值", "similarity from which it is a match")] = 0.9

    def __post_init__(self) -> None:
        if not self.finger_image_base64 and not self.finger_feature:
            raise MissingParameter(field="fingerImageBase64/fingerFeature")


class FingerMatchAnswer(Answer, frozen=True, kw_only=True):
    finger_image_base64: Annotated[
        Base64 | None, doc("匹配成功的指纹图片", "picture of the finger that matched")
    ] = None
    similarity: Annotated[float | None, doc("相似度，0 到 1", "similarity, 0 to 1")] = None
