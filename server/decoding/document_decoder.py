"""Reading of documents, and covering of private parts, in the processes that read text."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import cast

import numpy as np

from imgcore.fields import Document
from imgcore.privacy import Hidden
from imgcore.types import Image
from server.decoding import documents, faults, wire
from server.decoding.text_process import TextDecoder

Box = tuple[float, float, float, float]
"""Left, top, width, height."""


class DocumentDecoder:
    """Reads documents. Both methods raise what `TextDecoder.read` does."""

    def __init__(self, text: TextDecoder) -> None:
        self._text = text

    async def read_documents(self, image: Image, crop: bool = True) -> tuple[Document, ...]:
        """Read the documents on a picture; it is one from edge to edge where not `crop`."""
        answer, made = await self._text.ask(wire.ReadDocuments(image.shape, crop), image)
        if not isinstance(answer, wire.DocumentsRead) or made is None:
            raise faults.malformed_answer()
        with made:
            return await asyncio.to_thread(documents.unpacked, made)

    async def hide_private(
        self, image: Image, kinds: Collection[Hidden], faces: Iterable[Box]
    ) -> tuple[Image, Mapping[Hidden, int]]:
        """Return a page without its private parts, and how many of each kind it had.

        Raises
        ------
        imgcore.privacy.UnreadablePage
        """
        task = wire.HidePrivate(image.shape, tuple(sorted(kinds)), tuple(faces))
        answer, made = await self._text.ask(task, image)
        shape = image.shape if image.ndim == 3 else (*image.shape, 3)
        if not isinstance(answer, wire.PrivateHidden) or made is None or answer.shape != shape:
            raise faults.malformed_answer()
        if len(made) != shape[0] * shape[1] * 3:
            raise faults.malformed_answer()
        return cast(Image, np.frombuffer(made, np.uint8).reshape(shape)), answer.counts
