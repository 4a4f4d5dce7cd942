"""Messages of a client, put together from WebSocket frames within a budget of memory (RFC 6455, 5).

aiohttp does pings and closing. `MessageReader` takes the place of its reader, which holds what has arrived of
a message without telling anybody. Every byte is charged as it arrives. A message that does not fit is read to
its end without being kept, so that it can be answered and its connection lives on.
"""

from __future__ import annotations

import asyncio
import codecs
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from aiohttp import EofStream, WSCloseCode, WSMessage, WSMsgType
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_websocket import WebSocketError

from server.access.limits import ByteBudget, Charge, MessageLimits

CONTROL = 0x8
"""First opcode of control frames (RFC 6455, 5.2)."""
_CLOSE_CODES = frozenset(map(int, WSCloseCode))
EXCERPT_BYTES = 1024
"""Bytes kept of the beginning and of the end of a refused message, which name its request."""
SMALL_FRAME = 256
"""Bytes of a frame's payload below which it counts as small; browsers send 128 kB in each fragment."""
FRAMES_PER_TURN = 256
"""Small frames without a whole message after which a client is paused: they take about a millisecond."""
FIRST_PAUSE = 0.01
"""First pause of a client after a flood of small frames, in seconds; each further one is twice as long."""
LONGEST_PAUSE = 1.0
"""Longest pause of a client after a flood of small frames, in seconds: no flood takes more than a thousandth
of the time."""
QUEUED_MESSAGES = 64
"""Number of messages that wait to be taken, from which on nothing is read."""
PIECE_BYTES = 256 * 1024
"""Size of the pieces that a message is put together from: one buffer that grows leaves holes behind."""
OVERSIZE_BYTES = 8 * 1024 * 1024
"""Excess over the message limit that is still read: a client cut off while sending would see a broken
connection in place of the close code."""


@dataclass(slots=True)
class IncomingMessage:
    """A whole message.

    Attributes
    ----------
    data
        Its bytes, until they are taken; of a refused one the beginning and the end.
    size
        Number of its bytes.
    charge
        Held for it until the receiver releases it; that of a large one has room for what is decoded of it.
    refused
        True if it did not fit into the budget and was not kept.
    """

    data: bytes
    size: int
    charge: Charge
    refused: bool = False

    def take(self) -> bytes:
        """Return its bytes, and keep none: who waits for the next message still holds this one."""
        data = self.data
        self.data = b""
        return data


class Header(NamedTuple):
    """Header of a frame; `end` is the place of its payload."""

    final: bool
    opcode: int
    length: int
    mask: bytes
    end: int


def read_header(data: bytes, at: int) -> Header | None:
    """Return the header at that place; None if it, or a frame of control, is not there as a whole."""
    if len(data) < at + 2:
        return None
    first = data[at]
    second = data[at + 1]
    opcode = first & 0xF
    length = second & 0x7F
    end = at + 2
    _check_frame(first, length)
    if length >= 126:
        size = 2 if length == 126 else 8
        length = int.from_bytes(data[end : end + size])
        end += size
    masked = 4 if second & 0x80 else 0
    if len(data) < end + masked + (length if opcode >= CONTROL else 0):
        return None
    return Header(bool(first & 0x80), opcode, length, data[end : end + masked], end + masked)


def _check_frame(first: int, length: int) -> None:
    opcode = first & 0xF
    if first & 0x70 or opcode not in (0x0, 0x1, 0x2, 0x8, 0x9, 0xA):
        raise WebSocketError(WSCloseCode.PROTOCOL_ERROR, "a frame has reserved bits or an unknown opcode")
    if opcode >= CONTROL and (length > 125 or not first & 0x80):
        raise WebSocketError(WSCloseCode.PROTOCOL_ERROR, "a frame of control is too long or in parts")


def unmasked(data: bytes, mask: bytes) -> bytes:
    if not mask or not data:
        return data
    padded = np.frombuffer(data + bytes(-len(data) % 4), np.uint32)
    return (padded ^ np.frombuffer(mask, np.uint32)).tobytes()[: len(data)]


