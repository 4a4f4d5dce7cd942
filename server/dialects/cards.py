"""Cards for dialects: read within the few seconds that their pages wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pybase64

from server.access.client import Client
from server.devices.ports.card_reader import Card, CardKind, ResidentCard
from server.dialects.services import DialectServices
from server.errors import DeviceBusy, InternalError
from server.services.cards.reading import CardReadOptions

CARD_SECONDS = 2.0
"""Wait for a card: pages expect to be told within three seconds that there is none."""
BUSY_SECONDS = 0.5
"""Pause before a reader that is in use is asked once more."""


@dataclass(frozen=True, slots=True)
class ReadResident:
    """Resident ID card that was read, and its portrait as base64, empty if there is none."""

    card: ResidentCard = field(repr=False)
    portrait: str = field(repr=False)


async def read_resident(
    services: DialectServices, client: Client, seconds: float = CARD_SECONDS
) -> ReadResident:
    """Read the resident ID card at a reader; raises errors as `read_card`."""
    card = await read_card(services, client, CardKind.RESIDENT, seconds)
    if not isinstance(card, ResidentCard):
        raise InternalError(incident="-")
    portrait = await services.portraits.portrait(card)
    return ReadResident(card, pybase64.b64encode_as_string(portrait.picture))


async def read_card(
    services: DialectServices, client: Client, kind: CardKind, seconds: float = CARD_SECONDS
) -> Card:
    """Read the card at a reader, waiting for it for so many seconds.

    Raises
    ------
    server.errors.GaopaiError
        As `server.services.cards.reading.CardReadService.read`.
    """
    options = CardReadOptions(kind, seconds=seconds)
    try:
        return await services.cards.read(client, options)
    except DeviceBusy:
        await asyncio.sleep(BUSY_SECONDS)
        return await services.cards.read(client, options)


def plain(date: str) -> str:
    """Return a date of a card as ``YYYYMMDD``; what is none, such as 长期, as it is."""
    return date.replace("-", "")


def dotted(date: str) -> str:
    """Return a date of a card as ``YYYY.MM.DD``; what is none, such as 长期, as it is."""
    return date.replace("-", ".")


def gender_code(gender: str) -> str:
    """Return the code of GB/T 2261 for 男 and 女; 9 for any other."""
    return {"男": "1", "女": "2"}.get(gender, "9")
