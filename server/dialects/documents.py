"""Documents of dialect pages: pictures of the page's own files or messages as one file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from server.dialects.services import DialectServices
from server.documents.faults import named
from server.errors import LocalizedText, PictureTooLarge
from server.services.files.formats import DOCUMENT_FORMATS, DocumentWriter, PreparedPage
from server.services.pictures.uploaded_picture import decoded

PDF, TIFF, PDF_WITH_TEXT = 0, 1, 2
PAGE_BYTES = 64 << 20
MOST_PAGES = 200
MOST_BYTES = 256 << 20
"""Limit of the pictures of one document together."""
PICTURE = LocalizedText("要合并的图片", "a picture to be merged")


class PictureList:
    """Pictures collected for a document, each an own file by its name, or its content."""

    def __init__(self) -> None:
        self.pictures: list[str | bytes] = []
        self._bytes = 0

    def add(self, picture: str | bytes) -> None:
        """Add a picture.

        Raises
        ------
        server.errors.PictureTooLarge
            There are too many of them, or they are too large together.
        """
        size = len(picture) if isinstance(picture, bytes) else 0
        if len(self.pictures) >= MOST_PAGES or self._bytes + size > MOST_BYTES:
            raise PictureTooLarge(picture=PICTURE, size=f"> {MOST_PAGES}", limit=MOST_PAGES)
        self._bytes += size
        self.pictures.append(picture)

    def clear(self) -> None:
        """Forget all pictures."""
        self.pictures.clear()
        self._bytes = 0


async def picture_from(services: DialectServices, text: str) -> bytes:
    """Return the picture that a page sent in base64.

    Raises
    ------
    server.errors.PictureUnreadable, MessageTooLarge
    """
    return await services.pools.run_heavy(decoded, text)


async def merged(
    services: DialectServices, origin: str, pictures: Sequence[str | bytes], kind: int = PDF
) -> bytes:
    """Return a file of the pages of all pictures.

    Parameters
    ----------
    kind
        `PDF`, `TIFF` or `PDF_WITH_TEXT`.

    Raises
    ------
    server.errors.FileMissing, FileUnreadable, PictureUnreadable, PictureTooLarge, DocumentProtected
    server.errors.ToolMissing, DecoderUnavailable
    """
    writer = await services.pools.run(DOCUMENT_FORMATS[kind].writer, services.decoders, services.pools)
    pages: list[PreparedPage] = []
    try:
        for picture in pictures:
            pages += await _pages(services, origin, picture, writer)
        return b"".join(await writer.write(pages))
    finally:
        writer.stop()


async def _pages(
    services: DialectServices, origin: str, picture: str | bytes, writer: DocumentWriter[PreparedPage]
) -> list[PreparedPage]:
    if isinstance(picture, str):
        label = await services.pools.run(services.files.located, picture)
        data = await services.pools.run(services.files.read, origin, picture, PAGE_BYTES)
    else:
        label, data = "imageBase64", picture
    with named(label), ExitStack() as stack:
        file = await services.decoders.opened(label, data)
        stack.callback(file.close)
        return [await writer.prepare(file, number) for number in range(file.pages)]
