"""Barcode recognition in stored files, page by page, and in uploaded pictures."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from imgcore.barcode import Code
from server.access.client import Client
from server.decoding.decoders import Decoders
from server.documents.faults import named
from server.protocol.messages.barcodes import BarCodePush, CodeInfo, RecogBarCodeAnswer, RecogBarCodeRequest
from server.protocol.messages.base import Answer
from server.runtime.process import MEMORY_BYTES
from server.services.barcodes.watcher import SendBarcodes, VisibleBarcodes
from server.services.context import RequestContext, handles
from server.services.pictures.uploaded_picture import PICTURE, decoded
from server.services.pools import ThreadPools
from server.storage.root import Storage

INPUT_BYTES = min(512 << 20, MEMORY_BYTES // 8)
"""A file of many pages may be large."""


@dataclass(frozen=True, slots=True, eq=False)
class RecognizedBarcode:
    """Barcode and the file and page it was found on.

    Attributes
    ----------
    path
        The file, as the request named it; empty for a picture that came with the request.
    page
        From 1.
    """

    barcode: Code
    path: str
    page: int


class BarcodeService:
    """Recognizes barcodes."""

    def __init__(self, storage: Storage, pools: ThreadPools, decoders: Decoders) -> None:
        self._storage = storage
        self._pools = pools
        self._decoders = decoders

    async def read_files(self, client: Client, names: Sequence[str]) -> list[RecognizedBarcode]:
        """Return the barcodes of several files, in their order; a cancel ends the search of a page.

        Raises
        ------
        server.errors.FileMissing, FileUnreadable, FileOfAnotherOrigin, PathOutside, BadName
        server.errors.PictureUnreadable, PictureTooLarge, DocumentProtected
            About a file, which it names.
        server.errors.DecoderUnavailable
        """
        storage = self._storage.of(client.origin)
        found: list[RecognizedBarcode] = []
        for name in names:
            data = await self._pools.run(storage.read, name, INPUT_BYTES)
            found += await self._read(storage.relative(name), data, name)
        return found

    async def read_uploaded(self, data: bytes, label: str) -> list[RecognizedBarcode]:
        """Return the barcodes of a picture or document that came with the request."""
        return await self._read(label, data, "")

    async def _read(self, label: str, data: bytes, path: str) -> list[RecognizedBarcode]:
        found: list[RecognizedBarcode] = []
        with named(label), closing(await self._decoders.opened(label, data)) as file:
            for number in range(file.pages):
                barcodes = await self._decoders.read_barcodes(file, number)
                found += (RecognizedBarcode(barcode, path, number + 1) for barcode in barcodes)
        return found


def code_info(code: Code, page: int | None = None, path: str = "") -> CodeInfo:
    """Convert a barcode to the standard's message.

    Parameters
    ----------
    page
        From 1, None for a picture that has none.
    path
        The file it is in, as the request named it; may be empty.
    """
    (left, top), (right, bottom) = code.corners.min(axis=0), code.corners.max(axis=0)
    return CodeInfo(
        code_num=code.text,
        code_type=code.symbology.value,
        left=str(round(float(left))),
        top=str(round(float(top))),
        right=str(round(float(right))),
        bottom=str(round(float(bottom))),
        corners=tuple((round(float(x), 1), round(float(y), 1)) for x, y in code.corners),
        page=page,
        image_path=path or None,
    )


def barcode_notifier(context: RequestContext, number: int) -> SendBarcodes:
    """Return a function that notifies a preview's client of the barcodes in sight."""

    def send(visible: VisibleBarcodes) -> None:
        context.notify(
            BarCodePush(
                event="OnBarCode",
                dev_num=number,
                width=visible.size.width,
                height=visible.size.height,
                code_infos=tuple(map(code_info, visible.barcodes)),
            )
        )

    return send


class BarcodeHandlers:
    """Handlers of requests to recognize barcodes."""

    def __init__(self, recognition: BarcodeService, pools: ThreadPools) -> None:
        self._recognition = recognition
        self._pools = pools

    @handles("RecogBarCode")
    async def read(self, context: RequestContext, request: RecogBarCodeRequest) -> Answer:
        # The standard: the picture in the message first, files only where it is empty.
        if request.image_base64:
            data = await self._pools.run(decoded, request.image_base64)
            found = await self._recognition.read_uploaded(data, PICTURE)
        else:
            found = await self._recognition.read_files(context.client, request.image_path)
        infos = tuple(code_info(one.barcode, one.page, one.path) for one in found)
        return RecogBarCodeAnswer(code_infos=infos)
