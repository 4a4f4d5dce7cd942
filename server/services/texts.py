"""Recognition of the text on stored files, page by page, on uploaded pictures and below cameras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imgcore.tables import Table
from imgcore.text import TextLine
from imgcore.types import Image, Points
from server.decoding.text_process import TextDecoder
from server.documents import tesseract, text_reader
from server.errors import GaopaiError, ToolMissing
from server.protocol.messages import texts as messages
from server.protocol.messages.base import Answer
from server.runtime import lazy_imports
from server.services.context import RequestContext, handles
from server.services.page_source import PageSource

READING = ("RecogText", "RecogDocument", "RecogForm", "SetCameraDocumentReading", "PrivateCopy")
"""Functions that need the models."""


def missing_tools() -> Mapping[str, GaopaiError]:
    """Return an error for each function of the protocol that lacks models or a library; blocks a moment."""
    models = ToolMissing(tool=text_reader.ENGINE)
    reading = {} if text_reader.is_there() else dict.fromkeys(READING, models)
    return reading | ({"StartRecord": ToolMissing(tool="PyAV")} if lazy_imports.is_absent("av") else {})


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

    def __init__(self, source: PageSource, texts: TextDecoder) -> None:
        self._source = source
        self._texts = texts

    @handles("RecogText")
    async def read(self, context: RequestContext, request: messages.RecogTextRequest) -> Answer:
        async def page_info(picture: Image, path: str, number: int) -> messages.TextInfo:
            tables: Sequence[Table] | None = None
            if request.tables:
                lines, tables = await self._texts.read_tables(picture, request.crop)
            else:
                lines = await self._texts.read(picture, request.crop)
            return messages.TextInfo(
                image_path=path or None,
                page=number,
                text="\n".join(line.text for line in lines),
                lines=tuple(map(_line_info, lines)),
                tables=None if tables is None else tuple(map(_table_info, tables)),
            )

        infos = await self._source.each_asked(context.client, request, page_info)
        return messages.RecogTextAnswer(text_infos=tuple(infos))


def _table_info(table: Table) -> messages.TableInfo:
    cells = tuple(
        messages.TableCellInfo(
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
    return messages.TableInfo(
        rows=table.rows, columns=table.columns, cells=cells, corners=_rounded(table.corners)
    )


def _rounded(corners: Points) -> tuple[tuple[float, ...], ...]:
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in corners)


def _line_info(line: TextLine) -> messages.TextLineInfo:
    (left, top) = line.corners.min(axis=0)
    (right, bottom) = line.corners.max(axis=0)
    return messages.TextLineInfo(
        text=line.text,
        score=round(line.score, 3),
        left=round(float(left)),
        top=round(float(top)),
        right=round(float(right)),
        bottom=round(float(bottom)),
        corners=_rounded(line.corners),
    )
