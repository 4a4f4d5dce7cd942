"""Errors 2xxx: devices."""

from __future__ import annotations

from server.errors.base import GaopaiError, LocalizedText


class NoSuchDevice(GaopaiError):
    code = 2001
    what = LocalizedText("没有编号为 {device} 的设备。", "There is no device number {device}.")
    remedy = LocalizedText("请连接设备并重新获取设备列表。", "Connect it and ask for the device list again.")


class DeviceBusy(GaopaiError):
    code = 2002
    what = LocalizedText("{device} 正被{holder}使用。", "{device} is in use by {holder}.")
    remedy = LocalizedText("请先在那里关闭设备。", "Close it there first.")


class DeviceGone(GaopaiError):
    code = 2003
    what = LocalizedText("{device} 已断开。", "{device} was disconnected.")
    remedy = LocalizedText("请重新插好设备后再打开。", "Plug it in again, then open it.")


class DeviceTimeout(GaopaiError):
    code = 2004
    what = LocalizedText(
        "{device} 在 {seconds} 秒内没有响应。", "{device} did not answer within {seconds} seconds."
    )
    remedy = LocalizedText("请重新插拔设备后再试。", "Unplug it, plug it in again and retry.")


class DevicePermission(GaopaiError):
    code = 2005
    what = LocalizedText("服务无权使用 {device}。", "The service may not use {device}.")
    remedy = LocalizedText(
        "请运行 gaopai doctor，它会给出修复命令。", "Run gaopai doctor, it prints the fix."
    )


class DeviceFailed(GaopaiError):
    """`reason` is the adapter's own clause, without paths or personal data."""

    code = 2006
    what = LocalizedText("{device} 出错：{reason}。", "{device} failed: {reason}.")
    remedy = LocalizedText(
        "请重新打开设备；若仍失败，请重新插拔。",
        "Open it again; if it still fails, unplug it and plug it in.",
    )


class DeviceNotOpen(GaopaiError):
    code = 2007
    what = LocalizedText("此连接没有打开的摄像头。", "This connection has no open camera.")
    remedy = LocalizedText("请先调用 {opener}。", "Call {opener} first.")


class ModeNotSupported(GaopaiError):
    code = 2008
    what = LocalizedText("{device} 没有编号为 {number} 的{kind}。", "{device} has no {kind} number {number}.")
    remedy = LocalizedText(
        "编号见设备信息，从 0 开始。", "The device information lists them, counted from 0."
    )


class PaperJam(GaopaiError):
    code = 2009
    what = LocalizedText("{device} 卡纸。", "Paper is jammed in {device}.")
    remedy = LocalizedText(
        "请取出卡住的纸张，把未扫描的页放回后再扫描；此前的页均已保留。",
        "Take the jammed sheet out, put the pages not scanned yet back and scan again; earlier pages are kept.",
    )


class CoverOpen(GaopaiError):
    code = 2010
    what = LocalizedText("{device} 的盖板未关好。", "The cover of {device} is open.")
    remedy = LocalizedText("请关好盖板后再扫描。", "Close it and scan again.")


class FeederEmpty(GaopaiError):
    code = 2011
    what = LocalizedText("{device} 的进纸器中没有纸。", "There is no paper in the feeder of {device}.")
    remedy = LocalizedText("请放入纸张后再扫描。", "Put paper in and scan again.")


class PageCutShort(GaopaiError):
    code = 2012
    what = LocalizedText("{device} 只送来一页的一部分。", "{device} delivered only a part of a page.")
    remedy = LocalizedText(
        "该页未保留；请重新扫描该页，此前的页均已保留。",
        "That page was not kept; scan it again. Earlier pages are kept.",
    )


class DriverCrashed(GaopaiError):
    code = 2013
    what = LocalizedText("{device} 的驱动程序异常退出。", "The driver of {device} crashed.")
    remedy = LocalizedText(
        "驱动已重新启动，请再试一次；若再次发生，请更新驱动。",
        "It was started again, so try again; if it happens again, update the driver.",
    )


class DriverMissing(GaopaiError):
    code = 2014
    what = LocalizedText(
        "此电脑没有安装{kind}的驱动：{reason}。", "This machine lacks the driver for {kind}: {reason}."
    )
    remedy = LocalizedText(
        "请运行 gaopai doctor，它会给出安装命令。", "Run gaopai doctor, it prints what to install."
    )


class PaperTooLarge(GaopaiError):
    """`available` is the largest area of that source, as ``216 x 297 mm``."""

    code = 2015
    what = LocalizedText(
        "{device} 的该进纸来源容不下 {paper}（最大 {available}）。",
        "This source of {device} cannot hold {paper} (at most {available}).",
    )
    remedy = LocalizedText("请选择较小的纸张或其他来源。", "Choose a smaller paper or another source.")


class ControlNotSupported(GaopaiError):
    """`control` is the control's name, or the automatic of it."""

    code = 2016
    what = LocalizedText("{device} 没有可调的 {control}。", "{device} has no {control} that can be set.")
    remedy = LocalizedText("GetCameraControls 列出它有哪些。", "GetCameraControls lists what it has.")
