"""Errors 4xxx: files."""

from __future__ import annotations

from server.errors.base import GaopaiError, LocalizedText


class BadSuffix(GaopaiError):
    code = 4001
    what = LocalizedText("不支持后缀名 {suffix}。", "The file name suffix {suffix} is not supported.")
    remedy = LocalizedText("可用：{allowed}。", "Use one of: {allowed}.")


class PathOutside(GaopaiError):
    code = 4002
    what = LocalizedText("路径不在存储目录之内。", "The path is not inside the storage folder.")
    remedy = LocalizedText("请使用相对路径或 {root} 之下的路径。", "Use a relative path or one below {root}.")


class FileExists(GaopaiError):
    code = 4003
    what = LocalizedText("文件 {name} 已存在。", "The file {name} exists already.")
    remedy = LocalizedText(
        "请换一个文件名，或由管理员在配置中允许覆盖。",
        "Choose another name, or let the administrator allow overwriting in the configuration.",
    )


class StorageFull(GaopaiError):
    code = 4004
    what = LocalizedText("磁盘空间不足，{name} 未保存。", "The disk is full, {name} was not saved.")
    remedy = LocalizedText(
        "请清理磁盘后重试；没有留下不完整的文件。", "Free some space and try again; no partial file was left."
    )


class StorageFailed(GaopaiError):
    code = 4005
    what = LocalizedText("{name} 未能保存：{reason}。", "{name} could not be saved: {reason}.")
    remedy = LocalizedText(
        "请检查存储目录的权限；没有留下不完整的文件。",
        "Check the permissions of the storage folder; no partial file was left.",
    )


class FileMissing(GaopaiError):
    code = 4006
    what = LocalizedText("文件 {name} 不存在。", "There is no file {name}.")
    remedy = LocalizedText("请检查文件名。", "Check the name.")


class BadName(GaopaiError):
    code = 4007
    what = LocalizedText("文件名无效：{reason}。", "The file name is not valid: {reason}.")
    remedy = LocalizedText("请使用普通文件名。", "Use an ordinary file name.")


class FileUnreadable(GaopaiError):
    code = 4008
    what = LocalizedText("文件 {name} 无法读取：{reason}。", "The file {name} cannot be read: {reason}.")
    remedy = LocalizedText("请检查该文件及其权限。", "Check the file and its permissions.")


class DocumentProtected(GaopaiError):
    code = 4009
    what = LocalizedText("文件 {name} 受密码保护。", "The file {name} is protected by a password.")
    remedy = LocalizedText("请先去除密码再合并。", "Remove the password before merging.")


class ToolMissing(GaopaiError):
    """`tool` is a program that an optional function needs."""

    code = 4010
    what = LocalizedText("此电脑没有安装 {tool}。", "{tool} is not installed on this machine.")
    remedy = LocalizedText(
        "请运行 gaopai doctor，它会给出安装命令。", "Run gaopai doctor, it prints what to install."
    )


class FileOfAnotherOrigin(GaopaiError):
    code = 4011
    what = LocalizedText(
        "文件 {name} 由另一网站的页面生成。", "The file {name} was made by a page of another site."
    )
    remedy = LocalizedText(
        "请使用本页面生成的文件，或由管理员在配置中启用 [storage] sharing。",
        "Use files that this page made, or let the administrator switch [storage] sharing on.",
    )


class NamePartMissing(GaopaiError):
    """`part` is a placeholder of a file name."""

    code = 4012
    what = LocalizedText(
        "文件名中的 {part} 没有内容：{reason}。", "{part} in the file name is empty: {reason}."
    )
    remedy = LocalizedText("请先读卡，或换一个文件名。", "Read a card first, or choose another name.")


class FileOfNoPage(GaopaiError):
    code = 4013
    what = LocalizedText("文件 {name} 不是网页生成的。", "The file {name} was made by no page.")
    remedy = LocalizedText(
        "只能取回本网站的页面生成的文件，ListFiles 列出它们。",
        "Only files that pages of this site made can be fetched; ListFiles lists them.",
    )
