"""Private copies of drawn pages: the numbers that the engine or Tesseract still reads on them."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks import report
from imgcore.fields import DocumentReader
from imgcore.privacy import Copier, Hidden, UnreadablePage
from imgcore.text import TextReader
from imgcore.types import Image
from server.documents.input_file import Raster
from server.documents.tesseract import PROGRAM, Tesseract
from server.documents.text_reader import model_contents, text_reader
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.private_pages import PrivatePage, make_private_page

FIRST = 5000
COUNT = 60
QUICK = 3
KINDS = frozenset({Hidden.ID, Hidden.BANK, Hidden.PHONE})


class Copies(NamedTuple):
    """Counts: pages, those refused, numbers on the pages copied, and those still read by either."""

    pages: int = 0
    refused: int = 0
    numbers: int = 0
    by_engine: int = 0
    by_tesseract: int = 0


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="private_copy", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few pages, and nothing is written")
    parser.add_argument("--count", type=int, default=COUNT, help="pages")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    text = text_reader(model_contents(), 1)
    copier = Copier(text, DocumentReader(text, ModelCache().documents()))
    counts = Copies()
    for seed in range(FIRST, FIRST + (QUICK if options.quick else options.count)):
        counts = _with_page(counts, make_private_page(seed), copier, text)
        print(*counts, file=sys.stderr, flush=True)
    head = ("", "pages", "refused", "numbers on the others", "left to the engine", "left to Tesseract")
    body = "\n\n".join([_intro(), report.table(head, [("drawn forms", *map(str, counts))])])
    report.publish("private_copy", "Private copies (drawn pages)", body, options.quick)
    return 0


def _intro() -> str:
    second = "Tesseract" if shutil.which(PROGRAM) else "Tesseract, which is not installed here,"
    return (
        f"{report.machine(('onnxruntime', 'opencv-contrib-python', 'numpy'))} DRAWN PAGES ONLY: forms with "
        "numbers of identity cards, bank cards and telephones in several layouts, which belong to nobody; "
        f"every copy is read again by the engine and by {second} and searched for any eight digits in a row "
        "of a hidden number."
    )


def _with_page(counts: Copies, page: PrivatePage, copier: Copier, text: TextReader) -> Copies:
    try:
        copy = copier.copy(page.picture, KINDS).image
    except UnreadablePage:
        return counts._replace(pages=counts.pages + 1, refused=counts.refused + 1)
    by_engine = " ".join(line.text for line in text.read(copy, careful=True))
    return Copies(
        counts.pages + 1,
        counts.refused,
        counts.numbers + len(page.numbers),
        counts.by_engine + _told(by_engine, page.numbers),
        counts.by_tesseract + _told(_by_tesseract(copy), page.numbers),
    )


def _told(text: str, numbers: Sequence[str]) -> int:
    """Return how many numbers a text tells eight digits in a row of."""
    said = re.sub(r"[\s\-]", "", text)
    return sum(any(one[at : at + 8] in said for at in range(len(one) - 7)) for one in numbers)


def _by_tesseract(image: Image) -> str:
    if shutil.which(PROGRAM) is None:
        return ""
    layer = Tesseract().read(Raster(np.ascontiguousarray(image), None))
    return pdf_text(layer)


def pdf_text(data: bytes) -> str:
    """Return the text of a PDF's pages."""
    import pypdfium2  # noqa: PLC0415 - of this one benchmark

    with pypdfium2.PdfDocument(data) as document:
        return " ".join(page.get_textpage().get_text_bounded() for page in document)
