"""Errors 8xxx: faces."""

from __future__ import annotations

from server.errors.base import GaopaiError, LocalizedText


class FaceModelMissing(GaopaiError):
    """`purpose` is a clause that says what it is needed for, `role` its name in the list of models."""

    code = 8001
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
    what = LocalizedText("{picture}中没有找到人脸。", "No face was found in {picture}.")
    remedy = LocalizedText(
        "请让人脸正对镜头、完整入镜，或换一张清晰的正面照片。",
        "Show the whole face from the front, or give another picture.",
    )


class FaceTooSmall(GaopaiError):
    """`pixels` is the least width."""

    code = 8003
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
    what = LocalizedText("{picture}中的人脸太暗。", "The face in {picture} is too dark.")
    remedy = LocalizedText("请增加正面光线，避免背光。", "Put light on the face, and none behind it.")


class SeveralPeople(GaopaiError):
    code = 8005
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
        "请正对镜头保持片刻，并按提示做动作。",
        "Face the camera for a moment, and do what you are asked to.",
    )
