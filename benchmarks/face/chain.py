"""The whole chain on a 720p frame, in a process of its own: milliseconds and peak memory.

``python -m benchmarks.face.chain`` prints both as JSON; memory is that of a process that did nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.face import sets
from imgcore.face import detect, embed
from imgcore.face.detect import LIVE_SIDE
from imgcore.face.liveness_session import FaceSample, LivenessSession
from imgcore.types import Image
from server.services.faces.onnx_engine import load_detector, load_embedder, load_liveness_nets

FRAME = (1280, 720)
WARM = 8
ROUNDS = 80
PERSON = "live/minivision-ai_image_T1.jpg"


@dataclass(frozen=True, slots=True)
class ChainTimes:
    """Milliseconds of each step and of the whole, medians over pairs of frames; peak mebibytes."""

    detect: float
    live: float
    embed: float
    whole: float
    mebibytes: float


def measure() -> ChainTimes:
    """Measure in another process, on one thread."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.face.chain"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return ChainTimes(**json.loads(done.stdout))


def person_frame() -> Image:
    """A person before a grey wall."""
    frame = np.full((FRAME[1], FRAME[0], 3), 127, np.uint8)
    person = sets.picture(PERSON)
    rows, cols = person.shape[:2]
    frame[40 : 40 + rows, 400 : 400 + cols] = person
    return frame


def _run() -> dict[str, float]:
    cv2.setNumThreads(1)
    detector = load_detector()
    embedder = load_embedder()
    judges = load_liveness_nets()
    frame = person_frame()
    rounds = []
    session = LivenessSession(judges)
    for number in range(WARM + ROUNDS):
        times = [time.perf_counter()]
        (face,) = detect(frame, detector, LIVE_SIDE)
        times.append(time.perf_counter())
        session.add(FaceSample(frame, [face], float(number)))
        times.append(time.perf_counter())
        embed(frame, face, embedder)
        times.append(time.perf_counter())
        rounds.append([*np.diff(times), times[-1] - times[0]])
    # Of two frames in a row: the second leaves something out.
    pairs = np.asarray(rounds[WARM:]).reshape(-1, 2, len(rounds[0])).mean(axis=1)
    steps = np.median(pairs, axis=0) * 1000
    peak = _peak_mebibytes()
    return dict(
        zip(("detect", "live", "embed", "whole", "mebibytes"), [*map(float, steps), peak], strict=True)
    )


def _peak_mebibytes() -> float:
    """Not ``ru_maxrss``: that begins with what the process that started this one had."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    print(json.dumps(_run()))
