"""CAMSDK's functions for documents, uploads and barcodes."""

from __future__ import annotations

import logging

import pybase64

from imgcore import codec
from imgcore.fingerprint.formats.ga1012 import FEATURE
from imgcore.output.compose import Arrangement
from server import errors
from server.devices.ports.card_reader import BankCard, CardKind, SocialCard
from server.dialects import identity
from server.dialects.camsdk.cameras import CameraFunctions
from server.dialects.camsdk.results import SUCCESS, UNKNOWN, UNSUPPORTED, Commands, marked
from server.dialects.device_session import DeviceSession
from server.dialects.documents import PDF, composed, merged
from server.dialects.json_text import Fields, first_object, is_on, number_of, text_of
from server.errors import GaopaiError
from server.services.faces.matching import UploadedFace
from server.services.upload.transfer import Upload
from server.storage.paths import format_of

log = logging.getLogger(__name__)

NOT_SENT = "上传失败"
"""Words that one client looks for."""
MOST_PARAMETERS = 100
"""Limit of the parameters that are sent with an upload; further ones are left out."""
MOST_LISTED = 1000
"""Limit of the files of a folder that are listed."""
ARRANGEMENTS = {4: Arrangement.BESIDE, 7: Arrangement.BELOW, 9: Arrangement.CARD}
"""Arrangements of two pictures on a page by the maker's numbers; others lie below each other."""
MOST_FINGERS = 10
"""Limit of the collected fingers that are kept, the newest ones."""
LONGEST_WAIT = 30.0
"""Longest wait for a person before the camera, in seconds; larger numbers of pages are milliseconds."""
ANY_FINGER = "99"
"""Code of a finger that is not known: the format of cards is not published."""
FINGER_PIXELS = 16_000_000
"""Limit of the pixels of a fingerprint's picture."""
NO_FACE = "-10001"
NONE_COLLECTED = "-100"


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
            "camCombineImage": self._compose,
            "getFolderDayFileA": self._list,
            "camUpdataFileHttp": self._upload,
            "coderRecognizeBarcode": self._barcodes,
            "zbRecognizeBarcode": self._barcodes,
            "coderRecognizeBarcodePDF417": self._barcodes,
            "ocrRecognizeBarcodeRect": self._look,
            "ocrGetBarcodeText": self._text,
        }

    async def _add(self, argument: Fields) -> None:
        path = text_of(argument, "filePath")
        await self._session.files.name(path)
        self._session.pictures.add(path)

    async def _combine(self, argument: Fields) -> None:
        path = text_of(argument, "filePath")
        pictures = list(self._session.pictures.pictures)
        if not pictures:
            raise errors.MissingParameter(field="camAddFileToPDFList")
        await self._session.files.check(path, ("pdf",))
        document = await merged(self._session, pictures, PDF)
        await self._session.files.save(path, [document])
        self._session.pictures.clear()

    async def _compose(self, argument: Fields) -> None:
        """Lay two files of the page's on one page: beside each other, below each other, or as a card."""
        target = text_of(argument, "PdfPath")
        await self._session.files.check(target)
        paths = [text_of(argument, name) for name in ("filePath1", "filePath2")]
        names = [await self._session.files.name(path) for path in paths]
        arrangement = ARRANGEMENTS.get(number_of(argument, "Type"), Arrangement.BELOW)
        kind = format_of(target)
        page = await composed(self._session, names, arrangement, kind)
        await self._session.files.save(target, [page])

    async def _list(self, argument: Fields) -> object:
        return "|".join(await self._session.files.listed(text_of(argument, "Dictpry"), MOST_LISTED))

    async def _upload(self, argument: Fields) -> object:
        """Send a file; return the server's words, or those that say that it was not sent."""
        services = self._session.services
        origin = self._session.origin
        params = first_object(text_of(argument, "param")) or {}
        texts = {name: (text_of(params, name),) for name in list(params)[:MOST_PARAMETERS]}
        try:
            name = await self._session.files.name(text_of(argument, "filePath"))
            outcome = await services.uploads.send(Upload(text_of(argument, "url"), origin, texts, (name,)))
        except GaopaiError as error:
            log.info("an upload was not begun: error %d", error.code)
            return NOT_SENT
        return NOT_SENT if outcome.error is not None else outcome.response or ""

    async def _barcodes(self, argument: Fields) -> object:
        path = text_of(argument, "strBarcodePath", "filePath")
        name = await self._session.files.name(path)
        found = await self._session.services.source.barcodes(self._session.client, name)
        return ";".join(code.text for _, code in found)

    async def _look(self, argument: Fields) -> object:
        captured = await self._cameras.captured()
        found = await self._session.services.source.barcodes(self._session.client, captured, "camera")
        self._texts = [code.text for _, code in found]
        return str(len(self._texts))

    async def _text(self, argument: Fields) -> object:
        index = number_of(argument, "nIndex")
        return self._texts[index] if 0 <= index < len(self._texts) else UNKNOWN


