"""Resident ID cards as readers of PC/SC with a module for them give them."""

from __future__ import annotations

from server import errors
from server.devices.adapters.pcsc import faults
from server.devices.adapters.pcsc.apdu import SHORT, ApduChannel, ApduCommand
from server.devices.ports.card_reader import ResidentCard
from server.devices.resident import MalformedRecord, read_card, split
from server.errors import LocalizedText

CARD = LocalizedText("居民身份证", "a resident ID card")
STEP = LocalizedText("读取身份证", "reading the resident ID card")
PARTS = 2
"""Parts of a card's content that the reader's module hands on: text and portrait."""
MOST = 4096
"""Bytes of content that no card exceeds."""


async def read(channel: ApduChannel) -> ResidentCard:
    """Return the card that the reader's module has read.

    Raises
    ------
    server.errors.WrongCard
        Another card, or a reader without a module.
    server.errors.CardUnreadable
    """
    first = await channel.send(_page(0), STEP)
    if not first.ok:
        raise errors.WrongCard(device=channel.device, card=CARD)
    data = first.data
    lengths = [int.from_bytes(data[at : at + 2], "big") for at in range(0, 2 * PARTS, 2)]
    size = 2 * PARTS + sum(lengths)
    if len(data) != SHORT or size > MOST:
        raise faults.garbled(channel.device, STEP)
    while len(data) < size:
        more = await channel.send(_page(len(data) // SHORT), STEP)
        if not more.ok:
            raise faults.refused(channel.device, STEP, more.status)
        data += more.data
        if len(data) < size and len(data) % SHORT:
            raise faults.garbled(channel.device, STEP)
    try:
        return read_card(split(data[:size], PARTS))
    except MalformedRecord as exc:
        raise faults.garbled(channel.device, STEP) from exc


def _page(number: int) -> ApduCommand:
    return ApduCommand(0xFF, 0xB0, number, 0x00, le=SHORT)
