"""Demo card readers: a working one, to which a card is put whenever one is waited for, and faulty ones."""

from __future__ import annotations

import asyncio
import enum

from server.devices.adapters.demo import cards
from server.devices.adapters.demo.connection import ConnectionState, HotplugFinder
from server.devices.ports.card_reader import Card, CardKind, CardReaderInfo
from server.errors import (
    CardSilent,
    CardTakenAway,
    DeviceBusy,
    DeviceGone,
    GaopaiError,
    LocalizedText,
    NoCard,
    WrongCard,
)

NAME = "Demo Card Reader"
SECONDS_TO_PRESENT = 0.8
"""Seconds until somebody puts a card to the reader."""
SECONDS_TO_PRESENT_LATER = 2.0
"""The same at a faulty one: where a page names no reader, the working one is first."""
SECONDS_TO_READ = 0.6
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

    def __init__(
        self,
        info: CardReaderInfo,
        fault: CardFault | None = None,
        pace: float = 1.0,
    ) -> None:
        self.connection = ConnectionState()
        self._info = info
        self._fault = fault
        self._seconds_to_present = pace * (SECONDS_TO_PRESENT if fault is None else SECONDS_TO_PRESENT_LATER)
        self._pace = pace
        self._there = False
        self._reconnection: asyncio.TimerHandle | None = None

    @property
    def info(self) -> CardReaderInfo:
        """Information about the reader, always the same."""
        return self._info

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
            raise NoCard(device=self._info.name, seconds=f"{seconds:g}")

    async def read(self, kind: CardKind, pin: str | None = None) -> Card:
        """Read the card, or raise the error of the fault; the card is taken away afterwards."""
        self._refuse()
        if not self._there:
            raise NoCard(device=self._info.name, seconds=0)
        try:
            await asyncio.sleep(self._pace * SECONDS_TO_READ)
            if (error := self._error(kind)) is not None:
                raise error
            return (await asyncio.to_thread(cards.cards))[kind]
        finally:
            self._there = False

    def close(self) -> None:
        """Cancel a reconnection that is due."""
        if self._reconnection is not None:
            self._reconnection.cancel()

    def _refuse(self) -> None:
        if not self.connection.connected:
            raise DeviceGone(device=self._info.name)
        if self._fault is CardFault.BUSY:
            raise DeviceBusy(device=self._info.name, holder=LocalizedText("另一个程序", "another program"))

    def _error(self, kind: CardKind) -> GaopaiError | None:
        name = self._info.name
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
        kinds = frozenset(CardKind)
        working = CardReaderInfo("demo:card-reader", NAME, kinds)
        self.readers = [DemoCardReader(working, None, pace)]
        for fault in CardFault if faulty else ():
            info = CardReaderInfo(f"demo:card-reader:{fault.value}", f"{NAME} ({fault.value})", kinds)
            self.readers.append(DemoCardReader(info, fault, pace))
        super().__init__(self.readers)

    async def close(self) -> None:
        """Close the descriptor; no reader is connected again."""
        for reader in self.readers:
            reader.close()
        await super().close()
