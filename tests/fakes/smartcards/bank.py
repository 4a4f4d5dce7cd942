"""Bank cards by EMV and PBOC."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.smartcards.card import ATR_CONTACTLESS, ATR_T0, ATR_T1, Reply, VirtualCard, ber

UNIONPAY = bytes.fromhex("A000000333010101")
CREDIT = bytes.fromhex("A000000333010102")
VISA = bytes.fromhex("A0000000031010")
PSE = b"1PAY.SYS.DDF01"
PPSE = b"2PAY.SYS.DDF01"
PDOL = bytes.fromhex("9F6604 9F0206 9F0306 9F1A02 9505 5F2A02 9A03 9C01 9F3704".replace(" ", ""))
NUMBER = "6217001234567890122"
OTHER_NUMBER = "4761739001010119"
HOLDER = b"WANG/XIAO MING"


def pan(number: str) -> bytes:
    """Tag 5A: digits as BCD, filled with F."""
    return ber(0x5A, bytes.fromhex(number + "F" * (len(number) % 2)))


def track2(number: str, expiry: str = "3012") -> bytes:
    """Tag 57."""
    digits = f"{number}D{expiry}2201000012300"
    return ber(0x57, bytes.fromhex(digits + "F" * (len(digits) % 2)))


@dataclass(slots=True)
class Application:
    """One application of a card.

    Attributes
    ----------
    options
        The whole answer to GET PROCESSING OPTIONS; made of `records` in format 2 where empty.
    records
        Contents of template 70, by file and number.
    """

    pdol: bytes = PDOL
    options: bytes = b""
    options_status: int = 0x9000
    records: dict[tuple[int, int], bytes] = field(default_factory=dict)
    select_status: int = 0x9000

    def control(self, name: bytes) -> bytes:
        """Its file control information."""
        pdol = ber(0x9F38, self.pdol) if self.pdol else b""
        return ber(0x6F, ber(0x84, name) + ber(0xA5, ber(0x50, b"PBOC DEBIT") + pdol))

    def locator(self) -> bytes:
        """The AFL of its records."""
        return b"".join(bytes((file << 3, number, number, 0)) for file, number in self.records)

    def started(self) -> bytes:
        """What it answers to GET PROCESSING OPTIONS."""
        return self.options or ber(0x77, ber(0x82, b"\x7c\x00") + ber(0x94, self.locator()))


def usual(number: str = NUMBER) -> Application:
    """As issuers personalise it: holder and track 2 in one record, number and expiry in another."""
    return Application(
        records={
            (1, 1): track2(number) + ber(0x5F20, HOLDER),
            (2, 1): pan(number) + ber(0x5F24, b"\x30\x12\x31") + ber(0x5F34, b"\x01"),
        }
    )


class BankCard(VirtualCard):
    """See the module.

    Parameters
    ----------
    directory
        `PSE`, `PPSE` or none.
    priorities
        By application; 0 where it has none.
    """

    def __init__(
        self,
        applications: dict[bytes, Application] | None = None,
        directory: bytes | None = PSE,
        priorities: dict[bytes, int] | None = None,
        atr: bytes = ATR_T0,
        pieces: int = 0,
    ) -> None:
        super().__init__(atr, pieces)
        self._applications = {UNIONPAY: usual()} if applications is None else applications
        self._directory = directory
        self._priorities = priorities or {}
        self._selected: bytes | None = None
        self._started = False
        self.pdol_data: list[bytes] = []

    def reset(self) -> None:
        super().reset()
        self._selected = None
        self._started = False

    def execute(self, header: bytes, data: bytes) -> Reply:
        cla, ins, p1, p2 = header
        if (cla, ins, p1) == (0x00, 0xA4, 0x04):
            return self._select(data)
        if (cla, ins) == (0x80, 0xA8):
            return self._start(data)
        if (cla, ins) == (0x00, 0xB2):
            return self._read(p1, p2)
        return b"", 0x6D00

    def _entry(self, name: bytes) -> bytes:
        priority = self._priorities.get(name, 0)
        shown = ber(0x4F, name) + ber(0x50, b"BANK")
        return ber(0x61, shown + (ber(0x87, bytes((priority,))) if priority else b""))

    def _select(self, name: bytes) -> Reply:
        self._started = False
        if name == self._directory:
            self._selected = name
            if name == PSE:
                return ber(0x6F, ber(0x84, PSE) + ber(0xA5, ber(0x88, b"\x01"))), 0x9000
            entries = b"".join(self._entry(each) for each in self._applications)
            return ber(0x6F, ber(0x84, PPSE) + ber(0xA5, ber(0xBF0C, entries))), 0x9000
        application = self._applications.get(name)
        if application is None:
            return b"", 0x6A82
        self._selected = name
        return application.control(name), application.select_status

    def _start(self, data: bytes) -> Reply:
        application = self._applications.get(self._selected or b"")
        if application is None:
            return b"", 0x6985
        wanted = _wanted(application.pdol)
        if data[:2] != bytes((0x83, wanted)) or len(data) != 2 + wanted:
            return b"", 0x6700
        self.pdol_data.append(data[2:])
        self._started = application.options_status == 0x9000
        return application.started() if self._started else b"", application.options_status

    def _read(self, number: int, p2: int) -> Reply:
        file = p2 >> 3
        if self._selected == PSE:
            names = list(self._applications)
            if file == 1 and number <= len(names):
                return ber(0x70, self._entry(names[number - 1])), 0x9000
            return b"", 0x6A83
        application = self._applications.get(self._selected or b"")
        if application is None or not self._started or (file, number) not in application.records:
            return b"", 0x6A83
        return ber(0x70, application.records[file, number]), 0x9000


def _wanted(pdol: bytes) -> int:
    """The length of what a PDOL of one- and two-byte tags asks for."""
    total = at = 0
    while at < len(pdol):
        at += 2 if pdol[at] & 0x1F == 0x1F else 1
        total += pdol[at]
        at += 1
    return total


def contactless(applications: dict[bytes, Application] | None = None, pieces: int = 0) -> BankCard:
    """The same through the air."""
    return BankCard(applications, PPSE, atr=ATR_CONTACTLESS, pieces=pieces)


def in_t1() -> BankCard:
    """With contacts, and T=1."""
    return BankCard(atr=ATR_T1)
