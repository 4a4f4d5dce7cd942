"""Every error a page can receive: one class a code, in Chinese and English.

The class carries the code and two sentences, each a template over the values given to
the constructor: what happened, and what to do next. Codes are frozen: a published code
never changes its meaning and is never reused. Pages in the field read 9 as success, so
no code is 9; all are four digits.

Leading digit: 1 request, 2 device, 3 picture, 4 file, 5 upload, 6 card, 7 fingerprint, 8 face.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NamedTuple

Language = Literal["zh", "en"]


class Text(NamedTuple):
    """One sentence in both languages; ``{name}`` stands for a value of the error."""

    zh: str
    en: str

    def fill(self, language: Language, values: dict[str, Any]) -> str:
        """The sentence in `language` with its values put in; a value may be a `Text` itself."""
        spoken = {
            name: value.fill(language, {}) if isinstance(value, Text) else value
            for name, value in values.items()
        }
        return (self.zh if language == "zh" else self.en).format_map(spoken)


class GaopaiError(Exception):
    """An error that becomes an answer. Values must hold no personal data."""

    code: ClassVar[int]
    what: ClassVar[Text]
    remedy: ClassVar[Text]

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.message("en"))

    def message(self, language: Language) -> str:
        """What happened and what to do next, as one line for `errorMsg`."""
        happened = self.what.fill(language, self.values)
        next_step = self.remedy.fill(language, self.values)
        return f"{happened}{'' if language == 'zh' else ' '}{next_step}"


def table() -> dict[int, type[GaopaiError]]:
    """All error classes by code, in ascending order.

    Raises
    ------
    ValueError
        Two classes claim one code.
    """
    found: dict[int, type[GaopaiError]] = {}
    pending = list(GaopaiError.__subclasses__())
    while pending:
        error = pending.pop()
        pending.extend(error.__subclasses__())
        if found.setdefault(error.code, error) is not error:
            raise ValueError(f"code {error.code}: {error.__name__} and {found[error.code].__name__}")
    return dict(sorted(found.items()))


# 1xxx: the request ---------------------------------------------------------------------


class InvalidJson(GaopaiError):
    code = 1001
    what = Text(
        "消息不是有效的 JSON 对象（{reason}）。", "The message is not a valid JSON object ({reason})."
    )
    remedy = Text("请每条消息发送一个 JSON 对象。", "Send one JSON object per message.")


class MissingFunction(GaopaiError):
    code = 1002
    what = Text("消息缺少 func。", "The message has no func.")
    remedy = Text(
        '请以字符串形式给出函数名，例如 "func":"GetCameraInfo"。',
        'Name the function as a string, for example "func":"GetCameraInfo".',
    )


class UnknownFunction(GaopaiError):
    code = 1003
    what = Text("没有名为 {func} 的函数。", "There is no function named {func}.")
    remedy = Text("函数列表见 GetServiceInfo。", "GetServiceInfo lists the functions.")


class BadParameter(GaopaiError):
    """`field` is the wire name, `reason` a `Text` or clause that repeats no long input."""

    code = 1004
    what = Text("参数 {field} 无效：{reason}。", "The parameter {field} is not valid: {reason}.")
    remedy = Text("请按接口文档修改该参数。", "Correct it as the protocol reference says.")


class MissingParameter(GaopaiError):
    code = 1005
    what = Text("缺少参数 {field}。", "The parameter {field} is missing.")
    remedy = Text("请补上该参数。", "Add it.")


class NotAvailableYet(GaopaiError):
    code = 1006
    what = Text("此版本尚不提供 {feature}。", "This version does not offer {feature} yet.")
    remedy = Text("设置未作任何更改；请升级服务。", "Nothing was changed; update the service.")


class MessageTooLarge(GaopaiError):
    code = 1007
    what = Text("消息超过 {limit} 的上限。", "The message is over the limit of {limit}.")
    remedy = Text("请缩小图片或分多次发送。", "Send a smaller picture or several messages.")


class TooManyRequests(GaopaiError):
    code = 1008
    what = Text("此连接有 {limit} 个请求尚未完成。", "This connection has {limit} requests waiting.")
    remedy = Text("请等待应答后再发送。", "Wait for answers before sending more.")


class Cancelled(GaopaiError):
    code = 1009
    what = Text("{func} 已被取消。", "{func} was cancelled.")
    remedy = Text("如仍需要，请重新发送。", "Send it again if it is still wanted.")


class InternalError(GaopaiError):
    code = 1099
    what = Text(
        "服务内部错误（编号 {incident}）。", "The service met an internal error (incident {incident})."
    )
    remedy = Text(
        "连接仍可使用；请把编号告知管理员，日志中有详情。",
        "The connection still works; give the incident to the administrator, the log has the details.",
    )


# 2xxx: devices -------------------------------------------------------------------------


class NoSuchDevice(GaopaiError):
    code = 2001
    what = Text("没有编号为 {device} 的设备。", "There is no device number {device}.")
    remedy = Text("请连接设备并重新获取设备列表。", "Connect it and ask for the device list again.")


class DeviceBusy(GaopaiError):
    code = 2002
    what = Text("{device} 正被{holder}使用。", "{device} is in use by {holder}.")
    remedy = Text("请先在那里关闭设备。", "Close it there first.")


class DeviceGone(GaopaiError):
    code = 2003
    what = Text("{device} 已断开。", "{device} was disconnected.")
    remedy = Text("请重新插好设备后再打开。", "Plug it in again, then open it.")


class DeviceTimeout(GaopaiError):
    code = 2004
    what = Text("{device} 在 {seconds} 秒内没有响应。", "{device} did not answer within {seconds} seconds.")
    remedy = Text("请重新插拔设备后再试。", "Unplug it, plug it in again and retry.")


class DevicePermission(GaopaiError):
    code = 2005
    what = Text("服务无权使用 {device}。", "The service may not use {device}.")
    remedy = Text("请运行 gaopai doctor，它会给出修复命令。", "Run gaopai doctor, it prints the fix.")


class DeviceFailed(GaopaiError):
    """`reason` is the adapter's own clause, without paths or personal data."""

    code = 2006
    what = Text("{device} 出错：{reason}。", "{device} failed: {reason}.")
    remedy = Text(
        "请重新打开设备；若仍失败，请重新插拔。",
        "Open it again; if it still fails, unplug it and plug it in.",
    )


