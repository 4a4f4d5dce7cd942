"""Errors of devices (2xxx), cards (6xxx), fingerprints (7xxx) and faces (8xxx)."""

from __future__ import annotations

from server.errors.base import GaopaiError, Language, LocalizedText

# 2xxx: devices -----------------------------------------------------------------------


class NoSuchDevice(GaopaiError):
    code = 2001
    status = 404
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
    status = 504
    what = LocalizedText(
        "{device} 在 {seconds} 秒内没有响应。", "{device} did not answer within {seconds} seconds."
    )
    remedy = LocalizedText("请重新插拔设备后再试。", "Unplug it, plug it in again and retry.")


class DevicePermission(GaopaiError):
    code = 2005
    status = 403
    what = LocalizedText("服务无权使用 {device}。", "The service may not use {device}.")
    remedy = LocalizedText(
        "请运行 gaopai doctor，它会给出修复命令。", "Run gaopai doctor, it prints the fix."
    )


class DeviceFailed(GaopaiError):
    """`reason` is the adapter's own clause in both languages, without paths or personal data."""

    code = 2006
    status = 502
    what = LocalizedText("{device} 出错：{reason}。", "{device} failed: {reason}.")
    remedy = LocalizedText(
        "请重新打开设备；若仍失败，请重新插拔。",
        "Open it again; if it still fails, unplug it and plug it in.",
    )

    @classmethod
    def by_defect(cls, device: str, error: BaseException) -> DeviceFailed:
        """Return the error for a defect of this program, of which only the kind is told."""
        return cls(device=device, reason=_DEFECT.filled(kind=type(error).__name__))


_DEFECT = LocalizedText("程序内部错误 {kind}", "an error inside the program, {kind}")
DRIVER_ANSWER = LocalizedText("驱动程序返回 {code}", "the driver answers {code}")
NOT_STARTED = LocalizedText("尚未启动", "it was not started")
OTHER_PROGRAM = LocalizedText("另一个程序", "another program")


class DeviceNotOpen(GaopaiError):
    code = 2007
    what = LocalizedText("此连接没有打开的摄像头。", "This connection has no open camera.")
    remedy = LocalizedText("请先调用 {opener}。", "Call {opener} first.")

    def message(self, language: Language) -> str:
        """Return the event and the remedy, with the number that was `asked` for and those that are `open`."""
        said = super().message(language)
        asked = self.values.get("asked")
        if asked is None:
            return said
        numbers = ", ".join(map(str, self.values["open"]))  # type: ignore[call-overload]
        if language == "zh":
            return f"{said}所指的是 {asked} 号；已打开：{numbers or '没有'}。"
        return f"{said} Number {asked} was asked for; open: {numbers or 'none'}."


class ModeNotSupported(GaopaiError):
    code = 2008
    status = 422
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
    status = 502
    what = LocalizedText("{device} 的驱动程序异常退出。", "The driver of {device} crashed.")
    remedy = LocalizedText(
        "驱动已重新启动，请再试一次；若再次发生，请更新驱动。",
        "It was started again, so try again; if it happens again, update the driver.",
    )


class DriverMissing(GaopaiError):
    code = 2014
    status = 501
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
    status = 422
    what = LocalizedText("{device} 没有可调的 {control}。", "{device} has no {control} that can be set.")
    remedy = LocalizedText("GetCameraControls 列出它有哪些。", "GetCameraControls lists what it has.")


class SidesUnequal(GaopaiError):
    code = 2018
    what = LocalizedText(
        "{device} 扫了 {fronts} 张正面、{backs} 张背面。",
        "{device} scanned {fronts} fronts and {backs} backs.",
    )
    remedy = LocalizedText(
        "已扫的页均保留，但顺序不可靠；正面仍记住，请重新扫描全部背面（side 为 back）。",
        "All pages are kept, but their order is not known. The fronts are remembered: scan all the backs again "
        "(side: back).",
    )


class DoubleFeed(GaopaiError):
    code = 2019
    what = LocalizedText("{device} 一次进了两张或更多纸。", "{device} drew in two or more sheets at once.")
    remedy = LocalizedText(
        "这几张未保留；请分开后放回最上面再继续（Scan 的 resume），确为一张（信封、贴纸）时 doubleFeed 设为 ignore。",
        "They were not kept: part them, put them back on top and go on (resume of Scan); where it was one "
        "sheet, such as an envelope, with doubleFeed set to ignore.",
    )


class StapleFound(GaopaiError):
    code = 2020
    what = LocalizedText("{device} 发现订书钉。", "{device} found a staple.")
    remedy = LocalizedText(
        "请取出纸张，拆掉订书钉，放回最上面后继续（Scan 的 resume）。",
        "Take the sheets out, remove the staple, put them back on top and go on (resume of Scan).",
    )


