"""Bank cards by EMV and PBOC, contact and contactless: the number and its expiry, and nothing beyond.

The applications are listed by the card's directory (PSE with contacts, PPSE without) or tried by name;
one is started (GET PROCESSING OPTIONS) and the records it names are read until the number is found
(EMV 4.3 Book 1, 12; Book 3, 10.1 and 10.2). No PIN, no cryptogram is asked for.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from server.devices.adapters.pcsc import apdu as tlv
from server.devices.adapters.pcsc import faults
from server.devices.adapters.pcsc.apdu import SHORT, ApduChannel, ApduCommand, read_record, select_name
from server.devices.ports.card_reader import BankCard
from server.errors import CardUnreadable, LocalizedText, WrongCard

CARD = LocalizedText("银行卡", "a bank card")
PSE = b"1PAY.SYS.DDF01"
"""Name of the directory of a card with contacts, the Payment System Environment."""
PPSE = b"2PAY.SYS.DDF01"
"""Name of the directory of a card without contacts, the Proximity Payment System Environment."""
APPLICATIONS = tuple(
    bytes.fromhex(name)
    for name in (
        "A000000333010101",  # UnionPay: debit, credit, quasi-credit, electronic cash
        "A000000333010102",
        "A000000333010103",
        "A000000333010106",
        "A0000000031010",  # Visa
        "A0000000041010",  # Mastercard
        "A0000000651010",  # JCB
        "A00000002501",  # American Express
        "A0000001523010",  # Diners Club and Discover
    )
)
"""Names of applications that are tried on a card without directory."""
MAX_DIRECTORY = 10
"""Most records of a directory (Book 1, 12.2.3)."""
MAX_APPLICATIONS = 16
"""Most applications of a directory that are tried."""
MAX_RECORDS = 64
"""Most records of an application that are read."""
MAX_WANTED = 252
"""Most bytes that a PDOL can ask for: they fit a short command with tag and length before them."""
PAN = 0x5A
"""Tag of the card's number."""
TRACK2 = 0x57
"""Tag of the content of the magnetic stripe's second track, which has the number and its expiry."""
EXPIRY = 0x5F24
"""Tag of the day of expiry."""
AID = 0x4F
"""Tag of an application's name."""
PRIORITY = 0x87
"""Tag of an application's priority; a lower number is preferred."""
ENTRY = 0x61
"""Tag of a directory's entry for an application."""
SFI = 0x88
"""Tag of the short identifier of the file that holds a directory's records."""
PDOL = 0x9F38
"""Tag of the list of data that an application wants to be started with."""
AFL = 0x94
"""Tag of the list of records that an application names to be read."""
FORMAT_1 = 0x80
"""Tag of an answer to GET PROCESSING OPTIONS that has AIP and AFL without tags; any other answer is a
template."""
LAST = 16
"""Priority of an application that has none: it comes after all priorities, which are 1 to 15."""

_LISTING = LocalizedText("读取应用目录", "reading the list of applications")
_SELECTING = LocalizedText("选择银行应用", "selecting the bank application")
_STARTING = LocalizedText("启动银行应用", "starting the bank application")
_READING = LocalizedText("读取卡号记录", "reading the records with the number")


@dataclass(slots=True)
class CardData:
    """The data of the cardholder that the records gave so far."""

    number: str = field(default="", repr=False)
    expiry: str = field(default="", repr=False)

    def take(self, data: bytes) -> None:
        """Look at one record; one that is no TLV is passed over."""
        try:
            for tag, value in tlv.walk(data):
                self._take(tag, value.hex())
        except tlv.MalformedTlv:
            return

    @property
    def complete(self) -> bool:
        return bool(self.number and self.expiry)

    def _take(self, tag: int, digits: str) -> None:
        if tag == PAN:
            self.number = digits.rstrip("f")
        elif tag == TRACK2:
            number, _, rest = digits.partition("d")
            self.number = self.number or number
            self.expiry = self.expiry or _month(rest[:4])
        elif tag == EXPIRY:
            self.expiry = _month(digits[:4]) or self.expiry


