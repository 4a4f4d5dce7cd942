"""Outlines of the preview: photographs of one sheet as cameras at rest, for three seconds each."""

from __future__ import annotations

import json
from collections.abc import Sequence

from benchmarks.gate.probe import Case, Figure, Outcome, Probe
from benchmarks.quality import preview
from lab.photographs import SHARED, load_photographs
from server.streaming.painter import Overlay


def _cases() -> Sequence[Case]:
    manifest = SHARED / "data" / "quad" / "quads.json"
    names = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else ()
    return [Case(name, name) for name in names]


def _judge(case: Case) -> Outcome:
    photograph = next(one for one in load_photographs(preview.SIDE) if one.name == case.source)
    watched = preview.watch((photograph.picture, [photograph.quad]), Overlay.OUTLINE)
    return Outcome(
        {
            "IoU after 3 s": float(watched.overlaps[-1]),
            "IoU over 3 s": float(watched.overlaps.mean()),
            "as cut": watched.same,
        }
    )


PROBES = (
    Probe(
        "preview",
        "shared",
        (Figure("IoU after 3 s", goal=0.97), Figure("IoU over 3 s"), Figure("as cut", goal=0.99)),
        _cases,
        _judge,
        ("document_*",),
        "the photographs of single sheets",
        thin=15,
    ),
)
