"""Errors of targets (5xxx, with those of uploads)."""

from __future__ import annotations

from server.errors.base import GaopaiError, LocalizedText, NameUnknown


class TargetUnknown(NameUnknown):
    code = 5007
    status = 404
    what = LocalizedText("没有名为 {name} 的目标。", "There is no target {name}.")
    remedy = LocalizedText(
        "GetServiceInfo 列出配置中的目标。", "GetServiceInfo lists the targets of the configuration."
    )


class TargetRefused(GaopaiError):
    """`reason` is one that the target's administrator can remove, without names of files and accounts."""

    code = 5008
    status = 502
    what = LocalizedText(
        "目标 {target} 没有接收文件：{reason}。", "The target {target} did not take the file: {reason}."
    )
    remedy = LocalizedText(
        "文件均已保留；请管理员检查该目标。", "The files are kept; let the administrator check the target."
    )
