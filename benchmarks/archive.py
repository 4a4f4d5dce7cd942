"""PDF/A and signatures: what they cost, and what they tell.

``python -m benchmarks.archive`` prints the cost of PDF/A beside a plain PDF in processor time of one run:
twenty pages of A4 at 300 dots an inch, JPEGs, each prepared and written as `MergeFile` does; the median
of five pairs that take turns. ``python -m benchmarks.archive COUNT`` flips so many random bits of a signed
PDF/A, each alone, and prints how many `gaopai verify` tells, and OpenSSL; ``every`` flips one bit of each
byte of a small signed PDF, of a signature beside a file, and of a picture with content credentials, of which
OpenSSL knows nothing. OpenSSL gets what a reader of PDFs takes out by the byte range, knows the certificate,
and looks at nothing else.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from importlib import import_module
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

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
PROCESSES = 2
LIMIT = 120_000_000


def main(arguments: Sequence[str] = ()) -> int:
    """Print the ratio; of one pair with ``--quick``."""
    drawn = [cv2.resize(make_page(number).picture, A4) for number in range(4)]
    pages = [cv2.imencode(".jpg", page)[1].tobytes() for page in drawn] * (PAGES // len(drawn))
    _spent(pages, None), _spent(pages, "2b")
    pairs = 1 if "--quick" in arguments else PAIRS
    ratios = [_spent(pages, "2b") / _spent(pages, None) for _ in range(pairs)]
    print(f"PDF/A-2b beside a plain PDF, {PAGES} pages, processor time: {statistics.median(ratios):.2f}")
    return 0


def flips(count: int) -> None:
    """Print how many of so many flipped bits are told."""
    signed = Signed.made(_paper(cv2.resize(make_page(1).picture, A4), Archival("2b", 0.0)))
    random.seed(1)
    places = [(random.randrange(len(signed.paper)), 1 << random.randrange(8)) for _ in range(count)]
    _print_told(f"{len(signed.paper)} bytes of a PDF", signed, places)


def every() -> None:
    """Print how many are told of each byte of small ones, one bit of which is flipped."""
    picture = cv2.imencode(".jpg", np.zeros((8, 8), np.uint8))[1].tobytes()
    for name, signed in (
        ("a PDF", Signed.made(_paper(np.zeros((8, 8), np.uint8), None))),
        ("a signature beside a file", Signed.made(b"text")),
        ("a picture with content credentials", Signed.made(picture, record=b"")),
    ):
        flipped = signed.beside or signed.paper
        places = [(at, 1 << at % 8) for at in range(len(flipped))]
        _print_told(f"{len(flipped)} bytes of {name}", signed, places)


def _paper(picture: np.ndarray, archival: Archival | None) -> bytes:
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    writer = PdfDocumentWriter(LIMIT, BlankPageDetector())
    image = writer.prepare(open_input("", jpeg, LIMIT), 0, PageTerms(archival=archival is not None)).content
    assert isinstance(image, PdfImage)
    return b"".join(pdf_of_images([image], archival))


class Signed(NamedTuple):
    """Signed content, the signature beside it if it is not inside, and the signer's certificate in PEM."""

    paper: bytes
    beside: bytes
    signer: bytes

    @classmethod
    def made(cls, data: bytes, record: bytes | None = None) -> Signed:
        with tempfile.TemporaryDirectory() as folder:
            key = Path(folder) / "key.pem"
            asyncio.run(make_key(key, "benchmark"))
            made = asyncio.run(sign(data, SigningKey(str(key)), record=record))
            pem = key.read_bytes()
        signer = pem[pem.index(b"-----BEGIN CERTIFICATE") :]
        inside = record is not None or data.startswith(b"%PDF-")
        return cls(made, b"", signer) if inside else cls(data, made, signer)


def _print_told(name: str, signed: Signed, places: list[tuple[int, int]]) -> None:
    with Pool(PROCESSES, _share, (signed,)) as pool:
        assert not any(pool.apply(_told, ((0, 0),))), "what was not touched does not hold"
        told = list(pool.imap_unordered(_told, places, 20))
    ours, theirs = (sum(column) for column in zip(*told, strict=True))
    peer = f", OpenSSL {theirs}" if signed.beside or signed.paper.startswith(b"%PDF-") else ""
    print(f"{name}, {len(places)} bits flipped: verify tells {ours}{peer}")


_shared = Signed(b"", b"", b"")
_signer = ""


def _share(signed: Signed) -> None:
    global _shared, _signer
    _shared = signed
    warnings.simplefilter("ignore")
    logging.disable()
    with tempfile.NamedTemporaryFile(suffix=".pem", delete=False) as kept:
        kept.write(signed.signer)
    _signer = kept.name
    atexit.register(os.unlink, _signer)


def _told(place: tuple[int, int]) -> tuple[bool, bool]:
    verification = import_module("server.archive.verification")
    paper, beside, _ = _shared
    flipped = bytearray(beside or paper)
    flipped[place[0]] ^= place[1]
    data, signature = (paper, bytes(flipped)) if beside else (bytes(flipped), b"")
    try:
        holds = verification.report(data, signature, b"").holds
    except verification.JobRefused:
        holds = False
    if not beside and not paper.startswith(b"%PDF-"):
        return not holds, not holds
    if not beside:
        data, signature = _taken_out(data)
    return not holds, not (signature and _is_believed(data, signature))


def _taken_out(paper: bytes) -> tuple[bytes, bytes]:
    """Return what a signature in a PDF is of, and the signature; nothing where it cannot be found."""
    found = re.search(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", paper)
    if found is None:
        return b"", b""
    start, size, again, rest = map(int, found.groups())
    gap = paper[start + size : again]
    if start or again + rest != len(paper) or not re.fullmatch(rb"<[0-9A-Fa-f]*>", gap):
        return b"", b""
    der = bytes.fromhex(gap[1:-1].decode())
    length = int.from_bytes(der[2:4]) + 4
    return (paper[:size] + paper[again:], der[:length]) if not any(der[length:]) else (b"", b"")


def _is_believed(data: bytes, signature: bytes) -> bool:
    with tempfile.NamedTemporaryFile() as kept:
        kept.write(data)
        kept.flush()
        words = ["-verify", "-binary", "-inform", "DER", "-content", kept.name, "-CAfile", _signer]
        command = ["openssl", "cms", *words, "-check_ss_sig", "-purpose", "any", "-out", os.devnull]
        return subprocess.run(command, input=signature, capture_output=True, check=False).returncode == 0


def _spent(pages: list[bytes], level: str | None) -> float:
    begun = time.process_time()
    writer = PdfDocumentWriter(LIMIT, BlankPageDetector())
    terms = PageTerms(archival=level is not None)
    made = [writer.prepare(open_input("", page, LIMIT), 0, terms).content for page in pages]
    images = [image for image in made if isinstance(image, PdfImage)]
    b"".join(pdf_of_images(images, None if level is None else Archival("2b", begun)))
    return time.process_time() - begun


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["every"]:
            every()
        case [count]:
            flips(int(count))
        case _:
            main()
