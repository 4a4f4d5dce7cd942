"""Commands and answers of cards, ISO/IEC 7816-3 and -4, short lengths, and the TLV objects in them.

PC/SC hands 61xx and 6Cxx back as the card gave them, so both are followed here. Nothing of it is
logged, and no `repr` shows it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace

from server.devices.adapters.pcsc import faults
from server.errors import LocalizedText

OK = 0x9000
"""Status word of a command that was carried out."""
SHORT = 256
"""Most bytes of an answer that a short command can ask for."""
ROUNDS = 32
"""Most commands that one command may become: enough for 8 KiB of answer, and an end to 6Cxx."""

Transmit = Callable[[bytes], Awaitable[bytes]]
"""Function that sends a command to the card and returns data and status word."""


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
        """Return the bytes of the command.

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


DEPTH = 8
"""Most templates in each other; no card has more."""
MAX_TAG_BYTES = 4
"""Most bytes of a tag; longer ones count as malformed."""
MAX_LENGTH_BYTES = 3
"""Most bytes of a length behind its first byte; longer ones count as malformed."""
CONSTRUCTED = 0x20
"""Bit of a tag's first byte by which the value is made of objects itself."""


class MalformedTlv(ValueError):
    """The bytes are no TLV."""


def objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The objects of one level as (tag, value); bytes 00 and FF between them are padding.

    Raises
    ------
    Malformed
        An object is cut short or has no definite length.
    """
    at = 0
    while at < len(data):
        if data[at] in (0x00, 0xFF):
            at += 1
            continue
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        if length > len(data) - at:
            raise MalformedTlv("an object is longer than what holds it")
        yield tag, data[at : at + length]
        at += length


def walk(data: bytes, depth: int = DEPTH) -> Iterator[tuple[int, bytes]]:
    """All objects, each before those in it.

    Raises
    ------
    Malformed
        See `objects`; also beyond `depth` levels.
    """
    if depth == 0:
        raise MalformedTlv("too many templates in each other")
    for tag, value in objects(data):
        yield tag, value
        if _is_constructed(tag):
            yield from walk(value, depth - 1)


def first(data: bytes, tag: int) -> bytes | None:
    """The value of the first object with a tag, on whatever level.

    Raises
    ------
    Malformed
        See `walk`.
    """
    return next((value for found, value in walk(data) if found == tag), None)


def tags_and_lengths(data: bytes) -> list[tuple[int, int]]:
    """A data object list, such as a PDOL: tags with the lengths that are wanted.

    Raises
    ------
    Malformed
        It is cut short.
    """
    wanted = []
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        wanted.append((tag, length))
    return wanted


def record(data: bytes) -> tuple[int, bytes]:
    """Tag and value of a simple TLV record; bytes after it are padding.

    Raises
    ------
    Malformed
        It is cut short.
    """
    if len(data) < 2:
        raise MalformedTlv("a record without tag and length")
    start = 2
    length = data[1]
    if length == 0xFF:
        start = 4
        length = int.from_bytes(data[2:4], "big")
    if length > len(data) - start:
        raise MalformedTlv("a record is cut short")
    return data[0], data[start : start + length]


def _tag(data: bytes, at: int) -> tuple[int, int]:
    """The tag at an offset as one number, such as 0x9F38, and the offset after it."""
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    if end > len(data) or end - at > MAX_TAG_BYTES:
        raise MalformedTlv("a tag is cut short or too long")
    return int.from_bytes(data[at:end], "big"), end


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise MalformedTlv("an object without length")
    if data[at] < 0x80:
        return data[at], at + 1
    end = at + 1 + (data[at] & 0x7F)
    if not 1 <= end - at - 1 <= MAX_LENGTH_BYTES or end > len(data):
        raise MalformedTlv("a length is indefinite, cut short or too long")
    return int.from_bytes(data[at + 1 : end], "big"), end


def _is_constructed(tag: int) -> bool:
    while tag > 0xFF:
        tag >>= 8
    return bool(tag & CONSTRUCTED)
