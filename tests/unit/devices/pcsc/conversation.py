"""Talking to a virtual card without PC/SC."""

from __future__ import annotations

from server.devices.adapters.pcsc.apdu import Exchange
from tests.fakes.smartcards.card import VirtualCard

READER = "Counter Reader"


def conversation(card: VirtualCard) -> Exchange:
    """With a card that always answers."""

    async def transmit(command: bytes) -> bytes:
        answer = card.answer(command)
        assert answer is not None
        return answer

    return Exchange(transmit, card.t0, READER)
