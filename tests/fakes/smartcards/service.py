"""A PC/SC service in memory, for what a real one does seldom: refuse, hang, lose readers."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from server.devices.adapters.pcsc import faults, library
from server.devices.adapters.pcsc.faults import PcscFault
from server.devices.adapters.pcsc.library import Missing
from tests.fakes.smartcards.card import VirtualCard


@dataclass(slots=True)
class Slot:
    """A reader; `events` counts cards that came and went."""

    card: VirtualCard | None = None
    events: int = 0

    @property
    def state(self) -> int:
        return (library.PRESENT if self.card else 0x0010) | self.events << 16


@dataclass(slots=True)
class Service:
    """The service, and what the test does to it.

    Attributes
    ----------
    missing
        What `establish` says is not installed.
    refusals
        Codes by call (establish, readers, changed, connect, begin, reconnect, transmit, disconnect); each
        is raised once, those in a list in their order.
    released
        Contexts that were given back.
    """

    slots: dict[str, Slot] = field(default_factory=dict)
    missing: str = ""
    refusals: dict[str, list[int]] = field(default_factory=dict)
    running: bool = True
    released: int = 0
    dispositions: list[int] = field(default_factory=list)
    turned: threading.Condition = field(default_factory=threading.Condition)

    def establish(self) -> Context:
        """See `server.devices.adapters.pcsc.library.Establish`."""
        if self.missing:
            raise Missing(self.missing)
        self.check("establish")
        return Context(self)

    def check(self, call: str) -> None:
        """Refuse a call, if the test says so."""
        with self.turned:
            if not self.running:
                raise PcscFault(faults.NO_SERVICE)
            if codes := self.refusals.get(call):
                raise PcscFault(codes.pop(0))

    def plug(self, reader: str, card: VirtualCard | None = None) -> None:
        """A reader comes, perhaps with a card."""
        with self.turned:
            self.slots[reader] = Slot(card)
            self.turned.notify_all()

    def unplug(self, reader: str) -> None:
        """A reader goes."""
        with self.turned:
            del self.slots[reader]
            self.turned.notify_all()

    def put(self, reader: str, card: VirtualCard | None) -> None:
        """A card comes, or goes, or is replaced at once."""
        with self.turned:
            slot = self.slots[reader]
            slot.events += 1 if slot.card is None or card is None else 2
            slot.card = card
            self.turned.notify_all()

    def stop(self) -> None:
        """The service goes."""
        with self.turned:
            self.running = False
            self.turned.notify_all()


class Context:
    """See `server.devices.adapters.pcsc.library.Context`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._cancelled = False

    def readers(self) -> tuple[str, ...]:
        self._service.check("readers")
        return tuple(self._service.slots)

    def changed(self, states: Mapping[str, int], seconds: float) -> dict[str, int]:
        self._service.check("changed")
        with self._service.turned:
            self._service.turned.wait_for(lambda: self._ends(states), seconds)
            if self._cancelled:
                raise PcscFault(faults.CANCELLED)
        self._service.check("changed")
        return self._seen(states)

    def look(self, reader: str) -> tuple[int, bytes]:
        slot = self._service.slots.get(reader)
        if slot is None:
            raise PcscFault(faults.UNKNOWN_READER)
        return slot.state, slot.card.atr if slot.card else b""

    def cancel(self) -> None:
        with self._service.turned:
            self._cancelled = True
            self._service.turned.notify_all()

    def connect(self, reader: str) -> Card:
        self._service.check("connect")
        slot = self._service.slots.get(reader)
        if slot is None:
            raise PcscFault(faults.UNKNOWN_READER)
        if slot.card is None:
            raise PcscFault(faults.NO_SMARTCARD)
        return Card(self._service, slot.card)

    def release(self) -> None:
        self._service.released += 1

    def _ends(self, states: Mapping[str, int]) -> bool:
        return self._cancelled or not self._service.running or self._seen(states) != states

    def _seen(self, states: Mapping[str, int]) -> dict[str, int]:
        slots = self._service.slots
        seen = {name: slots[name].state if name in slots else library.GONE for name in states}
        if library.READERS in states:
            seen[library.READERS] = len(slots) << 16
        return seen


class Card:
    """See `server.devices.adapters.pcsc.library.Card`."""

    def __init__(self, service: Service, card: VirtualCard) -> None:
        self._service = service
        self._card = card
        self.protocol = library.T0 if card.t0 else library.T1

    def begin(self) -> None:
        self._service.check("begin")

    def reconnect(self) -> None:
        self._service.check("reconnect")

    def transmit(self, command: bytes) -> bytes:
        self._service.check("transmit")
        return self._card.answer(command) or b""

    def disconnect(self, disposition: int) -> None:
        self._service.dispositions.append(disposition)
        self._service.check("disconnect")
