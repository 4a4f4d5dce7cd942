"""Recognition: the barcodes on pictures, documents page by page, and what pages send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imgcore.barcode import Code, read_codes
from server.documents.faults import named
from server.documents.picture import raster_of
from server.documents.source import Source, open_source
from server.services.workers import Workers
from server.storage.root import Storage

INPUT_BYTES = 512 << 20
"""A file of many pages may be large."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
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


class Recognition:
    """Reads codes.

    Parameters
    ----------
    limit_pixels
        The largest picture.
    """

    def __init__(self, storage: Storage, workers: Workers, limit_pixels: int) -> None:
        self._storage = storage
        self._workers = workers
        self._limit = limit_pixels

    async def read_files(self, names: Sequence[str]) -> list[Sighting]:
        """The codes of several files, in their order; ended between two pages when cancelled.

        Raises
        ------
        server.errors.FileMissing, FileUnreadable, PathOutside, BadName, PictureUnreadable
        server.errors.PictureTooLarge, DocumentProtected
            About a file, which it names.
        """
        found: list[Sighting] = []
        for name in names:
            source = await self._workers.run(self._opened, name)
            found += await self._read(source, name)
        return found

    async def read_given(self, data: bytes, shown: str) -> list[Sighting]:
        """The codes of a picture or document that came with the request."""
        source = await self._workers.heavy(self._understood, shown, data)
        return await self._read(source, "")

    async def _read(self, source: Source, path: str) -> list[Sighting]:
        found: list[Sighting] = []
        for number in range(source.pages):
            codes = await self._workers.heavy(self._page, source, number)
            found += (Sighting(code, path, number + 1) for code in codes)
        return found

    def _opened(self, name: str) -> Source:
        data = self._storage.read(name, INPUT_BYTES)
        return self._understood(self._storage.relative(name), data)

    def _understood(self, shown: str, data: bytes) -> Source:
        with named(shown):
            return open_source(shown, data, self._limit)

    def _page(self, source: Source, number: int) -> tuple[Code, ...]:
        with named(source.name):
            # A second thread of the pool for the locator: it waits for no job that waits for it.
            image = raster_of(source, number, self._limit).image
            return read_codes(image, run=self._workers.binders.submit)
