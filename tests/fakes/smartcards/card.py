"""What all virtual cards have: a protocol, the transport rules of it, and a memory of what was sent."""

from __future__ import annotations

from collections.abc import Callable

ATR_T0 = bytes.fromhex("3B6500002063CB6800")
ATR_T1 = bytes.fromhex("3B95018173C80100A0CA")
ATR_CONTACTLESS = bytes.fromhex("3B8880010000000033818100BA")

Reply = tuple[bytes, int]
"""Data and status word."""
Answer = Callable[[bytes], bytes | None]
Hook = Callable[[bytes, Answer], bytes | None]


def ber(tag: int, value: bytes) -> bytes:
    """A BER-TLV object."""
    size = len(value)
    if size < 0x80:
        length = bytes((size,))
    else:
        octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes((0x80 | len(octets),)) + octets
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length + value


class VirtualCard:
    """A card with nothing on it.

    Parameters
    ----------
    atr
        Decides the protocol, as with real ones.
    pieces
        In T=1, answers longer than this come in pieces by 61xx; none where 0.
    """

    def __init__(self, atr: bytes = ATR_T1, pieces: int = 0) -> None:
        self.atr = atr
        self.t0 = atr == ATR_T0
        self.pieces = pieces
        self.commands: list[bytes] = []
        self.hook: Hook = lambda command, go_on: go_on(command)
        """Stands before the card's own answers."""
        self._waiting = b""

    def execute(self, header: bytes, data: bytes) -> Reply:
        """What the card's programs do with a command."""
        return b"", 0x6D00

    def reset(self) -> None:
        """Power went: the card forgets."""
        self._waiting = b""

    def answer(self, command: bytes) -> bytes | None:
        """Data and status word; none if the card never answers."""
        self.commands.append(command)
        return self.hook(command, self._in_t0 if self.t0 else self._in_t1)

    def _in_t0(self, command: bytes) -> bytes:
        header = command[:4]
        p3 = command[4]
        data = command[5:]
        if header[1] == 0xC0:
            return self._get(p3)
        if data or header[1] in (0xA4, 0xA8, 0x20):
            if len(data) != p3:
                return _word(0x6700)  # the Le that T=0 has no room for
            answer, status = self.execute(header, data)
            self._waiting = answer
            return _word(0x6100 | len(answer) % 256) if answer and status == 0x9000 else _word(status)
        answer, status = self.execute(header, b"")
        if answer and len(answer) % 256 != p3:
            return _word(0x6C00 | len(answer) % 256)
        return answer + _word(status)

    def _in_t1(self, command: bytes) -> bytes:
        header = command[:4]
        body = command[4:]
        if header[1] == 0xC0:
            return self._get(body[0])
        if len(body) > 1 and len(body) not in (1 + body[0], 2 + body[0]):
            return _word(0x6700)
        data = body[1 : 1 + body[0]] if len(body) > 1 else b""
        asked = len(body) == 1 or len(body) == 2 + body[0]
        answer, status = self.execute(header, data)
        if not asked:
            return _word(status)
        limit = body[-1] or 256
        if self.pieces and len(answer) > self.pieces:
            limit = self.pieces
            self._waiting = answer[self.pieces :]
            return answer[:limit] + _word(0x6100 | len(self._waiting) % 256)
        return answer[:limit] + _word(status)

    def _get(self, count: int) -> bytes:
        """GET RESPONSE."""
        if not self._waiting:
            return _word(0x6985)
        if self.t0 and count != len(self._waiting) % 256:
            return _word(0x6C00 | len(self._waiting) % 256)
        limit = min(count or 256, self.pieces or 256)
        piece = self._waiting[:limit]
        self._waiting = self._waiting[limit:]
        return piece + _word(0x6100 | len(self._waiting) % 256 if self._waiting else 0x9000)


def _word(status: int) -> bytes:
    return status.to_bytes(2, "big")
