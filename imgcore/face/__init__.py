"""Face detection, alignment, embedding, calibrated comparison and liveness detection. Nets are handed in."""

from __future__ import annotations

from imgcore.face.action import Action
from imgcore.face.align import AlignmentTemplate, align
from imgcore.face.detect import Face, detect, largest
from imgcore.face.embed import Calibration, Embedder, embed, similarity
from imgcore.face.liveness import LivenessNet, LivenessReason, LivenessResult, LivenessVerdict, live_score
from imgcore.face.liveness_session import FaceSample, LivenessSession, still_liveness
from imgcore.face.liveness_settings import ActionSettings, InfraredSettings, LivenessSettings
from imgcore.face.quality import FaceQualityIssue, quality_issue
from imgcore.types import Net

__all__ = [
    "Action",
    "ActionSettings",
    "AlignmentTemplate",
    "Calibration",
    "Embedder",
    "Face",
    "FaceQualityIssue",
    "FaceSample",
    "InfraredSettings",
    "LivenessNet",
    "LivenessReason",
    "LivenessResult",
    "LivenessSession",
    "LivenessSettings",
    "LivenessVerdict",
    "Net",
    "align",
    "detect",
    "embed",
    "largest",
    "live_score",
    "quality_issue",
    "similarity",
    "still_liveness",
]
