"""Readers of PC/SC, and what is read of the cards in them."""

from __future__ import annotations

import asyncio
from datetime import date
from functools import partial

from server import errors
from server.devices.adapters.pcsc import bank, faults, library, resident, social
from server.devices.adapters.pcsc.apdu import ApduChannel
from server.devices.adapters.pcsc.connection import Connection, ConnectionStage, SerialExecutor
from server.devices.adapters.pcsc.faults import PcscFault
from server.devices.adapters.pcsc.library import Establish, Missing
from server.devices.adapters.pcsc.monitor import Monitor, Snapshot
from server.devices.ports.card_reader import Card, CardKind, CardReaderInfo
from server.errors import GaopaiError, LocalizedText

READ_SECONDS = 60
"""Seconds after which a reading is given up: a whole card takes half a second as a rule, some seconds where
it is slow."""
NOTICE_SECONDS = 1.0
"""Seconds within which a card that was taken away is noticed: pcscd looks every 0.4 s."""
_BROKEN = LocalizedText("与卡的通信中断", "communication with it broke down")


class PcscReader:
    """See `server.devices.ports.card_reader.CardReader`.

    Parameters
    ----------
    reader
        PC/SC's name of it.
    answer_seconds
        A card that answers a command no sooner hangs.
    """

    def __init__(
        self, reader: str, info: CardReaderInfo, monitor: Monitor, establish: Establish, answer_seconds: float
    ) -> None:
        self._reader = reader
        self.info = info
        self._monitor = monitor
        self._establish = establish
        self._seconds = answer_seconds
        self._executor = SerialExecutor("smart card reader")
        self._reading = False

    async def present(self) -> bool:
        return bool(self._state(self._monitor.snapshot) & library.PRESENT)

    async def wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._monitor.until(self._holds_card)
        except TimeoutError:
            self._state(self._monitor.snapshot)
            raise errors.NoCard(device=self.info.name, seconds=f"{seconds:g}") from None

    async def read(self, kind: CardKind, pin: str | None = None) -> Card:
        if self._reading:
            raise errors.DeviceBusy(device=self.info.name, holder=faults.OTHER_REQUEST)
        state = self._state(self._monitor.snapshot)
        if not state & library.PRESENT:
            raise errors.NoCard(device=self.info.name, seconds=0)
        self._reading = True
        connection = Connection(self._establish, self._reader)
        try:
            async with asyncio.timeout(READ_SECONDS):
                await self._open(connection)
                return await self._read(connection, state, kind, pin)
        except TimeoutError:
            raise self._timeout(READ_SECONDS) from None
        finally:
            self._reading = False
            # Behind whatever the card is still busy with; the next reading comes behind this.
            self._executor.post(partial(connection.close, pin is not None))

    async def _open(self, connection: Connection) -> None:
        try:
            await self._executor.call(connection.open, self._seconds)
        except TimeoutError:
            raise self._not_opened(connection) from None
        except Missing as missing:
            raise faults.stopped(missing.obstacle, self.info.name) from missing
        except PcscFault as fault:
            raise faults.error(fault, self.info.name) from fault

    def _not_opened(self, connection: Connection) -> GaopaiError:
        """Return the error of an opening without end: PC/SC waits for a program that keeps others out."""
        if connection.stage is ConnectionStage.LOCKING or (
            connection.stage is ConnectionStage.CONNECTING and connection.shared
        ):
            return errors.DeviceBusy(device=self.info.name, holder=errors.OTHER_PROGRAM)
        return self._timeout(self._seconds)

    async def _read(self, connection: Connection, state: int, kind: CardKind, pin: str | None) -> Card:
        transmit = partial(self._transmit, connection, state)
        channel = ApduChannel(transmit, connection.t0, self.info.name)
        match kind:
            case CardKind.RESIDENT:
                return await resident.read(channel)
            case CardKind.SOCIAL:
                return await social.read(channel, pin)
            case CardKind.BANK:
                return await bank.read(channel, connection.contactless, date.today())

    async def _transmit(self, connection: Connection, state: int, command: bytes) -> bytes:
        fault = PcscFault(faults.NOT_TRANSACTED)
        try:
            answer = await self._executor.call(partial(connection.transmit, command), self._seconds)
        except TimeoutError:
            raise self._timeout(self._seconds) from None
        except PcscFault as exc:
            fault = exc
        else:
            # Some drivers call it a success when the card has gone.
            if len(answer) >= 2:
                return answer
        raise await self._broken(fault, state)

    async def _broken(self, fault: PcscFault, state: int) -> GaopaiError:
        """Return the error of a command that did not get through: that a card has gone is noticed late."""
        if fault.code != faults.NOT_TRANSACTED:
            return faults.error(fault, self.info.name)
        try:
            async with asyncio.timeout(NOTICE_SECONDS):
                await self._monitor.until(partial(self._has_lost_card, state))
        except TimeoutError:
            return errors.CardUnreadable(device=self.info.name, reason=_BROKEN)
        except GaopaiError as exc:
            return exc
        return errors.CardTakenAway(device=self.info.name)

    def _state(self, snapshot: Snapshot) -> int:
        """The reader's state; an error where it has none."""
        if snapshot.obstacle:
            raise faults.stopped(snapshot.obstacle, self.info.name)
        if self._reader not in snapshot.states:
            raise errors.DeviceGone(device=self.info.name)
        return snapshot.states[self._reader]

    def _holds_card(self, snapshot: Snapshot) -> bool:
        # A service that is just restarted brings its readers back.
        return not snapshot.obstacle and bool(self._state(snapshot) & library.PRESENT)

    def _has_lost_card(self, before: int, snapshot: Snapshot) -> bool:
        """Return whether that card is gone, even if there is another, or the same again."""
        state = self._state(snapshot)
        return not state & library.PRESENT or (state ^ before) & library.INSERTIONS != 0

    def _timeout(self, seconds: float) -> errors.DeviceTimeout:
        return errors.DeviceTimeout(device=self.info.name, seconds=f"{seconds:g}")
