"""The whole comparison: reading rates on photographs, samples and rendered pages, and the time of a page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import chain

from benchmarks import report
from benchmarks.barcode import sets, symbols, timing
from benchmarks.barcode.readers import QUAGGA2, quagga_can_read, readers
from benchmarks.barcode.score import ReaderScore
from benchmarks.barcode.sets import BarcodeSample
from benchmarks.barcode.stress import rotations, stress
from server.runtime.process import tune_process

SEED = 7
PHARMACODE = ("stress, Pharmacode", "own stress, Pharmacode")
TEXT = """
{machine}

Pictures with known texts. A case is a picture, and read when every text on it is given whole, leading
zeros, FNC1 and Codabar's letters aside; in BoofCV's photographs, whose texts nobody wrote down, a case
is a code, and read when one is found in its place. Behind the share, if there are any, the pictures
with a wrong or extra text. The shared stress set and the own one have one difficulty a picture, from
one pixel a module to a blur of 1.3 modules and bars upside down, of which nobody can read a Pharmacode.
Thresholds were tuned while looking at all sets but the own one and the one of all directions (seed
{seed}), whose symbols zint draws. quagga2 reads no QR codes, and is given files only.

{table}

{pharmacode}

A page of {wide} x {high} pixels; readers take turns on each page, gaopai on two threads and the others
on one. The last column is of processor time.

{pace}
"""
Scores = dict[tuple[str, str], ReaderScore]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="barcode", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every tenth picture, and nothing is written")
    options = parser.parse_args(arguments)
    if not (sets.available() and symbols.available()):
        print("barcode: it takes zint, and pictures whose folder GAOPAI_SHARED names", file=sys.stderr)
        return 1
    tune_process()
    every = 10 if options.quick else 1
    scores = _measure(chain(sets.samples(every), stress(SEED, every), rotations(SEED, every)))
    names = list(dict.fromkeys(name for _, name in scores))
    text = TEXT.format(
        machine=report.machine(("zxing-cpp", "pyzbar", "opencv-contrib-python")),
        seed=SEED,
        table=report.table(("set", "cases", *names), list(_rows(scores, names))),
        pharmacode=_pharmacodes(scores),
        wide=timing.SIZE[0],
        high=timing.SIZE[1],
        pace=report.table(timing.HEAD, list(timing.rows(every))),
    )
    report.publish("barcode", "Barcodes", text, options.quick)
    return 0


def _measure(samples: Iterator[BarcodeSample]) -> Scores:
    scores: Scores = {}
    with readers() as known:
        for sample in samples:
            for name, read in known.items():
                if name != QUAGGA2 or quagga_can_read(sample):
                    scores.setdefault((sample.group, name), ReaderScore()).add(sample, read(sample))
    return scores


def _rows(scores: Scores, names: Sequence[str]) -> Iterator[list[str]]:
    for group in sorted({group for group, _ in scores}):
        found = [scores.get((group, name)) for name in names]
        cases = next(score.cases for score in found if score is not None)
        yield [group, str(cases), *("-" if score is None else _cell(score) for score in found)]


def _cell(score: ReaderScore) -> str:
    return f"{score.right} ({score.share:.1%}){f', {score.wrong} wrong' if score.wrong else ''}"


def _pharmacodes(scores: Scores) -> str:
    own = [score for (group, name), score in scores.items() if name == "gaopai" and group not in PHARMACODE]
    seen = sum(score.pharmacodes for score in own)
    pictures = sum(score.pictures for score in own)
    return f"A Pharmacode was seen on {seen} of {pictures} pictures without one."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
