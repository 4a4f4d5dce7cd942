"""What the service asks of a card reader, whatever drives it.

Every call is a coroutine that returns within a bounded time and may be cancelled. Adapters translate
their library's errors into `server.errors` at this boundary. What a card says never reaches a log, an
error or a file: its holders' `repr` shows nothing of it.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from server.errors import GaopaiError, LocalizedText


class CardKind(enum.IntEnum):
    """By their number in the protocol."""

    RESIDENT = 0
    SOCIAL = 1
    BANK = 2

    @property
    def text(self) -> LocalizedText:
        """What errors call a card of this kind."""
        return _NAMES[self]


_NAMES = {
    CardKind.RESIDENT: LocalizedText("身份证", "a resident ID card"),
    CardKind.SOCIAL: LocalizedText("社保卡", "a social security card"),
    CardKind.BANK: LocalizedText("银行卡", "a bank card"),
}


@dataclass(frozen=True, slots=True)
class CardReaderInfo:
    """A reader as listed.

    Attributes
    ----------
    id
        Stable while the device stays plugged in; starts with the adapter's name. Never shown to pages.
    name
        What a person reads.
    kinds
        Kinds of card that it can read.
    """

    id: str
    name: str
    kinds: frozenset[CardKind]


class ResidentForm(enum.Enum):
    """Which document a resident card is."""

    CITIZEN = "citizen"
    RESIDENCE = "residence"
    """Of a resident from Hong Kong, Macao or Taiwan."""
    FOREIGNER_2017 = "foreigner-2017"
    FOREIGNER_2023 = "foreigner-2023"


@dataclass(frozen=True, slots=True)
class ResidentCard:
    """What a resident ID card says; an item that it does not have is empty. Dates are ``YYYY-MM-DD``.

    Attributes
    ----------
    nation
        Ethnic group by its name, such as 汉; of citizens only.
    end
        ``长期`` on a card that does not expire.
    latest_address
        Where it was added to the card later.
    nationality
        ISO 3166 alpha-3; of foreigners only.
    portrait_wlt
        1024 bytes as the card holds them, or none.
    portrait
        A picture file, where the reader decodes the portrait itself.
    finger_features
        GA 1012 features, 512 bytes each, or none.
    """

    form: ResidentForm
    name: str = field(repr=False)
    gender: str = field(repr=False)
    birth: str = field(repr=False)
    number: str = field(repr=False)
    issuer: str = field(repr=False)
    start: str = field(repr=False)
    end: str = field(repr=False)
    nation: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    latest_address: str = field(default="", repr=False)
    english_name: str = field(default="", repr=False)
    nationality: str = field(default="", repr=False)
    pass_number: str = field(default="", repr=False)
    portrait_wlt: bytes = field(default=b"", repr=False)
    portrait: bytes = field(default=b"", repr=False)
    finger_features: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class SocialCard:
    """What a social security card says; an item that it lacks or protects is empty.

    Attributes
    ----------
    number
        The holder's social security number.
    card_number
        Of the card itself.
    birth, issued, valid_until
        ``YYYY-MM-DD``.
    birth_place, region
        GB/T 2260 codes, six digits.
    """

    number: str = field(repr=False)
    name: str = field(repr=False)
    gender: str = field(default="", repr=False)
    nation: str = field(default="", repr=False)
    birth: str = field(default="", repr=False)
    birth_place: str = field(default="", repr=False)
    card_number: str = field(default="", repr=False)
    region: str = field(default="", repr=False)
    issued: str = field(default="", repr=False)
    valid_until: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class BankCard:
    """What a bank card says of itself.

    Attributes
    ----------
    number
        Its digits, Luhn-checked.
    expiry
        ``YYYY-MM``, or empty.
    """

    number: str = field(repr=False)
    expiry: str = field(default="", repr=False)


Card = ResidentCard | SocialCard | BankCard


class CardReader(Protocol):
    """One reader. One caller at a time."""

    @property
    def info(self) -> CardReaderInfo:
        """Name and identity."""

    async def present(self) -> bool:
        """Whether a card lies on it or is in it now.

        Raises
        ------
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout
        """

    async def wait(self, seconds: float) -> None:
        """Return once a card is there; at once if one is.

        Raises
        ------
        server.errors.NoCard
            None came in time.
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout
        """

    async def read(self, kind: CardKind, pin: str | None = None) -> Card:
        """Read the card that is there.

        Parameters
        ----------
        kind
            One of ``info.kinds``.
        pin
            Digits for a social security card's protected items; none is sent unless given.

        Raises
        ------
        server.errors.NoCard, CardTakenAway, WrongCard, CardSilent, CardUnreadable
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout
        """


class CardReaderFinder(Protocol):
    """One adapter's way to list its readers."""

    def missing(self) -> GaopaiError | None:
        """What this machine lacks, if there can be no reader for that reason."""

    async def find(self) -> Sequence[CardReader]:
        """All readers present now, in a stable order.

        A device that cannot be asked is left out and logged, never an exception.
        """

    def change_fd(self) -> int | None:
        """A descriptor that becomes readable when readers come or go, if there is one."""

    def acknowledge_change(self) -> bool:
        """Drain the descriptor without blocking; whether readers may have changed."""

    async def close(self) -> None:
        """Release what `change_fd` watches, and end helper threads and processes."""
