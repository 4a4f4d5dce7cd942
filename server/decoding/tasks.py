"""What a decoding process does with files."""

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

from server.children import memory
from server.decoding import wire
from server.documents import pdf, pdf_binder
from server.documents.blankness import Glances
from server.documents.ofd_binder import OfdBinder
from server.documents.pdf_binder import PdfBinder
from server.documents.pdf_image import PdfImage
from server.documents.picture import raster_of
from server.documents.source import Source, open_source
from server.documents.text_layer import to_be_read
from server.documents.tiff_binder import TiffBinder

OPEN = 2
"""Files that are kept open: a next one is begun before the last page of this one is done."""


class PdfPage(msgspec.Struct, frozen=True):
    """A page for a PDF: a picture, or None for the page as it is."""

    image: PdfImage | None
    blank: bool
    size: int


@dataclass(frozen=True, slots=True)
class Done:
    """An answer, and what its file is to hold."""

    answer: wire.Answer
    pieces: Iterable[memory.Piece] | None = None


class Tasks:
    """Does jobs, one after the other.

    Parameters
    ----------
    limit_pixels
        The largest picture or page.
    """

    def __init__(self, limit_pixels: int) -> None:
        self._limit = limit_pixels
        self._open: OrderedDict[int, Source] = OrderedDict()
        glances = Glances()
        self._binders: dict[str, Any] = {
            "pdf": PdfBinder(limit_pixels, glances),
            "tiff": TiffBinder(limit_pixels, glances),
            "ofd": OfdBinder(limit_pixels, glances),
        }

    def do(self, job: wire.AnyJob, file: int) -> Done:
        """Do a job with the file of that descriptor.

        Raises
        ------
        server.documents.faults.DocumentFault, imgcore.types.ImageError
            The file is to blame.
        """
        if isinstance(job, wire.BindPdf):
            return Done(wire.Bound(), [_bound(job, memory.content(file))])
        source = self._source(file)
        if isinstance(job, wire.Look):
            return Done(wire.Looked(source.pages))
        if isinstance(job, wire.TakeLeaf):
            return self._leaf(source, job)
        return self._painted(source, job)

    def rest(self) -> None:
        """Nothing to do for a while: let go of what is open."""
        self._open.clear()

    def _source(self, file: int) -> Source:
        # No two files that exist have one number, and those that are open here exist.
        number = os.fstat(file).st_ino
        if number not in self._open:
            self._open[number] = open_source("", memory.content(file), self._limit)
        self._open.move_to_end(number)
        while len(self._open) > OPEN:
            self._open.popitem(last=False)
        return self._open[number]

    def _painted(self, source: Source, job: wire.Paint) -> Done:
        seen = to_be_read if job.textless else raster_of
        raster = seen(source, job.page, self._limit)
        if raster is None:
            return Done(wire.Nothing())
        pixels = np.ascontiguousarray(raster.image)
        return Done(wire.Painted(pixels.shape, raster.dots), [pixels.data])

    def _leaf(self, source: Source, job: wire.TakeLeaf) -> Done:
        leaf = self._binders[job.binder].leaf(source, job.page)
        if job.binder == "pdf":
            image = leaf.content if isinstance(leaf.content, PdfImage) else None
            # What the other side has is not sent back.
            whole = image is not None and image.data is source.data
            kept = replace(image, data=b"") if image is not None and whole else image
            page = PdfPage(kept, leaf.blank, leaf.size)
            return Done(wire.Leaf(whole), [msgspec.msgpack.encode(page)])
        whole = leaf.data is source.data
        return Done(wire.Leaf(whole), [msgspec.msgpack.encode(replace(leaf, data=b"") if whole else leaf)])


def _bound(job: wire.BindPdf, data: bytes) -> memoryview:
    pictures, texts, *files = (data[start:end] for start, end in pairwise(accumulate(job.sizes, initial=0)))
    documents = [pdf.open_whole(file) for file in files]
    return pdf_binder.completed(pictures, list(_inserted(job.places, documents, texts)))


def _inserted(
    places: Sequence[wire.Placed], documents: Sequence[pikepdf.Pdf], texts: bytes
) -> Iterable[pdf_binder.Inserted]:
    at = 0
    for place in places:
        text = texts[at : at + place.text]
        at += place.text
        yield pdf_binder.Inserted(documents[place.file] if place.file >= 0 else None, place.page, text)