class DeviceNotOpen(GaopaiError):
    code = 2007
    what = Text("此连接没有打开的摄像头。", "This connection has no open camera.")
    remedy = Text("请先调用 {opener}。", "Call {opener} first.")


class ModeNotSupported(GaopaiError):
    code = 2008
    what = Text("{device} 没有编号为 {number} 的{kind}。", "{device} has no {kind} number {number}.")
    remedy = Text("编号见设备信息，从 0 开始。", "The device information lists them, counted from 0.")


class PaperJam(GaopaiError):
    code = 2009
    what = Text("{device} 卡纸。", "Paper is jammed in {device}.")
    remedy = Text(
        "请取出卡住的纸张，把未扫描的页放回后再扫描；此前的页均已保留。",
        "Take the jammed sheet out, put the pages not scanned yet back and scan again; earlier pages are kept.",
    )


class CoverOpen(GaopaiError):
    code = 2010
    what = Text("{device} 的盖板未关好。", "The cover of {device} is open.")
    remedy = Text("请关好盖板后再扫描。", "Close it and scan again.")


class FeederEmpty(GaopaiError):
    code = 2011
    what = Text("{device} 的进纸器中没有纸。", "There is no paper in the feeder of {device}.")
    remedy = Text("请放入纸张后再扫描。", "Put paper in and scan again.")


class PageCutShort(GaopaiError):
    code = 2012
    what = Text("{device} 只送来一页的一部分。", "{device} delivered only a part of a page.")
    remedy = Text(
        "该页未保留；请重新扫描该页，此前的页均已保留。",
        "That page was not kept; scan it again. Earlier pages are kept.",
    )


class DriverCrashed(GaopaiError):
    code = 2013
    what = Text("{device} 的驱动程序异常退出。", "The driver of {device} crashed.")
    remedy = Text(
        "驱动已重新启动，请再次扫描；若再次发生，请更新驱动。",
        "It was started again, so scan again; if it happens again, update the driver.",
    )


class DriverMissing(GaopaiError):
    code = 2014
    what = Text(
        "此电脑没有安装{kind}的驱动：{reason}。", "This machine lacks the driver for {kind}: {reason}."
    )
    remedy = Text("请运行 gaopai doctor，它会给出安装命令。", "Run gaopai doctor, it prints what to install.")


class PaperTooLarge(GaopaiError):
    """`available` is the largest area of that source, as ``216 x 297 mm``."""

    code = 2015
    what = Text(
        "{device} 的该进纸来源容不下 {paper}（最大 {available}）。",
        "This source of {device} cannot hold {paper} (at most {available}).",
    )
    remedy = Text("请选择较小的纸张或其他来源。", "Choose a smaller paper or another source.")


# 3xxx: pictures ------------------------------------------------------------------------


class PictureUnreadable(GaopaiError):
    code = 3001
    what = Text("{picture} 无法解码：{reason}。", "{picture} cannot be decoded: {reason}.")
    remedy = Text(
        "请提供完整的 JPEG、PNG、BMP、TIFF 或 WebP 图片。",
        "Give a complete JPEG, PNG, BMP, TIFF or WebP picture.",
    )


