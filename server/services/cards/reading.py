"""Cards, read at whichever reader they lie, and the requests for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pybase64

from server.access.client import Client
from server.config import CardsConfig, CompatConfig, Config
from server.devices.ports import card_reader as port
from server.errors import GaopaiError, LocalizedText, NoCard, NoReader, SeveralCards, WrongCard
from server.protocol.messages import cards as messages
from server.protocol.messages.base import Answer
from server.runtime.background import ended
from server.services.context import DomainServices, RequestContext, handles
from server.services.leases import DeviceLeases
from server.services.pictures.naming import CardNumbers

ANOTHER_READING = LocalizedText("另一次读卡", "another reading")
SETTLE_SECONDS = 0.3
"""Time for other readers to report a card after the first one has."""


@dataclass(frozen=True, slots=True)
class CardReadOptions:
    """Options of reading a card.

    Attributes
    ----------
    seconds
        Timeout of the wait for a card; None as configured.
    number
        Position of the reader in the client's list; None for any that has a card.
    pin
        PIN for a social security card; None sends none.
    """

    kind: port.CardKind
    seconds: float | None = None
    number: int | None = None
    pin: str | None = field(default=None, repr=False)


class CardReadService(DeviceLeases[port.CardReader]):
    """Lists and lends card readers, and reads cards."""

    def __init__(self, finders: Sequence[port.CardReaderFinder], config: CardsConfig) -> None:
        super().__init__("card readers", finders, config.find_seconds, ANOTHER_READING)
        self._seconds = config.wait_seconds

    async def read(self, client: Client, options: CardReadOptions) -> port.Card:
        """Wait for a card and read it.

        Raises
        ------
        server.errors.NoReader, NoSuchDevice, DriverMissing, DeviceBusy, SeveralCards
            Beside those of `server.devices.ports.card_reader.CardReader`.
        """
        readers = await self._readers(client, options)
        seconds = self._seconds if options.seconds is None else options.seconds
        with self.lend(readers) as free:
            return await _CardSearch(free, options, seconds).run()

    async def _readers(self, client: Client, options: CardReadOptions) -> Sequence[port.CardReader]:
        if options.number is not None:
            chosen = await self.numbered(client, options.number)
            readers: Sequence[port.CardReader] = (chosen,)
        else:
            readers = await self.present()
            if not _capable(readers, options.kind):
                # One that was plugged in a moment ago is not in the list yet.
                readers = await self.search_again()
            if not readers:
                self.refuse_without_driver()
        capable = _capable(readers, options.kind)
        if not capable:
            raise NoReader(card=options.kind.text)
        return capable


def _capable(readers: Sequence[port.CardReader], kind: port.CardKind) -> list[port.CardReader]:
    """Return the readers that can read cards of a kind."""
    return [reader for reader in readers if kind in reader.info.kinds]


class _CardSearch:
    """Search for one card at one or several readers.

    A card of another kind that was at a reader before, such as the module in a reader's second slot,
    does not end the search while another reader may get the right one. One that is presented now does.
    """

    def __init__(self, readers: Sequence[port.CardReader], options: CardReadOptions, seconds: float) -> None:
        self._readers = readers
        self._options = options
        self._seconds = seconds
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._wrong: WrongCard | None = None
        self._errors: list[GaopaiError] = []

    async def run(self) -> port.Card:
        waiting = self._readers
        if len(self._readers) > 1:
            occupied = await self._occupied()
            if (card := await self._read(occupied)) is not None:
                return card
            waiting = [reader for reader in self._readers if reader not in occupied]
        card = await self._read(await self._wait(waiting))
        if card is None:
            raise self._failure()
        return card

    async def _occupied(self) -> list[port.CardReader]:
        """Return the readers that have a card already."""
        tasks = {asyncio.create_task(reader.present()): reader for reader in self._readers}
        async with _cancelling(tasks):
            await asyncio.wait(tasks)
            return [reader for task, reader in tasks.items() if self._succeeded(task) and task.result()]

    async def _wait(self, readers: Sequence[port.CardReader]) -> list[port.CardReader]:
        """Return the reader that gets a card first, with others that get one at about the same time."""
        left = max(0.0, self._deadline - asyncio.get_running_loop().time())
        tasks = {asyncio.create_task(reader.wait(left)): reader for reader in readers}
        async with _cancelling(tasks):
            pending = set(tasks)
            occupied: list[port.CardReader] = []
            while pending and not occupied:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                occupied += [tasks[task] for task in done if self._succeeded(task)]
            if pending:
                late, _ = await asyncio.wait(pending, timeout=SETTLE_SECONDS)
                occupied += [tasks[task] for task in late if self._succeeded(task)]
        return occupied

    async def _read(self, readers: Sequence[port.CardReader]) -> port.Card | None:
        """Return the card of the requested kind; None where all are of other kinds.

        Raises
        ------
        SeveralCards
            More than one card may be of that kind.
        GaopaiError
            The one that may be of that kind cannot be read.
        """
        found: list[tuple[port.CardReader, port.Card | GaopaiError]] = []
        for reader in readers:
            try:
                found.append((reader, await reader.read(self._options.kind, self._options.pin)))
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

    def _succeeded(self, task: asyncio.Task[bool] | asyncio.Task[None]) -> bool:
        """Return whether a reader's task succeeded; note its error if not."""
        error = task.exception()
        if error is None:
            return True
        if not isinstance(error, GaopaiError):
            raise error
        self._errors.append(error)
        return False

    def _failure(self) -> GaopaiError:
        """Return the reason why there is no card: a wrong one first, then none, then a reader's error."""
        if self._wrong is not None:
            return self._wrong
        if any(isinstance(error, NoCard) for error in self._errors):
            names = " / ".join(reader.info.name for reader in self._readers)
            return NoCard(device=names, seconds=f"{self._seconds:g}")
        return self._errors[0]