async def read(channel: ApduChannel, contactless: bool, day: date) -> BankCard:
    """Read the card of a channel.

    Parameters
    ----------
    contactless
        True to ask for the directory without contacts first.
    day
        Today, which the card may want to know.
    """
    return await _Reading(channel, day).read((PPSE, PSE) if contactless else (PSE, PPSE))


class _Reading:
    def __init__(self, channel: ApduChannel, day: date) -> None:
        self._channel = channel
        self._device = channel.device
        self._day = day
        self._problem: CardUnreadable | None = None

    async def read(self, directories: tuple[bytes, ...]) -> BankCard:
        """Read the first application that gives its number; raise why the last one did not."""
        names = await self._listed(directories)
        for name in names or APPLICATIONS:
            answer = await self._channel.send(select_name(name), _SELECTING)
            if not names and faults.absent(answer.status):
                continue
            try:
                if not answer.ok:
                    raise faults.refused(self._device, _SELECTING, answer.status)
                return await self._application(answer.data)
            except CardUnreadable as exc:
                self._problem = exc
        raise self._problem or WrongCard(device=self._device, card=CARD)

    async def _listed(self, directories: tuple[bytes, ...]) -> list[bytes]:
        """Return the names of the card's applications, the preferred ones first."""
        for directory in directories:
            answer = await self._channel.send(select_name(directory), _LISTING)
            if not answer.ok:
                continue
            entries = list(_entries(answer.data)) or await self._directory(answer.data)
            if entries:
                # A stable sort: equals stay in the card's order.
                ordered = sorted(entries, key=lambda entry: entry[0])
                return [name for _, name in ordered][:MAX_APPLICATIONS]
        return []

    async def _directory(self, control: bytes) -> list[tuple[int, bytes]]:
        """Return the entries in the records of a directory with contacts."""
        file = _first(control, SFI)
        if file is None or len(file) != 1 or not 1 <= file[0] <= 30:
            return []
        entries: list[tuple[int, bytes]] = []
        for number in range(1, MAX_DIRECTORY + 1):
            answer = await self._channel.send(read_record(number, _in_file(file[0])), _LISTING)
            if not answer.ok:
                break
            entries.extend(_entries(answer.data))
        return entries

    async def _application(self, control: bytes) -> BankCard:
        options = await self._options(control)
        found = CardData()
        found.take(options)
        for file, number in _locations(self._locator(options)):
            if found.complete:
                break
            answer = await self._channel.send(read_record(number, _in_file(file)), _READING)
            if answer.ok:
                found.take(answer.data)
            else:
                self._problem = faults.refused(self._device, _READING, answer.status)
        return self._card(found)

    async def _options(self, control: bytes) -> bytes:
        """Start the selected application and return its answer."""
        wanted = self._wanted(control)
        data = b"\x83" + _ber_length(len(wanted)) + wanted
        answer = await self._channel.send(ApduCommand(0x80, 0xA8, 0x00, 0x00, data, SHORT), _STARTING)
        if not answer.ok:
            raise faults.refused(self._device, _STARTING, answer.status)
        return answer.data

    def _wanted(self, control: bytes) -> bytes:
        """Return the data that the application's PDOL asks for."""
        pdol = _first(control, PDOL)
        if pdol is None:
            return b""
        try:
            wanted = tlv.tags_and_lengths(pdol)
        except tlv.MalformedTlv:
            wanted = [(0, MAX_WANTED + 1)]
        if sum(length for _, length in wanted) > MAX_WANTED:
            raise faults.garbled(self._device, _SELECTING)
        return b"".join(terminal_value(tag, length, self._day) for tag, length in wanted)

    def _locator(self, options: bytes) -> bytes:
        """Return the AFL of an answer in either format; empty where the answer has the number itself."""
        try:
            tag, value = next(tlv.objects(options))
        except (tlv.MalformedTlv, StopIteration):
            raise faults.garbled(self._device, _STARTING) from None
        if tag == FORMAT_1:
            return value[2:]
        return _first(value, AFL) or b""

    def _card(self, found: CardData) -> BankCard:
        if not found.number:
            raise self._problem or CardUnreadable(device=self._device, reason=_NO_NUMBER)
        if not (found.number.isdigit() and 12 <= len(found.number) <= 19 and luhn(found.number)):
            raise CardUnreadable(device=self._device, reason=_BAD_NUMBER)
        return BankCard(found.number, found.expiry)


