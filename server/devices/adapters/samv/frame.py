"""The frames of a SAM-V module, GA 467: ``AA AA AA 96 69``, length, body, checksum.

A command's body is a code and a parameter, an answer's is a status of three bytes and its data. The
length, big-endian, counts the body and the checksum; the checksum is the exclusive or of length and body.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import xor

PREAMBLE = bytes.fromhex("AAAAAA9669")
"""Bytes with which a frame begins."""
SYNC = PREAMBLE[1:]
"""Bytes by which a frame is recognised, which are not all of its preamble: some modules spoil the first byte,
as in ``AA 00 AA AA 96 69``."""
HEAD_BYTES = len(PREAMBLE) + 2
"""Bytes of a frame before its body: the preamble and the length."""
LONGEST = 4096
"""Most that an answer's length field can say; no answer says more than 2314, so a higher one is noise."""
SHORTEST = 4
"""Least that an answer's length field can say: three bytes of status, and the checksum."""


class SamCommand(enum.Enum):
    """Code and parameter."""

    STATUS = bytes.fromhex("11FF")
    """Asks whether the module is well."""
    FIND = bytes.fromhex("2001")
    SELECT = bytes.fromhex("2002")
    READ_BASE = bytes.fromhex("3001")
    """Text and portrait."""
    READ_ADDRESS = bytes.fromhex("3003")
    """The address that was added to the card later."""
    READ_FINGERS = bytes.fromhex("3010")
    """Text, portrait and fingerprint features."""

    @property
    def reads(self) -> bool:
        """True if its answer holds something of a card."""
        return self.value[0] == 0x30


@dataclass(frozen=True, slots=True)
class SamAnswer:
    """An answer of the module.

    Attributes
    ----------
    status
        The three status bytes as one number; see `server.devices.adapters.samv.transaction`.
    data
        Of the card, hence never shown.
    """

    status: int
    data: bytes = field(default=b"", repr=False)


def encode(command: SamCommand) -> bytes:
    """The frame of a command."""
    return _frame(command.value)


def encode_answer(answer: SamAnswer) -> bytes:
    """The frame of an answer, as a module sends it."""
    return _frame(answer.status.to_bytes(3, "big") + answer.data)


def _frame(body: bytes) -> bytes:
    checked = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + checked + bytes([checksum(checked)])


def checksum(data: bytes) -> int:
    """The exclusive or of all bytes."""
    return reduce(xor, data, 0)


class Parser:
    """Finds answers in a stream of bytes that may hold anything else.

    Attributes
    ----------
    damaged
        True if a frame was found whose checksum is wrong, since the last `clear`.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self.damaged = False

    @property
    def begun(self) -> bool:
        """True if a frame has begun whose end has not come."""
        return self._held.startswith(SYNC)

    def clear(self) -> None:
        """Forget what came."""
        self._held.clear()
        self.damaged = False

    def feed(self, data: bytes) -> list[SamAnswer]:
        """The answers that `data` completes."""
        self._held += data
        return list(self._take())

    def give_up(self) -> list[SamAnswer]:
        """The answers hidden in a frame whose end will not come: noise began it, or its length is wrong."""
        found: list[SamAnswer] = []
        while self.begun and not found:
            self.damaged = True
            del self._held[0]
            found = list(self._take())
        return found

    def _take(self) -> Iterator[SamAnswer]:
        while self._align() and (end := self._end()) is not None:
            checked = bytes(self._held[len(SYNC) : end])
            if checksum(checked):  # that of a whole frame with its own checksum is 0
                self.damaged = True
                del self._held[0]
                continue
            del self._held[:end]
            yield SamAnswer(int.from_bytes(checked[2:5], "big"), checked[5:-1])

    def _align(self) -> bool:
        """Drop what precedes the next frame of a believable length; return whether there is one."""
        while True:
            start = self._held.find(SYNC)
            if start < 0:
                # What may be the beginning of the next one stays.
                del self._held[: max(0, len(self._held) - len(SYNC) + 1)]
                return False
            del self._held[:start]
            length = self._length()
            if length is None:
                return False
            if SHORTEST <= length <= LONGEST:
                return True
            del self._held[0]

    def _length(self) -> int | None:
        field = self._held[len(SYNC) : len(SYNC) + 2]
        return int.from_bytes(field, "big") if len(field) == 2 else None

    def _end(self) -> int | None:
        end = len(SYNC) + 2 + (self._length() or 0)
        return end if len(self._held) >= end else None
