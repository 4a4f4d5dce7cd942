"""Personal data that tests use, and what looks like it: none of it may stand in a log."""

from __future__ import annotations

import logging
import re

from server.devices.adapters.demo import card_reader as cards
from server.devices.ports.card_reader import Card, ResidentCard, SocialCard
from tests.fakes import card_reader

_PATTERN = re.compile(
    # Numbers of residents and of bank cards; so much base64 is a picture or a print, no hash or token.
    r"(?<![\w.])[1-9]\d{16}[\dXx](?!\w)|(?<![\w.])\d{16,19}(?!\w)|[A-Za-z0-9+/]{160,}"
)


def _told(card: Card) -> tuple[str, ...]:
    match card:
        case ResidentCard():
            return card.name, card.number, card.address
        case SocialCard():
            return card.name, card.number, card.card_number
        case _:
            return (card.number,)


CARDS = (*card_reader.CARDS.values(), *cards.cards().values())
WORDS = frozenset(word for card in CARDS for word in _told(card) if word)


def personal(text: str) -> list[str]:
    """What in `text` nobody should read there, shortened."""
    found = [word for word in WORDS if word in text]
    return [*found, *(match[0][:24] for match in _PATTERN.finditer(text))]


class Listener(logging.Handler):
    """Hears all that any logger says, and remembers what should not have been said."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        said = self.format(record)
        self.heard += (f"{record.name}: {word}" for word in personal(said))
