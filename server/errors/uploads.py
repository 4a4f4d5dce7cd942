"""Errors 5xxx: upload."""

from __future__ import annotations

from server.errors.base import GaopaiError, LocalizedText


class UploadNotAllowed(GaopaiError):
    """`reason` says which rule refused the address, without its path or query."""

    code = 5001
    what = LocalizedText(
        "不允许上传到该地址：{reason}。", "Uploading to this address is not allowed: {reason}."
    )
    remedy = LocalizedText(
        "请使用网页自己的来源，或由管理员把该来源加入 [upload] allow。",
        "Use the page's own origin, or let the administrator add the address to [upload] allow.",
    )


class UploadUnreachable(GaopaiError):
    code = 5002
    what = LocalizedText("无法连接上传服务器：{reason}。", "The upload server cannot be reached: {reason}.")
    remedy = LocalizedText(
        "文件均已保留；请检查网络后再上传。", "The files are kept; check the network and upload again."
    )


class UploadTimeout(GaopaiError):
    code = 5003
    what = LocalizedText(
        "上传在 {seconds} 秒内没有完成。", "The upload was not done within {seconds} seconds."
    )
    remedy = LocalizedText("文件均已保留；请稍后再上传。", "The files are kept; upload again later.")


class UploadRejected(GaopaiError):
    code = 5004
    what = LocalizedText(
        "上传服务器以状态 {status} 拒绝。", "The upload server refused with status {status}."
    )
    remedy = LocalizedText(
        "文件均已保留；原因见应答中的 response。", "The files are kept; response has the server's reason."
    )


class UploadTooLarge(GaopaiError):
    code = 5005
    what = LocalizedText(
        "上传共 {size}，超过上限 {limit}。", "The upload has {size}, over the limit of {limit}."
    )
    remedy = LocalizedText("请分几次上传。", "Send it in several uploads.")


class UploadBroken(GaopaiError):
    """The connection was there and then failed: whether the server kept the files is unknown."""

    code = 5006
    what = LocalizedText("上传中断：{reason}。", "The upload broke off: {reason}.")
    remedy = LocalizedText(
        "文件均已保留；请先确认服务器是否已收到，再决定是否重传。",
        "The files are kept; find out whether the server has them before sending again.",
    )
