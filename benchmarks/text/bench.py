"""Text of made pages in three languages: agreement and processor time, beside Tesseract and RapidOCR."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np

from benchmarks import report
from benchmarks.text import pages, readers
from benchmarks.text.readers import Reader
from benchmarks.text.score import f1
from synthetic.documents.text_pages import make_text_page
from synthetic.text.passages import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
NONE = "-"
ABOUT = """{count} made pages a row of prose, columns, tables, forms and (not English) vertical text, 9.5 to
13.5 pt at 150 dpi, in the fonts of this machine: their text is known. Poor copies are at 110 dpi, blurred, in
uneven light, as JPEGs of quality 60. Photographs of five megapixels show a page on a desk, turned by up to
12 degrees and tilted; cropped means that the sheet is found and set straight first. The figure is the F1 of
pairs of neighbouring characters within lines, without spaces. Nobody else's pages were read for it. {machine}

"""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="text", description=__doc__)
    parser.add_argument("--pages", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="one page each, and nothing is written")
    options = parser.parse_args(arguments)
    count = 1 if options.quick else options.pages
    machine = report.machine(("onnxruntime", "opencv-contrib-python", "numpy"))
    body = ABOUT.format(count=count, machine=machine) + "\n\n".join(_tables(count))
    report.publish("text", "Text", body, options.quick)
    return 0


def _tables(count: int) -> list[str]:
    own = readers.own_reader()
    gaopai, cropped = readers.gaopai(own), readers.gaopai(own, crop=True)
    spoils = {"born digital, 150 dpi": pages.as_it_is, "poor copy, 110 dpi": pages.poor_copy}
    peers = {"gaopai": gaopai, "RapidOCR": readers.rapidocr(), "Tesseract": None}
    tesseract = {language: readers.tesseract(language) for language in LANGUAGES}
    rows = [
        _row(f"{language}, {name}", count, language, spoil, {**peers, "Tesseract": tesseract[language]})
        for language in LANGUAGES
        for name, spoil in spoils.items()
    ]
    flat = [
        _row(language, count, language, pages.photograph, {"as it is": gaopai, "cropped": cropped})
        for language in LANGUAGES
    ]
    return [
        report.table(("F1", *peers), rows),
        report.table(("F1 of photographs", "as they are", "cropped"), flat),
        report.table(("seconds of a processor, an A4 page", "one thread"), _times(count, peers)),
    ]


def _row(
    name: str, count: int, language: Language, spoil: pages.Spoil, read: Mapping[str, Reader | None]
) -> list[str]:
    scores: dict[str, list[float]] = {reader: [] for reader in read}
    for seed in range(count):
        page = pages.page(seed, language)
        picture = spoil(np.random.default_rng([seed, 5]), page.picture)
        true = [line.text for line in page.lines]
        for reader, function in read.items():
            if function is not None:
                scores[reader].append(f1(true, function(picture)))
    row = [name, *(f"{np.mean(found):.3f}" if found else NONE for found in scores.values())]
    print(*row, sep="\t", file=sys.stderr, flush=True)
    return row


def _times(count: int, read: Mapping[str, Reader | None]) -> list[list[str]]:
    """Return the median of full pages of prose, after one that is not counted."""
    pictures = [make_text_page(seed, LANGUAGES[seed % 3], "prose").picture for seed in range(count + 1)]
    rows = []
    for name, function in read.items():
        spent = []
        for picture in pictures if function is not None else ():
            began = time.process_time()
            assert function is not None
            function(picture)
            spent.append(time.process_time() - began)
        if spent:
            rows.append([name, f"{np.median(spent[1:]):.1f}"])
            print(*rows[-1], sep="\t", file=sys.stderr, flush=True)
    return rows
