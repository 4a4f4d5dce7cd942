"""Social security cards by LD/T 33: the directory by its name, its files record by record.

Cards of the first two generations protect nothing of what is read here, or all of the holder's file;
those of the third some records, which need a key that only the issuer's readers have. What is protected
is left empty. A PIN is sent at most once, and only where one was given and something was protected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from server.devices.adapters.pcsc import apdu, faults
from server.devices.adapters.pcsc import apdu as tlv
from server.devices.ports.card_reader import SocialCard
from server.devices.resident import gender_name, nation_name
from server.errors import CardUnreadable, LocalizedText, WrongCard

CARD = LocalizedText("社会保障卡", "a social security card")
DIRECTORY = "sx1.sh.社会保障".encode("gbk")
"""Name of the directory of a social security card."""
PIN_DIGITS = 6
"""Digits of a PIN."""
MAX_RECORDS = 32
"""Most records of a file that are read by number, which is beyond what either file holds."""

REGION = 0x01
"""Identifier of the record that begins with the code of the region of the card's issuer."""
ISSUED = 0x05
"""Identifier of the record with the day of issue."""
VALID_UNTIL = 0x06
"""Identifier of the record with the last day of validity."""
CARD_NUMBER = 0x07
"""Identifier of the record with the number of the card itself."""
NUMBER = 0x08
"""Identifier of the record with the holder's social security number."""
NAME = 0x09
"""Identifier of the record with the holder's name."""
NAME_REST = 0x4E
"""Identifier of the record with the rest of a name that fills its own record."""
GENDER = 0x0A
"""Identifier of the record with the code of the holder's gender."""
NATION = 0x0B
"""Identifier of the record with the code of the holder's ethnic group."""
BIRTH_PLACE = 0x0C
"""Identifier of the record with the code of the holder's place of birth."""
BIRTH = 0x0D
"""Identifier of the record with the holder's date of birth."""

BY_IDENTIFIER = 0x00
"""P2 of READ RECORD with which P1 is the identifier of a record."""
BY_NUMBER = 0x04
"""P2 of READ RECORD with which P1 is the number of a record."""
END_OF_RECORD = 0x6282
"""Status word of an answer that ends before the length that was asked for."""
WRONG_LENGTH = 0x6700
"""Status word of a card that refuses the length that was asked for."""
NO_RECORD = 0x6A83
"""Status word of a file that has no such record."""
PROTECTED = (0x6982, 0x6985)
"""Status words of a file or record that is protected."""
PIN_BLOCKED = (0x6983, 0x6984)
"""Status words of a card whose PIN is blocked."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the directory.

    Attributes
    ----------
    items
        The records that are wanted: bytes of value by identifier, 0 where the standard leaves it open.
    """

    identifier: bytes
    step: LocalizedText
    items: Mapping[int, int]


ISSUER = File(
    b"\xef\x05",
    LocalizedText("读取发卡文件 EF05", "reading the issuer's file EF05"),
    {REGION: 16, ISSUED: 4, VALID_UNTIL: 4, CARD_NUMBER: 9},
)
"""File with data of the card, and the bytes of value of the records that are wanted of it."""
HOLDER = File(
    b"\xef\x06",
    LocalizedText("读取持卡人文件 EF06", "reading the holder's file EF06"),
    {NUMBER: 18, NAME: 30, NAME_REST: 0, GENDER: 1, NATION: 1, BIRTH_PLACE: 3, BIRTH: 4},
)
"""File with data of the holder, and the bytes of value of the records that are wanted of it."""
_SELECTING = LocalizedText("选择社保应用", "selecting the social security directory")
_VERIFYING = LocalizedText("校验密码", "checking the PIN")


@dataclass(slots=True)
class Records:
    """The records that a file gave.

    Attributes
    ----------
    values
        By identifier.
    status
        The last one without a record: 9000 once a record made no sense.
    """

    values: dict[int, bytes] = field(default_factory=dict, repr=False)
    protected: bool = False
    status: int = NO_RECORD

    def take(self, answer: apdu.ApduResponse) -> tuple[int, bytes] | None:
        """Tag and value of an answer, if it has a record; otherwise its status is noted."""
        if answer.status in (apdu.OK, END_OF_RECORD):
            try:
                return tlv.record(answer.data)
            except tlv.MalformedTlv:
                self.status = apdu.OK
                return None
        if self.status != apdu.OK:
            self.status = answer.status
        self.protected = self.protected or answer.status in PROTECTED
        return None


async def read(channel: apdu.ApduChannel, pin: str | None = None) -> SocialCard:
    """Read the card of a channel.

    Parameters
    ----------
    pin
        Six digits.
    """
    return await _Reading(channel).read(pin)


