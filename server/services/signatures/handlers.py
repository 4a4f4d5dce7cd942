"""Handwritten signatures: requests for them, the pages that a signer sees, and the sealed document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from time import time

import cv2
import numpy as np
import pybase64

from imgcore import codec
from imgcore.text import TextLine
from imgcore.types import Image
from server.access.client import Client
from server.archive.hand_record import HandOrder, HandRecord, ShownDocument
from server.archive.ink import MM, InkLine, ink_lines, ink_svg
from server.archive.record import time_told
from server.config import SignatureConfig
from server.decoding.decoders import ForeignFile
from server.decoding.text_process import TextDecoder
from server.documents.geometry import assumed_dots
from server.documents.input_file import Raster
from server.errors import FileUnreadable, LocalizedText
from server.errors.signatures import NoSuchPage, PlaceNotFound, PlaceOffPage, PlaceTaken, SignedAlready
from server.protocol.messages import signatures as messages
from server.protocol.messages.base import Answer
from server.services.archive import SigningService
from server.services.context import DomainServices, RequestContext, handles
from server.services.page_source import PageSource
from server.services.signatures.desk import Ceremony, SigningDesk, SigningState, SigningTask, Writing

SHOWN_PIXELS = 1600
"""Width in pixels of a page that a signer reads: its letters of 8 points are 17 pixels high."""
SHOWN_QUALITY = 88
"""Quality of the JPEG of such a page."""
PDF_SUFFIXES = ("pdf",)
PNG_DOTS = 300.0
"""Dots an inch of the handwriting as a PNG."""
FINER = 4
"""Pixels along a side that become one of the PNG, so that lines have soft edges."""
TOLERANCE = 1e-3
"""Share of a page by which a field may end beyond it, since lengths in mm are rounded."""
_RECIPIENT = "[signature] recipient"
_NO_RSA = LocalizedText("须为 RSA 证书", "it has to be of RSA")
SPACE = 2.0
"""Space between a text and the field that it marks, in mm."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Field on a page.

    Attributes
    ----------
    page
        From 0.
    box
        Left, top, width and height as shares of the page.
    size
        Width and height in points.
    """

    page: int
    box: tuple[float, float, float, float]
    size: tuple[float, float]


class SignatureHandlers:
    """Handlers of requests for handwritten signatures.

    Parameters
    ----------
    desk
        Desk that the signer comes to.
    texts
        Reads the text that marks a place.
    """

    def __init__(
        self,
        config: SignatureConfig,
        desk: SigningDesk,
        source: PageSource,
        signing: SigningService,
        texts: TextDecoder,
    ) -> None:
        self._config = config
        self._desk = desk
        self._source = source
        self._signing = signing
        self._texts = texts
        self._pools = source.resources.pools
        self._storage = source.resources.storage

    @handles("CancelSignature")
    async def cancel(self, context: RequestContext, request: messages.CancelSignatureRequest) -> Answer:
        """Acknowledge: the queue of requests has cancelled what was to be."""
        return messages.CancelSignatureAnswer()

    @handles("RequestSignature")
    async def request(self, context: RequestContext, request: messages.RequestSignatureRequest) -> Answer:
        """Have a document signed; nothing is written unless it was."""
        with self._desk.taken():
            return await self._signed(context, request)

    async def _signed(self, context: RequestContext, request: messages.RequestSignatureRequest) -> Answer:
        client = context.client
        recipient = await self._pools.run(self._recipient)
        (given,) = await self._source.given(request)
        # Before the target: whoever may not read the document learns of no file beside it.
        label, data = await self._source.read(client, given)
        target = self._target(client, request)
        storage = self._storage.of(client.origin)
        if target is not None:
            await self._pools.run(storage.check, target, PDF_SUFFIXES)
        document = await self._pdf(label, data)
        shown = await self._pools.run(ShownDocument.of, document)
        async with self._source.decoders.file(label, document) as file:
            if file.signed and not request.countersign:
                raise SignedAlready(name=label)
            place = await self._place(file, request)
            if file.signed and not await self._signing.is_free(document, place.page + 1, place.box):
                raise PlaceTaken()
            task = SigningTask(
                label,
                request.signer,
                request.reason,
                file.pages,
                place.page + 1,
                place.box,
                place.size,
                request.read_to_end,
                context.language,
                lambda number: self._drawn(file, number),
            )
            with self._desk.before(Ceremony(task, _teller(context))) as ceremony:
                writing = await ceremony.written(request.timeout / 1000)
                record = HandRecord(
                    request.signer,
                    request.reason,
                    time_told(time()),
                    shown,
                    place.page + 1,
                    place.box,
                    pointer=writing.pointer,
                )
                order = HandOrder(record, writing.strokes, recipient)
                made = await self._signing.sign_by_hand(document, order)
                path = None
                if target is not None:
                    (path,) = await self._pools.run(storage.save_documents, target, [[made]], PDF_SUFFIXES)
        content = made if request.base64 or path is None else b""
        return await self._pools.run(_answer, record, place, writing, path, content)

    def _recipient(self) -> str:
        """Return the certificate that strokes are encrypted for; empty where they are not kept.

        It is looked at before anybody writes what could not be kept.
        """
        if self._config.keep != "strokes":
            return ""
        # It comes with the library of signatures, which may be missing.
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
        from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415

        try:
            content = Path(self._config.recipient).expanduser().read_bytes()
            is_rsa = isinstance(load_pem_x509_certificate(content).public_key(), RSAPublicKey)
        except (OSError, ValueError) as exc:
            reason = LocalizedText("无法读取", getattr(exc, "strerror", None) or "no certificate in PEM")
            raise FileUnreadable(name=_RECIPIENT, reason=reason) from exc
        if not is_rsa:
            raise FileUnreadable(name=_RECIPIENT, reason=_NO_RSA)
        return content.decode("ascii", "replace")

    def _target(self, client: Client, request: messages.RequestSignatureRequest) -> str | None:
        """Return the name of the file to write; None for none."""
        if request.file_path:
            return request.file_path
        if request.image_base64:
            return None
        name = self._storage.of(client.origin).relative(request.image_path)
        return f"{PurePath(name).with_suffix('')}-signed.pdf"

    async def _pdf(self, label: str, data: bytes) -> bytes:
        """Return a document as the PDF that is shown and signed: one as it is, anything else as its pages."""
        if data.startswith(b"%PDF-"):
            return data
        decoders = self._source.decoders
        async with decoders.file(label, data) as file:
            pages = [await decoders.pdf_page(file, number) for number in range(file.pages)]
            made = await decoders.write_pdf(pages)
        return await self._pools.run(b"".join, made)

    async def _drawn(self, file: ForeignFile, number: int) -> bytes:
        raster = await self._source.decoders.raster(file, number)
        return await self._pools.run_heavy(_jpeg, raster.image)

    # Places ------------------------------------------------------------------------------------

    async def _place(self, file: ForeignFile, request: messages.RequestSignatureRequest) -> _Place:
        if request.find:
            return await self._found(file, request)
        if request.page > file.pages:
            raise NoSuchPage(page=request.page, pages=file.pages)
        raster = await self._source.decoders.raster(file, request.page - 1)
        return _placed(raster, request.page - 1, request.left or 0.0, request.top or 0.0, request)

    async def _found(self, file: ForeignFile, request: messages.RequestSignatureRequest) -> _Place:
        """Return the place that a text marks, the last of the document, where people sign."""
        for page in reversed(range(file.pages)):
            raster = await self._source.decoders.raster(file, page)
            lines = await self._texts.read(raster.image)
            places = [_beside(line, raster, page, request) for line in lines if request.find in line.text]
            found = [one for one in places if one is not None]
            if found:
                return max(found, key=lambda one: one.box[1])
        raise PlaceNotFound()


def _teller(context: RequestContext) -> Callable[[SigningState, str], None]:
    def tell(state: SigningState, ticket: str) -> None:
        url = context.signing_url(ticket) if ticket else None
        context.notify(messages.SignaturePush(event="OnSignature", state=state, url=url))

    return tell


def _sides(raster: Raster) -> tuple[float, float]:
    """Return width and height of a page in mm."""
    height, width = raster.image.shape[:2]
    across, down = raster.dots or assumed_dots(width, height)
    return width / across * 25.4, height / down * 25.4


def _placed(
    raster: Raster, page: int, left: float, top: float, request: messages.RequestSignatureRequest
) -> _Place:
    width, height = _sides(raster)
    box = (left / width, top / height, request.width / width, request.height / height)
    if box[0] + box[2] > 1 + TOLERANCE or box[1] + box[3] > 1 + TOLERANCE:
        raise PlaceOffPage(page=page + 1, width=round(width), height=round(height))
    return _Place(page, box, (request.width * MM, request.height * MM))


def _beside(
    line: TextLine, raster: Raster, page: int, request: messages.RequestSignatureRequest
) -> _Place | None:
    """Return the field to the right of a text, or below it; None where there is room for neither."""
    start = line.text.index(request.find)
    corners = line.part(start, start + len(request.find))
    width, height = _sides(raster)
    rows, columns = raster.image.shape[:2]
    left, top = corners.min(axis=0) * (width / columns, height / rows)
    right, bottom = corners.max(axis=0) * (width / columns, height / rows)
    middle = (top + bottom - request.height) / 2
    for x, y in ((right + SPACE, max(0.0, middle)), (left, bottom + SPACE)):
        if x + request.width <= width and y + request.height <= height:
            return _placed(raster, page, float(x), float(y), request)
    return None


# Pictures ----------------------------------------------------------------------------------------


def _jpeg(image: Image) -> bytes:
    height, width = image.shape[:2]
    if width > SHOWN_PIXELS:
        size = (SHOWN_PIXELS, max(1, round(height * SHOWN_PIXELS / width)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return codec.encode(image, "jpg", SHOWN_QUALITY)


def ink_png(lines: Sequence[InkLine], width: float, height: float) -> bytes:
    """Return handwriting as a PNG without a background; width and height are in points."""
    scale = PNG_DOTS / 72
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    fine = np.zeros((size[1] * FINER, size[0] * FINER), np.uint8)
    for one in lines:
        x, y, end_x, end_y, thick = (round(part * scale * FINER) for part in one)
        cv2.line(fine, (x, y), (end_x, end_y), 255, max(1, thick), cv2.LINE_8)
    cover = cv2.resize(fine, size, interpolation=cv2.INTER_AREA)
    picture = np.zeros((*cover.shape, 4), np.uint8)
    picture[:, :, 3] = cover
    return cv2.imencode(".png", picture)[1].tobytes()


def _answer(record: HandRecord, place: _Place, writing: Writing, path: Path | None, made: bytes) -> Answer:
    """Return the answer; blocks while pictures are encoded."""
    lines = ink_lines(writing.strokes, *place.size)
    return messages.RequestSignatureAnswer(
        file_path=None if path is None else str(path),
        file_base64=pybase64.b64encode_as_string(made) if made else None,
        document=record.document.sha256,
        time=record.time,
        svg=ink_svg(lines, *place.size),
        png=pybase64.b64encode_as_string(ink_png(lines, *place.size)),
        pointer=writing.pointer,
    )


class Signatures(DomainServices):
    """Handwritten signatures, and the desk at which people sign."""

    def __init__(
        self, config: SignatureConfig, source: PageSource, signing: SigningService, texts: TextDecoder
    ) -> None:
        self.desk = SigningDesk()
        super().__init__(SignatureHandlers(config, self.desk, source, signing, texts))
