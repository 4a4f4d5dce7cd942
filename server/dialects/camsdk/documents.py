"""CAMSDK's functions for documents, uploads and barcodes."""

from __future__ import annotations

import logging

import pybase64

from server.devices.ports.card_reader import BankCard, CardKind, ResidentCard, SocialCard
from server.dialects.camsdk.cameras import CameraFunctions
from server.dialects.camsdk.results import SUCCESS, UNKNOWN, Commands
from server.dialects.device_session import DeviceSession
from server.dialects.documents import PDF, merged
from server.dialects.identity import plain, read_card, read_resident, similarity
from server.dialects.json_text import Fields, first_object, number_of, text_of
from server.errors import GaopaiError, MissingParameter, WrongCard
from server.services.upload.transfer import Upload

log = logging.getLogger(__name__)

NOT_SENT = "上传失败"
"""Words that one client looks for."""
MOST_PARAMETERS = 100


class DocumentFunctions:
    """Functions for documents, uploads and barcodes.

    Parameters
    ----------
    cameras
        Gives captures in which barcodes are looked for.
    """

    def __init__(self, session: DeviceSession, cameras: CameraFunctions) -> None:
        self._session = session
        self._cameras = cameras
        self._texts: list[str] = []

    @property
    def commands(self) -> Commands:
        """Functions by their names."""
        return {
            "camAddFileToPDFList": self._add,
            "camCombinePDF": self._combine,
            "camUpdataFileHttp": self._upload,
            "coderRecognizeBarcode": self._barcodes,
            "zbRecognizeBarcode": self._barcodes,
            "coderRecognizeBarcodePDF417": self._barcodes,
            "ocrRecognizeBarcodeRect": self._look,
            "ocrGetBarcodeText": self._text,
        }

    async def _add(self, argument: Fields) -> object:
        files, path = self._session.services.files, text_of(argument, "filePath")
        await self._session.services.pools.run(files.name, self._session.origin, path)
        self._session.pictures.add(path)
        return SUCCESS

    async def _combine(self, argument: Fields) -> object:
        services, path = self._session.services, text_of(argument, "filePath")
        pictures = list(self._session.pictures.pictures)
        if not pictures:
            raise MissingParameter(field="camAddFileToPDFList")
        await services.pools.run(services.files.check, self._session.origin, path, ("pdf",))
        document = await merged(services, self._session.origin, pictures, PDF)
        await services.pools.run(services.files.save, self._session.origin, path, [document])
        self._session.pictures.clear()
        return SUCCESS

    async def _upload(self, argument: Fields) -> object:
        """Send a file; return the server's words, or those that say that it was not sent."""
        services, origin = self._session.services, self._session.origin
        params = first_object(text_of(argument, "param")) or {}
        texts = {name: (text_of(params, name),) for name in list(params)[:MOST_PARAMETERS]}
        try:
            name = await services.pools.run(services.files.name, origin, text_of(argument, "filePath"))
            outcome = await services.uploads.send(Upload(text_of(argument, "url"), origin, texts, (name,)))
        except GaopaiError as error:
            log.info("an upload was not begun: error %d", error.code)
            return NOT_SENT
        return NOT_SENT if outcome.error is not None else outcome.response or ""

    async def _barcodes(self, argument: Fields) -> object:
        services = self._session.services
        path = text_of(argument, "strBarcodePath", "filePath")
        name = await services.pools.run(services.files.name, self._session.origin, path)
        return ";".join(
            one.barcode.text for one in await services.barcodes.read_files(self._session.client, [name])
        )

    async def _look(self, argument: Fields) -> object:
        captured = await self._cameras.captured()
        found = await self._session.services.barcodes.read_uploaded(captured, "camera")
        self._texts = [one.barcode.text for one in found]
        return str(len(self._texts))

    async def _text(self, argument: Fields) -> object:
        index = number_of(argument, "nIndex")
        return self._texts[index] if 0 <= index < len(self._texts) else UNKNOWN


class RecognitionFunctions:
    """Functions for cards and faces."""

    def __init__(self, session: DeviceSession) -> None:
        self._session = session

    @property
    def commands(self) -> Commands:
        """Functions by their names."""
        return {
            "idcardrfidReadIDCardEx": self._resident,
            "idcardrfidReadIDCard": self._shown,
            "ReadSBKCaard": self._social,
            "ReadBankCard": self._bank,
            "camMatchFaceByFile": self._match,
        }

    async def _resident(self, argument: Fields) -> object:
        read = await read_resident(self._session.services, self._session.client)
        # A separator cannot be in a part.
        return "|".join([*(part.replace("|", " ") for part in _parts(read.card)), read.portrait])

    async def _shown(self, argument: Fields) -> object:
        """Read a card for a dialog, and keep its portrait in the file that the page then asks for."""
        read = await read_resident(self._session.services, self._session.client)
        path = text_of(argument, "HeadPath", "filePath")
        if path and read.portrait:
            await self._keep(path, pybase64.b64decode(read.portrait))
        return "\n".join(_parts(read.card))

    async def _keep(self, path: str, portrait: bytes) -> None:
        services = self._session.services
        try:
            await services.pools.run(services.files.save, self._session.origin, path, [portrait])
        except GaopaiError as error:
            log.info("a portrait was not kept in a file: error %d", error.code)

    async def _social(self, argument: Fields) -> object:
        card = await read_card(self._session.services, self._session.client, CardKind.SOCIAL)
        if not isinstance(card, SocialCard):
            raise WrongCard(device="-", card=CardKind.SOCIAL.text)
        parts = (card.name, card.gender, card.nation, plain(card.birth), card.number, card.card_number)
        return "|".join(part.replace("|", " ") for part in parts)

    async def _bank(self, argument: Fields) -> object:
        card = await read_card(self._session.services, self._session.client, CardKind.BANK)
        if not isinstance(card, BankCard):
            raise WrongCard(device="-", card=CardKind.BANK.text)
        return card.number

    async def _match(self, argument: Fields) -> object:
        services, origin = self._session.services, self._session.origin
        paths = [text_of(argument, name) for name in ("filePath1", "filePath2")]
        names = [await services.pools.run(services.files.name, origin, path) for path in paths]
        one, other = [await services.uploaded_faces.file(self._session.client, name) for name in names]
        return str(int(100 * similarity(services, one, other)))


def _parts(card: ResidentCard) -> list[str]:
    return [
        card.name or card.english_name,
        card.gender,
        card.nation,
        plain(card.birth),
        card.address,
        card.number,
        card.issuer,
        plain(card.start),
        plain(card.end),
    ]
