"""Private copies of drawn pages: the numbers that the engine or Tesseract still reads on them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence

import numpy as np

from imgcore.privacy import Hidden
from imgcore.text import TextReader
from imgcore.types import Image
from server.documents.input_file import Raster
from server.documents.tesseract import PROGRAM, Tesseract
from synthetic.datasets.private_pages import PrivatePage

KINDS = frozenset({Hidden.ID, Hidden.BANK, Hidden.PHONE})


def left(copy: Image, page: PrivatePage, text: TextReader) -> dict[str, float]:
    """Return how many of the hidden numbers of a page are still read on its copy, by each reader."""
    by_engine = " ".join(line.text for line in text.read(copy, careful=True))
    return {
        "numbers left to the engine": float(_told(by_engine, page.numbers)),
        "numbers left to Tesseract": float(_told(_by_tesseract(copy), page.numbers)),
    }


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
