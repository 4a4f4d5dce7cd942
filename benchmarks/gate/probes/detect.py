"""``gaopai detect`` on photographs of one sheet: the command that stays the same from commit to commit.

It takes nothing from the probe of the outline, though that has the same photographs: what that one imports is
missing in old commits.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.gate.probe import Case, Figure, Outcome, Probe
from benchmarks.gate.show import outlined
from lab.photographs import SHARED

_FOLDER = SHARED / "data" / "quad"
_ROOT = Path(__file__).parents[3]
_PROGRAM = "import sys; from server.cli import main; sys.exit(main())"
_SECONDS = 120

Quad = npt.NDArray[np.float64]


def _cases() -> Sequence[Case]:
    manifest = _FOLDER / "quads.json"
    if not manifest.is_file():
        return ()
    return [Case(*each) for each in json.loads(manifest.read_text(encoding="utf-8")).items()]


def _judge(case: Case) -> Outcome:
    path = _FOLDER / case.name
    command = (sys.executable, "-c", _PROGRAM, "detect", str(path), "--json")
    environment = {"PYTHONPATH": str(_ROOT), **os.environ}
    done = subprocess.run(
        command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=True, timeout=_SECONDS
    )
    found = json.loads(done.stdout.splitlines()[-1])["documents"]
    finds = [np.array(each["corners"], np.float64) for each in found]
    truth = np.array(case.source, np.float64)
    overlap = max((_overlap(find, truth) for find in finds), default=0.0)
    picture = np.asarray(cv2.imread(str(path)), np.uint8)
    return Outcome({"IoU": overlap, "above .9": float(overlap > 0.9)}, outlined(picture, finds, [truth]))


def _overlap(one: Quad, other: Quad) -> float:
    first, second = (cv2.convexHull(polygon.astype(np.float32)) for polygon in (one, other))
    common = cv2.intersectConvexConvex(first, second)[0]
    return float(common / max(1e-9, cv2.contourArea(first) + cv2.contourArea(second) - common))


PROBES = (
    Probe(
        "detect",
        "shared",
        (Figure("IoU", goal=0.95), Figure("above .9", goal=0.9, unit="%")),
        _cases,
        _judge,
        ("document_*",),
        "the photographs of single sheets",
        thin=10,
        runs=("server.cli.detect",),
    ),
)
