"""Damaged JPEGs and wild strokes, and whole ones beside libjpeg-turbo.

``python -m tests.fuzz.jpeg --seconds 3600`` works through new cases for an hour.
Each case comes from its seed and number alone; ``--seed S --case N`` repeats one. The number of
the case at work is kept in a file, for the day that the process dies of it. ``tests/fuzz/asan``
runs the same with kernels that are watched by AddressSanitizer.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from imgcore.jpeg import (
    Pen,
    UnsupportedJpeg,
    Workspace,
    draw_lines,
    reduce_jpeg,
    rotate_jpeg,
    scan_jpeg,
)
from imgcore.jpeg.workspace import Kind
from tests.fuzz.damage import damaged, wholesome
from tests.fuzz.differential import compare

Strokes = npt.NDArray[np.float32]

WILD = (0.0, -1.0, 1e-30, 1e4, -1e4, 1e7, 1e18, -1e18, 1e25, 3e38, -3e38)
PENS = (0.0, 0.1, 1.0, 3.0, 4.0, 9.0, 60.0, 1e4, 1e30)
HELD = {"scan": 60, "draw": 4000, "turn": 4000, "halve": 60, "quarter": 60}
"""Bytes that a workspace may hold for each byte of data. A pen that covers all makes all MCUs anew."""
SPARE = 1 << 16


class Tight(Workspace):
    """No byte to spare, and garbage in all memory: what is read too far or too early makes a difference."""

    def _fitted(self, array: npt.NDArray[Kind], count: int) -> npt.NDArray[Kind]:
        fresh = np.empty((count, *array.shape[1:]), array.dtype)
        fresh.view(np.uint8).fill(0xA5)
        return fresh


def strokes_from(random: Random) -> Strokes:
    """Some strokes in, around and far from a small picture."""
    count = random.choice((0, 1, 1, 4, 4, 20))
    if random.random() < 0.8:
        values = [random.uniform(-50, 250) for _ in range(4 * count)]
    else:
        values = [random.choice((*WILD, random.uniform(0, 60))) for _ in range(4 * count)]
    return np.array(values, np.float32).reshape(-1, 4)


def attack(data: bytes, random: Random, used: Workspace) -> Counter[str]:
    """All that may be done to a JPEG; what came of it, counted.

    Raises
    ------
    AssertionError
        Garbage in memory makes a difference, a result is no JPEG, or memory has no bound.
    """
    strokes = strokes_from(random)
    pen = Pen(random.choice(PENS))
    clockwise = random.choice((90, 180, 270))
    outcome: Counter[str] = Counter()
    for name, most in HELD.items():
        results = []
        for space in (used, Tight()):
            try:
                results.append(work(name, data, space, strokes, pen, clockwise))
            except UnsupportedJpeg as exc:
                results.append(str(exc))
            assert space is used or held(space) < most * len(data) + SPARE, held(space)
        assert results[0] == results[1], f"{name} depends on what was in memory before"
        result = results[0]
        outcome[name if isinstance(result, bytes) else f"refused: {result}"] += 1
        if name in ("draw", "turn") and isinstance(result, bytes):
            assert scan_jpeg(result, used).complete, f"{name} made something that is no JPEG"
    return outcome


def work(name: str, data: bytes, space: Workspace, strokes: Strokes, pen: Pen, clockwise: int) -> bytes:
    if name == "turn":
        return rotate_jpeg(data, clockwise, space, strokes, pen)
    if name in ("halve", "quarter"):
        planes = reduce_jpeg(data, 2 if name == "halve" else 4, space)
        return b"".join(plane.tobytes() for plane in planes)
    found = scan_jpeg(data, space)
    return draw_lines(found, strokes, pen) if name == "draw" else found.thumbnail.tobytes()


def held(space: Workspace) -> int:
    """Bytes in a workspace's arrays."""
    return sum(array.nbytes for array in vars(space).values() if isinstance(array, np.ndarray))


def run(seed: int, cases: range, seconds: float, note: Path) -> Counter[str]:
    """Work through cases until time is up; every tenth is a whole JPEG beside libjpeg-turbo."""
    bases = wholesome()
    used = Workspace()
    outcome = Counter[str]()
    stop = time.monotonic() + seconds
    with note.open("wb", buffering=0) as file:
        for case in cases:
            if case % 64 == 0 and time.monotonic() > stop:
                break
            file.seek(0)
            file.write(b"%d %d\n" % (seed, case))
            random = Random(seed << 40 | case)
            if case % 10 == 0:
                compare(random, used)
                outcome["compared"] += 1
            else:
                outcome += attack(damaged(random.choice(bases), random), random, used)
            outcome["cases"] += 1
    return outcome


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--case", type=int, help="this one only")
    parser.add_argument("--note", type=Path, default=Path(tempfile.gettempdir(), "gaopai-fuzz-case"))
    options = parser.parse_args(arguments)
    cases = range(1 << 40) if options.case is None else range(options.case, options.case + 1)
    print(f"seed {options.seed}; the case at work is in {options.note}", flush=True)
    try:
        outcome = run(options.seed, cases, options.seconds, options.note)
    except BaseException:
        print("in case", options.note.read_text(), flush=True)
        raise
    for what, count in outcome.most_common():
        print(f"{count:9d} {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
