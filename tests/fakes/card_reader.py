"""A card reader that does what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from server.devices.ports.card_reader import (
    BankCard,
    Card,
    CardKind,
    CardReaderInfo,
    ResidentCard,
    ResidentForm,
    SocialCard,
)
from server.errors import GaopaiError, NoCard, WrongCard

RESIDENT = ResidentCard(
    form=ResidentForm.FOREIGNER_2023,
    name="王小明",
    gender="男",
    birth="1988-02-29",
    number="911124198802291234",
    issuer="国家移民管理局",
    start="2024-01-01",
    end="2034-01-01",
    nation="",
    address="上海市某路 7 号",
    latest_address="上海市另一路 8 号",
    english_name="WANG, XIAOMING",
    nationality="SGP",
    pass_number="",
    portrait_wlt=b"WLf\0" + bytes(1020),
    finger_features=b"C\x01" * 512,
)
SOCIAL = SocialCard(
    number="110101198802291234",
    name="欧阳小明",
    gender="男",
    nation="汉",
    birth="1988-02-29",
    birth_place="310101",
    card_number="A12345678",
    region="310100",
    issued="2019-05-06",
    valid_until="2029-05-06",
)
BANK = BankCard("6228480402564890018", "2031-12")
CARDS: Mapping[CardKind, Card] = {
    CardKind.RESIDENT: RESIDENT,
    CardKind.SOCIAL: SOCIAL,
    CardKind.BANK: BANK,
}


class FakeCardReader:
    """One reader.

    Attributes
    ----------
    cards
        What it reads of each kind; a card of a kind that is missing here is the wrong one.
    put
        Set while a card is there.
    fault
        Raised by each reading.
    refusal
        Raised when it is asked whether a card is there.
    going_on
        Readings end only while it is set.
    history
        What was done to the device.
    pins
        What each reading was given.
    """

    def __init__(
        self, name: str = "Reader", kinds: Collection[CardKind] = tuple(CardKind), *, card: bool = True
    ) -> None:
        self.info = CardReaderInfo(f"fake:{name}", name, frozenset(kinds))
        self.cards = dict(CARDS)
        self.put = asyncio.Event()
        self.fault: GaopaiError | None = None
        self.refusal: GaopaiError | None = None
        self.going_on = asyncio.Event()
        self.going_on.set()
        self.history: list[str] = []
        self.pins: list[str | None] = []
        if card:
            self.put.set()

    async def present(self) -> bool:
        if self.refusal is not None:
            raise self.refusal
        return self.put.is_set()

    async def wait(self, seconds: float) -> None:
        self.history.append("wait")
        if self.refusal is not None:
            raise self.refusal
        try:
            async with asyncio.timeout(seconds):
                await self.put.wait()
        except TimeoutError:
            raise NoCard(device=self.info.name, seconds=seconds) from None
        except asyncio.CancelledError:
            self.history.append("given up")
            raise

    async def read(self, kind: CardKind, pin: str | None = None) -> Card:
        self.history.append("read")
        self.pins.append(pin)
        try:
            await self.going_on.wait()
        except asyncio.CancelledError:
            self.history.append("given up")
            raise
        if self.fault is not None:
            raise self.fault
        if kind not in self.cards:
            raise WrongCard(device=self.info.name, card=kind.text)
        return self.cards[kind]
