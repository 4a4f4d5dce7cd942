"""Private copies: pages of a file without what they should not tell, with their purpose over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from imgcore.face.detect import Face
from imgcore.output.finish import OutputSettings
from imgcore.output.watermark import LONGEST_TEXT, MOST_LINES, Watermark
from imgcore.privacy import Hidden, UnreadablePage
from imgcore.types import Image
from server.access.client import Client
from server.decoding.decoders import Decoders
from server.decoding.text_process import DocumentDecoder
from server.documents.faults import named
from server.documents.input_file import Raster
from server.documents.pdf_image import PdfImage, pdf_of_images
from server.errors import BadParameter, LocalizedText, NothingToHide, PageUnsure
from server.services.barcodes.recognition import INPUT_BYTES
from server.services.faces.engine import FaceEngine
from server.services.pictures.naming import FileNamer, NamePlan
from server.services.pictures.output import EncodedPicture, Output, encode, output_with_font
from server.services.pictures.uploaded_picture import PICTURE
from server.services.pools import ThreadPools
from server.storage.paths import PictureFormat
from server.storage.root import Storage

TILED_ANGLE, OPACITY = 30.0, 0.4
_LONG_MARK = LocalizedText(
    f"最多 {LONGEST_TEXT} 个字符、{MOST_LINES} 行",
    f"at most {LONGEST_TEXT} characters in {MOST_LINES} lines are expected",
)
_ONE_PAGE = LocalizedText("多页文件的副本只能是 PDF", "a copy of several pages is a PDF")


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """Copy to be made.

    Attributes
    ----------
    source
        Name of a file, or a picture that came with the request.
    mark
        Text tiled over the copy; may be empty.
    name
        File to write; empty for a name by date and time, None for none.
    keep_original
        False to remove the file of `source` once the copy is written.
    """

    source: str | bytes = field(repr=False)
    kinds: frozenset[Hidden]
    mark: str = field(repr=False)
    name: str | None = field(repr=False)
    keep_original: bool


@dataclass(frozen=True, slots=True)
class PrivateCopy:
    """Copy that was made, and its file, if one was written.

    Attributes
    ----------
    removed
        True if the original is gone.
    """

    data: bytes = field(repr=False)
    picture_format: PictureFormat
    pages: int
    hidden: Mapping[Hidden, int]
    path: Path | None
    removed: bool


@dataclass(frozen=True, slots=True)
class CopyNames:
    """Names of the files of copies, and the configured file of their marks' font, which may be empty."""

    namer: FileNamer
    font: str


class PrivateCopyService:
    """Makes private copies; each is read again before it is given away.

    Parameters
    ----------
    reader, faces
        Find what is to be hidden.
    names
        Names the files of copies.
    """

    def __init__(
        self,
        storage: Storage,
        pools: ThreadPools,
        decoders: Decoders,
        reader: DocumentDecoder,
        faces: FaceEngine,
        names: CopyNames,
    ) -> None:
        self._storage = storage
        self._pools = pools
        self._decoders = decoders
        self._reader = reader
        self._faces = faces
        self._names = names

    async def copy(self, client: Client, order: CopyOrder) -> PrivateCopy:
        """Make a copy; the name of its file is checked before any work.

        Nothing is written, and nothing removed, where it cannot be made.

        Raises
        ------
        server.errors.PageUnsure
            A page cannot be read surely.
        server.errors.NothingToHide
            Nothing of what is to be hidden is on any page.
        server.errors.GaopaiError
            As reading, encoding and saving do.
        """
        settings = OutputSettings(watermark=_mark(order.mark))
        mark = await self._pools.run(output_with_font, settings, self._names.font)
        plan = await self._plan(client, order.name, PictureFormat.JPEG) if order.name else None
        pages, hidden = await self._pages(client, order)
        picture_format = PictureFormat.JPEG if len(pages) == 1 else PictureFormat.PDF
        if order.name == "":
            plan = await self._plan(client, order.name, picture_format)
        picture_format = picture_format if plan is None else plan.picture_format
        if len(pages) > 1 and picture_format is not PictureFormat.PDF:
            raise BadParameter(field="filePath", reason=_ONE_PAGE)
        made = await self._pools.run_heavy(_encoded, pages, picture_format, mark)
        path = None if plan is None else (await self._pools.run(plan.save, [made]))[0]
        removed = False
        if path is not None and isinstance(order.source, str) and not order.keep_original:
            removed = await self._remove(client, order.source, path)
        return PrivateCopy(made.data, picture_format, len(pages), hidden, path, removed)

    async def _pages(self, client: Client, order: CopyOrder) -> tuple[list[Raster], Counter[Hidden]]:
        storage = self._storage.of(client.origin)
        if isinstance(order.source, bytes):
            data, label = order.source, PICTURE
        else:
            data = await self._pools.run(storage.read, order.source, INPUT_BYTES)
            label = storage.relative(order.source)
        pages, hidden = [], Counter[Hidden]()
        with _sure(label), named(label), closing(await self._decoders.opened(label, data)) as file:
            for number in range(file.pages):
                raster = await self._decoders.raster(file, number)
                image, counts = await self._hidden(raster.image, order.kinds)
                pages.append(Raster(image, raster.dots))
                hidden.update(counts)
        if not hidden:
            raise NothingToHide(picture=label)
        return pages, hidden

    async def _hidden(self, image: Image, kinds: frozenset[Hidden]) -> tuple[Image, Mapping[Hidden, int]]:
        faces: Sequence[Face] = ()
        if Hidden.PORTRAIT in kinds:
            faces = await self._pools.run_heavy(self._faces.find, image)
        return await self._reader.hide_private(image, kinds, [face.box for face in faces])

    async def _plan(self, client: Client, name: str, picture_format: PictureFormat) -> NamePlan:
        plan = self._names.namer.plan_document(client, name, self._storage.of(client.origin), picture_format)
        await self._pools.run(plan.check)
        return plan

    async def _remove(self, client: Client, name: str, copy: Path) -> bool:
        """Remove the original; True if it was this origin's to remove, or the copy has taken its place."""
        storage = self._storage.of(client.origin)
        return storage.located(name) == copy or await self._pools.run(storage.remove, name)


@contextmanager
def _sure(label: str) -> Iterator[None]:
    try:
        yield
    except UnreadablePage as exc:
        raise PageUnsure(picture=label) from exc


def _mark(text: str) -> Watermark | None:
    if not text.strip():
        return None
    if len(text) > LONGEST_TEXT or text.count("\n") >= MOST_LINES:
        raise BadParameter(field="mark", reason=_LONG_MARK)
    return Watermark(text, place=None, angle=TILED_ANGLE, opacity=OPACITY)


def _encoded(pages: Sequence[Raster], picture_format: PictureFormat, output: Output) -> EncodedPicture:
    """Encode pages with the mark: one as a picture, several as a PDF of pictures without any text."""
    if len(pages) == 1:
        return encode(pages[0].image, picture_format, output, _dots(pages[0]))
    made = [encode(page.image, PictureFormat.JPEG, output, _dots(page)) for page in pages]
    images = [
        PdfImage(one.data, "JPEG", one.size.width, one.size.height, _channels(page.image), dots=page.dots)
        for one, page in zip(made, pages, strict=True)
    ]
    return EncodedPicture(b"".join(pdf_of_images(images)), made[0].size)


def _channels(image: Image) -> int:
    return 1 if image.ndim == 2 else 3


def _dots(page: Raster) -> float:
    return page.dots[0] if page.dots else 0.0
