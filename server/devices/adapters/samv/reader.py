"""One resident ID reader."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from server import errors
from server.devices.adapters.samv import transaction
from server.devices.adapters.samv.frame import SamAnswer, SamCommand
from server.devices.adapters.samv.module import SamModule
from server.devices.adapters.samv.transaction import CorruptAnswer, NoAnswer
from server.devices.ports.card_reader import CardKind, CardReaderInfo, ResidentCard
from server.devices.resident import Blocks, MalformedRecord, latest_address, read_card, split
from server.errors import GaopaiError, LocalizedText

log = logging.getLogger(__name__)
T = TypeVar("T")

POLL_SECONDS = 0.3
"""Seconds that modules want between two looks for a card."""
SHORT_SECONDS = 1.0
"""Seconds that answers without a card's contents may take; 10 ms are usual."""
READ_SECONDS = 4.0
"""Seconds that reading a card may take: the card takes a second, the line a quarter at 115200 baud and 2.4 s
at 9600."""
ATTEMPTS = 3
"""Most readings of a card, where each but the last failed by something that may pass."""
_NOISE = LocalizedText("答复被干扰", "its answers are damaged")
_CONTENT = LocalizedText("卡的内容不符合格式", "its contents are not laid out as on any known card")


class _Retry(Exception):
    """Another attempt may succeed; if none does, `error` is the answer."""

    def __init__(self, error: GaopaiError) -> None:
        self.error = error
        super().__init__(str(error))


class SamvReader:
    """See `server.devices.ports.card_reader.CardReader`.

    Most modules do not find a card again that they have read, until it is lifted: it counts as absent
    then, so that `wait` waits for the next one.
    """

    def __init__(self, info: CardReaderInfo, module: SamModule) -> None:
        self.info = info
        self._module = module
        self._found = False
        self._look_at = 0.0
        self._has_fingers = True

    async def present(self) -> bool:
        return await _with_retries(lambda _: self._look())

    async def wait(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not await self.present():
            if loop.time() >= until:
                raise errors.NoCard(device=self.info.name, seconds=f"{seconds:g}")

    async def read(self, kind: CardKind = CardKind.RESIDENT, pin: str | None = None) -> ResidentCard:
        """See the port; `kind` can be no other, and `pin` is not for these cards."""
        return await _with_retries(self._attempt)

    async def close(self) -> None:
        """Give the port back for good."""
        await self._module.close()

    # Steps -------------------------------------------------------------------------------------

    async def _attempt(self, attempt: int) -> ResidentCard:
        # What `wait` has found a moment ago is not looked for again: that would take another 0.3 s.
        if not self._found and not await self.present():
            raise self._absent(attempt)
        self._found = False
        # Better a card without fingers than none.
        return await self._read(self._has_fingers and attempt < ATTEMPTS)

    async def _look(self) -> bool:
        """Ask the module to find a card; return whether it did."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._look_at - loop.time())
        self._look_at = loop.time() + POLL_SECONDS
        self._found = False
        answer = await self._ask(SamCommand.FIND, SHORT_SECONDS)
        self._found = answer.status == transaction.FOUND
        if not self._found and answer.status != transaction.NO_CARD:
            raise self._error_of(answer.status)
        return self._found

    async def _read(self, fingers: bool) -> ResidentCard:
        await self._expect(SamCommand.SELECT, SHORT_SECONDS)
        blocks = await self._blocks(fingers)
        address = await self._latest_address()
        try:
            return read_card(blocks, address)
        except MalformedRecord as exc:
            raise errors.CardUnreadable(device=self.info.name, reason=_CONTENT) from exc

    async def _blocks(self, fingers: bool) -> Blocks:
        if fingers:
            answer = await self._ask(SamCommand.READ_FINGERS, READ_SECONDS)
            if answer.status not in transaction.NOT_UNDERSTOOD:
                return self._split(answer, 3)
            log.info("%s cannot read fingerprint features", self.info.name)
            self._has_fingers = False
        return self._split(await self._ask(SamCommand.READ_BASE, READ_SECONDS), 2)

    def _split(self, answer: SamAnswer, parts: int) -> Blocks:
        if answer.status != transaction.OK:
            raise self._error_of(answer.status)
        try:
            return split(answer.data, parts)
        except MalformedRecord as exc:
            raise _Retry(errors.CardUnreadable(device=self.info.name, reason=_CONTENT)) from exc

    async def _latest_address(self) -> str:
        """Return the address that was added to the card later, or nothing where it cannot be read.

        It is not worth another attempt: few cards have one, and the rest has been read.
        """
        try:
            return latest_address(await self._expect(SamCommand.READ_ADDRESS, SHORT_SECONDS))
        except (_Retry, GaopaiError) as exc:
            log.debug("%s gives no latest address: %s", self.info.name, type(exc).__name__)
            return ""

    # Questions ---------------------------------------------------------------------------------

    async def _expect(self, command: SamCommand, seconds: float) -> bytes:
        """Return the data of an answer that says well."""
        answer = await self._ask(command, seconds)
        if answer.status != transaction.OK:
            raise self._error_of(answer.status)
        return answer.data

    async def _ask(self, command: SamCommand, seconds: float) -> SamAnswer:
        try:
            return await self._module.ask(command, seconds)
        except NoAnswer:
            raise _Retry(errors.DeviceTimeout(device=self.info.name, seconds=f"{seconds:g}")) from None
        except CorruptAnswer:
            raise _Retry(errors.DeviceFailed(device=self.info.name, reason=_NOISE)) from None

    def _absent(self, attempt: int) -> GaopaiError:
        if attempt > 1:
            return errors.CardTakenAway(device=self.info.name)
        return errors.NoCard(device=self.info.name, seconds="0")

    def _error_of(self, said: int) -> Exception:
        error = transaction.error(said, self.info.name)
        return error if said in transaction.HOPELESS else _Retry(error)


async def _with_retries(step: Callable[[int], Awaitable[T]]) -> T:
    """Try a step again while that may help; it is told which attempt it is, from 1."""
    attempt = 1
    while True:
        try:
            return await step(attempt)
        except _Retry as again:
            if attempt == ATTEMPTS:
                raise again.error from None
            attempt += 1
