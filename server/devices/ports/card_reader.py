"""Protocols for card readers.

Every call is a coroutine that returns within a bounded time and may be cancelled. Adapters translate
their library's errors into `server.errors` at this boundary. The data of a card never reaches a log, an
error or a file: no class that holds it has it in its `repr`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Protocol

from server.devices.ports import Finder
from server.errors import LocalizedText


class CardKind(enum.IntEnum):
    """Kind of card, by its number in the protocol."""

    RESIDENT = 0
    SOCIAL = 1
    BANK = 2

    @property
    def text(self) -> LocalizedText:
        """Name of a card of this kind in errors."""
        return _NAMES[self]


_NAMES = {
    CardKind.RESIDENT: LocalizedText("身份证", "a resident ID card"),
    CardKind.SOCIAL: LocalizedText("社保卡", "a social security card"),
    CardKind.BANK: LocalizedText("银行卡", "a bank card"),
}


@dataclass(frozen=True, slots=True)
class CardReaderInfo:
    """Description of a card reader.

    Attributes
    ----------
    id
        Identifier, stable while the device stays plugged in; starts with the adapter's name. Never shown
        to pages.
    name
        Name for people.
    kinds
        Kinds of card that it can read.
    """

    id: str
    name: str
    kinds: frozenset[CardKind]


class ResidentForm(enum.Enum):
    """Form of resident ID card."""

    CITIZEN = "citizen"
    RESIDENCE = "residence"
    """Residence permit for Hong Kong, Macao and Taiwan residents."""
    FOREIGNER_2017 = "foreigner-2017"
    FOREIGNER_2023 = "foreigner-2023"


@dataclass(frozen=True, slots=True)
class ResidentCard:
    """Data of a resident ID card; an item that it does not have is empty. Dates are ``YYYY-MM-DD``.

    Attributes
    ----------
    nation
        Name of the ethnic group, such as 汉; of citizens only.
    end
        End of validity, ``长期`` on a card that does not expire.
    latest_address
        Address that was added to the card later.
    nationality
        ISO 3166 alpha-3 code; of foreigners only.
    portrait_wlt
        Portrait in the WLT format, 1024 bytes, or none.
    portrait
        Portrait as a picture file, if the reader decodes it itself.
    finger_features
        GA 1012 fingerprint features, 512 bytes each, or none.
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
    """Data of a social security card; an item that it lacks or protects is empty.

    Attributes
    ----------
    number
        The holder's social security number.
    card_number
        Number of the card itself.
    birth, issued, valid_until
        Dates as ``YYYY-MM-DD``.
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
    """Data of a bank card.

    Attributes
    ----------
    number
        Card number, Luhn-checked.
    expiry
        Month of expiry as ``YYYY-MM``, or empty.
    """

    number: str = field(repr=False)
    expiry: str = field(default="", repr=False)


Card = ResidentCard | SocialCard | BankCard


class CardReader(Protocol):
    """Protocol for a card reader, used by one caller at a time."""

    @property
    def info(self) -> CardReaderInfo:
        """Description of the reader."""

    async def present(self) -> bool:
        """Return whether a card is on or in the reader now.

        Raises
        ------
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout
        """

    async def wait(self, seconds: float) -> None:
        """Wait for a card; return at once if one is present.

        Raises
        ------
        server.errors.NoCard
            No card came in time.
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout
        """

    async def read(self, kind: CardKind, pin: str | None = None) -> Card:
        """Read the present card.

        Parameters
        ----------
        kind
            One of ``info.kinds``.
        pin
            PIN for the protected items of a social security card; None sends none.

        Raises
        ------
        server.errors.NoCard, CardTakenAway, WrongCard, CardSilent, CardUnreadable
        server.errors.DeviceBusy, DeviceGone, DevicePermission, DeviceFailed, DeviceTimeout
        """


CardReaderFinder = Finder[CardReader]