class ScannerAsleep(GaopaiError):
    code = 2021
    status = 503
    what = LocalizedText("{device} 在休眠，没有醒来。", "{device} sleeps and did not wake.")
    remedy = LocalizedText(
        "请按扫描仪上的任意键，待指示灯不再闪烁后再扫描。",
        "Press a key of the scanner, wait until its light is steady and scan again.",
    )


class NotRecording(GaopaiError):
    code = 2017
    what = LocalizedText("{device} 没有在录像。", "{device} is not being recorded.")
    remedy = LocalizedText("请先调用 StartRecord。", "Call StartRecord first.")


# 6xxx: cards -------------------------------------------------------------------------


class NoReader(GaopaiError):
    code = 6001
    status = 404
    what = LocalizedText("没有可读{card}的读卡器。", "There is no reader for {card}.")
    remedy = LocalizedText(
        "请连接读卡器；已连接时请运行 gaopai doctor。", "Connect one; if it is connected, run gaopai doctor."
    )


class NoCard(GaopaiError):
    code = 6002
    what = LocalizedText("在 {seconds} 秒内没有放卡。", "No card was presented within {seconds} seconds.")
    remedy = LocalizedText(
        "请把卡放到或插入 {device} 后再读。", "Put the card on or into {device} and read again."
    )


class CardTakenAway(GaopaiError):
    code = 6003
    what = LocalizedText("读取时卡离开了 {device}。", "The card left {device} while it was read.")
    remedy = LocalizedText("请重新放卡，读完前不要移动。", "Present it again and leave it until it is read.")


class WrongCard(GaopaiError):
    code = 6004
    what = LocalizedText("{device} 上的卡不是{card}。", "The card at {device} is not {card}.")
    remedy = LocalizedText("请换成所要求的卡。", "Present the kind of card that was asked for.")


class CardSilent(GaopaiError):
    """A card without power, inserted upside down, or broken."""

    code = 6005
    what = LocalizedText("{device} 中的卡没有应答。", "The card in {device} does not answer.")
    remedy = LocalizedText(
        "请检查插卡方向，擦净芯片后再试；若仍无应答，卡可能已损坏。",
        "Check which way it is inserted, wipe its chip and try again; it may be broken if that does not help.",
    )


class SeveralCards(GaopaiError):
    """`devices` are the names of the readers."""

    code = 6006
    what = LocalizedText(
        "多个读卡器上同时有卡：{devices}。", "There are cards at several readers: {devices}."
    )
    remedy = LocalizedText("请只留下要读的那张卡。", "Leave only the one that is to be read.")


class CardUnreadable(GaopaiError):
    """`reason` names the step and the status, without anything the card said."""

    code = 6007
    status = 422
    what = LocalizedText("{device} 读不出这张卡：{reason}。", "{device} cannot read this card: {reason}.")
    remedy = LocalizedText("请取下卡后重新放卡再试。", "Take the card away, present it again and retry.")


class PortraitNotDecoded(GaopaiError):
    """`reason` is a clause about the decoder, without anything of the portrait."""

    code = 6008
    what = LocalizedText("头像无法解码：{reason}。", "The portrait cannot be decoded: {reason}.")
    remedy = LocalizedText(
        "请检查配置中的 cards.wlt_library；imageWlt 中有原始数据。",
        "Check cards.wlt_library in the configuration; imageWlt has the portrait as it is.",
    )


# 7xxx: fingerprints ------------------------------------------------------------------


class NoFinger(GaopaiError):
    code = 7001
    what = LocalizedText("在 {seconds} 秒内没有按手指。", "No finger was placed within {seconds} seconds.")
    remedy = LocalizedText("请按提示把手指按在 {device} 上。", "Place a finger on {device} when asked to.")


class FingerUnclear(GaopaiError):
    """`reason` says what is unclear."""

    code = 7002
    what = LocalizedText("指纹不清晰：{reason}。", "The fingerprint is not clear: {reason}.")
    remedy = LocalizedText(
        "请擦净手指和采集窗后重按，或换一个手指。",
        "Wipe the finger and the sensor and press again, or use another finger.",
    )


class FingersDiffer(GaopaiError):
    code = 7003
    what = LocalizedText(
        "指纹不匹配：相似度 {similarity}，阈值 {threshold}。",
        "The fingerprints do not match: similarity {similarity}, threshold {threshold}.",
    )
    remedy = LocalizedText("请确认手指后再试。", "Make sure it is the right finger and try again.")


