"""Messages about the service itself: extras beyond the standard."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.protocol.messages.base import Answer, Request, doc


class NotifyRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class NotifyAnswer(Answer, frozen=True, kw_only=True):
    """No fields, as notices are always on."""


class NotifyPush(Answer, frozen=True, kw_only=True):
    """Notice of an event."""

    event: Annotated[
        str,
        doc(
            "事件：OnDeviceChanged（设备插拔）或 OnUploadFinished（排队的上传已结束）",
            "what happened; OnDeviceChanged: plugged or unplugged; OnUploadFinished: a queued upload ended",
        ),
    ]
    kind: Annotated[
        str, doc("设备种类，例如 camera；或 upload", "kind of device, for example camera; or upload")
    ]
    uploaded: Annotated[
        bool | None,
        doc("排队的上传是否成功；false 为已放弃", "whether a queued upload succeeded; false: given up"),
    ] = None
    status: Annotated[
        int | None,
        doc("上传服务器最后一次应答的 HTTP 状态码", "HTTP status of the upload server's last answer"),
    ] = None


class GetOcrSupportInfoRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class GetOcrSupportInfoAnswer(Answer, frozen=True, kw_only=True):
    languages: Annotated[
        tuple[str, ...],
        doc(
            "可识别的语言，例如 chi_sim、jpn、eng；没有识别引擎时为空",
            "languages whose text can be recognized, for example chi_sim and eng; empty without an engine",
        ),
    ]
    engine: Annotated[
        str | None, doc("识别引擎：PP-OCRv6 或 Tesseract", "engine that recognizes it: PP-OCRv6 or Tesseract")
    ] = None


class HeartbeatRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class HeartbeatAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


class GetServiceInfoRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class FunctionEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One function of the catalogue."""

    name: Annotated[str, doc("函数名", "name of the function")]
    available: Annotated[bool, doc("此处是否可用", "whether it works here")]
    reason: Annotated[str | None, doc("不可用的原因", "why it does not")] = None


class GetServiceInfoAnswer(Answer, frozen=True, kw_only=True):
    version: Annotated[str, doc("服务版本", "version of the service")]
    functions: Annotated[tuple[FunctionEntry, ...], doc("全部函数", "all functions")]
    limits: Annotated[dict[str, int | float], doc("各项上限", "limits by name")]
    compat: Annotated[
        dict[str, str | bool], doc("兼容性开关及其取值", "compatibility switches with their values")
    ]


class CancelScanRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class CancelScanAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


class SetPageInfoRequest(Request, frozen=True, kw_only=True):
    language: Annotated[
        Literal["zh", "en"] | None,
        doc(
            "此后错误和原因的语言；缺省不变，默认按浏览器的 Accept-Language",
            "language of errors and reasons from now on; when missing it stays, by default as the browser's "
            "Accept-Language says",
        ),
    ] = None
    title: Annotated[
        Annotated[str, msgspec.Meta(max_length=100)] | None,
        doc(
            "网页给人看的标题；占用了摄像头时会告知其他网站的页面，请勿包含个人信息",
            "title of the page for people; pages of other sites are told where this one has the camera, so "
            "without personal data",
        ),
    ] = None


class SetPageInfoAnswer(Answer, frozen=True, kw_only=True):
    language: Annotated[
        Literal["zh", "en"],
        doc("现在的语言；管理员可在配置中固定", "the language now, which the configuration may have fixed"),
    ]
