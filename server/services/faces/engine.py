"""Protocols for face detection, comparison and liveness detection."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import structs

from imgcore.face import Face, InfraredSettings, LivenessSettings
from imgcore.face.action import Action
from imgcore.face.liveness import LivenessReason
from imgcore.face.liveness_session import LivenessSession
from imgcore.face.net import Floats
from imgcore.types import Image
from server.config import FaceLivenessConfig
from server.errors import GaopaiError, LocalizedText


class LivenessMethod(StrEnum):
    """Means by which an engine tells living faces; values are the protocol's."""

    MODEL = "model"
    CUES = "cues"
    INFRARED = "infrared"
    ACTION = "action"


class FaceEngine(Protocol):
    """Protocol for an engine that detects and compares faces and tells live ones; thread-safe.

    Each method raises `server.errors.FaceModelMissing` where its model is not there.
    """

    def missing_model(self, liveness: bool) -> GaopaiError | None:
        """Return an error if a model of comparison, or one that liveness detection needs, is missing."""

    def liveness_methods(self, paired: bool) -> tuple[LivenessMethod, ...]:
        """Return the means of liveness detection here; with `ACTION` nobody is live who has done none."""

    def find(self, image: Image, live: bool = False) -> Sequence[Face]:
        """Detect the faces of a BGR or grey picture, the largest first.

        Parameters
        ----------
        live
            The picture is a camera's frame: fast detection of faces as large as those at a counter.
        """

    def embed(self, image: Image, face: Face) -> Floats:
        """Return the embedding of a face, for comparison."""

    def similarity(self, one: Floats, other: Floats) -> float:
        """Return the similarity of two embeddings, 0 to 1."""

    def liveness_examiner(self, paired: bool, action: Action | None = None) -> LivenessSession:
        """Start liveness detection of one person.

        Parameters
        ----------
        paired
            Samples have an infrared picture, too.
        action
            Challenge that the person has to perform; None for one that the engine picks where it needs one.
        """


def liveness_settings(section: FaceLivenessConfig) -> LivenessSettings:
    """Return the settings of ``[faces.liveness]``; keys that are not set keep the core's defaults."""
    infrared = InfraredSettings(**structs.asdict(section.infrared))
    return LivenessSettings(**{**structs.asdict(section), "infrared": infrared})


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
