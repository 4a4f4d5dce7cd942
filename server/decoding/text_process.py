"""The processes that read text, as the service sees them."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from datetime import date
from typing import cast

import numpy as np

from imgcore.fields import Document
from imgcore.fields.document import judged_on
from imgcore.forms import FilledForm, FoundForm
from imgcore.privacy import Hidden
from imgcore.tables import Table
from imgcore.text import TextLine
from imgcore.types import Image
from server.children.async_child import start_child
from server.children.child import ChildSpec
from server.children.memory import MemoryFile, filled
from server.children.program import ONE_THREAD
from server.decoding import faults, packing, wire
from server.decoding.limits import LARGEST_FILE
from server.decoding.pool import PROFILE, DecodingProcess, Pool, Reply, see_ready
from server.documents.text_reader import model_contents
from server.errors import DecoderUnavailable

WORKER = "server.decoding.text_worker"
PAGE_SECONDS = 120.0
"""Time limit of a page, in seconds: the fullest takes some ten on a slow machine."""
NICENESS = 10
"""Niceness of the processes that read text, which give way to previews and captures."""
ADDRESS_BYTES = 4 << 30
"""Address space of a process beside the pixels of its picture, in bytes."""
BYTES_PER_PIXEL = 12
"""Address space for each pixel: the picture, its copy set upright, and its colours."""


class TextDecoder:
    """Reads text from pictures in a process of its own, which ends when there is nothing to read.

    One origin has one at a time, and the next origin finds another.
    """

    def __init__(self, limit_pixels: int) -> None:
        self._pool = Pool(limit_pixels, most=1, seconds=PAGE_SECONDS, start=start_text_process, kept=0)

    async def read(self, image: Image, crop: bool = False) -> tuple[TextLine, ...]:
        """Read the lines on a picture, or with `crop` on the document that it shows; cancelling ends it.

        Raises what `read_tables` does.
        """
        lines, _ = await self._read(wire.ReadText(image.shape, crop), image)
        return lines

    async def read_tables(
        self, image: Image, crop: bool = False
    ) -> tuple[tuple[TextLine, ...], tuple[Table, ...]]:
        """Read the lines as `read`, and find the tables that they stand in.

        Raises
        ------
        server.documents.faults.DocumentFault
            It takes too long, or the process ends over it.
        server.errors.ToolMissing
            The models are not here.
        server.errors.DecoderUnavailable
        """
        return await self._read(wire.ReadText(image.shape, crop, tables=True), image)

    async def _read(
        self, task: wire.ReadText, image: Image
    ) -> tuple[tuple[TextLine, ...], tuple[Table, ...]]:
        answer, made = await self.ask(task, image)
        if not isinstance(answer, wire.TextRead) or made is None:
            raise faults.malformed_answer()
        with made:
            return await asyncio.to_thread(packing.unpacked_text, made)

    async def ask(self, task: wire.Task, image: Image, *more: bytes) -> Reply:
        """Do a task with the pixels of a picture and what follows; raises what `read_tables` does."""
        with closing(await asyncio.to_thread(_shared, image, *more)) as pixels:
            answer, made = await self._pool.run(task, pixels.descriptor)
        faults.check(answer)
        return answer, made

    async def close(self) -> None:
        """End all processes, and whatever they read."""
        await self._pool.close()


async def start_text_process(limit_pixels: int) -> DecodingProcess:
    """Start one, hand it the models and see it ready.

    Raises
    ------
    server.errors.ToolMissing
        The models are not here.
    server.errors.DecoderUnavailable
    """
    contents = await asyncio.to_thread(model_contents)
    limits = {"AS": ADDRESS_BYTES + BYTES_PER_PIXEL * limit_pixels, "FSIZE": LARGEST_FILE}
    spec = ChildSpec(WORKER, added=ONE_THREAD, limits=limits, untrusted=True, profile=PROFILE)
    try:
        process = await start_child(DecodingProcess, spec)
    except OSError as exc:
        raise DecoderUnavailable(reason=exc.strerror or type(exc).__name__) from exc
    try:
        await _load(process, contents)
    except asyncio.CancelledError:
        await process.finish()
        raise
    return process


async def _load(process: DecodingProcess, contents: list[bytes]) -> None:
    # Before it starts threads, which inherit it; it may have ended already.
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    with closing(await asyncio.to_thread(lambda: MemoryFile(filled(contents)))) as models:
        process.send(wire.encode(wire.LoadText(tuple(map(len, contents)))), models.descriptor)
    await see_ready(process)


def _shared(image: Image, *more: bytes) -> MemoryFile:
    return MemoryFile(filled([image.data if image.flags.c_contiguous else image.tobytes(), *more]))


Box = tuple[float, float, float, float]
"""Left, top, width and height of a box."""


class DocumentDecoder:
    """Reads documents. Both methods raise what `TextDecoder.read_tables` does."""

    def __init__(self, text: TextDecoder) -> None:
        self._text = text

    async def read_documents(self, image: Image, crop: bool = True) -> tuple[Document, ...]:
        """Read the documents on a picture; it is one from edge to edge where not `crop`."""
        answer, made = await self._text.ask(wire.ReadDocuments(image.shape, crop), image)
        if not isinstance(answer, wire.DocumentsRead) or made is None:
            raise faults.malformed_answer()
        with made:
            found = await asyncio.to_thread(packing.unpacked_documents, made)
        return tuple(judged_on(one, date.today()) for one in found)

    async def hide_private(
        self, image: Image, kinds: Collection[Hidden], faces: Iterable[Box]
    ) -> tuple[Image, Mapping[Hidden, int]]:
        """Return a page without its private parts, and how many of each kind it had."""
        task = wire.HidePrivate(image.shape, tuple(sorted(kinds)), tuple(faces))
        answer, made = await self._text.ask(task, image)
        shape = image.shape if image.ndim == 3 else (*image.shape, 3)
        if not isinstance(answer, wire.PrivateHidden) or made is None or answer.shape != shape:
            raise faults.malformed_answer()
        if len(made) != shape[0] * shape[1] * 3:
            raise faults.malformed_answer()
        return cast(Image, np.frombuffer(made, np.uint8).reshape(shape)), answer.counts


class FormDecoder:
    """Reads the zones of forms that were found."""

    def __init__(self, text: TextDecoder) -> None:
        self._text = text

    async def read(self, image: Image, found: FoundForm) -> FilledForm:
        """Read the form on a picture; raises what `TextDecoder.read_tables` does."""
        form = found.form.print
        rows, cols = form.grey.shape
        matrix = tuple(map(float, found.matrix.ravel()))
        task = wire.ReadForm(image.shape, (rows, cols), form.scale, matrix)
        answer, made = await self._text.ask(
            task, image, form.grey.tobytes(), packing.packed_zones(form.zones)
        )
        if not isinstance(answer, wire.FormRead) or made is None:
            raise faults.malformed_answer()
        with made:
            return await asyncio.to_thread(packing.unpacked_form, made, found)
