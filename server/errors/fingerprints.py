"""Errors 7xxx: fingerprints."""

from __future__ import annotations

from server.errors.base import GaopaiError, LocalizedText


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
    what = LocalizedText("指纹特征无法解析：{reason}。", "The fingerprint feature cannot be read: {reason}.")
    remedy = LocalizedText(
        "请使用 ReadFingerInfo 返回的特征，或 ISO 19794-2、ANSI 378 模板的 base64。",
        "Use a feature of ReadFingerInfo, or an ISO 19794-2 or ANSI 378 template in base64.",
    )


class FeatureNotComparable(GaopaiError):
    """`format` is the format's name."""

    code = 7005
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
    what = LocalizedText("给定的指纹不清晰：{reason}。", "The fingerprint given is not clear: {reason}.")
    remedy = LocalizedText(
        "请重新采集要比对的指纹，最好采集多次。",
        "Take the finger to compare with again, best by several presses.",
    )
