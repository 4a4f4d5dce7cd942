"""Files that are merged: PDFs looked into, and every kind taken apart and bound anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imgcore.types import ImageError
from server.documents.blank_page import BlankPageDetector
from server.documents.faults import DocumentFault
from server.documents.input_file import InputFile, open_input, raster_of
from server.documents.ofd_writer import OfdDocumentWriter
from server.documents.pdf_writer import PdfDocumentWriter
from server.documents.tiff_writer import TiffDocumentWriter
from tests.fuzz.target import Target
from tests.fuzz.targets.pictures import picture_seeds, tiff_seeds
from tests.unit.documents.samples import encrypted, joined, jpeg, letters, pdf, png, shown, text_pdf, tiff

LIMIT = 1 << 20
"""Pixels: a page of A6 can be drawn."""
PAGES = 2
WRITERS: tuple[Any, ...] = (PdfDocumentWriter, TiffDocumentWriter, OfdDocumentWriter)


def attack_pdf(data: bytes) -> None:
    """The pages of a PDF as pictures."""
    source = _opened(b"%PDF-1.7\n" + data.removeprefix(b"%PDF-1.7\n"))
    for number in range(min(source.pages, PAGES) if source else 0):
        try:
            assert source is not None
            raster_of(source, number, LIMIT)
        except (DocumentFault, ImageError):
            continue


def attack_any(data: bytes) -> None:
    """Any file, written by every writer."""
    for kind in WRITERS:
        source = _opened(data)
        if source is None:
            return
        writer = kind(LIMIT, BlankPageDetector())
        pages = []
        for number in range(min(source.pages, PAGES)):
            try:
                pages.append(writer.prepare(source, number))
            except (DocumentFault, ImageError):
                continue
        if pages:
            _write(pages)


def _write(pages: list[Any]) -> None:
    try:
        joined(pages)
    except DocumentFault:
        return


def _opened(data: bytes) -> InputFile | None:
    try:
        source = open_input("a", data, LIMIT)
    except (DocumentFault, ImageError):
        return None
    assert source.pages > 0
    return source


def pdf_seeds() -> Sequence[bytes]:
    """Scans, text, several pages, a protected one."""
    text = text_pdf("gaopai", "two")
    return [
        pdf(jpeg()), pdf(png()), pdf(png("1")), pdf(jpeg("L"), png("P")), text,
        encrypted(text, owner="o", user=""), pdf(tiff(shown(letters()).convert("1"), compression="group4")),
    ]  # fmt: skip


def any_seeds() -> Sequence[bytes]:
    """All kinds there are."""
    return [*pdf_seeds(), *picture_seeds(), *tiff_seeds()]


_WORDS = [
    b"/" + name
    for name in (
        b"Filter FlateDecode RunLengthDecode LZWDecode DCTDecode CCITTFaxDecode DecodeParms "
        b"Predictor Columns Kids Count Parent XObject Subtype/Image Width Height BitsPerComponent Indexed "
        b"ICCBased MediaBox Rotate Contents ObjStm"
    ).split()
] + [b"stream\n", b"endstream", b"obj", b" 0 R", b" Do Q", b"%%EOF\n"]
PDF = Target(attack_pdf, pdf_seeds, 1 << 14, _WORDS)
MERGED = Target(attack_any, any_seeds, 1 << 14, _WORDS)