class FeatureUnreadable(GaopaiError):
    """`reason` is a clause about the format, without any of its bytes."""

    code = 7004
    status = 422
    what = LocalizedText("指纹特征无法解析：{reason}。", "The fingerprint feature cannot be read: {reason}.")
    remedy = LocalizedText(
        "请使用 ReadFingerInfo 返回的特征，或 ISO 19794-2、ANSI 378 模板的 base64。",
        "Use a feature of ReadFingerInfo, or an ISO 19794-2 or ANSI 378 template in base64.",
    )


class FeatureNotComparable(GaopaiError):
    """`format` is the format's name."""

    code = 7005
    status = 422
    what = LocalizedText(
        "无法比对 {format} 格式的指纹特征。", "Features in the format {format} cannot be compared."
    )
    remedy = LocalizedText(
        "该格式没有公开的比对算法；请提供指纹图片，或 ISO 19794-2 特征。",
        "No open method compares that format; give a picture of the finger or an ISO 19794-2 feature.",
    )


class GivenFingerUnclear(GaopaiError):
    """`reason` says what is unclear."""

    code = 7006
    status = 422
    what = LocalizedText("给定的指纹不清晰：{reason}。", "The fingerprint given is not clear: {reason}.")
    remedy = LocalizedText(
        "请重新采集要比对的指纹，最好采集多次。",
        "Take the finger to compare with again, best by several presses.",
    )


# 8xxx: faces -------------------------------------------------------------------------


class FaceModelMissing(GaopaiError):
    """`purpose` is a clause that says what it is needed for, `role` its name in the list of models."""

    code = 8001
    status = 501
    what = LocalizedText(
        "缺少人脸模型 {role}，无法{purpose}。",
        "The model {role} is missing, without which nobody can {purpose}.",
    )
    remedy = LocalizedText(
        "请管理员运行 gaopai models fetch，或离线运行 gaopai models import 文件夹；gaopai models list 列出各模型的状态。",
        "An administrator types gaopai models fetch or, offline, gaopai models import FOLDER; gaopai models list tells which are there.",
    )


class NoFace(GaopaiError):
    """`picture` is what was looked at."""

    code = 8002
    status = 422
    what = LocalizedText("{picture}中没有找到人脸。", "No face was found in {picture}.")
    remedy = LocalizedText(
        "请让人脸正对镜头、完整入镜，或换一张清晰的正面照片。",
        "Show the whole face from the front, or give another picture.",
    )


class FaceTooSmall(GaopaiError):
    """`pixels` is the least width."""

    code = 8003
    status = 422
    what = LocalizedText(
        "{picture}中的人脸太小，宽度不足 {pixels} 像素。",
        "The face in {picture} is too small: less than {pixels} pixels wide.",
    )
    remedy = LocalizedText(
        "请靠近镜头，选择更高的分辨率，或使用更大的照片。",
        "Come closer, choose a higher resolution, or give a larger picture.",
    )


class FaceTooDark(GaopaiError):
    code = 8004
    status = 422
    what = LocalizedText("{picture}中的人脸太暗。", "The face in {picture} is too dark.")
    remedy = LocalizedText("请增加正面光线，避免背光。", "Put light on the face, and none behind it.")


class SeveralPeople(GaopaiError):
    code = 8005
    status = 422
    what = LocalizedText(
        "镜头前有几个人，无法确定比对谁。",
        "Several people stand before the camera; nobody can tell who is meant.",
    )
    remedy = LocalizedText("请只让要比对的人站在镜头前。", "Let only the one who is meant stand before it.")


class FacesDiffer(GaopaiError):
    code = 8006
    what = LocalizedText(
        "人脸不匹配：相似度 {similarity}，阈值 {threshold}。",
        "The faces do not match: similarity {similarity}, threshold {threshold}.",
    )
    remedy = LocalizedText(
        "请核对证件和本人，正对镜头后再试。",
        "Check the document and the person, and try again from the front.",
    )


class FaceNotLive(GaopaiError):
    """`reason` is a clause."""

    code = 8007
    what = LocalizedText("未通过活体检测：{reason}。", "It is not a living face: {reason}.")
    remedy = LocalizedText(
        "请本人站在镜头前，不要出示照片或屏幕，避免反光后再试。",
        "Let the person stand before the camera, without pictures, screens or reflections, and try again.",
    )


class LivenessUnclear(GaopaiError):
    """`reason` is a clause."""

    code = 8008
    what = LocalizedText(
        "无法判断是否为活体：{reason}。", "Whether it is a living face cannot be told: {reason}."
    )
    remedy = LocalizedText(
        "请正对镜头保持片刻，并按提示做动作。", "Face the camera for a moment, and do what you are asked to."
    )
