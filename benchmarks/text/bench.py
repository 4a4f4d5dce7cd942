"""Text of made pages in three languages: agreement and processor time, beside Tesseract and RapidOCR."""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple, get_args

import numpy as np

from benchmarks import report
from benchmarks.text import pages, readers
from benchmarks.text.readers import Reader
from benchmarks.text.score import f1
from synthetic.documents.text_pages import LAYOUTS
from synthetic.text.passages import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
NONE = "-"
ABOUT = """{count} made pages a row ({layouts}; English never vertical), 9.5 to 13.5 pt at 150 dpi, in
the fonts of this machine: their text is known. Poor copies are at 110 dpi, blurred, in
uneven light, as JPEGs of quality 60. Photographs of five megapixels show a page on a desk, turned by up to
12 degrees and tilted; *among others*: between two printed pages that the picture's border cuts. Cropped
means that the sheet is found and set straight first. The figure is the F1 of
pairs of neighbouring characters within lines, without spaces. Nobody else's pages were read for it. {machine}

"""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="text", description=__doc__)
    parser.add_argument("--pages", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one page each, and nothing is written")
    options = parser.parse_args(arguments)
    count = 1 if options.quick else options.pages
    machine = report.machine(("onnxruntime", "opencv-contrib-python", "numpy"))
    layouts = ", ".join(list(LAYOUTS)[:count])
    body = ABOUT.format(count=count, layouts=layouts, machine=machine) + "\n\n".join(_tables(count))
    report.publish("text", "Text", body, options.quick)
    return 0


def _tables(count: int) -> list[str]:
    own = readers.own_reader()
    gaopai = readers.gaopai(own)
    cropped = readers.gaopai(own, crop=True)
    spoils = {"born digital, 150 dpi": pages.as_it_is, "poor copy, 110 dpi": pages.poor_copy}
    peers: dict[str, Reader | None] = {"gaopai": gaopai, "RapidOCR": readers.rapidocr(), "Tesseract": None}
    for reader in filter(None, peers.values()):
        reader(np.full((64, 256, 3), 255, np.uint8))
    rows = []
    times = []
    for language in LANGUAGES:
        read = {**peers, "Tesseract": readers.tesseract(language)}
        for name, spoil in spoils.items():
            runs = _read(f"{language}, {name}", count, language, spoil, read)
            rows.append([f"{language}, {name}", *map(_mean, runs)])
            if spoil is pages.as_it_is:
                times.append([language, *map(_seconds, runs)])
    both = {"as it is": gaopai, "cropped": cropped}
    kinds = {"alone": pages.photograph, "among others": pages.photograph_among_others}
    flat = []
    for language, (kind, spoil) in itertools.product(LANGUAGES, kinds.items()):
        name = f"{language}, {kind}"
        flat.append([name, *map(_mean, _read(name, count, language, spoil, both))])
    return [
        report.table(("F1", *peers), rows),
        report.table(("F1 of photographs", "as they are", "cropped"), flat),
        report.table(("seconds of one processor, 150 dpi: median, most", *peers), times),
    ]


class Run(NamedTuple):
    """F1 of the pages that a reader read, and the seconds of a processor of each."""

    scores: list[float]
    seconds: list[float]


def _read(
    name: str, count: int, language: Language, spoil: pages.Spoil, read: Mapping[str, Reader | None]
) -> list[Run]:
    runs = {reader: Run([], []) for reader in read}
    for seed in range(count):
        page = pages.page(seed, language)
        picture = spoil(np.random.default_rng([seed, 5]), page.picture)
        true = [line.text for line in page.lines]
        for reader, function in read.items():
            if function is not None:
                begun = _spent()
                said = function(picture)
                runs[reader].seconds.append(_spent() - begun)
                runs[reader].scores.append(f1(true, said))
    print(name, *map(_mean, runs.values()), sep="\t", file=sys.stderr, flush=True)
    return list(runs.values())


def _mean(run: Run) -> str:
    return f"{np.mean(run.scores):.3f}" if run.scores else NONE


def _seconds(run: Run) -> str:
    return f"{np.median(run.seconds):.1f}, {max(run.seconds):.1f}" if run.seconds else NONE


def _spent() -> float:
    """Return the processor time of this process and of programs that it waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
