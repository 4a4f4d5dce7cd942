"""Readers of PC/SC, and the cards in them, followed by one thread for all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from server import errors
from server.devices.adapters.pcsc import bank, faults, library, social
from server.devices.adapters.pcsc.apdu import SHORT, ApduChannel, ApduCommand
from server.devices.adapters.pcsc.connection import Connection, ConnectionStage, SerialExecutor
from server.devices.adapters.pcsc.faults import PcscFault
from server.devices.adapters.pcsc.library import Context, Establish, Missing
from server.devices.ports.card_reader import Card, CardKind, CardReaderInfo, ResidentCard
from server.devices.resident import MalformedRecord, read_card, split
from server.errors import GaopaiError, LocalizedText
from server.runtime.background import report, supervise_thread

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0
"""A service that does not run is tried again after so long; systemd starts it when it is."""
LOOK_SECONDS = 30.0
"""Changes are told at once; this only bounds what a missed one costs."""
CANCEL_SECONDS = 0.02
"""A cancel before the wait has begun is lost, so it is repeated."""
CHURN_SECONDS = 0.1
"""Readers that vanish between two calls are listed again after so long."""
CLOSE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The readers and their states as they were seen last.

    Attributes
    ----------
    attempts
        Attempts to ask the service; 0 before the first.
    obstacle
        The obstacle to using it, of `faults`; empty where there is none.
    states
        State flags of each reader, of `library`, in the service's order.
    """

    attempts: int = 0
    obstacle: str = ""
    states: Mapping[str, int] = field(default_factory=dict)


class Monitor:
    """See the module. The thread starts with `start`."""

    def __init__(self, establish: Establish) -> None:
        self._establish = establish
        self.snapshot = Snapshot()
        self._listeners: list[Callable[[], object]] = []
        self._changes = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread: threading.Thread | None = None
        self._context: Context | None = None
        self._wake = threading.Event()
        self._ending = False

    def start(self) -> None:
        """Follow the service from now on."""
        if self._thread is None:
            self._thread = supervise_thread("smart card monitor", self._run)

    def fileno(self) -> int:
        """A descriptor that is readable after readers came or went."""
        return self._changes

    def acknowledge(self) -> bool:
        """Return whether readers came or went since the last call."""
        try:
            return os.eventfd_read(self._changes) > 0
        except BlockingIOError:
            return False

    async def ask(self) -> Snapshot:
        """Return the readers that are there now: a service that was not running is tried again."""
        self.start()
        attempts = self.snapshot.attempts
        if self.snapshot.obstacle or not attempts:
            self._wake.set()
            await self.until(lambda snapshot: snapshot.attempts > attempts)
        return self.snapshot

    async def until(self, holds: Callable[[Snapshot], bool]) -> None:
        """Return once a condition holds; what it raises is raised."""
        loop = asyncio.get_running_loop()
        seen = asyncio.Event()
        with self._listening(lambda: loop.call_soon_threadsafe(seen.set)):
            while not holds(self.snapshot):
                await seen.wait()
                seen.clear()

    def end(self) -> None:
        """End the thread; blocks, at most about `CLOSE_SECONDS`."""
        self._ending = True
        thread, until = self._thread, time.monotonic() + CLOSE_SECONDS
        while thread is not None and thread.is_alive() and time.monotonic() < until:
            self._wake.set()
            context = self._context
            if context is not None:
                with contextlib.suppress(PcscFault):
                    context.cancel()
            thread.join(CANCEL_SECONDS)
        # One that hangs in the service would write to whatever has that number then.
        if self._changes >= 0 and (thread is None or not thread.is_alive()):
            os.close(self._changes)
            self._changes = -1

    @contextlib.contextmanager
    def _listening(self, listener: Callable[[], object]) -> Iterator[None]:
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def _run(self) -> None:
        while not self._ending:
            try:
                self._follow()
            except Missing as missing:
                self._lost(missing.obstacle)
            except PcscFault as fault:
                if fault.code in (faults.UNKNOWN_READER, faults.READER_UNAVAILABLE):
                    time.sleep(CHURN_SECONDS)
                else:
                    self._lost(faults.obstacle(fault))
            except Exception as exc:  # noqa: BLE001 - all readers hang on this thread
                report("smart card monitor", exc)
                self._lost(faults.STOPPED)

    def _follow(self) -> None:
        """Tell of changes as long as the service answers."""
        context = self._establish()
        self._context = context
        known: dict[str, int] = {library.READERS: library.UNAWARE}
        seconds = 0.0  # what is there now; no readers at all are no change
        try:
            while not self._ending:
                names = (library.READERS, *context.readers())
                known = {name: known.get(name, library.UNAWARE) for name in names}
                known = context.changed(known, seconds)
                seconds = LOOK_SECONDS
                states = {name: state for name, state in known.items() if name != library.READERS}
                self._publish("", {name: state for name, state in states.items() if not state & library.GONE})
        finally:
            self._context = None
            with contextlib.suppress(PcscFault):
                context.release()

    def _lost(self, obstacle: str) -> None:
        if self._ending:
            return
        if obstacle != self.snapshot.obstacle:
            log.info("PC/SC cannot be used: %s", obstacle)
        self._wake.clear()
        self._publish(obstacle, {})
        self._wake.wait(RETRY_SECONDS)

    def _publish(self, obstacle: str, states: Mapping[str, int]) -> None:
        before, self.snapshot = self.snapshot, Snapshot(self.snapshot.attempts + 1, obstacle, states)
        if before.states.keys() != states.keys():
            os.eventfd_write(self._changes, 1)
        for listener in tuple(self._listeners):
            # The loop of a listener that is about to go may be closed.
            with contextlib.suppress(RuntimeError):
                listener()


READ_SECONDS = 60
"""A whole card takes no longer: half a second as a rule, some seconds where it is slow."""
NOTICE_SECONDS = 1.0
"""pcscd looks every 0.4 s whether a card is still there."""
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
                return await read(channel)
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


CARD = LocalizedText("居民身份证", "a resident ID card")
STEP = LocalizedText("读取身份证", "reading the resident ID card")
PARTS = 2
"""Text and portrait."""
MOST = 4096
"""No card holds more."""


async def read(channel: ApduChannel) -> ResidentCard:
    """Return the card that the reader's module has read.

    Raises
    ------
    server.errors.WrongCard
        Another card, or a reader without a module.
    server.errors.CardUnreadable
    """
    first = await channel.send(_page(0), STEP)
    if not first.ok:
        raise errors.WrongCard(device=channel.device, card=CARD)
    data = first.data
    lengths = [int.from_bytes(data[at : at + 2], "big") for at in range(0, 2 * PARTS, 2)]
    size = 2 * PARTS + sum(lengths)
    if len(data) != SHORT or size > MOST:
        raise faults.garbled(channel.device, STEP)
    while len(data) < size:
        more = await channel.send(_page(len(data) // SHORT), STEP)
        if not more.ok:
            raise faults.refused(channel.device, STEP, more.status)
        data += more.data
        if len(data) < size and len(data) % SHORT:
            raise faults.garbled(channel.device, STEP)
    try:
        return read_card(split(data[:size], PARTS))
    except MalformedRecord as exc:
        raise faults.garbled(channel.device, STEP) from exc


def _page(number: int) -> ApduCommand:
    return ApduCommand(0xFF, 0xB0, number, 0x00, le=SHORT)
