"""What all connections share."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.config import LimitsConfig
from server.session.activity import ActivityRecorder
from server.session.dispatcher import Dispatcher
from server.session.limits import ByteBudget, ConnectionLimiter


@dataclass(slots=True)
class ServerContext:
    """The house that connections are guests of.

    Attributes
    ----------
    limits
        Replaced when the configuration is read again; they hold from then on.
    load
        Bytes of messages in work, of all connections together.
    """

    dispatcher: Dispatcher
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    witness: ActivityRecorder = field(default_factory=ActivityRecorder)
    load: ByteBudget = field(default_factory=ByteBudget)
    seats: ConnectionLimiter = field(default_factory=ConnectionLimiter)
