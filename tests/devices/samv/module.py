"""A SAM-V module as its makers describe it, written from the description and not from our own code."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import reduce
from operator import xor

from tests.devices.samv.people import FakeCard

PREAMBLE = bytes.fromhex("AAAAAA9669")
STATUS = bytes.fromhex("11FF")
FIND = bytes.fromhex("2001")
SELECT = bytes.fromhex("2002")
BASE = bytes.fromhex("3001")
ADDRESS = bytes.fromhex("3003")
FINGERS = bytes.fromhex("3010")
SILENCE = b""
Deed = int | bytes | Callable[[], None]
"""Instead of its answer, once: a status, these bytes or silence; or something to be done before it."""


def framed(body: bytes) -> bytes:
    checked = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + checked + bytes([reduce(xor, checked)])


def said(status: int, data: bytes = b"") -> bytes:
    return framed(bytes([0, 0, status]) + data)


class Module:
    """Answers commands.

    Attributes
    ----------
    card
        What lies on it. A card that was read is not found again until it was lifted.
    knows_fingers
        Whether it has the command that reads fingerprint features.
    commands
        All that it was asked.
    deeds
        By command, what it does instead of answering.
    """

    def __init__(self, card: FakeCard | None = None, knows_fingers: bool = True) -> None:
        self.card = card
        self.knows_fingers = knows_fingers
        self.finds_again = False
        self.commands: list[bytes] = []
        self.deeds: dict[bytes, deque[Deed]] = {}
        self._read = False
        self._selected = False
        self._held = b""

    def lift(self) -> None:
        self.card = None
        self._read = False
        self._selected = False

    def put(self, card: FakeCard) -> None:
        self.lift()
        self.card = card

    def will(self, command: bytes, *deeds: Deed) -> None:
        """Do this when it is asked that, each once."""
        self.deeds.setdefault(command, deque()).extend(deeds)

    def hear(self, data: bytes) -> Iterator[bytes]:
        """The answers to what came."""
        self._held += data
        while (start := self._held.find(PREAMBLE)) >= 0 and len(self._held) >= start + 7:
            length = int.from_bytes(self._held[start + 5 : start + 7], "big")
            end = start + 7 + length
            if len(self._held) < end:
                return
            checked = self._held[start + 5 : end]
            self._held = self._held[end:]
            yield self.answer(checked[2:-1]) if not reduce(xor, checked) else said(0x10)

    def answer(self, command: bytes) -> bytes:
        self.commands.append(command)
        if deeds := self.deeds.get(command):
            deed = deeds.popleft()
            if not callable(deed):
                return said(deed) if isinstance(deed, int) else deed
            deed()
        return self._honest(command)

    def _honest(self, command: bytes) -> bytes:
        if command == STATUS:
            return said(0x90)
        if command == FIND:
            self._selected = False
            return said(0x80) if self._hidden else said(0x9F, bytes(4))
        if command == SELECT:
            self._selected = not self._hidden
            return said(0x90, bytes(8)) if self._selected else said(0x81)
        if command == FINGERS and not self.knows_fingers:
            return said(0x21)
        if command in (BASE, ADDRESS, FINGERS):
            return self._contents(command)
        return said(0x24)

    @property
    def _hidden(self) -> bool:
        return self.card is None or (self._read and not self.finds_again)

    def _contents(self, command: bytes) -> bytes:
        card = self.card
        if card is None or not self._selected:
            return said(0x41)
        if command == ADDRESS:
            return said(0x90, card.latest.ljust(35).encode("utf-16-le")) if card.latest else said(0x91)
        self._read = True
        parts = [card.text, card.portrait, *([card.fingers] if command == FINGERS else [])]
        return said(0x90, b"".join(len(part).to_bytes(2, "big") for part in parts) + b"".join(parts))
