"""Commands and answers of cards, ISO/IEC 7816-3 and -4, short lengths.

PC/SC hands 61xx and 6Cxx back as the card gave them, so both are followed here. Nothing of it is
logged, and no `repr` shows it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from server.devices.adapters.pcsc import faults
from server.errors import LocalizedText

OK = 0x9000
SHORT = 256
"""The longest answer that a short command can ask for."""
ROUNDS = 32
"""Commands that one command may become: 8 KiB of answer, and no endless 6Cxx."""

Transmit = Callable[[bytes], Awaitable[bytes]]
"""Sends a command to the card and returns data and status word."""


@dataclass(frozen=True, slots=True)
class ApduCommand:
    """A command.

    Attributes
    ----------
    data
        At most 255 bytes.
    le
        Bytes of answer that are asked for, 1 to 256, where 256 stands for all; none: no data is.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int | None = None

    def encode(self, t0: bool) -> bytes:
        """Its bytes.

        Parameters
        ----------
        t0
            For the protocol T=0, which has no room for Le beside data: the card says 61xx instead.
        """
        header = bytes((self.cla, self.ins, self.p1, self.p2))
        if self.data:
            le = () if self.le is None or t0 else (self.le % SHORT,)
            return header + bytes((len(self.data),)) + self.data + bytes(le)
        if self.le is not None:
            return header + bytes((self.le % SHORT,))
        return header + b"\0" if t0 else header


@dataclass(frozen=True, slots=True)
class ApduResponse:
    """Data and status word."""

    data: bytes = field(repr=False)
    status: int

    @property
    def ok(self) -> bool:
        """True if the command was carried out without a warning."""
        return self.status == OK


class ApduChannel:
    """A channel to one card.

    Parameters
    ----------
    t0
        True for T=0; otherwise T=1, which contactless cards speak for PC/SC, too.
    device
        The reader's name, for people.
    """

    def __init__(self, transmit: Transmit, t0: bool, device: str) -> None:
        self._transmit = transmit
        self._t0 = t0
        self.device = device

    async def send(self, command: ApduCommand, step: LocalizedText) -> ApduResponse:
        """Send a command and return the last answer to it, with all its data.

        A command that asks for no data is sent once, whatever is answered: a PIN is never repeated.

        Parameters
        ----------
        step
            The purpose of the command; see `server.devices.adapters.pcsc.faults.refused`.

        Raises
        ------
        server.errors.CardUnreadable
            The card answers what no card may: no status word, or 61xx and 6Cxx without end.
        """
        collected = b""
        for _ in range(ROUNDS):
            answer = await self._transmit(command.encode(self._t0))
            if len(answer) < 2:
                break
            kind, count = answer[-2:]
            if kind == 0x6C and command.le is not None:
                command = replace(command, le=count or SHORT)
                continue
            collected += answer[:-2]
            if kind != 0x61:
                return ApduResponse(collected, kind << 8 | count)
            command = ApduCommand(0x00, 0xC0, 0x00, 0x00, le=count or SHORT)
        raise faults.garbled(self.device, step)


def select_name(name: bytes, le: int | None = SHORT) -> ApduCommand:
    """SELECT by the name of an application or directory."""
    return ApduCommand(0x00, 0xA4, 0x04, 0x00, name, le)


def read_record(number: int, p2: int, le: int = SHORT) -> ApduCommand:
    """READ RECORD; `p2` says in which file, and what `number` counts."""
    return ApduCommand(0x00, 0xB2, number, p2, le=le)
