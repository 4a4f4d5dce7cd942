"""Demo card readers: a working one, to which a card is put whenever one is waited for, and faulty ones."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Mapping
from functools import cache

import cv2
import numpy as np

from server.devices.adapters.demo.faults import ConnectionState, HotplugFinder
from server.devices.ports import card_reader as port
from server.errors import (
    OTHER_PROGRAM,
    CardSilent,
    CardTakenAway,
    DeviceBusy,
    DeviceGone,
    GaopaiError,
    NoCard,
    WrongCard,
)

NAME = "Demo Card Reader"
"""Name of the working demo reader; a faulty one adds its fault in brackets."""
SECONDS_TO_PRESENT = 0.8
"""Seconds until somebody puts a card to the working reader."""
SECONDS_TO_PRESENT_LATER = 2.0
"""Seconds until somebody puts a card to a faulty reader: so many that the working one is first where a page
names no reader."""
SECONDS_TO_READ = 0.6
"""Seconds that reading a card takes."""
SECONDS_ABSENT = 5.0
"""Seconds until a reader that was disconnected is connected again."""


class CardFault(enum.Enum):
    """Fault of a demo reader; the value is part of its name."""

    NO_CARD = "no card"
    TAKEN_AWAY = "card taken away"
    WRONG = "wrong card"
    SILENT = "silent card"
    BUSY = "busy"
    UNPLUGGED = "unplugged while reading"


class DemoCardReader:
    """A card reader, and a simulated person in front of it.

    Parameters
    ----------
    fault
        Fault that it always has.
    pace
        Factor of all durations.

    Attributes
    ----------
    connection
        Connection state of the device.
    """

    def __init__(self, info: port.CardReaderInfo, fault: CardFault | None = None, pace: float = 1.0) -> None:
        self.connection = ConnectionState()
        self.info = info
        self._fault = fault
        self._seconds_to_present = pace * (SECONDS_TO_PRESENT if fault is None else SECONDS_TO_PRESENT_LATER)
        self._pace = pace
        self._there = False
        self._reconnection: asyncio.TimerHandle | None = None

    async def present(self) -> bool:
        """Return whether the card is there: from a wait to the end of the reading."""
        self._refuse()
        return self._there

    async def wait(self, seconds: float) -> None:
        """Wait until the simulated person has put the card there."""
        self._refuse()
        coming = self._fault is not CardFault.NO_CARD and self._seconds_to_present <= seconds
        if not self._there:
            await asyncio.sleep(self._seconds_to_present if coming else seconds)
            self._refuse()
        self._there = self._there or coming
        if not self._there:
            raise NoCard(device=self.info.name, seconds=f"{seconds:g}")

    async def read(self, kind: port.CardKind, pin: str | None = None) -> port.Card:
        """Read the card, or raise the error of the fault; the card is taken away afterwards."""
        self._refuse()
        if not self._there:
            raise NoCard(device=self.info.name, seconds=0)
        try:
            await asyncio.sleep(self._pace * SECONDS_TO_READ)
            if (error := self._error(kind)) is not None:
                raise error
            return (await asyncio.to_thread(cards))[kind]
        finally:
            self._there = False

    def close(self) -> None:
        """Cancel a reconnection that is due."""
        if self._reconnection is not None:
            self._reconnection.cancel()

    def _refuse(self) -> None:
        if not self.connection.connected:
            raise DeviceGone(device=self.info.name)
        if self._fault is CardFault.BUSY:
            raise DeviceBusy(device=self.info.name, holder=OTHER_PROGRAM)

    def _error(self, kind: port.CardKind) -> GaopaiError | None:
        name = self.info.name
        if self._fault is CardFault.UNPLUGGED:
            self._disconnect()
        if not self.connection.connected:
            return DeviceGone(device=name)
        errors = {
            CardFault.TAKEN_AWAY: CardTakenAway(device=name),
            CardFault.WRONG: WrongCard(device=name, card=kind.text),
            CardFault.SILENT: CardSilent(device=name),
        }
        return None if self._fault is None else errors.get(self._fault)

    def _disconnect(self) -> None:
        self.connection.disconnect()
        self._reconnection = asyncio.get_running_loop().call_later(
            self._pace * SECONDS_ABSENT, self.connection.connect
        )


class DemoCardReaderFinder(HotplugFinder[DemoCardReader]):
    """Lists the demo readers that are connected.

    Parameters
    ----------
    faulty
        List a reader for each fault, too.
    pace
        Factor of all durations.

    Attributes
    ----------
    readers
        All readers, the working one first.
    """

    def __init__(self, *, faulty: bool = False, pace: float = 1.0) -> None:
        kinds = frozenset(port.CardKind)
        working = port.CardReaderInfo("demo:card-reader", NAME, kinds)
        self.readers = [DemoCardReader(working, None, pace)]
        for fault in CardFault if faulty else ():
            info = port.CardReaderInfo(f"demo:card-reader:{fault.value}", f"{NAME} ({fault.value})", kinds)
            self.readers.append(DemoCardReader(info, fault, pace))
        super().__init__(self.readers)

    async def close(self) -> None:
        """Close the descriptor; no reader is connected again."""
        for reader in self.readers:
            reader.close()
        await super().close()


NUMBER = "110101199001010007"
"""Number of the resident on the demo cards: sequence numbers begin at 001, so 000 is never issued."""
BANK_NUMBER = "6205500000000000004"
"""Number of the demo bank card, which a payment network has published for tests."""

WIDTH = 102
"""Width of the portrait on a resident's card, in pixels."""
HEIGHT = 126
"""Height of the portrait on a resident's card, in pixels."""


@cache
def cards() -> Mapping[port.CardKind, port.Card]:
    """Return one card of each kind, drawn the first time."""
    resident = port.ResidentCard(
        form=port.ResidentForm.CITIZEN,
        name="张三",
        gender="女",
        nation="汉",
        birth="1990-01-01",
        address="某市某区样张路 1 号",
        number=NUMBER,
        issuer="某市公安局某区分局",
        start="2020-01-01",
        end="2040-01-01",
        portrait=portrait(),
    )
    social = port.SocialCard(
        number=NUMBER,
        name="张三",
        gender="女",
        nation="汉",
        birth="1990-01-01",
        birth_place="110101",
        card_number="X00000000",
        region="110100",
        issued="2020-01-01",
        valid_until="2030-01-01",
    )
    return {
        port.CardKind.RESIDENT: resident,
        port.CardKind.SOCIAL: social,
        port.CardKind.BANK: port.BankCard(BANK_NUMBER, "2031-12"),
    }


def portrait() -> bytes:
    """Return a drawn head and shoulders, as PNG."""
    picture = np.full((HEIGHT, WIDTH, 3), (236, 231, 226), np.uint8)
    ink = (150, 138, 126)
    cv2.ellipse(picture, (WIDTH // 2, 48), (21, 27), 0, 0, 360, ink, -1, cv2.LINE_AA)
    cv2.ellipse(picture, (WIDTH // 2, HEIGHT + 8), (43, 46), 0, 180, 360, ink, -1, cv2.LINE_AA)
    place = (21, HEIGHT - 8)
    size = 0.38
    cv2.putText(picture, "SPECIMEN", place, cv2.FONT_HERSHEY_SIMPLEX, size, (250,) * 3, 1, cv2.LINE_AA)
    return bytes(cv2.imencode(".png", picture)[1])
