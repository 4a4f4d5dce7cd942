"""The process that reads text: makes its reader of the models that it is given, then reads page after page.

It gets pixels, no files, and stays apart from the decoding processes for its memory: half a gigabyte, which
its end gives back.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable
from functools import cache
from itertools import accumulate, pairwise
from math import prod

import cv2
import numpy as np

from imgcore.fields import DocumentReader
from imgcore.forms import Form, FormPrint, FoundForm
from imgcore.forms.reading import text_picture, text_zones, with_texts
from imgcore.outline import DocumentNets, ScoringNet
from imgcore.privacy import Copier
from imgcore.tables import find_tables
from imgcore.text import TextReader, read_document
from imgcore.types import Image
from models.arrays import read_arrays
from models.locate import choose
from models.session import open_net
from server.children import memory
from server.children.channel import Channel
from server.decoding import packing, wire
from server.decoding.faults import as_answer, malformed_answer
from server.documents.text_reader import text_reader

THREADS = max(1, min(2, os.cpu_count() or 1))
"""Number of threads that text is read with: one core is left on most machines for the preview, to which all
of them give way."""


def main(channel: Channel) -> None:
    """Serve until the other end hangs up."""
    cv2.setNumThreads(1)
    try:
        reader = _reader(*channel.receive())
    except EOFError:
        return
    channel.send(wire.encode(wire.Ready()))
    while True:
        try:
            data, file = channel.receive()
        except EOFError:
            return
        _serve(channel, reader, wire.decode_task(data), _descriptor(file))


def _reader(data: bytes, file: int | None) -> TextReader:
    task = wire.decode_task(data)
    assert isinstance(task, wire.LoadText)
    with _mapped(_descriptor(file)) as content:
        bounds = pairwise(accumulate(task.sizes, initial=0))
        return text_reader([content[start:end] for start, end in bounds], THREADS)


def _serve(channel: Channel, reader: TextReader, task: wire.Task, file: int) -> None:
    try:
        if isinstance(task, wire.ReadForm):
            channel.send_file(wire.encode(wire.FormRead()), [_form(task, reader, file)])
            return
        assert isinstance(task, wire.ReadText | wire.ReadDocuments | wire.HidePrivate)
        with _mapped(file) as content:
            # A copy: the pixels are let go before they are read.
            image = _image(content, task.shape)
        if not isinstance(task, wire.ReadText):
            channel.send_file(*run(task, reader, image))
            return
        lines = read_document(reader, image) if task.crop else reader.read(image)
        tables = find_tables(image, lines) if task.tables else []
        channel.send_file(wire.encode(wire.TextRead()), [packing.packed_text(lines, tables)])
    except Exception as exc:  # noqa: BLE001 - whatever it is, the service says it
        channel.send(wire.encode(as_answer(exc)))


def _form(task: wire.ReadForm, reader: TextReader, file: int) -> bytes:
    """Read the zones of a form; return them packed."""
    pixels = prod(task.shape)
    end = pixels + prod(task.print)
    with _mapped(file) as content:
        page = _image(content[:pixels], task.shape)
        grey = _image(content[pixels:end], task.print)
        zones = packing.unpacked_zones(content[end:])
    form = Form("", 1, FormPrint(grey, task.scale, zones))
    found = FoundForm(form, np.array(task.matrix, np.float64).reshape(3, 3), 1.0)
    strips = (text_picture(page, found, zone) for zone in text_zones(form))
    lines = [reader.read(strip, careful=True, as_it_lies=True) for strip in strips]
    return packing.packed_form(with_texts(page, found, lines).zones)


def _image(content: mmap.mmap | bytes, shape: tuple[int, ...]) -> Image:
    if prod(shape) != len(content):
        raise malformed_answer()
    return np.frombuffer(content[:], np.uint8).reshape(shape)


def _descriptor(file: int | None) -> int:
    assert file is not None
    return file


def _mapped(file: int) -> mmap.mmap:
    try:
        return mmap.mmap(file, 0, access=mmap.ACCESS_READ)
    finally:
        os.close(file)


def run(
    task: wire.ReadDocuments | wire.HidePrivate, text: TextReader, image: Image
) -> tuple[bytes, Iterable[memory.Piece]]:
    """Do a task; return the packed answer and the content that goes along."""
    page = image if image.ndim == 3 else np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    reader = DocumentReader(text, _nets())
    if isinstance(task, wire.ReadDocuments):
        return wire.encode(wire.DocumentsRead()), [packing.packed_documents(reader.read(page, task.crop))]
    copy = Copier(text, reader).copy(page, task.kinds, task.faces)
    pixels = np.ascontiguousarray(copy.image)
    return wire.encode(wire.PrivateHidden(pixels.shape, dict(copy.hidden))), [pixels.data]


@cache
def _nets() -> DocumentNets:
    """Return the project's own nets, which lie beside the code and are read at the first document."""
    scoring = ScoringNet(**read_arrays(choose("document-scoring")))
    return DocumentNets(scoring, *(open_net(choose(f"document-{name}")) for name in DocumentNets.OPENED))