class _Reading:
    def __init__(self, channel: apdu.ApduChannel) -> None:
        self._channel = channel
        self._device = channel.device

    async def read(self, pin: str | None) -> SocialCard:
        await self._select_directory()
        issuer = await self._file(ISSUER)
        holder = await self._file(HOLDER)
        if pin is not None and holder.protected:
            await self._verify(pin)
            holder = await self._file(HOLDER)
        if not holder.protected and not {NUMBER, NAME} <= holder.values.keys():
            raise self._incomplete(holder)
        return self._card(issuer.values, holder.values)

    def _incomplete(self, holder: Records) -> CardUnreadable:
        if holder.status == apdu.OK:
            return faults.garbled(self._device, HOLDER.step)
        return faults.refused(self._device, HOLDER.step, holder.status)

    async def _select_directory(self) -> None:
        answer = await self._channel.send(apdu.select_name(DIRECTORY, None), _SELECTING)
        if faults.absent(answer.status):
            raise WrongCard(device=self._device, card=CARD)
        if not answer.ok:
            raise faults.refused(self._device, _SELECTING, answer.status)

    async def _file(self, file: File) -> Records:
        """The records of a file; by number where the card does not know identifiers."""
        status = await self._select(file)
        if status != apdu.OK:
            return Records({}, status in PROTECTED, status)
        records = await self._by_identifier(file)
        if not records.values and not records.protected:
            records = await self._by_number(file)
        return records

    async def _select(self, file: File) -> int:
        """Select a file below the directory; some cards know it as that, some by its identifier only."""
        status = apdu.OK
        for p1 in (0x02, 0x00):
            answer = await self._channel.send(
                apdu.ApduCommand(0x00, 0xA4, p1, 0x00, file.identifier), file.step
            )
            status = answer.status
            if status == apdu.OK or status in PROTECTED:
                break
        return status

    async def _by_identifier(self, file: File) -> Records:
        records = Records()
        for identifier, length in file.items.items():
            record = await self._record(file, identifier, length, records)
            # Another one comes from a card that takes identifiers for numbers.
            if record is not None and record[0] == identifier:
                records.values[identifier] = record[1]
        return records

    async def _record(
        self, file: File, identifier: int, length: int, records: Records
    ) -> tuple[int, bytes] | None:
        """One record, asked for by the length of the standard first: some cards refuse any other."""
        for le in (length + 2, apdu.SHORT) if length else (apdu.SHORT,):
            answer = await self._channel.send(apdu.read_record(identifier, BY_IDENTIFIER, le), file.step)
            record = records.take(answer)
            if record is not None:
                return record
            if answer.status not in (apdu.OK, END_OF_RECORD, WRONG_LENGTH):
                break
        return None

    async def _by_number(self, file: File) -> Records:
        records = Records()
        for number in range(1, MAX_RECORDS + 1):
            answer = await self._channel.send(apdu.read_record(number, BY_NUMBER), file.step)
            record = records.take(answer)
            if record is not None:
                records.values.setdefault(*record)
            elif answer.status not in (apdu.OK, END_OF_RECORD, *PROTECTED):
                break
        return records

    async def _verify(self, pin: str) -> None:
        """Send the PIN, once: each wrong one brings the card nearer to being blocked."""
        if not (pin.isascii() and pin.isdigit() and len(pin) == PIN_DIGITS):
            reason = LocalizedText(
                f"密码不是 {PIN_DIGITS} 位数字，没有送入卡中",
                f"the PIN is not {PIN_DIGITS} digits long and was not sent to it",
            )
            raise CardUnreadable(device=self._device, reason=reason)
        command = apdu.ApduCommand(0x00, 0x20, 0x00, 0x00, bytes.fromhex(pin))
        status = (await self._channel.send(command, _VERIFYING)).status
        if status == apdu.OK:
            return
        if status & 0xFFF0 == 0x63C0:
            tries = status & 0x0F
            reason = LocalizedText(
                f"密码错误，还可以试 {tries} 次", f"the PIN is wrong, {tries} tries are left"
            )
            raise CardUnreadable(device=self._device, reason=reason)
        if status in PIN_BLOCKED:
            raise CardUnreadable(
                device=self._device, reason=LocalizedText("密码已被锁定", "its PIN is blocked")
            )
        raise faults.refused(self._device, _VERIFYING, status)

    def _card(self, issuer: Mapping[int, bytes], holder: Mapping[int, bytes]) -> SocialCard:
        return SocialCard(
            number=self._text(holder.get(NUMBER, b"")),
            name=self._text(_joined_name(holder)),
            gender=gender_name(_ascii(holder.get(GENDER, b""))),
            nation=nation_name(_nation_code(holder.get(NATION, b""))),
            birth=_date(holder.get(BIRTH, b"")),
            birth_place=_digits(holder.get(BIRTH_PLACE, b"")),
            card_number=_ascii(issuer.get(CARD_NUMBER, b"")),
            region=_digits(issuer.get(REGION, b"")[:3]),
            issued=_date(issuer.get(ISSUED, b"")),
            valid_until=_date(issuer.get(VALID_UNTIL, b"")),
        )

    def _text(self, value: bytes) -> str:
        """Decode text that identifies the holder: half of it would be worse than none."""
        text = _decoded(_stripped(value), "gb18030")
        if text is None or not text.isprintable():
            raise faults.garbled(self._device, HOLDER.step)
        return text


def _joined_name(holder: Mapping[int, bytes]) -> bytes:
    """A name that fills its record goes on in the extension, perhaps in the middle of a character."""
    record = holder.get(NAME, b"")
    name = _stripped(record)
    # Half a character may have been too much for the last byte.
    return name + _stripped(holder.get(NAME_REST, b"")) if len(record) - len(name) <= 1 else name


def _stripped(value: bytes) -> bytes:
    """Return a value without padding, none of whose bytes is the last of a GBK character."""
    return value.rstrip(b"\x00\x20\xff").lstrip(b"\x20")


def _decoded(value: bytes, encoding: str) -> str | None:
    # None instead of the error: a UnicodeDecodeError holds the bytes.
    try:
        return value.decode(encoding)
    except UnicodeDecodeError:
        return None


def _ascii(value: bytes) -> str:
    text = _decoded(_stripped(value), "ascii") or ""
    return text if text.isprintable() else ""


def _digits(value: bytes) -> str:
    """Return the digits of a value in BCD; empty for anything else."""
    digits = value.hex()
    return digits if digits.isdigit() else ""


def _nation_code(value: bytes) -> str:
    """Two digits, as BCD or, on some cards, as text."""
    return _digits(value) if len(value) == 1 else _ascii(value)


def _date(value: bytes) -> str:
    digits = _digits(value)
    try:
        return date.fromisoformat(digits).isoformat() if len(digits) == 8 else ""
    except ValueError:
        return ""
