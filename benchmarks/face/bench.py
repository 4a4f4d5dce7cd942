"""Faces at the pace of a camera: the whole chain on one thread, and a preview that looks for faces."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks import report
from benchmarks.face import chain, preview, sets
from models.locate import ModelMissing

TEXT = """{machine}

A person in a frame of 1280 x 720, everything on one thread; medians, and the most memory of a process that
does nothing else.

{pace}

A preview of 1280 x 720 at 30 frames a second over a WebSocket, without and with liveness, of one run; the gap
between frames is the 99th percentile. No frame waits for a look.

{preview}
"""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="face", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short preview, and nothing is written")
    options = parser.parse_args(arguments)
    if not sets.available():
        print("face: it takes pictures of people, whose folder GAOPAI_SHARED names", file=sys.stderr)
        return 1
    try:
        body = TEXT.format(
            machine=report.machine(("numpy", "opencv-contrib-python", "onnxruntime")),
            pace=_pace(),
            preview=_preview(options.quick),
        )
    except ModelMissing as missing:
        print(f"face: {missing}", file=sys.stderr)
        return 1
    report.publish("face", "Faces at the pace of a camera", body, options.quick)
    return 0


def _pace() -> str:
    pace = chain.measure()
    steps = (pace.detect, pace.live, pace.embed, pace.whole)
    row = ["one thread, 720p", *(f"{step:.1f}" for step in steps), f"{pace.mebibytes:.0f}"]
    return report.table(("ms", "find", "live", "embed", "whole chain", "MiB"), [row])


def _preview(quick: bool) -> str:
    names = ("without liveness", "with liveness")
    rows = [
        [name, f"{stats.rate:.1f}", f"{stats.gap:.0f}", f"{stats.detections:.1f}"]
        for name, stats in zip(names, preview.measure(quick), strict=True)
    ]
    return report.table(("preview", "frames a second", "gap, ms", "looks a second"), rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
