"""Documents of dialect pages: pictures of the page's own files or messages as one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from imgcore.output.compose import Arrangement
from imgcore.text import TextLine
from imgcore.types import Image
from server.access.client import Client
from server.connection.byte_budget import ByteBudget, Charge
from server.dialects.services import DialectServices
from server.errors import LocalizedText, PictureTooLarge, SidesMissing
from server.services.composing import ComposeOrder
from server.services.files.formats import DOCUMENT_FORMATS, DocumentWriter, PreparedPage
from server.services.pictures.output import PLAIN
from server.services.pictures.uploaded_picture import decoded
from server.storage.paths import PictureFormat

PDF, TIFF, PDF_WITH_TEXT = 0, 1, 2
PAGE_BYTES = 64 << 20
MOST_PAGES = 200
MOST_BYTES = 64 << 20
"""Limit of the pictures of one document together."""
OUTPUT_BYTES = 64 << 20
"""Limit of a document, which is answered as a whole."""
PICTURE = LocalizedText("要合并的图片", "a picture to be merged")


class PictureList:
    """Pictures collected for a document, each an own file by its name, or its content.

    Parameters
    ----------
    budget
        Budget that their content counts in until they are forgotten.
    """

    def __init__(self, budget: ByteBudget) -> None:
        self.pictures: list[str | bytes] = []
        self._charge = Charge(budget)

    def add(self, picture: str | bytes) -> None:
        """Add a picture.

        Raises
        ------
        server.errors.PictureTooLarge
            There are too many of them, or they are too large together.
        """
        size = len(picture)
        if len(self.pictures) >= MOST_PAGES:
            raise PictureTooLarge(picture=PICTURE, size=f"> {MOST_PAGES}", limit=MOST_PAGES)
        if self._charge.size + size > MOST_BYTES or not self._charge.grow(size):
            raise PictureTooLarge(picture=PICTURE, size=f"> {MOST_BYTES >> 20} MiB", limit=MOST_BYTES >> 20)
        self.pictures.append(picture)

    def clear(self) -> None:
        """Forget all pictures."""
        self.pictures.clear()
        self._charge.release()


async def picture_from(services: DialectServices, text: str) -> bytes:
    """Return the picture that a page sent in base64.

    Raises
    ------
    server.errors.PictureUnreadable, MessageTooLarge
    """
    return await services.pools.run_heavy(decoded, text)


async def composed(
    services: DialectServices,
    client: Client,
    pictures: Sequence[str | bytes],
    arrangement: Arrangement = Arrangement.CARD,
    picture_format: PictureFormat = PictureFormat.JPEG,
) -> bytes:
    """Return one page of two pictures, own files or content: of cards at their true size, else of both whole.

    Raises
    ------
    server.errors.GaopaiError
        As `ComposeService.compose`.
    """
    order = ComposeOrder(pictures, None, arrangement, None, picture_format, PLAIN)
    try:
        return (await services.composing.compose(client, order)).picture.data
    except SidesMissing:
        below = replace(order, arrangement=Arrangement.BELOW)
        return (await services.composing.compose(client, below)).picture.data


async def text_on(services: DialectServices, client: Client, path: str) -> str:
    """Return the text on a file of the page's, line by line.

    Raises
    ------
    server.errors.FileMissing, FileUnreadable, PictureUnreadable, ToolMissing, DecoderUnavailable
    """
    name = await services.pools.run(services.files.name, client.origin or "", path)

    async def lines(picture: Image, path: str, page: int) -> Sequence[TextLine]:
        return await services.texts.read(picture)

    pages = await services.source.each(client, [name], lines)
    return "\n".join(line.text for page in pages for line in page)


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
    writer = await services.pools.run(DOCUMENT_FORMATS[kind].writer, services.source.decoders, services.pools)
    pages: list[PreparedPage] = []
    try:
        for picture in pictures:
            pages += await _pages(services, origin, picture, writer, MOST_PAGES - len(pages))
        document = await writer.write(pages)
        if sum(map(len, document)) > OUTPUT_BYTES:
            raise PictureTooLarge(
                picture=PICTURE, size=f"> {OUTPUT_BYTES >> 20} MiB", limit=OUTPUT_BYTES >> 20
            )
        return b"".join(document)
    finally:
        writer.stop()


async def _pages(
    services: DialectServices,
    origin: str,
    picture: str | bytes,
    writer: DocumentWriter[PreparedPage],
    room: int,
) -> list[PreparedPage]:
    if isinstance(picture, str):
        label = await services.pools.run(services.files.located, picture)
        data = await services.pools.run(services.files.read, origin, picture, PAGE_BYTES)
    else:
        label, data = "imageBase64", picture
    async with services.source.decoders.file(label, data) as file:
        if file.pages > room:
            raise PictureTooLarge(picture=label, size=f"> {MOST_PAGES}", limit=MOST_PAGES)
        return [await writer.prepare(file, number) for number in range(file.pages)]
