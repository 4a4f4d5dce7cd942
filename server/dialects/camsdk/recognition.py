"""CAMSDK's functions for cards and faces."""

from __future__ import annotations

import logging

import pybase64

from server.devices.ports.card_reader import BankCard, CardKind, ResidentCard, SocialCard
from server.dialects.camsdk.results import Commands
from server.dialects.cards import plain, read_card, read_resident
from server.dialects.device_session import DeviceSession
from server.dialects.faces import similarity
from server.dialects.json_text import Fields, text_of
from server.errors import GaopaiError, WrongCard

log = logging.getLogger(__name__)


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
