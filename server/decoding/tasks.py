"""The tasks of a decoding process, done with files."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

import msgspec
import numpy as np
import pikepdf
from msgspec.structs import replace as replaced

from imgcore.barcode import read_codes
from imgcore.barcode.patch_code import read_patch_code
from server.archive.pdfa import is_signed
from server.children import memory
from server.decoding import packing, wire
from server.documents import pdf, pdf_writer
from server.documents.blank_page import BlankPageDetector
from server.documents.input_file import InputFile, open_input, raster_of
from server.documents.ofd_writer import OfdDocumentWriter
from server.documents.pdf_image import PdfImage
from server.documents.pdf_writer import PdfDocumentWriter
from server.documents.stamp_layer import page_sizes, stamped
from server.documents.text_layer import page_to_recognize
from server.documents.tiff_writer import TiffDocumentWriter

OPEN = 2
"""Number of files that are kept open: a next one is begun before the last page of this one is done."""


class PackedPdfPage(msgspec.Struct, frozen=True):
    """A page for a PDF, as it travels: a picture, or None for the page as it is."""

    image: PdfImage | None
    blank: bool
    size: int


@dataclass(frozen=True, slots=True)
class TaskResult:
    """An answer, and the content of the file that goes with it, if any."""

    answer: wire.DecodingAnswer
    pieces: Iterable[memory.Piece] | None = None


class TaskRunner:
    """Does tasks, one after the other.

    Parameters
    ----------
    limit_pixels
        The largest picture or page.
    """

    def __init__(self, limit_pixels: int) -> None:
        self._limit = limit_pixels
        self._open: OrderedDict[int, InputFile] = OrderedDict()
        blank_pages = BlankPageDetector()
        self._writers: dict[str, Any] = {
            "pdf": PdfDocumentWriter(limit_pixels, blank_pages),
            "tiff": TiffDocumentWriter(limit_pixels, blank_pages),
            "ofd": OfdDocumentWriter(limit_pixels, blank_pages),
        }

    def run(self, task: wire.Task, file: int) -> TaskResult:
        """Do a task with the file of that descriptor.

        Raises
        ------
        server.documents.faults.DocumentFault, imgcore.types.ImageError
            The file is to blame.
        """
        if isinstance(task, wire.WritePdf | wire.StampPdf | wire.MeasurePages):
            return _with_whole_pdf(task, memory.content(file))
        source = self._input(file)
        if isinstance(task, wire.Inspect):
            signed = source.document is not None and is_signed(source.document)
            return TaskResult(wire.Inspected(source.pages, signed))
        if isinstance(task, wire.PreparePage):
            return self._prepare(source, task)
        if isinstance(task, wire.ReadBarcodes):
            codes = read_codes(raster_of(source, task.page, self._limit).image, kinds=task.kinds)
            return TaskResult(wire.BarcodesRead(), [packing.packed_barcodes(codes)])
        if isinstance(task, wire.ReadPatchCode):
            raster = raster_of(source, task.page, self._limit)
            return TaskResult(wire.PatchCodeRead(read_patch_code(raster.image)))
        assert isinstance(task, wire.Rasterize)  # text is read elsewhere
        return self._rasterize(source, task)

    def rest(self) -> None:
        """Let go of what is open: there was nothing to do for a while."""
        self._open.clear()

    def _input(self, file: int) -> InputFile:
        # No two files that exist have one number, and those that are open here exist.
        number = os.fstat(file).st_ino
        if number not in self._open:
            self._open[number] = open_input("", memory.content(file), self._limit)
        self._open.move_to_end(number)
        while len(self._open) > OPEN:
            self._open.popitem(last=False)
        return self._open[number]

    def _rasterize(self, source: InputFile, task: wire.Rasterize) -> TaskResult:
        rasterize = page_to_recognize if task.textless else raster_of
        raster = rasterize(source, task.page, self._limit)
        if raster is None:
            return TaskResult(wire.HasText())
        pixels = np.ascontiguousarray(raster.image)
        return TaskResult(wire.Rasterized(pixels.shape, raster.dots), [pixels.data])

    def _prepare(self, source: InputFile, task: wire.PreparePage) -> TaskResult:
        terms = (task.terms,) if task.writer == "pdf" else ()
        page = self._writers[task.writer].prepare(source, task.page, *terms)
        if task.writer == "pdf":
            image = page.content if isinstance(page.content, PdfImage) else None
            # The other side has the file: its bytes are not sent back.
            whole = image is not None and image.data is source.data
            kept = replace(image, data=b"") if image is not None and whole else image
            packed: Any = PackedPdfPage(kept, page.blank, page.size)
        else:
            whole = page.data is source.data
            packed = replace(page, data=b"") if whole else page
        return TaskResult(wire.PagePrepared(whole), [msgspec.msgpack.encode(packed)])


def _with_whole_pdf(task: wire.WritePdf | wire.StampPdf | wire.MeasurePages, data: bytes) -> TaskResult:
    if isinstance(task, wire.MeasurePages):
        return TaskResult(wire.PagesMeasured(page_sizes(data)))
    made = _pdf(task, data) if isinstance(task, wire.WritePdf) else _stamped(task, data)
    return TaskResult(wire.PdfWritten(), [made])


def _pdf(task: wire.WritePdf, data: bytes) -> memoryview:
    pictures, texts, *files = (data[start:end] for start, end in pairwise(accumulate(task.sizes, initial=0)))
    archival = task.archival
    if archival is not None:
        count = len(files) - len(archival.attachments)
        pairs = zip(archival.attachments, files[count:], strict=True)
        filled = tuple(replaced(one, content=file) for one, file in pairs)
        archival = replaced(archival, attachments=filled)
        files = files[:count]
    documents = [pdf.open_complete(file) for file in files]
    return pdf_writer.assemble(pictures, list(_assembled(task.pages, documents, texts)), archival)


def _stamped(task: wire.StampPdf, data: bytes) -> memoryview:
    document, *layers = (data[start:end] for start, end in pairwise(accumulate(task.sizes, initial=0)))
    return stamped(document, layers, task.pages)


def _assembled(
    pages: Sequence[wire.PdfPageSource], documents: Sequence[pikepdf.Pdf], texts: bytes
) -> Iterable[pdf_writer.AssembledPage]:
    at = 0
    for page in pages:
        text = texts[at : at + page.text]
        at += page.text
        yield pdf_writer.AssembledPage(documents[page.file] if page.file >= 0 else None, page.page, text)
