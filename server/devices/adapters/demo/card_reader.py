"""Demo card readers: one to which a card is put whenever one is waited for, and some that fail."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Mapping

from server.devices.adapters.demo import cards
from server.devices.adapters.demo.plug import Plug
from server.devices.adapters.demo.plugged import PluggedFinder
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
"""Until somebody puts a card to the reader."""
SECONDS_TO_PRESENT_LATER = 2.0
"""The same at a faulty one: where a page names no reader, the sound one is first."""
SECONDS_TO_READ = 0.6
SECONDS_ABSENT = 5.0
"""Until a reader that was unplugged is plugged in again."""


class CardFault(enum.Enum):
    """What goes wrong at a demo reader; the value is part of its name."""

    NO_CARD = "no card"
    TAKEN_AWAY = "card taken away"
    WRONG = "wrong card"
    SILENT = "silent card"
    BUSY = "busy"
    UNPLUGGED = "unplugged while reading"


class DemoCardReader:
    """A reader and the person in front of it.

    Parameters
    ----------
    fault
        What always goes wrong.
    pace
        What all durations are multiplied by.

    Attributes
    ----------
    plug
        Its plug.
    """

    def __init__(
        self,
        info: CardReaderInfo,
        cards: Mapping[CardKind, Card],
        fault: CardFault | None = None,
        pace: float = 1.0,
    ) -> None:
        self.plug = Plug()
        self._info = info
        self._cards = cards
        self._fault = fault
        self._seconds_to_present = pace * (SECONDS_TO_PRESENT if fault is None else SECONDS_TO_PRESENT_LATER)
        self._pace = pace
        self._there = False
        self._return: asyncio.TimerHandle | None = None

    @property
    def info(self) -> CardReaderInfo:
        """Always the same."""
        return self._info

    async def present(self) -> bool:
        """Whether the card is there: from a wait to the end of the reading."""
        self._refuse()
        return self._there

    async def wait(self, seconds: float) -> None:
        """Let the card be put there."""
        self._refuse()
        coming = self._fault is not CardFault.NO_CARD and self._seconds_to_present <= seconds
        if not self._there:
            await asyncio.sleep(self._seconds_to_present if coming else seconds)
            self._refuse()
        self._there = self._there or coming
        if not self._there:
            raise NoCard(device=self._info.name, seconds=f"{seconds:g}")

    async def read(self, kind: CardKind, pin: str | None = None) -> Card:
        """Read the card, or let happen what is to go wrong; the card is taken away afterwards."""
        self._refuse()
        if not self._there:
            raise NoCard(device=self._info.name, seconds=0)
        try:
            await asyncio.sleep(self._pace * SECONDS_TO_READ)
            if (error := self._error(kind)) is not None:
                raise error
            return self._cards[kind]
        finally:
            self._there = False

    def close(self) -> None:
        """Plug nothing in any more."""
        if self._return is not None:
            self._return.cancel()

    def _refuse(self) -> None:
        if not self.plug.plugged:
            raise DeviceGone(device=self._info.name)
        if self._fault is CardFault.BUSY:
            raise DeviceBusy(device=self._info.name, holder=LocalizedText("另一个程序", "another program"))

    def _error(self, kind: CardKind) -> GaopaiError | None:
        name = self._info.name
        if self._fault is CardFault.UNPLUGGED:
            self._pull_plug()
        if not self.plug.plugged:
            return DeviceGone(device=name)
        errors = {
            CardFault.TAKEN_AWAY: CardTakenAway(device=name),
            CardFault.WRONG: WrongCard(device=name, card=kind.text),
            CardFault.SILENT: CardSilent(device=name),
        }
        return None if self._fault is None else errors.get(self._fault)

    def _pull_plug(self) -> None:
        self.plug.unplug()
        self._return = asyncio.get_running_loop().call_later(self._pace * SECONDS_ABSENT, self.plug.plug)


class DemoCardReaderFinder(PluggedFinder[DemoCardReader]):
    """Lists the demo readers that are plugged in.

    Parameters
    ----------
    faulty
        List a reader for each fault, too.
    pace
        What all durations are multiplied by.

    Attributes
    ----------
    readers
        All of them, the sound one first.
    """

    def __init__(self, *, faulty: bool = False, pace: float = 1.0) -> None:
        samples = cards.cards()
        kinds = frozenset(CardKind)
        sound = CardReaderInfo("demo:card-reader", NAME, kinds)
        self.readers = [DemoCardReader(sound, samples, None, pace)]
        for fault in CardFault if faulty else ():
            info = CardReaderInfo(f"demo:card-reader:{fault.value}", f"{NAME} ({fault.value})", kinds)
            self.readers.append(DemoCardReader(info, samples, fault, pace))
        super().__init__(self.readers)

    async def close(self) -> None:
        """Give the descriptor back; no reader plugs itself in any more."""
        for reader in self.readers:
            reader.close()
        await super().close()
