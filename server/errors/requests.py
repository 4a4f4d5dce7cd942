"""Errors 1xxx: the request."""

from __future__ import annotations

from server.errors.base import GaopaiError, Language, LocalizedText


class InvalidJson(GaopaiError):
    code = 1001
    what = LocalizedText(
        "消息不是有效的 JSON 对象（{reason}）。", "The message is not a valid JSON object ({reason})."
    )
    remedy = LocalizedText("请每条消息发送一个 JSON 对象。", "Send one JSON object per message.")


class MissingFunction(GaopaiError):
    code = 1002
    what = LocalizedText("消息缺少 func。", "The message has no func.")
    remedy = LocalizedText(
        '请以字符串形式给出函数名，例如 "func":"GetCameraInfo"。',
        'Name the function as a string, for example "func":"GetCameraInfo".',
    )


class UnknownFunction(GaopaiError):
    code = 1003
    what = LocalizedText("没有名为 {func} 的函数。", "There is no function named {func}.")
    remedy = LocalizedText("函数列表见 GetServiceInfo。", "GetServiceInfo lists the functions.")

    def message(self, language: Language) -> str:
        """Return the event and the remedy, with the function that was probably meant if `nearest` is given."""
        nearest = self.values.get("nearest")
        said = super().message(language)
        if not nearest:
            return said
        return f"{said}是否为 {nearest}？" if language == "zh" else f"{said} Did you mean {nearest}?"


class BadParameter(GaopaiError):
    """`field` is the wire name, `reason` a `LocalizedText` or clause that repeats no long input."""

    code = 1004
    what = LocalizedText("参数 {field} 无效：{reason}。", "The parameter {field} is not valid: {reason}.")
    remedy = LocalizedText("请按接口文档修改该参数。", "Correct it as the protocol reference says.")


class MissingParameter(GaopaiError):
    code = 1005
    what = LocalizedText("缺少参数 {field}。", "The parameter {field} is missing.")
    remedy = LocalizedText("请补上该参数。", "Add it.")


class NotAvailableYet(GaopaiError):
    code = 1006
    what = LocalizedText("此版本尚不提供 {feature}。", "This version does not offer {feature} yet.")
    remedy = LocalizedText("设置未作任何更改；请升级服务。", "Nothing was changed; update the service.")


class MessageTooLarge(GaopaiError):
    code = 1007
    what = LocalizedText("消息超过 {limit} 的上限。", "The message is over the limit of {limit}.")
    remedy = LocalizedText("请缩小图片或分多次发送。", "Send a smaller picture or several messages.")


class TooManyRequests(GaopaiError):
    code = 1008
    what = LocalizedText("此连接有 {limit} 个请求尚未完成。", "This connection has {limit} requests waiting.")
    remedy = LocalizedText("请等待应答后再发送。", "Wait for answers before sending more.")


class Cancelled(GaopaiError):
    code = 1009
    what = LocalizedText("{func} 已被取消。", "{func} was cancelled.")
    remedy = LocalizedText("如仍需要，请重新发送。", "Send it again if it is still wanted.")


class TooFast(GaopaiError):
    code = 1010
    what = LocalizedText(
        "此连接每秒的请求超过 {limit} 个。", "This connection sends more than {limit} requests a second."
    )
    remedy = LocalizedText(
        "请求未执行；请放慢后再发送。", "The request was not carried out; send it again more slowly."
    )


class TooMuchWaiting(GaopaiError):
    code = 1011
    what = LocalizedText("等待处理的消息合计过大。", "The messages that wait are too large together.")
    remedy = LocalizedText(
        "请求未执行；请等待应答后再发送。",
        "The request was not carried out; wait for answers before sending it again.",
    )


class WorkTooLong(GaopaiError):
    code = 1012
    what = LocalizedText(
        "处理超过 {seconds} 秒，已停止。", "The work took more than {seconds} seconds and was stopped."
    )
    remedy = LocalizedText(
        "请缩小图片，或关闭部分处理后再试。", "Send a smaller picture, or ask for less to be done with it."
    )


class InternalError(GaopaiError):
    code = 1099
    what = LocalizedText(
        "服务内部错误（编号 {incident}）。", "The service met an internal error (incident {incident})."
    )
    remedy = LocalizedText(
        "连接仍可使用；请把编号告知管理员，日志中有详情。",
        "The connection still works; give the incident to the administrator, the log has the details.",
    )
