"""Outlines of the photographs of one sheet in even, coloured and shaded light."""

from __future__ import annotations

import json
from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks.gate.probe import Case, Figure, Outcome, Probe
from benchmarks.gate.show import outlined
from imgcore.outline import Finding, find_documents, find_page
from imgcore.outline.overlap import iou
from lab.photographs import SHARED
from server.services.pictures.model_cache import ModelCache

SIDE = 1600
"""Long side in pixels of the pictures that are searched."""
_FOLDER = SHARED / "data" / "quad"
_MODELS = ModelCache()


def _cases() -> Sequence[Case]:
    manifest = _FOLDER / "quads.json"
    if not manifest.is_file():
        return ()
    return [Case(*each) for each in json.loads(manifest.read_text(encoding="utf-8")).items()]


def _judge(case: Case) -> Outcome:
    picture = np.asarray(cv2.imread(str(_FOLDER / case.name)), np.uint8)
    factor = SIDE / max(picture.shape)
    small = np.asarray(
        cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
    )
    truth = (np.array(case.source, np.float64) + 0.5) * factor - 0.5
    nets = _MODELS.documents()
    single = find_page(small, nets)
    several = find_documents(small, nets)
    overlap = _overlap(single, truth)
    light = case.name.rpartition("_")[2].partition(".")[0]
    values = {
        "IoU": overlap,
        "above .9": float(overlap > 0.9),
        f"{light} light: IoU": overlap,
        "by the search for several: IoU": _overlap(several, truth),
    }
    finds = [outline.corners.astype(np.float64) for outline in single.outlines]
    return Outcome(values, outlined(small, finds, [truth]))


def _overlap(finding: Finding, truth: np.ndarray) -> float:
    finds = [outline.corners.astype(np.float64) for outline in finding.outlines]
    return max((iou(find, truth) for find in finds), default=0.0)


PROBES = (
    Probe(
        "outline",
        "shared",
        (
            Figure("IoU", goal=0.95),
            Figure("above .9", goal=0.9, unit="%"),
            Figure("bright light: IoU", goal=0.97),
            Figure("shadow light: IoU", goal=0.97),
            Figure("color light: IoU", goal=0.97),
            Figure("by the search for several: IoU", goal=0.95),
        ),
        _cases,
        _judge,
        ("document_*",),
        "the photographs of single sheets",
        thin=3,
    ),
)