class RecognitionFunctions:
    """Functions for cards and faces."""

    def __init__(self, session: DeviceSession) -> None:
        self._session = session
        self._fingers: list[str] = []
        self._face: UploadedFace | None = None
        self._liveness = True

    @property
    def commands(self) -> Commands:
        """Functions by their names."""
        return {
            "idcardrfidGetOneFingerprintMsg": self._finger_of_card,
            "fingerprintInit": self._forget_fingers,
            "fingerprintUnInit": self._forget_fingers,
            "CollectFingerFeature": self._collect,
            "CompareFingerFeature": self._compare,
            "GetFingerprint": self._finger,
            "ContrastFingerprintBase64": self._contrast,
            "camSetLivingBodyState": self._require_liveness,
            "camMatchFaceByBase64Video": self._match_person,
            "camStartAsyMatchFaceBase64Video": self._match_person,
            "camMatchFaceByFileVideo": self._match_person,
            "OpenFaceCamera": self._face_camera,
            "SetHeadByFile": self._keep_face,
            "SetHeadByBaseStr": self._keep_face,
            "MatchFace": self._match_kept,
            "idcardrfidReadIDCardEx": self._resident,
            "idcardrfidReadIDCard": self._shown,
            "ReadSBKCaard": self._social,
            "ReadBankCard": self._bank,
            "camMatchFaceByFile": self._match,
        }

    async def _resident(self, argument: Fields) -> object:
        read = await identity.read_resident(self._session)
        # A separator cannot be in a part.
        return "|".join([*(part.replace("|", " ") for part in identity.parts_of(read.card)), read.portrait])

    async def _shown(self, argument: Fields) -> object:
        """Read a card for a dialog, and keep its portrait in the file that the page then asks for."""
        read = await identity.read_resident(self._session)
        path = text_of(argument, "HeadPath", "filePath")
        if path and read.portrait:
            await self._keep(path, pybase64.b64decode(read.portrait))
        return "\n".join(identity.parts_of(read.card))

    async def _keep(self, path: str, portrait: bytes) -> None:
        try:
            await self._session.files.save(path, [portrait])
        except GaopaiError as error:
            log.info("a portrait was not kept in a file: error %d", error.code)

    async def _social(self, argument: Fields) -> object:
        card = await identity.read_card(self._session, CardKind.SOCIAL)
        if not isinstance(card, SocialCard):
            raise errors.WrongCard(device="-", card=CardKind.SOCIAL.text)
        parts = (
            card.name,
            card.gender,
            card.nation,
            identity.plain(card.birth),
            card.number,
            card.card_number,
        )
        return "|".join(part.replace("|", " ") for part in parts)

    async def _bank(self, argument: Fields) -> object:
        card = await identity.read_card(self._session, CardKind.BANK)
        if not isinstance(card, BankCard):
            raise errors.WrongCard(device="-", card=CardKind.BANK.text)
        return card.number

    async def _match(self, argument: Fields) -> object:
        paths = [text_of(argument, name) for name in ("filePath1", "filePath2")]
        one, other = [await identity.face_on(self._session, path) for path in paths]
        return str(int(100 * identity.similarity(self._session, one, other)))

    # Persons before the camera ---------------------------------------------------------

    async def _require_liveness(self, argument: Fields) -> None:
        self._liveness = is_on(argument, "bOpen")

    async def _match_person(self, argument: Fields) -> object:
        wait = number_of(argument, "ldelayTime")
        seconds = wait / 1000 if wait > LONGEST_WAIT else float(wait)
        return await self._similarity(await self._given_face(argument), seconds)

    async def _face_camera(self, argument: Fields) -> object:
        cameras = await self._session.services.faces.cameras.list(self._session.client)
        return SUCCESS if cameras else "10"

    async def _keep_face(self, argument: Fields) -> None:
        self._face = await self._given_face(argument)

    async def _match_kept(self, argument: Fields) -> object:
        if self._face is None:
            return NO_FACE
        try:
            return await self._similarity(self._face, 0.0)
        except (errors.NoFace, errors.FaceTooSmall, errors.FaceTooDark, errors.SeveralPeople):
            return NO_FACE

    async def _given_face(self, argument: Fields) -> UploadedFace:
        """Return the face that a page sends, or that of a file of its own."""
        coded = text_of(argument, "personFace", "strBase64", "baseStr")
        if coded:
            return await self._session.services.faces.uploaded.picture(coded)
        return await identity.face_on(
            self._session, text_of(argument, "filePath", "personFilePath", "strFilePath")
        )

    async def _similarity(self, face: UploadedFace, seconds: float) -> str:
        wait = min(seconds, LONGEST_WAIT) or identity.FACE_SECONDS
        return str(int(100 * await identity.live_similarity(self._session, face, wait, self._liveness)))

    # Fingers ---------------------------------------------------------------------------

    async def _forget_fingers(self, argument: Fields) -> None:
        self._fingers.clear()

    async def _collect(self, argument: Fields) -> None:
        pressed = await identity.press(self._session)
        self._fingers = [*self._fingers, *map(pybase64.b64encode_as_string, pressed.features)][-MOST_FINGERS:]

    async def _compare(self, argument: Fields) -> object:
        return await self._live_finger("", ";".join(self._fingers)) if self._fingers else NONE_COLLECTED

    async def _live_finger(self, picture: str, features: str) -> str:
        return str(int(100 * await identity.finger_similarity(self._session, picture, features)))

    async def _contrast(self, argument: Fields) -> object:
        """Compare a finger that a page sends with the one that is pressed."""
        texts = [text for name in argument if (text := text_of(argument, name))]
        return await self._live_finger(texts[0], "") if len(texts) == 1 else UNSUPPORTED

    async def _finger(self, argument: Fields) -> object:
        wanted = {name: text_of(argument, name) for name in ("bmpPath", "FeaturePath")}
        pressed = await identity.press(self._session)
        bitmap = await self._session.services.pools.run(_bitmap, pressed.picture)
        for path, data, suffixes in (
            (wanted["bmpPath"], bitmap, ("bmp",)),
            (wanted["FeaturePath"], pressed.features[0], ("dat", "txt", "bin")),
        ):
            if path:
                await self._session.files.check(path, suffixes)
                await self._session.files.save(path, [data], suffixes)
        parts = map(pybase64.b64encode_as_string, (bitmap, pressed.features[0]))
        return marked("GetFingerprint", SUCCESS, *parts)

    async def _finger_of_card(self, argument: Fields) -> object:
        features = (await identity.read_resident(self._session)).card.finger_features
        if not features:
            return UNKNOWN
        coded = pybase64.b64encode_as_string(features[:FEATURE])
        return marked("idcardrfidGetOneFingerprintMsg", SUCCESS, coded, ANY_FINGER)


def _bitmap(picture: bytes) -> bytes:
    image = codec.decode(picture, FINGER_PIXELS)
    return codec.encode(image, "bmp")