class TextCheck:
    """Check of a text that comes in pieces: its bytes are UTF-8.

    Nothing is kept: as a string, which is not needed, one emoji would make it four times as large.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def add(self, data: bytes, final: bool = False) -> None:
        """Check a piece; raises WebSocketError if it is not UTF-8, or ends the text within a character."""
        if data.isascii() and not self._decoder.getstate()[0]:
            return
        try:
            self._decoder.decode(data, final)
        except UnicodeDecodeError as exc:
            raise WebSocketError(WSCloseCode.INVALID_TEXT, "the text is not valid UTF-8") from exc


def close_message(payload: bytes) -> WSMessage:
    if not payload:
        return WSMessage(WSMsgType.CLOSE, 0, "")
    code = struct.unpack(">H", payload[:2])[0] if len(payload) > 1 else 0
    if code < 3000 and code not in _CLOSE_CODES:
        raise WebSocketError(WSCloseCode.PROTOCOL_ERROR, "the close code is not valid")
    TextCheck().add(payload[2:], final=True)
    return WSMessage(WSMsgType.CLOSE, code, payload[2:].decode())


class MessageQueue:
    """Messages that `web.WebSocketResponse` takes one by one.

    Parameters
    ----------
    proceed
        Called when the last one was taken.
    """

    def __init__(self, proceed: Callable[[], None]) -> None:
        self._proceed = proceed
        self._messages: deque[WSMessage] = deque()
        self._changed = asyncio.Event()
        self._end: BaseException | None = None

    def __len__(self) -> int:
        return len(self._messages)

    def feed_data(self, message: WSMessage, size: int = 0) -> None:
        """Add a message; aiohttp gives its size."""
        self._messages.append(message)
        self._changed.set()

    def set_exception(self, error: BaseException, cause: BaseException | None = None) -> None:
        """Raise `error` when all messages were taken; aiohttp gives a cause."""
        self._end = self._end or error
        self._changed.set()

    async def read(self) -> WSMessage:
        """Take the next message, waiting for it."""
        while not self._messages:
            if self._end is not None:
                raise self._end
            self._changed.clear()
            await self._changed.wait()
        message = self._messages.popleft()
        if not self._messages:
            self._proceed()
        return message


class PartialMessage:
    """A message of which some has arrived: kept while its charge grows, else counted only.

    Parameters
    ----------
    limit
        Size from which it is not kept, whatever the budget.
    """

    def __init__(self, opcode: int, budget: ByteBudget, limit: int) -> None:
        self.opcode = opcode
        self._charge = Charge(budget)
        self._limit = limit
        self._pieces: list[bytes] = []
        self._kept = bytearray()
        self._tail = b""
        self._refused = False
        self._size = 0
        self._text = TextCheck() if opcode == WSMsgType.TEXT else None

    def expect(self, length: int) -> None:
        """Count another frame by its header; raises WebSocketError if no message may be so large."""
        self._size += length
        if self._size >= self._limit + OVERSIZE_BYTES:
            raise WebSocketError(WSCloseCode.MESSAGE_TOO_BIG, "the message is too large")
        if self._size > self._limit:
            self.refuse()

    def add(self, data: bytes) -> None:
        """Keep more of it, if it fits; raises WebSocketError if it ought to be text and is not."""
        # As it comes: of a large message, the check of the whole would keep the loop.
        if self._text is not None and not self._refused:
            self._text.add(data)
        if not self._refused and self._charge.grow(len(data)):
            self._kept += data
            if len(self._kept) >= PIECE_BYTES:
                self._pieces.append(bytes(self._kept))
                self._kept.clear()
            return
        self.refuse()
        room = EXCERPT_BYTES - len(self._kept)
        self._kept += data[:room]
        self._tail = (self._tail + data[room:][-EXCERPT_BYTES:])[-EXCERPT_BYTES:]

    def refuse(self) -> None:
        """Keep an excerpt only, and hold nothing any more."""
        if not self._refused:
            self._refused = True
            first = (self._pieces or [bytes(self._kept)])[0]
            last = (self._pieces[-1:] or [b""])[0][-EXCERPT_BYTES:] + self._kept
            rest = last if self._pieces else last[EXCERPT_BYTES:]
            self._tail = bytes(rest[-EXCERPT_BYTES:])
            self._kept = bytearray(first[:EXCERPT_BYTES])
            self._pieces.clear()
            self._charge.release()

    def message(self) -> IncomingMessage:
        """Return the whole message; raises WebSocketError if it ought to be text and is not."""
        if self._text is not None and not self._refused:
            self._text.add(b"", final=True)
        # The text that it becomes is there beside it, as it is itself beside its pieces.
        if self._pieces and not self._charge.grow(self._size):
            self.refuse()
        data = b"".join((*self._pieces, self._kept, self._tail))
        return IncomingMessage(data, self._size, self._charge, self._refused)


class MessageReader:
    """Parser that aiohttp's protocol feeds, and that fills a `MessageQueue`.

    Parameters
    ----------
    protocol
        The connection, whose reading is paused while much waits.
    budget
        Budget of the connection.
    """

    def __init__(self, protocol: BaseProtocol, budget: ByteBudget, limits: MessageLimits) -> None:
        self.queue = MessageQueue(self._proceed)
        self._protocol = protocol
        self._budget = budget
        self._limits = limits
        self._partial: PartialMessage | None = None
        self._header: Header | None = None
        self._left = 0
        self._rest = b""
        self._paused = False
        self._frames = 0
        self._pause_seconds = 0.0
        self._pausing: asyncio.TimerHandle | None = None
        self._ended = False
        self._deadline: asyncio.TimerHandle | None = None

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Parse what has arrived; aiohttp expects whether this was the end, and what is left over."""
        if not self._ended:
            data = self._rest + data if self._rest else bytes(data)
            if self._pausing is None:
                self._hold(b"")
                self._parse(data)
            else:
                self._hold(data)
        return self._ended, b""

    def feed_eof(self) -> None:
        """End: the client is gone."""
        self._end(EofStream())

    def _proceed(self) -> None:
        """Go on with what was set aside, unless there is a pause or much waits."""
        if self._paused and self._pausing is None and not len(self.queue) and not self._ended:
            self._paused = False
            self.feed_data(b"")
            if not self._paused:
                self._protocol.resume_reading()

    def _hold(self, rest: bytes) -> None:
        """Set aside, and charge, what was read and not parsed; it is one read at most."""
        self._budget.add(len(rest) - len(self._rest))
        self._rest = rest

    def _parse(self, data: bytes) -> None:
        try:
            self._hold(data[self._parse_frames(data) :])
            self._watch()
        except WebSocketError as error:
            self._end(error)

    def _parse_frames(self, data: bytes) -> int:
        """Parse as much as is there and may be now; return the place from which to go on."""
        at = 0
        while at < len(data):
            if self._header is not None:
                at = self._payload(data, at, self._header)
                continue
            if self._frames >= FRAMES_PER_TURN or len(self.queue) >= QUEUED_MESSAGES:
                self._pause()
                break
            header = read_header(data, at)
            if header is None:
                break
            self._frames += header.length < SMALL_FRAME
            at = self._begin_frame(header, data)
        return at

    def _pause(self) -> None:
        """Read nothing for a while, if that was a flood, and until all that waits was taken."""
        if not self._paused:
            self._paused = True
            self._protocol.pause_reading()
        if self._frames >= FRAMES_PER_TURN:
            self._frames = 0
            self._pause_seconds = min(LONGEST_PAUSE, 2 * self._pause_seconds or FIRST_PAUSE)
            self._pausing = asyncio.get_running_loop().call_later(self._pause_seconds, self._pause_over)

    def _pause_over(self) -> None:
        self._pausing = None
        self._proceed()

    def _begin_frame(self, header: Header, data: bytes) -> int:
        """Begin a frame, or handle one of control; return the place from which to go on."""
        if header.opcode >= CONTROL:
            end = header.end + header.length
            self._control(header.opcode, unmasked(data[header.end : end], header.mask))
            return end
        if (header.opcode == WSMsgType.CONTINUATION) != (self._partial is not None):
            raise WebSocketError(WSCloseCode.PROTOCOL_ERROR, "a message begins within another, or nowhere")
        if self._partial is None:
            self._partial = PartialMessage(header.opcode, self._budget, self._limits.size)
        self._partial.expect(header.length)
        self._header = header
        self._left = header.length
        if not header.length:
            self._payload(b"", 0, header)
        return header.end

    def _payload(self, data: bytes, at: int, header: Header) -> int:
        """Take what is there of a frame's payload; return the place behind it."""
        assert self._partial is not None
        piece = data[at : at + self._left]
        done = header.length - self._left
        mask = header.mask[done % 4 :] + header.mask[: done % 4]
        self._partial.add(unmasked(piece, mask))
        self._left -= len(piece)
        if not self._left:
            self._header = None
            if header.final:
                message = WSMessage(WSMsgType(self._partial.opcode), self._partial.message(), "")
                self._partial = None
                self._frames = 0
                self._pause_seconds = 0.0
                self.queue.feed_data(message)
        return at + len(piece)

    def _control(self, opcode: int, payload: bytes) -> None:
        closing = opcode == WSMsgType.CLOSE
        self.queue.feed_data(close_message(payload) if closing else WSMessage(WSMsgType(opcode), payload, ""))

    def _watch(self) -> None:
        """Have the message that is not complete be so in time."""
        if self._partial is None and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        elif self._partial is not None and self._deadline is None:
            loop = asyncio.get_running_loop()
            late = WebSocketError(WSCloseCode.POLICY_VIOLATION, "the message took too long")
            self._deadline = loop.call_later(self._limits.seconds, self._end, late)

    def _end(self, error: BaseException) -> None:
        self._ended = True
        if self._pausing is not None:
            self._pausing.cancel()
        self._hold(b"")
        if self._partial is not None:
            self._partial.refuse()
            self._partial = None
        self._watch()
        self.queue.set_exception(error)
