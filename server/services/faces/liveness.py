"""Settings of liveness detection from the configuration, and its reasons in both languages."""

from __future__ import annotations

from msgspec import structs

from imgcore.face import InfraredSettings, LivenessSettings
from imgcore.face.liveness import LivenessReason
from server.config import FaceLivenessConfig
from server.errors import LocalizedText


def liveness_settings(section: FaceLivenessConfig) -> LivenessSettings:
    """Return the settings of ``[faces.liveness]``; keys that are not set keep the core's defaults."""
    return LivenessSettings(
        threshold=section.threshold,
        frames=section.frames,
        window=section.window,
        bezel=section.bezel,
        moire=section.moire,
        infrared=InfraredSettings(**structs.asdict(section.infrared)),
    )


_CHINESE = {
    LivenessReason.REACHES: "达到阈值",
    LivenessReason.BELOW: "像照片或屏幕",
    LivenessReason.NO_FRAMES: "还没有画面",
    LivenessReason.NO_FACE: "没有人脸",
    LivenessReason.TOO_SMALL: "人脸太小",
    LivenessReason.TOO_DARK: "人脸太暗",
    LivenessReason.MORE_LOOKS: "还需要更多画面",
    LivenessReason.TURN_LEFT: "等待向左转头",
    LivenessReason.TURN_RIGHT: "等待向右转头",
    LivenessReason.COME_NEARER: "等待靠近镜头",
    LivenessReason.BLINK: "等待眨眼",
    LivenessReason.NO_MODEL: "没有可用于判断的模型，需要做动作",
    LivenessReason.ACTED: "已做动作",
    LivenessReason.BEZEL: "人脸在屏幕或照片的边框内",
    LivenessReason.MOIRE: "画面带有屏幕的细纹",
    LivenessReason.INFRARED_MISSING: "没有红外画面",
    LivenessReason.INFRARED_UNLIT: "红外灯没有亮",
    LivenessReason.INFRARED_NO_FACE: "红外画面中没有人脸，像是屏幕",
    LivenessReason.INFRARED_ELSEWHERE: "红外画面中人脸在别处",
    LivenessReason.INFRARED_SIZE: "红外画面中人脸大小不符",
    LivenessReason.INFRARED_DARK: "红外画面中人脸太暗",
    LivenessReason.INFRARED_BRIGHT: "红外画面中人脸过亮",
    LivenessReason.INFRARED_SURROUNDED: "红外画面中人脸四周与人脸一样亮",
    LivenessReason.INFRARED_FLAT: "红外画面中人脸没有立体感",
    LivenessReason.INFRARED_PLANE: "两个摄像头看到的人脸是一个平面",
}

REASONS = {reason: LocalizedText(_CHINESE[reason], reason.value) for reason in LivenessReason}
"""Reasons in both languages."""
