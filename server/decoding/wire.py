"""Messages between the service and its decoding processes: one a packet, with one file beside it.

Anything large lies in a memory file that goes along. A process that a hostile file has taken over could say
anything: answers are checked against these types, and hold numbers and bytes, never objects.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Literal

import msgspec

from imgcore.barcode import USUAL, Symbology
from imgcore.barcode.patch_code import PatchCode
from imgcore.privacy.patterns import Hidden
from server.archive.pdfa import Archival
from server.documents.pdf_writer import PLAIN, PageTerms

WriterKind = Literal["pdf", "tiff", "ofd"]


class Task(msgspec.Struct, frozen=True, tag=True):
    """Work to be done on the file that goes along."""


class Inspect(Task, frozen=True):
    """Recognise the file, and count its pages."""


class Rasterize(Task, frozen=True):
    """Give the pixels of a page, from 0; none of one that has text of its own where `textless`."""

    page: int
    textless: bool = False


class ReadBarcodes(Task, frozen=True):
    """Read the barcodes of some kinds on a page, from 0."""

    page: int
    kinds: frozenset[Symbology] = USUAL


class ReadPatchCode(Task, frozen=True):
    """Read the patch code of a page, from 0."""

    page: int


class ReadDocuments(Task, frozen=True):
    """Read the documents on the pixels in the file; they are one from edge to edge where not `crop`."""

    shape: tuple[int, ...]
    crop: bool


class HidePrivate(Task, frozen=True):
    """Cover what a copy of the pixels in the file should not tell; faces by left, top, width and height."""

    shape: tuple[int, ...]
    kinds: tuple[Hidden, ...]
    faces: tuple[tuple[float, float, float, float], ...]


class PreparePage(Task, frozen=True):
    """Make a page, from 0, ready for a writer; `terms` are those of a PDF."""

    page: int
    writer: WriterKind
    terms: PageTerms = PLAIN


class LoadText(Task, frozen=True):
    """Make a reader of the models in the file, one after the other, of these sizes; asked once, first."""

    sizes: tuple[int, ...]


class ReadText(Task, frozen=True):
    """Read the text on the pixels in the file; with `crop` on the document that they show; and its tables."""

    shape: tuple[int, ...]
    crop: bool = False
    tables: bool = False


class ReadForm(Task, frozen=True):
    """Read a form on the pixels in the file, behind which its print follows, and then its packed zones.

    `matrix` has the nine numbers, row by row, that take a pixel of the sample to one of the page; `scale` is
    that of the print.
    """

    shape: tuple[int, ...]
    print: tuple[int, int]
    scale: float
    matrix: tuple[float, ...]


class PdfPageSource(msgspec.Struct, frozen=True, array_like=True):
    """The origin of a page of a PDF to come: file `file`, -1 for the next picture; and its text's bytes."""

    file: int
    page: int
    text: int


class WritePdf(Task, frozen=True):
    """Make one PDF of a PDF of pictures, texts and other PDFs, which follow each other in the file.

    `sizes` are those of the pictures' PDF, of all texts together, of each other file, and of each attachment.
    A message names the pages of at most `server.services.files.merging.PAGES`.
    """

    sizes: tuple[int, ...]
    pages: tuple[PdfPageSource, ...]
    archival: Archival | None = None


class MeasurePages(Task, frozen=True):
    """Measure the pages of a PDF as they are seen."""


class StampPdf(Task, frozen=True):
    """Lay stamps on the pages of a PDF, behind which their layers follow in the file.

    `sizes` are those of the PDF and of each layer. `pages` has the layer of each page, from 0; -1 for none.
    """

    sizes: tuple[int, ...]
    pages: tuple[int, ...]


class DecodingAnswer(msgspec.Struct, frozen=True, tag=True):
    """The outcome of a task."""


class Ready(DecodingAnswer, frozen=True):
    """The process serves; sent once, at the beginning, without having been asked."""


class Inspected(DecodingAnswer, frozen=True):
    """The number of pages, and whether it is a signed PDF."""

    pages: int
    signed: bool = False


class Rasterized(DecodingAnswer, frozen=True):
    """The shape of the pixels in the file that goes along."""

    shape: tuple[int, ...]
    dots: tuple[float, float] | None = None


class HasText(DecodingAnswer, frozen=True):
    """The page has text of its own."""


class PatchCodeRead(DecodingAnswer, frozen=True):
    """The answer to `ReadPatchCode`; None where the page has none."""

    code: PatchCode | None


class BarcodesRead(DecodingAnswer, frozen=True):
    """The file that goes along has the barcodes; see `server.decoding.packing`."""


class DocumentsRead(DecodingAnswer, frozen=True):
    """The file that goes along has the documents; see `server.decoding.packing`."""


class PrivateHidden(DecodingAnswer, frozen=True):
    """The shape of the covered page's pixels in the file that goes along, and how many parts are covered."""

    shape: tuple[int, ...]
    counts: dict[Hidden, int]


class FormRead(DecodingAnswer, frozen=True):
    """The file that goes along has what the zones hold; see `server.decoding.packing`."""


class TextRead(DecodingAnswer, frozen=True):
    """The file that goes along has the lines of text and the tables; see `server.decoding.packing`."""


class PagePrepared(DecodingAnswer, frozen=True):
    """The file that goes along has the page; `whole` where its data are the given file's."""

    whole: bool


class PagesMeasured(DecodingAnswer, frozen=True):
    """Width and height of each page in mm."""

    sizes: tuple[tuple[float, float], ...]


class PdfWritten(DecodingAnswer, frozen=True):
    """The file that goes along is the PDF."""


FaultKind = Literal["document", "protected", "picture", "pixels", "side", "narrow", "memory", "unsure"]


class DecodingFailed(DecodingAnswer, frozen=True):
    """The file is to blame; its kind of fault, and words for it."""

    kind: FaultKind
    zh: str = ""
    en: str = ""
    size: tuple[int, int, int] = (0, 0, 0)
    """Width, height and limit, of a shape."""


class InternalFault(DecodingAnswer, frozen=True):
    """We are to blame: an exception's kind and place."""

    place: str


encode = msgspec.msgpack.Encoder().encode
decode_task: Callable[[bytes], Task] = msgspec.msgpack.Decoder(reduce(or_, Task.__subclasses__())).decode
decode_answer: Callable[[bytes], DecodingAnswer] = msgspec.msgpack.Decoder(
    reduce(or_, DecodingAnswer.__subclasses__())
).decode
