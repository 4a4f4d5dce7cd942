"""Reading of documents in stored files, in uploaded pictures and under a camera."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from imgcore.fields import Document
from imgcore.settings import Settings
from server.access.client import Client
from server.decoding.decoders import Decoders
from server.decoding.document_decoder import DocumentDecoder
from server.devices.ports.camera import Camera
from server.documents.faults import named
from server.services.barcodes.recognition import INPUT_BYTES
from server.services.cameras.capture import CAPTURED, CaptureService
from server.services.pools import ThreadPools
from server.storage.root import Storage


@dataclass(frozen=True, slots=True, eq=False)
class FoundDocument:
    """Document and the file and page it was found on.

    Attributes
    ----------
    path
        The file, as the request named it; empty for a picture that is none.
    page
        From 1.
    """

    document: Document
    path: str
    page: int


class DocumentService:
    """Reads documents; their fields are in its answers alone."""

    def __init__(
        self,
        captures: CaptureService,
        storage: Storage,
        pools: ThreadPools,
        decoders: Decoders,
        reader: DocumentDecoder,
    ) -> None:
        self._captures = captures
        self._storage = storage
        self._pools = pools
        self._decoders = decoders
        self._reader = reader

    async def read_files(self, client: Client, names: Sequence[str], crop: bool) -> list[FoundDocument]:
        """Return the documents of several files, in their order; a cancel ends the work on a page.

        Raises
        ------
        server.errors.FileMissing, FileUnreadable, FileOfAnotherOrigin, PathOutside, BadName
        server.errors.PictureUnreadable, PictureTooLarge, DocumentProtected
            About a file, which it names.
        server.errors.DecoderUnavailable
        """
        storage = self._storage.of(client.origin)
        found: list[FoundDocument] = []
        for name in names:
            data = await self._pools.run(storage.read, name, INPUT_BYTES)
            found += await self._read(storage.relative(name), data, name, crop)
        return found

    async def read_uploaded(self, data: bytes, label: str, crop: bool) -> list[FoundDocument]:
        """Return the documents of a picture or file that came with the request."""
        return await self._read(label, data, "", crop)

    async def read_capture(self, client: Client, camera: Camera, crop: bool) -> list[FoundDocument]:
        """Return the documents under a camera, of a picture taken now.

        Raises
        ------
        server.errors.GaopaiError
            As a capture does.
        """
        picture = await self._captures.picture(client, camera, Settings())
        with named(CAPTURED):
            return [FoundDocument(one, "", 1) for one in await self._reader.read_documents(picture, crop)]

    async def _read(self, label: str, data: bytes, path: str, crop: bool) -> list[FoundDocument]:
        found: list[FoundDocument] = []
        with named(label), closing(await self._decoders.opened(label, data)) as file:
            for number in range(file.pages):
                raster = await self._decoders.raster(file, number)
                documents = await self._reader.read_documents(raster.image, crop)
                found += (FoundDocument(document, path, number + 1) for document in documents)
        return found
