"""Functions and messages about the service itself: extras beyond the standard."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.errors import LocalizedText
from server.protocol.function import Example, Function
from server.protocol.messages import barcodes, cameras, faces, files, fingerprints, identity, scanners
from server.protocol.messages.base import Answer, Request, doc, redacted_repr


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
    receipt: Annotated[
        files.DeliveryReceipt | None, doc("发往目标时：已送达的文件", "with a target: the file that it has")
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
    profiles: Annotated[
        tuple[str, ...], doc("配置中 profile 的名称", "names of the profiles of the configuration")
    ]
    targets: Annotated[
        tuple[str, ...],
        doc(
            "配置中目标的名称，供 UploadHttpFile 和 MergeFile 使用",
            "names of the targets of the configuration, for UploadHttpFile and MergeFile",
        ),
    ]


class CancelScanRequest(Request, frozen=True, kw_only=True):
    """No parameters."""


class CancelScanAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


class SetPageInfoRequest(Request, frozen=True, kw_only=True):
    __repr__ = redacted_repr

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
    case: Annotated[
        Annotated[str, msgspec.Meta(max_length=64)] | None,
        doc(
            "正在办理的案号或业务编号：文件名中的 {case}；空字符串为没有",
            "number of the case that is worked on, {case} in names of files; empty for none",
        ),
    ] = None


class SetPageInfoAnswer(Answer, frozen=True, kw_only=True):
    language: Annotated[
        Literal["zh", "en"],
        doc("现在的语言；管理员可在配置中固定", "the language now, which the configuration may have fixed"),
    ]


_INFO = GetServiceInfoAnswer(
    version="0.1.0",
    functions=(
        FunctionEntry(name="GetCameraInfo", available=True),
        FunctionEntry(name="FaceMatch", available=False, reason="No face model is installed."),
    ),
    limits={"messageBytes": 33554432},
    compat={"previewKey": "both"},
    profiles=("contract",),
    targets=("archive",),
)
"""Answer of the example's service about itself."""


FUNCTIONS = (
    Function(
        request=NotifyRequest,
        answer=NotifyAnswer,
        pushes=(
            NotifyPush,
            barcodes.BarCodePush,
            fingerprints.FingerPressPush,
            faces.FaceActionPush,
            cameras.CameraWantedPush,
            cameras.CameraFreePush,
            identity.DocumentsPush,
            scanners.ScanFinishedPush,
            scanners.ScannerNoticePush,
            scanners.ScanRowsPush,
        ),
        since="gaopai 0.1",
        summary=LocalizedText(
            "设备插拔等通知，由服务主动发送，无需调用；reqId 为空，或为引发通知的请求的 reqId。",
            "Notices such as a device plugged in or out. The service sends them by itself, with the reqId of "
            "the request they go back to, or an empty one; there is no need to call it.",
        ),
        example=Example({}, NotifyAnswer(), NotifyPush(event="OnDeviceChanged", kind="camera")),
    ),
    Function(
        request=GetOcrSupportInfoRequest,
        answer=GetOcrSupportInfoAnswer,
        since="gaopai 0.1",
        summary=LocalizedText(
            "获取可识别文字的语言，用于识别文字和生成可搜索的 PDF。",
            "List the languages whose text can be recognized, by RecogText and for searchable PDFs.",
        ),
        example=Example(
            {}, GetOcrSupportInfoAnswer(languages=("chi_sim", "chi_tra", "jpn", "eng"), engine="PP-OCRv6")
        ),
    ),
    Function(
        request=HeartbeatRequest,
        answer=HeartbeatAnswer,
        since="gaopai 0.1",
        summary=LocalizedText("确认服务仍在运行。", "Ask whether the service is still there."),
        example=Example({}, HeartbeatAnswer()),
    ),
    Function(
        request=GetServiceInfoRequest,
        answer=GetServiceInfoAnswer,
        since="gaopai 0.1",
        summary=LocalizedText(
            "获取服务版本、函数、上限和兼容性开关。",
            "Tell the version, the functions, the limits and the compatibility switches.",
        ),
        example=Example({}, _INFO),
    ),
    Function(
        request=SetPageInfoRequest,
        answer=SetPageInfoAnswer,
        since="gaopai 0.1",
        summary=LocalizedText(
            "告知网页的语言、标题和案号，只对本连接有效。",
            "Tell the page's language, title and case, for this connection alone.",
        ),
        example=Example({"language": "en", "title": "Counter 3"}, SetPageInfoAnswer(language="en")),
    ),
    Function(
        request=CancelScanRequest,
        answer=CancelScanAnswer,
        stops=True,
        since="gaopai 0.1",
        summary=LocalizedText(
            "取消正在进行的扫描、读卡、指纹采集或比对；没有可取消的也返回成功。",
            "Cancel the scan, the reading of a card or finger, or the match that runs. Success also when "
            "there is none.",
        ),
        example=Example({}, CancelScanAnswer()),
    ),
)
"""Functions about the service itself, for the catalogue."""
