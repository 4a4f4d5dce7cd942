"""PDF/A and signatures: what they cost, and what they tell.

``python -m benchmarks.archive`` prints the cost of PDF/A beside a plain PDF in processor time of one run:
twenty pages of A4 at 300 dots an inch, JPEGs, each prepared and written as `MergeFile` does; the median
of five pairs that take turns. ``python -m benchmarks.archive COUNT`` flips so many random bits of a signed
PDF/A, each alone, and prints how many `gaopai verify` tells, and Poppler's pdfsig where it is installed.
"""

from __future__ import annotations

import asyncio
import logging
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from importlib import import_module
from multiprocessing import Pool
from pathlib import Path

import cv2

from server.archive.pdfa import Archival
from server.archive.signing import SigningKey, make_key, sign
from server.documents.blank_page import BlankPageDetector
from server.documents.input_file import open_input
from server.documents.pdf_image import PdfImage, pdf_of_images
from server.documents.pdf_writer import PageTerms, PdfDocumentWriter
from synthetic.documents.pages import make_page

PAGES = 20
A4 = (2480, 3508)
PAIRS = 5
LIMIT = 120_000_000


def main() -> None:
    """Print the ratio."""
    drawn = [cv2.resize(make_page(number).picture, A4) for number in range(4)]
    pages = [cv2.imencode(".jpg", page)[1].tobytes() for page in drawn] * (PAGES // len(drawn))
    _spent(pages, None), _spent(pages, "2b")
    ratios = [_spent(pages, "2b") / _spent(pages, None) for _ in range(PAIRS)]
    print(f"PDF/A-2b beside a plain PDF, {PAGES} pages, processor time: {statistics.median(ratios):.2f}")


def flips(count: int) -> None:
    """Print how many of so many flipped bits are told."""
    pages = [cv2.imencode(".jpg", cv2.resize(make_page(1).picture, A4))[1].tobytes()]
    writer = PdfDocumentWriter(LIMIT, BlankPageDetector())
    image = writer.prepare(open_input("", pages[0], LIMIT), 0, PageTerms(archival=True)).content
    assert isinstance(image, PdfImage)
    data = b"".join(pdf_of_images([image], Archival("2b", 0.0)))
    with tempfile.TemporaryDirectory() as folder:
        signed = asyncio.run(_signed(data, Path(folder) / "key.pem"))
    places = [(random.randrange(len(signed)), 1 << random.randrange(8)) for _ in range(count)]
    with Pool(initializer=_share, initargs=(signed,)) as pool:
        told = list(pool.imap_unordered(_told, places, 20))
    ours, theirs = (sum(column) for column in zip(*told, strict=True))
    print(f"{len(signed)} bytes, {count} bits flipped: verify tells {ours}, pdfsig {theirs}")


async def _signed(data: bytes, path: Path) -> bytes:
    await make_key(path, "benchmark")
    return await sign(data, SigningKey(str(path)))


_shared = b""


def _share(signed: bytes) -> None:
    global _shared
    _shared = signed
    warnings.simplefilter("ignore")
    logging.disable()


def _told(place: tuple[int, int]) -> tuple[bool, bool]:
    verification = import_module("server.archive.verification")
    flipped = bytearray(_shared)
    flipped[place[0]] ^= place[1]
    try:
        holds = verification.report(bytes(flipped), b"", b"").holds
    except verification.JobRefused:
        holds = False
    if (program := shutil.which("pdfsig")) is None:
        return not holds, False
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(flipped)
        file.flush()
        ended = subprocess.run([program, file.name], capture_output=True, check=False)
    valid = b"Signature is Valid" in ended.stdout and b"Total document signed" in ended.stdout
    return not holds, not valid


def _spent(pages: list[bytes], level: str | None) -> float:
    begun = time.process_time()
    writer = PdfDocumentWriter(LIMIT, BlankPageDetector())
    terms = PageTerms(archival=level is not None)
    made = [writer.prepare(open_input("", page, LIMIT), 0, terms).content for page in pages]
    images = [image for image in made if isinstance(image, PdfImage)]
    b"".join(pdf_of_images(images, None if level is None else Archival("2b", begun)))
    return time.process_time() - begun


if __name__ == "__main__":
    flips(int(sys.argv[1])) if sys.argv[1:] else main()
