"""Settings of liveness detection from the configuration, and its reasons as text for people."""

from __future__ import annotations

from msgspec import structs

from imgcore.face import InfraredSettings, LivenessSettings
from imgcore.face.liveness import Reason
from server.config import FaceLivenessConfig
from server.errors import LocalizedText


def liveness_settings(section: FaceLivenessConfig) -> LivenessSettings:
    """The thresholds of `[faces.liveness]`; what it does not name keeps the core's default."""
    return LivenessSettings(
        threshold=section.threshold,
        enough=section.frames,
        window=section.window,
        bezel=section.bezel,
        moire=section.moire,
        infrared=InfraredSettings(**structs.asdict(section.infrared)),
    )


_CHINESE = {
    Reason.REACHES: "达到阈值",
    Reason.BELOW: "像照片或屏幕",
    Reason.NO_FRAMES: "还没有画面",
    Reason.NO_FACE: "没有人脸",
    Reason.TOO_SMALL: "人脸太小",
    Reason.TOO_DARK: "人脸太暗",
    Reason.MORE_LOOKS: "还需要更多画面",
    Reason.WAITING: "等待做动作",
    Reason.BEZEL: "人脸在屏幕或照片的边框内",
    Reason.MOIRE: "画面带有屏幕的细纹",
    Reason.INFRARED_MISSING: "没有红外画面",
    Reason.INFRARED_UNLIT: "红外灯没有亮",
    Reason.INFRARED_NO_FACE: "红外画面中没有人脸，像是屏幕",
    Reason.INFRARED_ELSEWHERE: "红外画面中人脸在别处",
    Reason.INFRARED_SIZE: "红外画面中人脸大小不符",
    Reason.INFRARED_DARK: "红外画面中人脸太暗",
    Reason.INFRARED_BRIGHT: "红外画面中人脸过亮",
    Reason.INFRARED_SURROUNDED: "红外画面中人脸四周与人脸一样亮",
    Reason.INFRARED_FLAT: "红外画面中人脸没有立体感",
    Reason.INFRARED_PLANE: "两个摄像头看到的人脸是一个平面",
}

REASONS = {reason: LocalizedText(_CHINESE[reason], reason.value) for reason in Reason}
"""In both languages."""
