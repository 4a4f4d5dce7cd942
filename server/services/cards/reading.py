"""Reading cards: at which reader, how long to wait for one, and whose word counts where several have one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from server.devices.ports.card_reader import Card, CardKind, CardReader, CardReaderInfo
from server.errors import GaopaiError, LocalizedText, NoCard, NoReader, SeveralCards, WrongCard
from server.services.client import Client
from server.services.desk import DeviceDesk

ANOTHER_READING = LocalizedText("另一次读卡", "another reading")
SETTLE_SECONDS = 0.3
"""After one reader has told of its card, others that have one are given so long to tell."""


@dataclass(frozen=True, slots=True)
class CardReadOptions:
    """What a page wants to be read.

    Attributes
    ----------
    seconds
        How long to wait for a card; None as configured.
    number
        The reader's place in the client's list; None for any that has a card.
    pin
        Handed to a social security card; None sends none.
    """

    kind: CardKind
    seconds: float | None = None
    number: int | None = None
    pin: str | None = field(default=None, repr=False)


class CardReadService:
    """Reads cards.

    Parameters
    ----------
    seconds
        How long a card is waited for where a page does not say.
    """

    def __init__(self, desk: DeviceDesk[CardReader], seconds: float) -> None:
        self._desk = desk
        self._seconds = seconds

    async def readers(self, client: Client) -> Sequence[CardReaderInfo]:
        """The readers present now.

        Raises
        ------
        server.errors.DriverMissing
        """
        return [reader.info for reader in await self._desk.list(client)]

    async def read(self, client: Client, wish: CardReadOptions) -> Card:
        """Wait for a card and read it.

        Raises
        ------
        server.errors.NoReader, NoSuchDevice, DriverMissing, DeviceBusy, SeveralCards
            Beside those of `server.devices.ports.card_reader.CardReader`.
        """
        readers = await self._able(client, wish)
        seconds = self._seconds if wish.seconds is None else wish.seconds
        with self._desk.lend(readers) as free:
            return await _Search(free, wish, seconds).run()

    async def _able(self, client: Client, wish: CardReadOptions) -> Sequence[CardReader]:
        if wish.number is not None:
            chosen = await self._desk.numbered(client, wish.number)
            readers: Sequence[CardReader] = (chosen,)
        else:
            readers = await self._desk.present()
            if not _able(readers, wish.kind):
                # One that was plugged in a moment ago is not in the list yet.
                readers = await self._desk.search_again()
            if not readers:
                self._desk.refuse_without_driver()
        able = _able(readers, wish.kind)
        if not able:
            raise NoReader(card=wish.kind.text)
        return able


def _able(readers: Sequence[CardReader], kind: CardKind) -> list[CardReader]:
    """Return the readers that can read cards of a kind."""
    return [reader for reader in readers if kind in reader.info.kinds]


class _Search:
    """One card looked for at one or several readers.

    A card of another kind that lies at a reader from before, such as the module in a reader's second slot,
    does not end the search while another reader may get the right one. One that is presented now does.
    """

    def __init__(self, readers: Sequence[CardReader], wish: CardReadOptions, seconds: float) -> None:
        self._readers = readers
        self._wish = wish
        self._seconds = seconds
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._wrong: WrongCard | None = None
        self._faults: list[GaopaiError] = []

    async def run(self) -> Card:
        waiting = self._readers
        if len(self._readers) > 1:
            lying = await self._lying()
            if (card := await self._read(lying)) is not None:
                return card
            waiting = [reader for reader in self._readers if reader not in lying]
        card = await self._read(await self._arrival(waiting))
        if card is None:
            raise self._last_word()
        return card

    async def _lying(self) -> list[CardReader]:
        """The readers that have a card already."""
        tasks = {asyncio.create_task(reader.present()): reader for reader in self._readers}
        async with _given_up(tasks):
            await asyncio.wait(tasks)
            return [reader for task, reader in tasks.items() if self._done(task) and task.result()]

    async def _arrival(self, readers: Sequence[CardReader]) -> list[CardReader]:
        """The readers to which a card comes first; more than one only if at about the same time."""
        left = max(0.0, self._deadline - asyncio.get_running_loop().time())
        tasks = {asyncio.create_task(reader.wait(left)): reader for reader in readers}
        async with _given_up(tasks):
            pending = set(tasks)
            arrived: list[CardReader] = []
            while pending and not arrived:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                arrived += [tasks[task] for task in done if self._done(task)]
            if pending:
                late, _ = await asyncio.wait(pending, timeout=SETTLE_SECONDS)
                arrived += [tasks[task] for task in late if self._done(task)]
        return arrived

    async def _read(self, readers: Sequence[CardReader]) -> Card | None:
        """The card of the kind that is wanted; None where all are of other kinds.

        Raises
        ------
        SeveralCards
            More than one may be it.
        GaopaiError
            The one that may be it cannot be read.
        """
        found: list[tuple[CardReader, Card | GaopaiError]] = []
        for reader in readers:
            try:
                found.append((reader, await reader.read(self._wish.kind, self._wish.pin)))
            except WrongCard as wrong:
                self._wrong = wrong
            except GaopaiError as error:
                found.append((reader, error))
        if len(found) > 1:
            raise SeveralCards(devices=" / ".join(reader.info.name for reader, _ in found))
        if not found:
            return None
        ((_, outcome),) = found
        if isinstance(outcome, GaopaiError):
            raise outcome
        return outcome

    def _done(self, task: asyncio.Task[bool] | asyncio.Task[None]) -> bool:
        """Whether a reader did as it was told; what kept it from that is remembered."""
        error = task.exception()
        if error is None:
            return True
        if not isinstance(error, GaopaiError):
            raise error
        self._faults.append(error)
        return False

    def _last_word(self) -> GaopaiError:
        """Why there is no card: a wrong one first, then that none came, then what readers suffer."""
        if self._wrong is not None:
            return self._wrong
        if any(isinstance(fault, NoCard) for fault in self._faults):
            names = " / ".join(reader.info.name for reader in self._readers)
            return NoCard(device=names, seconds=f"{self._seconds:g}")
        return self._faults[0]


@asynccontextmanager
async def _given_up(tasks: Iterable[asyncio.Task[Any]]) -> AsyncIterator[None]:
    """Whatever happens, no task outlives the ``with`` block."""
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
