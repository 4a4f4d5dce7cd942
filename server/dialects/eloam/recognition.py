"""Commands of Eloam WebCamera for barcodes, cards, fingers and faces."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pybase64

from server.devices.ports.camera import Camera
from server.devices.ports.card_reader import CardKind, ResidentCard, SocialCard
from server.devices.resident import nation_code
from server.dialects import identity
from server.dialects.documents import PDF, PDF_WITH_TEXT, composed, merged, picture_from, text_on
from server.dialects.eloam.grammar import Commands, Members
from server.dialects.json_text import Fields, number_of, text_of
from server.dialects.page_session import PageSession
from server.errors import MissingParameter, WrongCard
from server.streaming.barcodes import VisibleBarcodes

LONGEST_SECONDS = 120
"""Longest wait that a page can ask for, in seconds."""
DEFAULT_SECONDS = 20
"""Longest wait where a page asks for none, in seconds."""
CARD_MEMBERS = (
    *("name", "sex", "nation", "birthday", "address", "cardID", "issueOrgan", "validStart", "validEnd"),
)
SAME_PERSON = 50
"""Score that two faces of one person exceed; this and less is that of different people."""
BEST_SCORE = 100
"""Score of two equal faces, the end of the scale."""


class RecognitionCommands:
    """Commands for barcodes, cards, fingers and faces."""

    @property
    def commands(self) -> Commands:
        """Commands by their names."""
        return {
            "barcode=get": self._barcode,
            "biokey=get": self._finger,
            "card=idcard": self._resident,
            "card=iccard": self._social,
            "facelive=start": self._live,
            "comparison=imgdata": self._compare,
        }

    async def _barcode(self, session: PageSession, fields: Fields) -> Members:
        number = next(reversed(session.open_numbers), 0)
        with session.held():
            camera = await session.camera(number)
            texts = await wait_for_barcodes(session, camera, _seconds(fields))
        if not texts:
            return {"code": "1", "message": "timeout", "data": []}
        return {"data": [{"barcodedata": text} for text in texts]}

    async def _finger(self, session: PageSession, fields: Fields) -> Members:
        finger = await identity.press(session, _seconds(fields))
        return {"data": pybase64.b64encode_as_string(finger.picture)}

    async def _resident(self, session: PageSession, fields: Fields) -> Members:
        read = await identity.read_resident(session)
        return {"IDCardInfo": {**_resident_texts(read.card), "photoBase64": read.portrait}}

    async def _social(self, session: PageSession, fields: Fields) -> Members:
        card = await identity.read_card(session, CardKind.SOCIAL)
        if not isinstance(card, SocialCard):
            raise WrongCard(device="-", card=CardKind.SOCIAL.text)
        return {"strICUID": "", "socialardinfo": _social_texts(card)}

    async def _live(self, session: PageSession, fields: Fields) -> Members:
        live = await identity.is_live(session, _seconds(fields))
        return {"data": {None: "-1", False: "0", True: "1"}[live]}

    async def _compare(self, session: PageSession, fields: Fields) -> Members:
        pictures = [text_of(fields, name) for name in ("FaceOne", "FaceTwo")]
        if not all(pictures):
            raise MissingParameter(field="FaceOne, FaceTwo")
        one, other = [await session.services.faces.uploaded.picture(text) for text in pictures]
        return {
            "data": str(identity.score(identity.similarity(session, one, other), BEST_SCORE, SAME_PERSON))
        }


def _seconds(fields: Fields) -> float:
    return float(min(max(1, number_of(fields, "time", default=DEFAULT_SECONDS)), LONGEST_SECONDS))


def _resident_texts(card: ResidentCard) -> dict[str, str]:
    return {
        **dict(zip(CARD_MEMBERS, identity.parts_of(card), strict=True)),
        "sexCode": identity.gender_code(card.gender),
        "nationCode": nation_code(card.nation),
        "appendMsg": card.latest_address,
        **dict.fromkeys(("photoBase64_Z", "photoBase64_F", "strIDUID"), ""),
    }


def _social_texts(card: SocialCard) -> dict[str, str]:
    return {
        "idnumber": card.number,
        "name": card.name,
        "sex": card.gender,
        "nation": card.nation,
        "birthdate": identity.plain(card.birth),
        "cardissuedate": identity.plain(card.issued),
        "cardeffecdate": identity.plain(card.valid_until),
        "cardnumber": card.card_number,
    }


class _First:
    """`BarcodeSubscriber` that waits for barcodes."""

    def __init__(self) -> None:
        self.found: asyncio.Future[Sequence[str]] = asyncio.get_running_loop().create_future()

    def update(self, visible: VisibleBarcodes) -> None:
        if visible.barcodes and not self.found.done():
            self.found.set_result([barcode.text for barcode in visible.barcodes])


async def wait_for_barcodes(session: PageSession, camera: Camera, seconds: float) -> Sequence[str]:
    """Return the texts of the barcodes in sight, waiting for one; none after `seconds`."""
    watcher = session.services.cameras.leases.watched(session.client, camera).barcodes
    first = _First()
    watcher.subscribe(first)
    try:
        async with asyncio.timeout(seconds):
            return await first.found
    except TimeoutError:
        return []
    finally:
        watcher.unsubscribe(first)


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
            "compose=photos": self._compose,
            "iamge=compose": self._compose,
        }

    async def _add(self, session: PageSession, fields: Fields) -> None:
        path = text_of(fields, "ImagePath")
        if path:
            await session.files.name(path)
            session.pictures.add(path)
        else:
            session.pictures.add(await picture_from(session, text_of(fields, "ImageBase64")))

    async def _save(self, session: PageSession, fields: Fields) -> Members:
        pictures = list(session.pictures.pictures)
        if not pictures:
            raise MissingParameter(field="ImagePath, ImageBase64")
        path = text_of(fields, "PdfPath")
        if path:
            await session.files.check(path, ("pdf",))
        document = await merged(session, pictures, PDF)
        if path:
            await session.files.save(path, [document])
        return {"data": pybase64.b64encode_as_string(document)}

    async def _clear(self, session: PageSession, fields: Fields) -> None:
        session.pictures.clear()

    async def _searchable(self, session: PageSession, fields: Fields) -> Members:
        source = text_of(fields, "picfilepath")
        target = text_of(fields, "savefilepath")
        if target:
            await session.files.check(target, ("pdf",))
            document = await merged(session, [source], PDF_WITH_TEXT)
            await session.files.save(target, [document])
        return {"data": await text_on(session, source)}

    async def _compose(self, session: PageSession, fields: Fields) -> Members:
        texts = [text_of(fields, name) for name in ("imageOne", "imageTwo")]
        if not all(texts):
            raise MissingParameter(field="imageOne, imageTwo")
        pictures = [await picture_from(session, text) for text in texts]
        data = pybase64.b64encode_as_string(await composed(session, pictures))
        return {"data": data, "photoBase64": data}
