"""Document commands of Eloam WebCamera: a list of pictures as a PDF, and PDFs that can be searched."""

from __future__ import annotations

import pybase64

from server.dialects.documents import PDF, PDF_WITH_TEXT, merged, picture_from
from server.dialects.eloam.grammar import Commands, Members
from server.dialects.json_text import Fields, text_of
from server.dialects.page_session import PageSession
from server.errors import MissingParameter


class DocumentCommands:
    """Commands for documents."""

    @property
    def commands(self) -> Commands:
        """Commands by their names."""
        return {
            "pdf=addimage": self._add,
            "pdf=save": self._save,
            "pdf=clear": self._clear,
            "video=ocr": self._searchable,
        }

    async def _add(self, session: PageSession, fields: Fields) -> Members:
        services, path = session.services, text_of(fields, "ImagePath")
        if path:
            await services.pools.run(services.files.name, session.origin, path)
            session.pictures.add(path)
        else:
            session.pictures.add(await picture_from(services, text_of(fields, "ImageBase64")))
        return {}

    async def _save(self, session: PageSession, fields: Fields) -> Members:
        pictures = list(session.pictures.pictures)
        if not pictures:
            raise MissingParameter(field="ImagePath, ImageBase64")
        path = text_of(fields, "PdfPath")
        if path:
            await _check(session, path)
        document = await merged(session.services, session.origin, pictures, PDF)
        if path:
            await _write(session, path, document)
        return {"data": pybase64.b64encode_as_string(document)}

    async def _clear(self, session: PageSession, fields: Fields) -> Members:
        session.pictures.clear()
        return {}

    async def _searchable(self, session: PageSession, fields: Fields) -> Members:
        source, target = text_of(fields, "picfilepath"), text_of(fields, "savefilepath")
        await _check(session, target)
        document = await merged(session.services, session.origin, [source], PDF_WITH_TEXT)
        await _write(session, target, document)
        return {"data": ""}


async def _check(session: PageSession, path: str) -> None:
    files = session.services.files
    await session.services.pools.run(files.check, session.origin, path, ("pdf",))


async def _write(session: PageSession, path: str, document: bytes) -> None:
    files = session.services.files
    await session.services.pools.run(files.save, session.origin, path, [document])
