"""A social security card by LD/T 33, and the ways in which real ones differ."""

from __future__ import annotations

from tests.fakes.smartcards.card import ATR_T0, Reply, VirtualCard

DIRECTORY = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
NUMBER = "110105199003078270"
NAME = "阿卜杜勒"
CARD_NUMBER = "A12345678"
PIN = "135790"

NOT_FOUND = 0x6A82
NO_RECORD = 0x6A83
NOT_ALLOWED = 0x6982
WRONG_PARAMETERS = 0x6A86

Records = list[tuple[int, bytes]]


def issuer_records() -> Records:
    """EF05, where records have the numbers of their identifiers."""
    return [
        (0x01, bytes.fromhex("330100D156000005") + b"01234567"),
        (0x02, b"1"),
        (0x03, b"2.00"),
        (0x04, bytes(12)),
        (0x05, bytes.fromhex("20150601")),
        (0x06, bytes.fromhex("20250601")),
        (0x07, CARD_NUMBER.encode()),
    ]


def holder_records(name: bytes | None = None, rest: bytes | None = None) -> Records:
    """EF06; `name` and `rest` are bytes of GBK, the second those of the name's extension."""
    shown = NAME.encode("gbk") if name is None else name
    extension = [] if rest is None else [(0x4E, rest)]
    return [
        (0x08, NUMBER.encode()),
        (0x09, shown.ljust(30, b"\0")),
        *extension,
        (0x0A, b"1"),
        (0x0B, b"\x05"),
        (0x0C, bytes.fromhex("110105")),
        (0x0D, bytes.fromhex("19900307")),
    ]


class SocialSecurityCard(VirtualCard):
    """See the module.

    Parameters
    ----------
    identifiers
        What it makes of a record identifier: it knows them, refuses them, or takes them for numbers.
    protected
        Identifiers of records that need the PIN.
    select_by
        P1 of SELECT by which it finds its files.
    exact
        Whether it refuses a length that is not the record's.
    """

    def __init__(
        self,
        atr: bytes = ATR_T0,
        *,
        issuer: Records | None = None,
        holder: Records | None = None,
        identifiers: str = "known",
        protected: frozenset[int] = frozenset(),
        select_by: tuple[int, ...] = (0x00, 0x02),
        exact: bool = False,
        pin: str = PIN,
    ) -> None:
        super().__init__(atr)
        self._files = {
            b"\xef\x05": issuer_records() if issuer is None else issuer,
            b"\xef\x06": holder_records() if holder is None else holder,
        }
        self._identifiers = identifiers
        self._protected = protected
        self._select_by = select_by
        self._exact = exact
        self._pin = bytes.fromhex(pin)
        self.tries = 3
        self.verified = False
        self._in_directory = False
        self._file: Records | None = None

    def reset(self) -> None:
        super().reset()
        self.verified = self._in_directory = False
        self._file = None

    def execute(self, header: bytes, data: bytes) -> Reply:
        _, ins, p1, p2 = header
        if ins == 0xA4:
            return self._select(p1, data)
        if ins == 0x20 and self._in_directory:
            return b"", self._verify(data)
        if ins == 0xB2 and self._file is not None:
            return self._read(p1, p2)
        return b"", 0x6D00

    def answer(self, command: bytes) -> bytes | None:
        answer = super().answer(command)
        if self._exact and command[1] == 0xB2 and command[4] == 0:
            return b"\x67\x00"
        return answer

    def _select(self, p1: int, data: bytes) -> Reply:
        if p1 == 0x04:
            self._in_directory = data == DIRECTORY
            return (
                (bytes.fromhex("6F0584031122330000")[:7], 0x9000) if self._in_directory else (b"", NOT_FOUND)
            )
        if p1 not in self._select_by:
            return b"", WRONG_PARAMETERS
        if not self._in_directory or data not in self._files:
            return b"", NOT_FOUND
        self._file = self._files[data]
        return b"", 0x9000

    def _verify(self, data: bytes) -> int:
        if self.tries == 0:
            return 0x6983
        if data == self._pin:
            self.tries = 3
            self.verified = True
            return 0x9000
        self.tries -= 1
        return 0x63C0 | self.tries

    def _read(self, p1: int, p2: int) -> Reply:
        assert self._file is not None
        by_number = p2 == 0x04 or (p2 == 0x00 and self._identifiers == "numbers")
        if p2 == 0x00 and self._identifiers == "refused":
            return b"", WRONG_PARAMETERS
        for number, (tag, value) in enumerate(self._file, 1):
            if p1 == (number if by_number else tag):
                if tag in self._protected and not self.verified:
                    return b"", NOT_ALLOWED
                return bytes((tag, len(value))) + value, 0x9000
        return b"", NO_RECORD
