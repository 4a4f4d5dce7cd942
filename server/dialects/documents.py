"""Documents of dialect pages: pictures of the page's own files or messages as one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from imgcore.output.compose import Arrangement
from imgcore.text import TextLine
from imgcore.types import Image
from server.dialects.device_session import DeviceSession
from server.dialects.services import MOST_PAGES, PICTURE
from server.errors import PictureTooLarge, SidesMissing
from server.services.composing import ComposeOrder
from server.services.files.formats import DOCUMENT_FORMATS, DocumentWriter, PreparedPage
from server.services.pictures.order import PictureOrder
from server.services.pictures.uploaded_picture import decoded
from server.storage.paths import PictureFormat

PDF = 0
"""Number of the format PDF in the protocol."""
TIFF = 1
"""Number of the format TIFF in the protocol."""
PDF_WITH_TEXT = 2
"""Number of the format of a PDF with a text layer in the protocol."""
PAGE_BYTES = 64 << 20
"""Limit of a file whose pages go into a document, in bytes."""
OUTPUT_BYTES = 64 << 20
"""Limit of a document, in bytes, as it is answered as a whole."""


async def picture_from(session: DeviceSession, text: str) -> bytes:
    """Return the picture that a page sent in base64."""
    return await session.services.pools.run_heavy(decoded, text)


async def composed(
    session: DeviceSession,
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
    order = ComposeOrder(pictures, None, arrangement, PictureOrder(picture_format=picture_format))
    composing = session.services.composing
    client = session.client
    try:
        return (await composing.compose(client, order)).picture.data
    except SidesMissing:
        return (await composing.compose(client, replace(order, arrangement=Arrangement.BELOW))).picture.data


async def text_on(session: DeviceSession, path: str) -> str:
    """Return the text on a file of the page's, line by line."""
    name = await session.files.name(path)

    async def lines(picture: Image, path: str, page: int) -> Sequence[TextLine]:
        return await session.services.texts.read(picture)

    pages = await session.services.source.each(session.client, [name], lines)
    return "\n".join(line.text for page in pages for line in page)


async def merged(session: DeviceSession, pictures: Sequence[str | bytes], kind: int = PDF) -> bytes:
    """Return a file of the pages of all pictures.

    Parameters
    ----------
    kind
        `PDF`, `TIFF` or `PDF_WITH_TEXT`.
    """
    pools = session.services.pools
    decoders = session.services.source.decoders
    writer = await pools.run(DOCUMENT_FORMATS[kind].writer, decoders, pools)
    pages: list[PreparedPage] = []
    try:
        for picture in pictures:
            pages += await _pages(session, picture, writer, MOST_PAGES - len(pages))
        document = await writer.write(pages)
        if sum(map(len, document)) > OUTPUT_BYTES:
            raise PictureTooLarge(
                picture=PICTURE, size=f"> {OUTPUT_BYTES >> 20} MiB", limit=OUTPUT_BYTES >> 20
            )
        return b"".join(document)
    finally:
        writer.stop()


async def _pages(
    session: DeviceSession, picture: str | bytes, writer: DocumentWriter[PreparedPage], room: int
) -> list[PreparedPage]:
    if isinstance(picture, str):
        label = await session.files.located(picture)
        data = await session.files.read(picture, PAGE_BYTES)
    else:
        label = "imageBase64"
        data = picture
    async with session.services.source.decoders.file(label, data) as file:
        if file.pages > room:
            raise PictureTooLarge(picture=label, size=f"> {MOST_PAGES}", limit=MOST_PAGES)
        return [await writer.prepare(file, number) for number in range(file.pages)]
