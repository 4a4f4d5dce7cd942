"""Faces: found, aligned, embedded, compared on a calibrated scale, judged for life. Nets are handed in."""

from __future__ import annotations

from imgcore.face.action import Action
from imgcore.face.align import Template, align
from imgcore.face.detect import Face, detect, largest
from imgcore.face.embed import Calibration, Embedder, embed, similarity
from imgcore.face.examination import Examination, Look, still
from imgcore.face.liveness import Judge, Liveness, Reason, Verdict, live_score
from imgcore.face.liveness_settings import ActionSettings, InfraredSettings, LivenessSettings
from imgcore.face.net import Net
from imgcore.face.quality import Fault, fault

__all__ = [
    "Action",
    "ActionSettings",
    "Calibration",
    "Embedder",
    "Examination",
    "Face",
    "Fault",
    "InfraredSettings",
    "Judge",
    "Liveness",
    "LivenessSettings",
    "Look",
    "Net",
    "Reason",
    "Template",
    "Verdict",
    "align",
    "detect",
    "embed",
    "fault",
    "largest",
    "live_score",
    "similarity",
    "still",
]