_NO_NUMBER = LocalizedText("卡中没有卡号", "it has no number")
_BAD_NUMBER = LocalizedText("卡号的校验位不对", "the check digit of its number is wrong")


def luhn(number: str) -> bool:
    """Return whether the last digit checks the others (ISO/IEC 7812-1, Annex B)."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (doubled + sum(int(digit) for digit in number[-1::-2])) % 10 == 0


AMOUNT = 0x9F02
"""Tag of the amount that a payment would have."""
COUNTRY = 0x9F1A
"""Tag of the code of the terminal's country."""
CURRENCY = 0x5F2A
"""Tag of the code of the currency that a payment would have."""
DATE = 0x9A
"""Tag of today's date."""
RANDOM = 0x9F37
"""Tag of a number that the terminal draws at random."""
_TERMINAL = {
    0x9F66: bytes.fromhex("36000000"),  # what the terminal can do without contact
    AMOUNT: bytes.fromhex("000000000001"),  # some cards refuse 0
    COUNTRY: bytes.fromhex("0156"),  # China
    CURRENCY: bytes.fromhex("0156"),  # CNY
    0x9F35: b"\x22",  # attended, online and offline
}
"""Data of the terminal by their tag; what is not here is zeros."""
NUMERIC = (AMOUNT, COUNTRY, CURRENCY)
"""Tags of data that are shortened and filled at the left (Book 3, 5.4)."""


def terminal_value(tag: int, length: int, day: date) -> bytes:
    """Return the terminal's answer to one item of a PDOL, exactly `length` bytes."""
    if tag == RANDOM:
        return secrets.token_bytes(length)
    value = bytes.fromhex(day.strftime("%y%m%d")) if tag == DATE else _TERMINAL.get(tag, b"")
    if tag in NUMERIC:
        value = value.rjust(length, b"\0")
        return value[len(value) - length :]
    return value.ljust(length, b"\0")[:length]


def _entries(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Priority and name of each application in a template."""
    try:
        for tag, value in tlv.walk(data):
            name = tlv.first(value, AID) if tag == ENTRY else None
            if name is not None and 5 <= len(name) <= 16:
                priority = (tlv.first(value, PRIORITY) or b"\0")[0] & 0x0F
                yield priority or LAST, name
    except tlv.MalformedTlv:
        return


def _locations(locator: bytes) -> Iterator[tuple[int, int]]:
    """File and number of each record that an AFL names (Book 3, 10.2)."""
    count = 0
    for at in range(0, len(locator) - 3, 4):
        file = locator[at] >> 3
        first = locator[at + 1]
        last = locator[at + 2]
        if not 1 <= file <= 30 or first == 0:
            continue
        for number in range(first, last + 1):
            count += 1
            if count > MAX_RECORDS:
                return
            yield file, number


def _first(data: bytes, tag: int) -> bytes | None:
    try:
        return tlv.first(data, tag)
    except tlv.MalformedTlv:
        return None


def _in_file(file: int) -> int:
    """P2 of READ RECORD for a record number in a file by its short identifier."""
    return file << 3 | 0x04


def _ber_length(length: int) -> bytes:
    return bytes((length,)) if length < 0x80 else bytes((0x81, length))


def _month(digits: str) -> str:
    """``YYYY-MM`` of YYMM; empty for no month (years by Book 4, 6.7.3)."""
    if not digits.isdigit() or not 1 <= int(digits[2:] or 0) <= 12:
        return ""
    century = "20" if int(digits[:2]) < 50 else "19"
    return f"{century}{digits[:2]}-{digits[2:]}"
