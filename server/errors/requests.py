"""Errors 1xxx: the request."""

from __future__ import annotations

from server.errors.base import GaopaiError, Language, LocalizedText, NameUnknown

_MISTAKEN = LocalizedText(
    "{mistaken} 不是此函数的参数，是否为 {meant}？",
    " {mistaken} is no parameter of this function. Did you mean {meant}?",
)


class InvalidJson(GaopaiError):
    code = 1001
    status = 400
    what = LocalizedText(
        "消息不是有效的 JSON 对象（{reason}）。", "The message is not a valid JSON object ({reason})."
    )
    remedy = LocalizedText("请每条消息发送一个 JSON 对象。", "Send one JSON object per message.")


class MissingFunction(GaopaiError):
    code = 1002
    status = 400
    what = LocalizedText("消息缺少 func。", "The message has no func.")
    remedy = LocalizedText(
        '请以字符串形式给出函数名，例如 "func":"GetCameraInfo"。',
        'Name the function as a string, for example "func":"GetCameraInfo".',
    )


class UnknownFunction(NameUnknown):
    code = 1003
    status = 404
    what = LocalizedText("没有名为 {func} 的函数。", "There is no function named {func}.")
    remedy = LocalizedText("函数列表见 GetServiceInfo。", "GetServiceInfo lists the functions.")


class BadParameter(GaopaiError):
    """`field` is the wire name, `reason` a `LocalizedText` or clause that repeats no long input."""

    code = 1004
    status = 400
    what = LocalizedText("参数 {field} 无效：{reason}。", "The parameter {field} is not valid: {reason}.")
    remedy = LocalizedText("请按接口文档修改该参数。", "Correct it as the protocol reference says.")


class MissingParameter(GaopaiError):
    code = 1005
    status = 400
    what = LocalizedText("缺少参数 {field}。", "The parameter {field} is missing.")
    remedy = LocalizedText("请补上该参数。", "Add it.")

    @property
    def field(self) -> str:
        """Wire name of the parameter, or several with / between them, of which one is needed."""
        return str(self.values["field"])

    def message(self, language: Language) -> str:
        """Return the event and the remedy, with the key that was probably `meant` by one that is `mistaken`."""
        said = super().message(language)
        if "mistaken" not in self.values:
            return said
        return said + _MISTAKEN.fill(language, self.values)


class NotAvailableYet(GaopaiError):
    code = 1006
    status = 501
    what = LocalizedText("此版本尚不提供 {feature}。", "This version does not offer {feature} yet.")
    remedy = LocalizedText("设置未作任何更改；请升级服务。", "Nothing was changed; update the service.")


class MessageTooLarge(GaopaiError):
    code = 1007
    status = 413
    what = LocalizedText("消息超过 {limit} 的上限。", "The message is over the limit of {limit}.")
    remedy = LocalizedText("请缩小图片或分多次发送。", "Send a smaller picture or several messages.")


class TooManyRequests(GaopaiError):
    code = 1008
    status = 429
    what = LocalizedText("此连接有 {limit} 个请求尚未完成。", "This connection has {limit} requests waiting.")
    remedy = LocalizedText("请等待应答后再发送。", "Wait for answers before sending more.")


class Cancelled(GaopaiError):
    code = 1009
    what = LocalizedText("{func} 已被取消。", "{func} was cancelled.")
    remedy = LocalizedText("如仍需要，请重新发送。", "Send it again if it is still wanted.")


class TooFast(GaopaiError):
    code = 1010
    status = 429
    what = LocalizedText(
        "此连接每秒的请求超过 {limit} 个。", "This connection sends more than {limit} requests a second."
    )
    remedy = LocalizedText(
        "请求未执行；请放慢后再发送。", "The request was not carried out; send it again more slowly."
    )


class TooMuchWaiting(GaopaiError):
    code = 1011
    status = 503
    what = LocalizedText("等待处理的消息合计过大。", "The messages that wait are too large together.")
    remedy = LocalizedText(
        "请求未执行；请等待应答后再发送。",
        "The request was not carried out; wait for answers before sending it again.",
    )


class WorkTooLong(GaopaiError):
    code = 1012
    status = 422
    what = LocalizedText(
        "处理超过 {seconds} 秒，已停止。", "The work took more than {seconds} seconds and was stopped."
    )
    remedy = LocalizedText(
        "请缩小图片，或关闭部分处理后再试。", "Send a smaller picture, or ask for less to be done with it."
    )


class BodyNotJson(GaopaiError):
    code = 1013
    status = 415
    what = LocalizedText(
        "请求体为 {given}，不是未压缩的 JSON。", "The body of the request is {given}, not uncompressed JSON."
    )
    remedy = LocalizedText(
        "请以 Content-Type: application/json 发送，且不带 Content-Encoding。",
        "Send it as Content-Type: application/json, without a Content-Encoding.",
    )


class WrongMethod(GaopaiError):
    code = 1014
    status = 405
    what = LocalizedText("{path} 不接受 {method}。", "{path} takes no {method}.")
    remedy = LocalizedText("请使用 {allowed}。", "Use {allowed}.")


class NoSuchSession(GaopaiError):
    code = 1015
    status = 410
    what = LocalizedText(
        "没有此会话：它已结束、静默超过 {seconds} 秒，或属于其他来源。",
        "There is no such session: it has ended, was silent for {seconds} seconds, or is another origin's.",
    )
    remedy = LocalizedText(
        "请用 POST /api/v1/session 新建一个，然后重新打开摄像头。",
        "Begin another with POST /api/v1/session, and open the cameras anew.",
    )


class MessageTooSlow(GaopaiError):
    code = 1016
    status = 408
    what = LocalizedText(
        "请求体未在 {seconds} 秒内到齐。", "The body of the request did not arrive within {seconds} seconds."
    )
    remedy = LocalizedText("请检查连接后重新发送。", "Check the connection, and send it again.")


class InternalError(GaopaiError):
    code = 1099
    status = 500
    what = LocalizedText(
        "服务内部错误（编号 {incident}）。", "The service met an internal error (incident {incident})."
    )
    remedy = LocalizedText(
        "连接仍可使用；请把编号告知管理员，日志中有详情。",
        "The connection still works; give the incident to the administrator, the log has the details.",
    )
