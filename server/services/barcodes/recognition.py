"""Recognition: the barcodes on pictures, documents page by page, and what pages send."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from imgcore.barcode import Code, read_codes
from imgcore.types import Image
from server.decoding.decoders import Decoders
from server.documents.faults import named
from server.services.pools import ThreadPools
from server.storage.root import Storage

INPUT_BYTES = 512 << 20
"""A file of many pages may be large."""


@dataclass(frozen=True, slots=True, eq=False)
class RecognizedBarcode:
    """A code, and where it was seen.

    Attributes
    ----------
    path
        The file, as its page named it; empty for a picture that came with the request.
    page
        From 1.
    """

    code: Code
    path: str
    page: int


class BarcodeService:
    """Reads codes."""

    def __init__(self, storage: Storage, workers: ThreadPools, decoders: Decoders) -> None:
        self._storage = storage
        self._workers = workers
        self._decoders = decoders

    async def read_files(self, names: Sequence[str]) -> list[RecognizedBarcode]:
        """The codes of several files, in their order; ended between two pages when cancelled.

        Raises
        ------
        server.errors.FileMissing, FileUnreadable, PathOutside, BadName, PictureUnreadable
        server.errors.PictureTooLarge, DocumentProtected
            About a file, which it names.
        server.errors.DecoderUnavailable
        """
        found: list[RecognizedBarcode] = []
        for name in names:
            data = await self._workers.run(self._storage.read, name, INPUT_BYTES)
            found += await self._read(self._storage.relative(name), data, name)
        return found

    async def read_given(self, data: bytes, shown: str) -> list[RecognizedBarcode]:
        """The codes of a picture or document that came with the request."""
        return await self._read(shown, data, "")

    async def _read(self, shown: str, data: bytes, path: str) -> list[RecognizedBarcode]:
        found: list[RecognizedBarcode] = []
        with named(shown), closing(await self._decoders.opened(shown, data)) as file:
            for number in range(file.pages):
                raster = await self._decoders.raster(file, number)
                codes = await self._workers.heavy(self._codes, raster.image)
                found += (RecognizedBarcode(code, path, number + 1) for code in codes)
        return found

    def _codes(self, image: Image) -> tuple[Code, ...]:
        # A second thread of the pool for the locator: it waits for no job that waits for it.
        return read_codes(image, run=self._workers.binders.submit)
