"""What all connections share."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.config import Limits
from server.session.activity import Witness
from server.session.dispatcher import Dispatcher
from server.session.limits import Load, Seats


@dataclass(slots=True)
class House:
    """The house that connections are guests of.

    Attributes
    ----------
    limits
        Replaced when the configuration is read again; they hold from then on.
    load
        Bytes of messages in work, of all connections together.
    """

    dispatcher: Dispatcher
    limits: Limits = field(default_factory=Limits)
    witness: Witness = field(default_factory=Witness)
    load: Load = field(default_factory=Load)
    seats: Seats = field(default_factory=Seats)
