"""The process that reads text, as far as documents ask it: it says what a test planted."""

from __future__ import annotations

import mmap
from collections.abc import Sequence

import numpy as np

from imgcore.fields import Document
from imgcore.privacy import Hidden, UnreadablePage
from imgcore.types import Image
from server.decoding import packing, wire
from server.decoding.pool import Reply

QUAD = np.array([(1, 1), (40, 1), (40, 30), (1, 30)], np.float32)


def document(kind: str, valid: bool | None = True, problems: Sequence[str] = (), **fields: str) -> Document:
    """Return a document somewhere on its picture."""
    return Document(kind, fields, valid, tuple(problems), QUAD, {})


class PlantedReader:
    """Stands for `TextDecoder`: `found` is on every page; copies are black, or none unless `sure`."""

    def __init__(self, *found: Document) -> None:
        self.found = found
        self.hidden: dict[Hidden, int] = {Hidden.ID: 2}
        self.sure = True
        self.asked: list[wire.Task] = []
        self.seen: list[Image] = []

    async def ask(self, task: wire.Task, image: Image) -> Reply:
        """Do a task as the process would."""
        self.asked.append(task)
        self.seen.append(image)
        if isinstance(task, wire.ReadDocuments):
            return wire.DocumentsRead(), mapped(packing.packed_documents(self.found))
        if isinstance(task, wire.ReadText):
            return wire.TextRead(), mapped(packing.packed_text([]))
        assert isinstance(task, wire.HidePrivate)
        if not self.sure:
            raise UnreadablePage
        shape = (*image.shape[:2], 3)
        return wire.PrivateHidden(shape, self.hidden), mapped(bytes(int(np.prod(shape))))


def mapped(content: bytes) -> mmap.mmap:
    """Return content as the file of a process is mapped."""
    made = mmap.mmap(-1, len(content))
    made[:] = content
    return made