@asynccontextmanager
async def _cancelling(tasks: Iterable[asyncio.Task[Any]]) -> AsyncIterator[None]:
    """Cancel tasks that still run at the end of the ``with`` block, and wait for them."""
    try:
        yield
    finally:
        await ended(*tasks)


Decode = Callable[[bytes], Awaitable[bytes]]
"""Decodes the WLT bytes of a card to a picture file; raises GaopaiError."""

NONE_ON_CARD = LocalizedText("卡内没有头像", "the card holds no portrait")
NO_DECODER = LocalizedText(
    "头像为 WLT 格式，没有配置解码库（[cards] wlt_library）；原始数据见 imageWlt",
    "the portrait is in the WLT format and no library for it is configured ([cards] wlt_library); "
    "imageWlt has it as it is",
)


@dataclass(frozen=True, slots=True)
class Portrait:
    """Picture file of a portrait, or the reason for its absence."""

    picture: bytes = field(default=b"", repr=False)
    reason: LocalizedText | None = None


class Portraits:
    """Decodes portraits.

    Parameters
    ----------
    decode
        Decoder of the WLT format; None where this machine has none.
    """

    def __init__(self, decode: Decode | None = None) -> None:
        self._decode = decode

    async def portrait(self, card: port.ResidentCard) -> Portrait:
        """Return the portrait of a card, or a reason in place of an error."""
        if card.portrait:
            return Portrait(card.portrait)
        if not card.portrait_wlt:
            return Portrait(reason=NONE_ON_CARD)
        if self._decode is None:
            return Portrait(reason=NO_DECODER)
        try:
            return Portrait(await self._decode(card.portrait_wlt))
        except GaopaiError as error:
            return Portrait(reason=LocalizedText(error.message("zh"), error.message("en")))


@dataclass(eq=False, repr=False)
class CardHandlers:
    """Handlers of requests to read cards."""

    _reading: CardReadService
    _portraits: Portraits
    _numbers: CardNumbers
    _compat: CompatConfig

    @handles("GetCardReaderInfo")
    async def readers(self, context: RequestContext, request: messages.GetCardReaderInfoRequest) -> Answer:
        infos = [reader.info for reader in await self._reading.list(context.client)]
        return messages.GetCardReaderInfoAnswer(
            card_readers=tuple(
                messages.CardReaderEntry(dev_name=info.name, id_types=tuple(sorted(map(int, info.kinds))))
                for info in infos
            )
        )

    @handles("ReadIDCardInfo")
    async def read(self, context: RequestContext, request: messages.ReadIDCardInfoRequest) -> Answer:
        card = await self._reading.read(context.client, _options(request))
        self._numbers.keep(context.client, card.number)
        match card:
            case port.ResidentCard():
                return messages.ReadIDCardInfoAnswer.resident(await self._resident(context, card))
            case port.SocialCard():
                return messages.ReadIDCardInfoAnswer(id_card_info=_social(card))
            case port.BankCard():
                as_number = self._compat.id_num_as_number
                number = int(card.number) if as_number else card.number
                return messages.ReadIDCardInfoAnswer(id_num=number, expiry=card.expiry)

    async def _resident(self, context: RequestContext, card: port.ResidentCard) -> messages.CardInfo:
        portrait = await self._portraits.portrait(card)
        reason = portrait.reason.fill(context.language, {}) if portrait.reason else ""
        return messages.CardInfo(
            name=card.name,
            gender=card.gender,
            folk=card.nation,
            birth=card.birth,
            address=card.address,
            id=card.number,
            issue=card.issuer,
            start_date=card.start,
            end_date=card.end,
            image_base64=pybase64.b64encode_as_string(portrait.picture),
            finger_feature=pybase64.b64encode_as_string(card.finger_features),
            image_reason=reason,
            image_wlt=pybase64.b64encode_as_string(card.portrait_wlt),
            form=card.form.value,
            english_name=card.english_name,
            nationality=card.nationality,
            pass_number=card.pass_number,
            latest_address=card.latest_address,
        )


def _options(request: messages.ReadIDCardInfoRequest) -> CardReadOptions:
    kind = port.CardKind(request.id_type)
    return CardReadOptions(
        kind=kind,
        seconds=None if request.timeout is None else request.timeout / 1000,
        number=request.dev_num,
        pin=request.pin or None if kind is port.CardKind.SOCIAL else None,
    )


def _social(card: port.SocialCard) -> messages.SocialCardInfo:
    return messages.SocialCardInfo(
        name=card.name,
        id=card.number,
        gender=card.gender,
        folk=card.nation,
        birth=card.birth,
        address="",
        card_number=card.card_number,
        birth_place=card.birth_place,
        region=card.region,
        start_date=card.issued,
        end_date=card.valid_until,
    )


class Cards(DomainServices):
    """The readers of cards."""

    def __init__(
        self, config: Config, finders: Sequence[port.CardReaderFinder], decode: Decode | None
    ) -> None:
        self.readers = CardReadService(finders, config.cards)
        self.portraits = Portraits(decode)
        self.numbers = CardNumbers()
        super().__init__(CardHandlers(self.readers, self.portraits, self.numbers, config.compat))
