"""Functions beyond the standard, about the service itself and for pages in the field."""

from __future__ import annotations

from server.errors import LocalizedText
from server.protocol.function import Example, Function
from server.protocol.messages import barcodes, buttons, cameras, documents, faces, fingerprints, service

_INFO = service.GetServiceInfoAnswer(
    version="0.1.0",
    functions=(
        service.FunctionEntry(name="GetCameraInfo", available=True),
        service.FunctionEntry(name="FaceMatch", available=False, reason="No face model is installed."),
    ),
    limits={"messageBytes": 33554432},
    compat={"previewKey": "both"},
)

FUNCTIONS = (
    Function(
        name="Notify",
        request=service.NotifyRequest,
        answer=service.NotifyAnswer,
        pushes=(
            service.NotifyPush,
            barcodes.BarCodePush,
            fingerprints.FingerPressPush,
            faces.FaceActionPush,
            cameras.CameraWantedPush,
            cameras.CameraFreePush,
            documents.DocumentsPush,
        ),
        since="gaopai 0.1",
        summary=LocalizedText(
            "设备插拔等通知，由服务主动发送，无需调用；reqId 为空，或为引发通知的请求的 reqId。",
            "Notices such as a device plugged in or out. The service sends them by itself, with the reqId of "
            "the request they go back to, or an empty one; there is no need to call it.",
        ),
        example=Example(
            {}, service.NotifyAnswer(), service.NotifyPush(event="OnDeviceChanged", kind="camera")
        ),
    ),
    Function(
        name="GetOcrSupportInfo",
        request=service.GetOcrSupportInfoRequest,
        answer=service.GetOcrSupportInfoAnswer,
        since="gaopai 0.1",
        summary=LocalizedText(
            "获取可识别文字的语言，用于识别文字和生成可搜索的 PDF。",
            "List the languages whose text can be recognized, by RecogText and for searchable PDFs.",
        ),
        example=Example(
            {},
            service.GetOcrSupportInfoAnswer(
                languages=("chi_sim", "chi_tra", "jpn", "eng"), engine="PP-OCRv6"
            ),
        ),
    ),
    Function(
        name="ExternalButton",
        request=buttons.ExternalButtonRequest,
        answer=buttons.ExternalButtonAnswer,
        pushes=(buttons.ButtonPushed,),
        since="gaopai 0.1",
        summary=LocalizedText(
            "接收摄像头按钮和脚踏开关的按键：每按一次推送一条同名消息，reqId 与请求相同，直到停止或断开。",
            "Be told of each press of a camera's button or a foot switch: a message under this name with the "
            "reqId of the request, until it is stopped or the connection ends.",
        ),
        example=Example(
            {},
            buttons.ExternalButtonAnswer(
                buttons=(buttons.ButtonEntry(kind="camera", name="Document Camera", dev_num=0),)
            ),
            buttons.ButtonPushed(event="OnExternalButton", kind="camera", name="Document Camera", dev_num=0),
        ),
    ),
    Function(
        name="Heartbeat",
        request=service.HeartbeatRequest,
        answer=service.HeartbeatAnswer,
        since="gaopai 0.1",
        summary=LocalizedText("确认服务仍在运行。", "Ask whether the service is still there."),
        example=Example({}, service.HeartbeatAnswer()),
    ),
    Function(
        name="GetServiceInfo",
        request=service.GetServiceInfoRequest,
        answer=service.GetServiceInfoAnswer,
        since="gaopai 0.1",
        summary=LocalizedText(
            "获取服务版本、函数、上限和兼容性开关。",
            "Tell the version, the functions, the limits and the compatibility switches.",
        ),
        example=Example({}, _INFO),
    ),
    Function(
        name="SetPageInfo",
        request=service.SetPageInfoRequest,
        answer=service.SetPageInfoAnswer,
        since="gaopai 0.1",
        summary=LocalizedText(
            "告知网页的语言和标题，只对本连接有效。",
            "Tell the page's language and title, for this connection alone.",
        ),
        example=Example({"language": "en", "title": "Counter 3"}, service.SetPageInfoAnswer(language="en")),
    ),
    Function(
        name="CancelScan",
        request=service.CancelScanRequest,
        answer=service.CancelScanAnswer,
        stops=True,
        since="gaopai 0.1",
        summary=LocalizedText(
            "取消正在进行的扫描、读卡、指纹采集或比对；没有可取消的也返回成功。",
            "Cancel the scan, the reading of a card or finger, or the match that runs. Success also when "
            "there is none.",
        ),
        example=Example({}, service.CancelScanAnswer()),
    ),
)
