"""Answers of ZKTeco's service: a text that is no JSON until its pages have repaired it, or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

from server.dialects.cards import ReadResident, dotted, plain
from server.errors import (
    CardSilent,
    CardTakenAway,
    CardUnreadable,
    DeviceTimeout,
    GaopaiError,
    NoCard,
    NoReader,
    PortraitNotDecoded,
    WrongCard,
)

NO_PORT, NO_CARD, READ_FAILED, TRANSFER_TIMEOUT, OTHER, PICTURE, TIMEOUT = 1, 10, 11, 2, 30, 40, 100
CODES: Mapping[type[GaopaiError], int] = {
    NoReader: NO_PORT,
    NoCard: NO_CARD,
    CardTakenAway: READ_FAILED,
    WrongCard: READ_FAILED,
    CardSilent: TRANSFER_TIMEOUT,
    CardUnreadable: OTHER,
    PortraitNotDecoded: PICTURE,
    DeviceTimeout: TIMEOUT,
}
DRIVERS = range(2014, 2015)
RAW_PATH = "C:\\zk\\zp.jpg"
"""Path whose backslashes make the text no JSON, as those of the maker's service do.

Pages double them or turn them around before they parse it; to some, a text that is valid before is a failure.
"""


def code_of(error: GaopaiError) -> int:
    """Return the maker's code of an error; a missing driver is a missing reader."""
    return NO_PORT if error.code in DRIVERS else CODES.get(type(error), OTHER)


def certificate(read: ReadResident, dates: str) -> dict[str, str]:
    """Return the members of a card.

    Parameters
    ----------
    dates
        ``dotted`` or ``plain``.
    """
    card = read.card
    written = dotted if dates == "dotted" else plain
    return {
        "Name": (card.name or card.english_name).strip(),
        "Sex": card.gender,
        "Nation": card.nation,
        "Birthday": written(card.birth),
        "Address": card.address.strip(),
        "IDNumber": card.number.strip(),
        "IDIssued": card.issuer.strip(),
        "IssuedData": written(card.start),
        "ValidDate": written(card.end),
        "Base64Photo": read.portrait,
    }


def as_object(members: Mapping[str, str]) -> bytes:
    """Return the answer with a card as JSON."""
    return _compact({"ret": 0, "Certificate": members}).encode("utf-8", "replace")


def as_text(members: Mapping[str, str]) -> bytes:
    """Return the answer with a card as the maker's service does, with backslashes in one member alone."""
    # No other backslash may be in the text: pages double each of them, also one that stands before a quote.
    safe = {name: _without_escapes(value) for name, value in members.items()}
    body = _compact({"ret": 0, "Certificate": safe})
    assert "\\" not in body
    return f'{body[:-1]},"PhotoPath":"{RAW_PATH}"}}'.encode("utf-8", "replace")


def _without_escapes(value: str) -> str:
    """Return a value without the characters that JSON writes with a backslash."""
    return "".join(" " if each in '\\"' or ord(each) < 32 else each for each in value)


def _compact(members: Mapping[str, object]) -> str:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))