class PictureTooLarge(GaopaiError):
    code = 3002
    what = Text("{picture} 为 {size}，超过上限 {limit}。", "{picture} is {size}, over the limit of {limit}.")
    remedy = Text("请缩小后再试。", "Make it smaller and try again.")


# 4xxx: files ---------------------------------------------------------------------------


class BadSuffix(GaopaiError):
    code = 4001
    what = Text("不支持后缀名 {suffix}。", "The file name suffix {suffix} is not supported.")
    remedy = Text("可用：{allowed}。", "Use one of: {allowed}.")


class PathOutside(GaopaiError):
    code = 4002
    what = Text("路径不在存储目录之内。", "The path is not inside the storage folder.")
    remedy = Text("请使用相对路径或 {root} 之下的路径。", "Use a relative path or one below {root}.")


class FileExists(GaopaiError):
    code = 4003
    what = Text("文件 {name} 已存在。", "The file {name} exists already.")
    remedy = Text(
        "请换一个文件名，或由管理员在配置中允许覆盖。",
        "Choose another name, or let the administrator allow overwriting in the configuration.",
    )


class StorageFull(GaopaiError):
    code = 4004
    what = Text("磁盘空间不足，{name} 未保存。", "The disk is full, {name} was not saved.")
    remedy = Text(
        "请清理磁盘后重试；没有留下不完整的文件。", "Free some space and try again; no partial file was left."
    )


class StorageFailed(GaopaiError):
    code = 4005
    what = Text("{name} 未能保存：{reason}。", "{name} could not be saved: {reason}.")
    remedy = Text(
        "请检查存储目录的权限；没有留下不完整的文件。",
        "Check the permissions of the storage folder; no partial file was left.",
    )


class FileMissing(GaopaiError):
    code = 4006
    what = Text("文件 {name} 不存在。", "There is no file {name}.")
    remedy = Text("请检查文件名。", "Check the name.")


class BadName(GaopaiError):
    code = 4007
    what = Text("文件名无效：{reason}。", "The file name is not valid: {reason}.")
    remedy = Text("请使用普通文件名。", "Use an ordinary file name.")


class FileUnreadable(GaopaiError):
    code = 4008
    what = Text("文件 {name} 无法读取：{reason}。", "The file {name} cannot be read: {reason}.")
    remedy = Text("请检查该文件及其权限。", "Check the file and its permissions.")


class DocumentProtected(GaopaiError):
    code = 4009
    what = Text("文件 {name} 受密码保护。", "The file {name} is protected by a password.")
    remedy = Text("请先去除密码再合并。", "Remove the password before merging.")


class ToolMissing(GaopaiError):
    """`tool` is a program that an optional function needs."""

    code = 4010
    what = Text("此电脑没有安装 {tool}。", "{tool} is not installed on this machine.")
    remedy = Text("请运行 gaopai doctor，它会给出安装命令。", "Run gaopai doctor, it prints what to install.")


# 5xxx: upload --------------------------------------------------------------------------


class UploadNotAllowed(GaopaiError):
    """`reason` says which rule refused the address, without its path or query."""

    code = 5001
    what = Text("不允许上传到该地址：{reason}。", "Uploading to this address is not allowed: {reason}.")
    remedy = Text(
        "请使用网页自己的来源，或由管理员把该来源加入 [upload] allow。",
        "Use the page's own origin, or let the administrator add the address to [upload] allow.",
    )


class UploadUnreachable(GaopaiError):
    code = 5002
    what = Text("无法连接上传服务器：{reason}。", "The upload server cannot be reached: {reason}.")
    remedy = Text(
        "文件均已保留；请检查网络后再上传。", "The files are kept; check the network and upload again."
    )


class UploadTimeout(GaopaiError):
    code = 5003
    what = Text("上传在 {seconds} 秒内没有完成。", "The upload was not done within {seconds} seconds.")
    remedy = Text("文件均已保留；请稍后再上传。", "The files are kept; upload again later.")


class UploadRejected(GaopaiError):
    code = 5004
    what = Text("上传服务器以状态 {status} 拒绝。", "The upload server refused with status {status}.")
    remedy = Text(
        "文件均已保留；原因见应答中的 response。", "The files are kept; response has the server's reason."
    )


class UploadTooLarge(GaopaiError):
    code = 5005
    what = Text("上传共 {size}，超过上限 {limit}。", "The upload has {size}, over the limit of {limit}.")
    remedy = Text("请分几次上传。", "Send it in several uploads.")


class UploadBroken(GaopaiError):
    """The connection was there and then failed: whether the server kept the files is unknown."""

    code = 5006
    what = Text("上传中断：{reason}。", "The upload broke off: {reason}.")
    remedy = Text(
        "文件均已保留；请先确认服务器是否已收到，再决定是否重传。",
        "The files are kept; find out whether the server has them before sending again.",
    )
