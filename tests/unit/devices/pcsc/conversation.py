"""Talking to a virtual card without PC/SC."""

from __future__ import annotations

from server.devices.adapters.pcsc.apdu import ApduChannel
from tests.fakes.smartcards.card import VirtualCard

READER = "Counter Reader"


def conversation(card: VirtualCard) -> ApduChannel:
    """With a card that always answers."""

    async def transmit(command: bytes) -> bytes:
        answer = card.answer(command)
        assert answer is not None
        return answer

    return ApduChannel(transmit, card.t0, READER)
