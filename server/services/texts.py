"""Recognition of the text on stored files, page by page, on uploaded pictures and below cameras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from imgcore.settings import Settings
from imgcore.tables import Table, find_tables
from imgcore.text import TextLine
from imgcore.types import Image, Points
from server.access.client import Client
from server.decoding.decoders import Decoders
from server.decoding.text_process import TextDecoder
from server.devices.ports.camera import Camera
from server.documents import tesseract, text_reader
from server.documents.faults import named
from server.errors import GaopaiError, ToolMissing
from server.protocol.messages.base import Answer
from server.protocol.messages.texts import (
    RecogTextAnswer,
    RecogTextRequest,
    TableCellInfo,
    TableInfo,
    TextInfo,
    TextLineInfo,
)
from server.runtime.process import MEMORY_BYTES
from server.services.cameras.capture import CAPTURED, CaptureService
from server.services.cameras.desk import CameraDesk
from server.services.context import RequestContext, handles
from server.services.pictures.uploaded_picture import PICTURE, decoded
from server.services.pools import ThreadPools
from server.storage.root import Storage

INPUT_BYTES = min(512 << 20, MEMORY_BYTES // 8)
"""A file of many pages may be large."""
READING = ("RecogText", "RecogDocument", "SetCameraDocumentReading", "PrivateCopy")
"""Functions that need the models."""


@dataclass(frozen=True, slots=True, eq=False)
class TextOfPage:
    """Lines of a page in the order in which they are read.

    Attributes
    ----------
    path
        The file, as the request named it; empty for a picture that came with the request or from a camera.
    page
        From 1.
    tables
        None where they were not asked for.
    """

    lines: Sequence[TextLine] = field(repr=False)
    path: str = ""
    page: int = 1
    tables: Sequence[Table] | None = field(default=None, repr=False)


class Wanted(NamedTuple):
    """Reading that is wanted of pages.

    Attributes
    ----------
    crop
        Only the sheet that a picture shows.
    tables
        With the cells of tables.
    """

    crop: bool = False
    tables: bool = False


class TextService:
    """Recognizes text.

    Every method may raise, about a file, which it names, or the machine:

    Raises
    ------
    server.errors.FileMissing, FileUnreadable, FileOfAnotherOrigin, PathOutside, BadName
    server.errors.PictureUnreadable, PictureTooLarge, DocumentProtected
    server.errors.ToolMissing, DecoderUnavailable
    """

    def __init__(
        self,
        storage: Storage,
        pools: ThreadPools,
        decoders: Decoders,
        texts: TextDecoder,
        captures: CaptureService,
    ) -> None:
        self._storage = storage
        self._pools = pools
        self._decoders = decoders
        self._texts = texts
        self._captures = captures

    async def read_files(self, client: Client, names: Sequence[str], wanted: Wanted) -> list[TextOfPage]:
        """Return the text of several files, in their order, page by page; a cancel ends it at once."""
        storage = self._storage.of(client.origin)
        found: list[TextOfPage] = []
        for name in names:
            data = await self._pools.run(storage.read, name, INPUT_BYTES)
            found += await self._pages(storage.relative(name), data, name, wanted)
        return found

    async def read_uploaded(self, data: bytes, label: str, wanted: Wanted) -> list[TextOfPage]:
        """Return the text of a picture or document that came with the request."""
        return await self._pages(label, data, "", wanted)

    async def read_below(self, client: Client, camera: Camera, wanted: Wanted) -> list[TextOfPage]:
        """Return the text below a camera, where it lies in the camera's own frame.

        Raises
        ------
        server.errors.DeviceNotOpen, DeviceBusy, DeviceTimeout, DeviceGone, DeviceFailed
        """
        picture = await self._captures.picture(client, camera, Settings())
        with named(CAPTURED):
            return [await self._page(picture, wanted)]

    async def _pages(self, label: str, data: bytes, path: str, wanted: Wanted) -> list[TextOfPage]:
        found: list[TextOfPage] = []
        with named(label), closing(await self._decoders.opened(label, data)) as file:
            for number in range(file.pages):
                raster = await self._decoders.raster(file, number)
                page = await self._page(raster.image, wanted)
                found.append(replace(page, path=path, page=number + 1))
        return found

    async def _page(self, picture: Image, wanted: Wanted) -> TextOfPage:
        lines = await self._texts.read(picture, wanted.crop)
        if not wanted.tables:
            return TextOfPage(lines)
        return TextOfPage(lines, tables=await self._pools.run_document(find_tables, picture, lines))


def missing_tools() -> Mapping[str, GaopaiError]:
    """Return an error for the function of the protocol whose models are missing; blocks for a moment."""
    missing = ToolMissing(tool=text_reader.ENGINE)
    return {} if text_reader.is_there() else dict.fromkeys(READING, missing)


def supported_languages() -> tuple[Sequence[str], str]:
    """Return the languages that can be read here and the engine that reads them; blocks for a moment.

    Raises
    ------
    server.errors.ToolMissing
        There is no engine.
    """
    if text_reader.is_there():
        return text_reader.LANGUAGES, text_reader.ENGINE
    return tesseract.languages(), "Tesseract"


class TextHandlers:
    """Handlers of requests to recognize text."""

    def __init__(self, desk: CameraDesk, texts: TextService, pools: ThreadPools) -> None:
        self._desk = desk
        self._texts = texts
        self._pools = pools

    @handles("RecogText")
    async def read(self, context: RequestContext, request: RecogTextRequest) -> Answer:
        wanted = Wanted(request.crop, request.tables)
        if request.image_base64:
            data = await self._pools.run(decoded, request.image_base64)
            pages = await self._texts.read_uploaded(data, PICTURE, wanted)
        elif request.image_path:
            pages = await self._texts.read_files(context.client, request.image_path, wanted)
        else:
            camera = self._desk.camera(context.client, request.dev_num)
            pages = await self._texts.read_below(context.client, camera, wanted)
        return RecogTextAnswer(text_infos=tuple(map(_page_info, pages)))


def _page_info(page: TextOfPage) -> TextInfo:
    return TextInfo(
        image_path=page.path or None,
        page=page.page,
        text="\n".join(line.text for line in page.lines),
        lines=tuple(map(_line_info, page.lines)),
        tables=None if page.tables is None else tuple(map(_table_info, page.tables)),
    )


def _table_info(table: Table) -> TableInfo:
    cells = tuple(
        TableCellInfo(
            row=cell.row,
            column=cell.column,
            row_span=cell.row_span,
            column_span=cell.column_span,
            text=cell.text,
            number=cell.number,
            corners=_rounded(cell.corners),
        )
        for cell in table.cells
    )
    return TableInfo(rows=table.rows, columns=table.columns, cells=cells, corners=_rounded(table.corners))


def _rounded(corners: Points) -> tuple[tuple[float, ...], ...]:
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in corners)


def _line_info(line: TextLine) -> TextLineInfo:
    (left, top), (right, bottom) = line.corners.min(axis=0), line.corners.max(axis=0)
    return TextLineInfo(
        text=line.text,
        score=round(line.score, 3),
        left=round(float(left)),
        top=round(float(top)),
        right=round(float(right)),
        bottom=round(float(bottom)),
        corners=_rounded(line.corners),
    )
