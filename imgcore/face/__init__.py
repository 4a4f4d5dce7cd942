"""Faces: found, aligned, embedded, compared on a calibrated scale, judged for life. Nets are handed in."""

from __future__ import annotations

from imgcore.face.align import Template, align
from imgcore.face.detect import Face, detect, largest
from imgcore.face.embed import Calibration, Embedder, embed, similarity
from imgcore.face.liveness import Judge, Liveness, Verdict, decide, live_score, liveness
from imgcore.face.net import Net
from imgcore.face.quality import Fault, fault

__all__ = [
    "Calibration",
    "Embedder",
    "Face",
    "Fault",
    "Judge",
    "Liveness",
    "Net",
    "Template",
    "Verdict",
    "align",
    "decide",
    "detect",
    "embed",
    "fault",
    "largest",
    "live_score",
    "liveness",
    "similarity",
]
