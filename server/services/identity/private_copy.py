"""Private copies: pages of a file without what they should not tell, with their purpose over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pybase64

from imgcore.face.detect import Face
from imgcore.output.finish import OutputSettings
from imgcore.output.watermark import LONGEST_TEXT, MOST_LINES, Watermark
from imgcore.privacy import Hidden, UnreadablePage, black_out
from imgcore.settings import Rect, Settings
from imgcore.types import Image
from server.access.client import Client
from server.decoding.text_process import DocumentDecoder
from server.documents.input_file import Raster
from server.documents.pdf_image import PdfImage, pdf_of_images
from server.errors import BadParameter, LocalizedText, NothingToHide, PageUnsure, PictureTooLarge
from server.protocol.messages.base import Answer
from server.protocol.messages.identity import CoveredArea, PrivateCopyAnswer, PrivateCopyRequest
from server.services.context import RequestContext, handles
from server.services.faces.engine import FaceEngine
from server.services.page_source import Given, PageSource
from server.services.pictures.order import PictureOrder
from server.services.pictures.output import EncodedPicture, encode
from server.services.pictures.resources import PictureResources
from server.storage.paths import PictureFormat

TILED_ANGLE = 30.0
"""Angle of the words that are laid over a copy, in degrees."""
OPACITY = 0.4
"""Opacity of the words that are laid over a copy, from 0 to 1."""
_LONG_MARK = LocalizedText(
    f"最多 {LONGEST_TEXT} 个字符、{MOST_LINES} 行",
    f"at most {LONGEST_TEXT} characters in {MOST_LINES} lines are expected",
)
_ONE_PAGE = LocalizedText("多页文件的副本只能是 PDF", "a copy of several pages is a PDF")
_OFF_PAGE = LocalizedText(
    "矩形应在页面之内：第 {page} 页为 {width} x {height} 像素",
    "rectangles within their page are expected: page {page} has {width} x {height} pixels",
)
_NO_PAGE = LocalizedText("文件共 {pages} 页", "the file has {pages} pages")

MOST_BYTES = 256 << 20
"""Limit of all pages of a copy together, in bytes."""


@dataclass(eq=False, repr=False)
class PrivateCopyHandlers:
    """Handlers of requests for private copies; each copy is read again before it is given away.

    Parameters
    ----------
    reader, faces
        Find what is to be hidden.
    """

    _resources: PictureResources
    _source: PageSource
    _reader: DocumentDecoder
    _faces: FaceEngine

    @handles("PrivateCopy")
    async def copy(self, context: RequestContext, request: PrivateCopyRequest) -> Answer:
        """Make a copy; the name of its file is checked before any work.

        Nothing is written, and nothing removed, where it cannot be made.
        """
        client = context.client
        name = request.file_path
        (given,) = await self._source.given(request)
        output = OutputSettings(watermark=_mark(request.mark))
        order = await self._resources.orders.made(Settings(), output)
        plan = await self._resources.plan_document(client, name, PictureFormat.JPEG) if name else None
        pages, hidden = await self._pages(client, given, request, order)
        picture_format = PictureFormat.JPEG if len(pages) == 1 else PictureFormat.PDF
        if not name and not (name is None and request.base64):
            plan = await self._resources.plan_document(client, "", picture_format)
        picture_format = picture_format if plan is None else plan.picture_format
        if len(pages) > 1 and picture_format is not PictureFormat.PDF:
            raise BadParameter(field="filePath", reason=_ONE_PAGE)
        made = await self._resources.pools.run_heavy(
            _encoded, pages, replace(order, picture_format=picture_format)
        )
        path = None if plan is None else (await self._resources.pools.run(plan.save, [made]))[0]
        removed = False
        if path is not None and isinstance(given, str) and not request.keep_original:
            removed = await self._remove(client, given, path)
        return PrivateCopyAnswer(
            file_path=None if path is None else str(path),
            file_base64=pybase64.b64encode_as_string(made.data) if request.base64 else None,
            mime=picture_format.value,
            pages=len(pages),
            removed=removed,
            hidden=dict(sorted(hidden.items())),
        )

    async def _pages(
        self, client: Client, given: Given, request: PrivateCopyRequest, order: PictureOrder
    ) -> tuple[Sequence[Raster | _CopiedPage], Counter[str]]:
        """Return the pages without their private parts: one as its pixels, several as pictures.

        Raises
        ------
        server.errors.BadParameter
            A rectangle is not on its page.
        server.errors.PictureTooLarge
            All pages together take more than `MOST_BYTES`.
        """
        label, data = await self._source.read(client, given)
        kinds = frozenset(map(Hidden, request.hide))
        pages: list[Raster | _CopiedPage] = []
        hidden = Counter[str]()
        size = 0
        with _sure(label):
            async with self._source.decoders.file(label, data) as file:
                if any(area.page > file.pages for area in request.areas):
                    raise BadParameter(field="areas", reason=_NO_PAGE.filled(pages=file.pages))
                for number in range(file.pages):
                    raster = await self._source.decoders.raster(file, number)
                    areas = [area for area in request.areas if area.page == number + 1]
                    image = _without(raster.image, areas)
                    hidden.update({"area": len(areas)} if areas else {})
                    if kinds:
                        image, counts = await self._hidden(image, kinds)
                        hidden.update(counts)
                    page = Raster(image, raster.dots)
                    if file.pages == 1:
                        pages.append(page)
                        continue
                    # Pixels of hundreds of pages would be gigabytes.
                    copied = await self._resources.pools.run_heavy(_copied, page, order)
                    pages.append(copied)
                    size += len(copied.picture.data)
                    if size > MOST_BYTES:
                        limit = f"{MOST_BYTES >> 20} MiB"
                        raise PictureTooLarge(picture=label, size=f"> {limit}", limit=limit)
        if not hidden:
            raise NothingToHide(picture=label)
        return pages, hidden

    async def _hidden(self, image: Image, kinds: frozenset[Hidden]) -> tuple[Image, Mapping[Hidden, int]]:
        faces: Sequence[Face] = ()
        if Hidden.PORTRAIT in kinds:
            faces = await self._resources.pools.run_heavy(self._faces.find, image)
        return await self._reader.hide_private(image, kinds, [face.box for face in faces])

    async def _remove(self, client: Client, name: str, copy: Path) -> bool:
        storage = self._resources.storage.of(client.origin)
        return storage.located(name) == copy or await self._resources.pools.run(storage.remove, name)


def _without(image: Image, areas: Sequence[CoveredArea]) -> Image:
    """Return a page with rectangles blacked out."""
    height, width = image.shape[:2]
    for area in areas:
        if area.left < 0 or area.top < 0 or area.right > width or area.bottom > height:
            told = _OFF_PAGE.filled(page=area.page, width=width, height=height)
            raise BadParameter(field="areas", reason=told)
    return black_out(image, [Rect(area.left, area.top, area.right, area.bottom) for area in areas])


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


@dataclass(frozen=True, slots=True)
class _CopiedPage:
    """One of several pages, as a JPEG with the mark."""

    picture: EncodedPicture
    channels: int
    dots: tuple[float, float] | None


def _copied(page: Raster, order: PictureOrder) -> _CopiedPage:
    picture = encode(page.image, order, _dots(page))
    return _CopiedPage(picture, _channels(page.image), page.dots)


def _encoded(pages: Sequence[Raster | _CopiedPage], order: PictureOrder) -> EncodedPicture:
    """Encode pages with the mark: one as a picture, several as a PDF of pictures without any text."""
    if isinstance(pages[0], Raster):
        return encode(pages[0].image, order, _dots(pages[0]))
    several = [page for page in pages if isinstance(page, _CopiedPage)]
    images = [
        PdfImage(one.data, "JPEG", one.size.width, one.size.height, page.channels, dots=page.dots)
        for page in several
        for one in (page.picture,)
    ]
    return EncodedPicture(b"".join(pdf_of_images(images)), several[0].picture.size)


def _channels(image: Image) -> int:
    return 1 if image.ndim == 2 else 3


def _dots(page: Raster) -> float:
    return page.dots[0] if page.dots else 0.0
